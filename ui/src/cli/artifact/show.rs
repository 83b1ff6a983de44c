//! One artifact: what is known of it, or what its file says.

use callboard_engine::artifacts::read;
use callboard_engine::domain::artifact::STORED_MAX;
use callboard_engine::peer::Peer;
use callboard_engine::query::artifacts;
use callboard_engine::query::changes::{self, ChangeQuery};
use clap::Args;
use serde_json::json;

use super::super::failure::Failure;
use super::super::log;
use super::super::output::Output;
use super::super::readable::readable;
use super::{find, line, sign};
use crate::theme::Meaning;

/// Changes that are shown.
const HISTORY_MAX: usize = 20;

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArguments {
    /// Id, beginning of one, or title
    artifact: String,
    /// Print what the file says, and nothing else
    #[arg(long, short)]
    content: bool,
}

pub(super) fn run(
    arguments: &ShowArguments,
    peer: &Peer,
    output: &mut Output,
) -> Result<u8, Failure> {
    let id = find(peer, &arguments.artifact)?;
    let item = peer.readers.read(|reader| artifacts::item(reader, id))?;
    let artifact = &item.artifact;
    if arguments.content {
        let content = read(&peer.paths, artifact, STORED_MAX)?;
        let text = content.text.filter(|_| !content.is_cut).ok_or_else(|| {
            Failure::Failed(format!("{} is no text, or too long; open the file", artifact.path))
        })?;
        return output.text(&text).map(|()| 0);
    }
    let (editions, history) = peer.readers.read(|reader| {
        let record = Some(id.to_string());
        let query = ChangeQuery { record, limit: HISTORY_MAX, ..ChangeQuery::default() };
        let editions = artifacts::editions(reader, artifact.session_id, &artifact.title)?;
        Ok((editions, changes::list(reader, &query)?))
    })?;
    if output.is_json() {
        let all = json!({ "artifact": item, "editions": editions, "history": history });
        return output.json(&readable(all)).map(|()| 0);
    }
    let head = line(output, &item, peer);
    output.line(&head)?;
    let (icon, meaning) = sign(output, artifact.state);
    let state = output.paint(&format!("{icon} {}", artifact.state), meaning);
    output.field("state", &format!("{state}, looked at {}", artifact.checked_at))?;
    output.field("file", &format!("{} ({})", artifact.path, artifact.storage))?;
    output.field("hash", &artifact.hash)?;
    if let Some(task) = artifact.task_id {
        let title = item.task_title.as_deref().unwrap_or("gone since");
        output.field("task", &format!("{task} {title}"))?;
    }
    if !artifact.summary.is_empty() {
        output.markdown(&artifact.summary)?;
    }
    for one in editions.iter().filter(|one| one.id != id) {
        let told = format!("{} {} {}, {} bytes", one.id, one.created_at, one.actor, one.size);
        output.field(&one.edition_shown(), &told)?;
    }
    let heading = output.paint("History", Meaning::Heading);
    output.line(&heading)?;
    for change in &history {
        log::write(output, change, Some(&artifact.title))?;
    }
    Ok(0)
}
