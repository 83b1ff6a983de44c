//! A part of the tree, row by row.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::Browse;
use crate::domain::id::{GroupId, SessionId, canonical_prefix};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::task::Status;
use crate::mcp::answer::{
    Answer, BRIEF_BYTES, LIST_SPARE_BYTES, Reply, clip, fitting, without_nulls,
};
use crate::mcp::params::{given, limit};
use crate::mcp::server::{CallboardServer, current_or};
use crate::mcp::tools::task::statuses;
use crate::query::hierarchy::{BrowseQuery, Node, Top, browse};
use crate::query::resolve;
use crate::store::Reader;

/// Bytes of a title.
const TITLE_BYTES: usize = 100;
/// Levels unless the call says otherwise.
const LEVELS: usize = 2;

impl CallboardServer {
    pub(super) async fn browse(&self, stop: CancellationToken, input: Browse) -> Reply {
        let answer = self.look(stop, move |reader| answer(reader, &input)).await?;
        Ok(Answer::data(&answer))
    }
}

fn answer(reader: &Reader, input: &Browse) -> Result<Value, Refusal> {
    let levels = input.depth.and_then(|levels| usize::try_from(levels).ok()).unwrap_or(LEVELS);
    let mut status = statuses(input.status.as_deref().unwrap_or_default())?;
    if input.include_completed == Some(false) && status.is_empty() {
        status = Status::ALL.iter().copied().filter(|status| status.is_open()).collect();
    }
    let mut query = BrowseQuery {
        top: top(reader, input)?,
        levels,
        status,
        limit: limit(input.limit),
        cursor: given(input.cursor.as_deref()).map(str::to_owned),
    };
    let row = |node: &Node| without_nulls(wire(node));
    let mut tree = browse(reader, &query)?;
    let mut rows: Vec<Value> = tree.nodes.iter().map(row).collect();
    let room = BRIEF_BYTES - LIST_SPARE_BYTES;
    let mut cut = None;
    // Fewer levels first, then fewer rows, until the answer is one that can be paid for.
    while fitting(&rows, room) < rows.len() {
        let direct = tree.nodes.iter().filter(|node| node.depth == 1).count();
        if 1 < query.levels {
            query.levels -= 1;
            cut = Some(format!("only {} of {levels} levels fit", query.levels));
        } else if 1 < query.limit && 1 < direct {
            query.limit = (query.limit.min(direct) / 2).max(1);
        } else {
            rows.truncate(fitting(&rows, room).max(1));
            break;
        }
        tree = browse(reader, &query)?;
        rows = tree.nodes.iter().map(row).collect();
    }
    let rest =
        cut.map(|what| json!({ "what": what, "rest": "the same call with root set to a row" }));
    Ok(json!({ "rows": rows, "cursor": tree.cursor, "cut": rest }))
}

/// Where browsing begins: what an id means, of whatever session, or a name in the session; a task
/// before a group, and a group before a session of the same name.
fn top(reader: &Reader, input: &Browse) -> Result<Top, Refusal> {
    let session = current_or(reader, input.session_id.as_deref())?;
    let Some(text) = given(input.root.as_deref()) else { return Ok(Top::Session(session)) };
    let whole = || resolve::session(reader, text).map(Top::Session);
    let group = || {
        let group = resolve::group_anywhere(reader, Some(session), text)?;
        Ok(Top::Group(group.session_id, group.id))
    };
    if canonical_prefix(SessionId::LETTER, text).is_some() {
        return whole();
    }
    if canonical_prefix(GroupId::LETTER, text).is_some() {
        return group();
    }
    let task = resolve::task(reader, Some(session), text).map(Top::Task);
    let is_unknown = |top: &Result<Top, Refusal>| {
        top.as_ref().is_err_and(|refusal| refusal.code == Code::UnknownId)
    };
    // The first that exists or is ambiguous; if nothing does, a task was meant.
    if !is_unknown(&task) {
        return task;
    }
    [group(), whole()].into_iter().find(|top| !is_unknown(top)).unwrap_or(task)
}

fn wire(node: &Node) -> Value {
    let some = |count: i64| (count != 0).then_some(count);
    json!({
        "depth": node.depth,
        "type": node.kind,
        "id": node.id,
        "title": clip(&node.title, TITLE_BYTES),
        "status": node.status,
        "progress": some(i64::from(node.progress)),
        "tasks": some(node.tasks),
        "open": some(node.open),
        "more": some(node.more),
    })
}
