//! `callboard next`: what can be worked on now, in the one order of the next task.

use callboard_engine::domain::lookups::ReadyFilter;
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::query::{resolve, sessions, tasks};
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::lines;
use super::options::count;
use super::output::Output;
use super::project::{Scene, session_of};
use super::readable::readable;

#[derive(Debug, Args)]
pub(super) struct NextArguments {
    /// Only tasks of this role, or of none
    #[arg(long)]
    role: Option<String>,
    /// Only tasks of this group: name, path or id
    #[arg(long, short)]
    group: Option<String>,
    /// The session; else the current one
    #[arg(long, short)]
    session: Option<String>,
    /// How many at most, from 1 to 1000
    #[arg(long, short = 'n', default_value_t = 5, value_parser = count, value_name = "COUNT")]
    limit: usize,
}

pub(super) fn run(
    arguments: &NextArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let session = session_of(&peer, arguments.session.as_deref())?;
    let (row, found) = peer.readers.read(|reader| {
        let named = arguments.group.as_deref();
        let group = named.map(|text| resolve::group(reader, session, text)).transpose()?;
        let filter = ReadyFilter { role: arguments.role.clone(), group };
        let row = sessions::row(reader, session)?;
        let found = if row.session.state.allows_work() {
            tasks::next(reader, session, &filter, arguments.limit)?
        } else {
            Vec::new()
        };
        Ok((row, found))
    })?;
    if output.is_json() {
        let code = if found.is_empty() { 3 } else { 0 };
        return output.json(&json!({ "items": readable(&found) })).map(|()| code);
    }
    if found.is_empty() {
        let state = row.session.state;
        let refusal = if state.allows_work() {
            let open = row.counts;
            let message = format!(
                "nothing is ready: {} pending, {} active, {} blocked, {} in review",
                open.pending, open.active, open.blocked, open.review
            );
            Refusal::new(Code::NothingReady, message)
                .suggest("see what waits for what with `callboard list`")
        } else {
            Refusal::new(Code::NothingReady, format!("nothing is ready: the session is {state}"))
                .suggest("take one up with `callboard session resume`")
        };
        return Err(Failure::Refused(refusal));
    }
    let now = peer.clock.now();
    for task in &found {
        let line = lines::task(output, task, now);
        output.line(&line)?;
    }
    Ok(0)
}
