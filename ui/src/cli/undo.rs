//! `callboard undo`: takes back the person's newest command, or any by its number.

use callboard_engine::domain::command::Command;
use callboard_engine::domain::outcome::Answer;
use callboard_engine::query::changes::{self, ChangeQuery};
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::output::Output;
use super::project::{Scene, submit};
use super::{lines, log};
use crate::theme::Meaning;

#[derive(Debug, Args)]
pub(super) struct UndoArguments {
    /// The number of a change in `callboard log`; else your own newest command
    change: Option<i64>,
    /// Takes back your newest undo instead
    #[arg(long, conflicts_with = "change")]
    redo: bool,
}

pub(super) fn run(
    arguments: &UndoArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let command = match (arguments.redo, arguments.change) {
        (true, _) => Command::Redo,
        (false, seq) => Command::Undo { seq },
    };
    let outcome = submit(&peer, command)?;
    let Answer::Undone { command, changes } = outcome.answer else {
        return Err(Failure::Failed("it was taken back, but the answer is unknown".to_owned()));
    };
    if output.is_json() {
        let value = json!({ "command": command, "changes": changes, "seq": outcome.seq });
        return output.json(&value).map(|()| 0);
    }
    let taken = peer.readers.read(|reader| {
        let query =
            ChangeQuery { after: Some(command - 1), limit: changes, ..ChangeQuery::default() };
        let found = changes::list(reader, &query)?;
        found.into_iter().map(|change| log::titled(reader, change)).collect::<Result<Vec<_>, _>>()
    })?;
    let label =
        if arguments.redo { "Done again, and not taken back any more:" } else { "Taken back:" };
    let label = output.paint(label, Meaning::Good);
    output.line(&label)?;
    for (change, title) in &taken {
        log::write(output, change, title.as_deref())?;
    }
    lines::notes(output, &outcome.notes).map(|()| 0)
}
