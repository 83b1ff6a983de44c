//! One artifact: what is known of it, or what its file says.

use callboard_engine::artifacts::{open_bytes, read};
use callboard_engine::domain::artifact::STORED_MAX;
use callboard_engine::peer::Peer;
use callboard_engine::query::artifacts::{self, ArtifactItem};
use callboard_engine::query::changes::{self, ChangeQuery};
use clap::Args;
use serde_json::json;

use super::super::failure::Failure;
use super::super::log;
use super::super::output::Output;
use super::super::readable::readable;
use super::{find, line, sign};
use crate::sizes::bytes;
use crate::theme::Meaning;

/// Changes that are shown.
const HISTORY_MAX: usize = 20;

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArguments {
    /// Id, beginning of one, or title
    artifact: String,
    /// Print what the file holds, and nothing else: its exact bytes into a file or a program; on a
    /// terminal, text with what that would act on made visible
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
        return content(&item, peer, output);
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
    let size = bytes(artifact.size);
    output.field("file", &format!("{} ({}, {size})", artifact.path, artifact.storage))?;
    output.field("hash", &artifact.hash)?;
    if let Some(task) = artifact.task_id {
        let title = item.task_title.as_deref().unwrap_or("gone since");
        output.field("task", &format!("{task} {title}"))?;
    }
    if !artifact.summary.is_empty() {
        output.markdown(&artifact.summary)?;
    }
    for one in editions.iter().filter(|one| one.id != id) {
        let told = format!("{} {} {}, {}", one.id, one.created_at, one.actor, bytes(one.size));
        output.field(&one.edition_shown(), &told)?;
    }
    let heading = output.paint("History", Meaning::Heading);
    output.line(&heading)?;
    for change in &history {
        log::write(output, change, Some(&artifact.title))?;
    }
    Ok(0)
}

/// What the file holds: for a person as text, for programs as it is.
fn content(item: &ArtifactItem, peer: &Peer, output: &mut Output) -> Result<u8, Failure> {
    let artifact = &item.artifact;
    if !output.is_json() && !output.is_terminal() {
        let bytes = open_bytes(&peer.paths, artifact)?;
        return output.copy(bytes).map(|()| 0);
    }
    let content = read(&peer.paths, artifact, STORED_MAX)?;
    let text = content.text.filter(|_| !content.is_cut).ok_or_else(|| {
        let path = &artifact.path;
        Failure::Failed(format!("{path} is no text, or too long; send it into a file or open it"))
    })?;
    if output.is_json() {
        return output.json(&readable(json!({ "artifact": item, "content": text }))).map(|()| 0);
    }
    output.text(&text).map(|()| 0)
}
