//! `callboard log`: who changed what, from what to what.

mod errors;
mod follow;

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::change::{Change, Verb};
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::record::Fields;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::query::changes::{self, ChangeQuery};
use callboard_engine::query::{resolve, sessions};
use callboard_engine::store::Reader;
use clap::Args;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

pub(super) use follow::follow;

use super::failure::Failure;
use super::lines;
use super::options::count;
use super::output::Output;
use super::pieces::Pieces;
use super::project::Scene;
use super::readable::readable;
use crate::theme::Meaning;
use crate::widgets::fit::fit;

/// Columns of a changed value.
const VALUE: usize = 40;
/// Fields that say nothing to a person.
const INTERNAL: [&str; 9] = [
    "binding",
    "claim",
    "claim_number",
    "position",
    "state_since",
    "started_at",
    "finished_at",
    "owner",
    "assignee",
];

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct LogArguments {
    /// Only changes of this task, group or session: id, beginning of one, or title
    what: Option<String>,
    /// Only what this one did: `human`, `system` or an agent's name
    #[arg(long)]
    by: Option<String>,
    /// Only in this session
    #[arg(long, short)]
    session: Option<String>,
    /// Only changes after this number, the next ones
    #[arg(long, value_name = "NUMBER")]
    after: Option<i64>,
    /// Only what is before this number, as the cursor of a page says it
    #[arg(long, alias = "cursor", value_name = "NUMBER")]
    before: Option<i64>,
    /// How many at most, from 1 to 1000
    #[arg(long, short = 'n', default_value_t = 20, value_parser = count, value_name = "COUNT")]
    limit: usize,
    /// Keep printing what is changed from now on, or after that number; one JSON a line
    #[arg(long, short, conflicts_with = "before")]
    follow: bool,
    /// The log of errors instead: refused calls, and what else failed
    #[arg(long, conflicts_with_all = ["follow", "after", "session", "messages"])]
    errors: bool,
    /// Only errors of this tool, such as `task_claim`, or of `sync`, `mode` or `session`
    #[arg(long, value_name = "NAME", requires = "errors")]
    tool: Option<String>,
    /// What was said to agents instead, and whether it was read
    #[arg(long, conflicts_with_all = ["follow", "after", "session", "what", "by"])]
    messages: bool,
}

pub(super) fn run(
    arguments: &LogArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    if arguments.errors {
        return errors::errors(&peer, arguments, output);
    }
    if arguments.messages {
        return errors::messages(&peer, arguments, output);
    }
    let query = peer.readers.read(|reader| query(arguments, reader))?;
    if arguments.follow {
        return follow(&peer, query, (None, output));
    }
    let mut found = peer.readers.read(|reader| {
        let found = changes::list(reader, &query)?;
        found.into_iter().map(|change| titled(reader, change)).collect::<Result<Vec<_>, _>>()
    })?;
    let is_full = arguments.limit <= found.len();
    let cursor = found.last().filter(|_| is_full).map(|(change, _)| change.seq.to_string());
    if arguments.after.is_none() {
        // The newest is next to the prompt.
        found.reverse();
    }
    if output.is_json() {
        let items: Vec<Value> =
            found.iter().map(|(change, title)| item(change, title.as_deref())).collect();
        return output.json(&json!({ "items": items, "cursor": cursor })).map(|()| 0);
    }
    for (change, title) in &found {
        write(output, change, title.as_deref())?;
    }
    if found.is_empty() {
        let nothing = output.paint("Nothing was changed.", Meaning::Dim);
        output.line(&nothing)?;
    }
    Ok(0)
}

/// A change as scripts read it.
fn item(change: &Change, title: Option<&str>) -> Value {
    let mut item = readable(change);
    if let Some(fields) = item.as_object_mut() {
        fields.insert("title".to_owned(), json!(title));
    }
    item
}

fn query(arguments: &LogArguments, reader: &Reader) -> Result<ChangeQuery, Refusal> {
    let named = arguments.session.as_deref();
    let session = named.map(|text| resolve::session(reader, text)).transpose()?;
    let record = match &arguments.what {
        Some(text) => Some(record(reader, session, text)?),
        None => None,
    };
    let actor = arguments.by.as_deref().map(|name| match name {
        "human" | "me" => Actor::Human,
        "system" => Actor::System,
        other => Actor::agent(other.strip_prefix("agent:").unwrap_or(other)),
    });
    Ok(ChangeQuery {
        after: arguments.after,
        before: arguments.before,
        session,
        actor,
        record,
        limit: arguments.limit,
    })
}

fn record(reader: &Reader, session: Option<SessionId>, text: &str) -> Result<String, Refusal> {
    let current = match session {
        Some(session) => Some(session),
        None => sessions::current(reader)?.map(|session| session.id),
    };
    match (text.get(..2).map(str::to_ascii_lowercase).as_deref(), current) {
        (Some("s-"), _) => resolve::session(reader, text).map(|id| id.to_string()),
        (Some("g-"), Some(session)) => {
            resolve::group(reader, session, text).map(|id| id.to_string())
        }
        (Some("a-"), current) => resolve::artifact(reader, current, text).map(|id| id.to_string()),
        (_, current) => resolve::task(reader, current, text).map(|id| id.to_string()),
    }
}

/// A change with what its record is called; a record that is gone is called as it was.
pub(super) fn titled(reader: &Reader, change: Change) -> Result<(Change, Option<String>), Refusal> {
    let title = changes::title(reader, &change.record)?;
    let fields = || change.before.as_ref().or(change.after.as_ref());
    let kept = || {
        let name = |fields: &Fields| fields.get("title").or_else(|| fields.get("name")).cloned();
        fields().and_then(name).and_then(|name| name.as_str().map(str::to_owned))
    };
    let title = title.or_else(kept);
    Ok((change, title))
}

/// Writes a change on one line.
pub(super) fn write(
    output: &mut Output,
    change: &Change,
    title: Option<&str>,
) -> Result<(), Failure> {
    let mut line = Pieces::default()
        .with(output, &format!("{:>5}  {}  ", change.seq, local(change.at.0)), Meaning::Dim)
        .styled(change.actor.name(), lines::actor_style(output, &change.actor))
        .styled(&format!("  {}  ", change.verb), verb_style(output, change.verb))
        .with(output, &change.record, Meaning::Dim);
    if let Some(title) = title {
        line = line.with(output, &format!(" {title}"), Meaning::Text);
    }
    let detail = detail(change, output.icons().arrow_right);
    if !detail.is_empty() {
        line = line.with(output, &format!("  ({detail})"), Meaning::Dim);
    }
    let line = line.paint(output);
    output.line(&line)
}

fn verb_style(output: &Output, verb: Verb) -> ratatui::style::Style {
    output.theme().style(match verb {
        Verb::TaskCompleted | Verb::ConflictResolved | Verb::ArtifactRecorded => Meaning::Good,
        Verb::TaskFailed
        | Verb::TaskDeleted
        | Verb::GroupDeleted
        | Verb::TaskCancelled
        | Verb::ClaimExpired
        | Verb::ArtifactRemoved => Meaning::Bad,
        Verb::TaskBlocked
        | Verb::TaskReview
        | Verb::Undone
        | Verb::Redone
        | Verb::ConflictOpened
        | Verb::ArtifactChecked => Meaning::Warn,
        Verb::TaskStarted | Verb::TaskClaimed => Meaning::StatusActive,
        Verb::SessionCreated
        | Verb::SessionMoved
        | Verb::SessionUpdated
        | Verb::SessionRestored
        | Verb::ModeBound
        | Verb::GroupCreated
        | Verb::GroupUpdated
        | Verb::GroupMoved
        | Verb::TaskCreated
        | Verb::TaskUpdated
        | Verb::TaskMoved
        | Verb::TaskReopened
        | Verb::ClaimRenewed
        | Verb::ClaimReleased
        | Verb::DependencyAdded
        | Verb::DependencyRemoved
        | Verb::ContextSet
        | Verb::ContextRemoved
        | Verb::MessageSent
        | Verb::ConflictUpdated
        | Verb::ConflictProposed
        | Verb::ConflictWithdrawn => Meaning::Text,
    })
}

/// A moment in the time of this place: the hour today, else the day too.
pub(super) fn local(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map(|moment| TimeZone::system().to_datetime(moment).strftime("%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

/// What changed, from what to what, and why.
fn detail(change: &Change, arrow: &str) -> String {
    let mut parts = Vec::new();
    if let (Some(before), Some(after)) = (&change.before, &change.after) {
        let shown = after.iter().filter(|(name, _)| says(change.verb, name));
        parts.extend(shown.map(|(name, new)| {
            let old = short(before, name);
            let new = fit(&plain(new), VALUE, "…").into_owned();
            match name.as_str() {
                "result_summary" | "reason" | "value" => new,
                "description" => format!("description: {new}"),
                name if old.is_empty() => format!("{name} {new}"),
                name => format!("{name} {old} {arrow} {new}"),
            }
        }));
    }
    let reason = change.reason.as_deref().map(|reason| fit(reason, 2 * VALUE, "…").into_owned());
    parts.extend(reason.filter(|reason| !parts.contains(reason)));
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

/// Tells whether a changed field says more than the verb does.
fn says(verb: Verb, field: &str) -> bool {
    let says_how = matches!(verb, Verb::TaskUpdated | Verb::Undone | Verb::Redone);
    let is_in_the_verb = matches!(field, "status" | "progress") && !says_how;
    !is_in_the_verb && !INTERNAL.contains(&field)
}

fn short(fields: &Map<String, Value>, name: &str) -> String {
    fields.get(name).map(|value| fit(&plain(value), VALUE, "…").into_owned()).unwrap_or_default()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.lines().next().unwrap_or_default().to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
