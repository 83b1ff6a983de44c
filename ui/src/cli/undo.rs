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
    /// Does again what your newest undo took back
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
    let told = peer.readers.read(|reader| {
        let query = if arguments.redo {
            // What it wrote, as the values are now; what was taken back says it the other way round.
            ChangeQuery { before: Some(outcome.seq + 1), limit: changes, ..ChangeQuery::default() }
        } else {
            ChangeQuery { after: Some(command - 1), limit: changes, ..ChangeQuery::default() }
        };
        let mut found = changes::list(reader, &query)?;
        found.sort_by_key(|change| change.seq);
        found.into_iter().map(|change| log::titled(reader, change)).collect::<Result<Vec<_>, _>>()
    })?;
    let label = if arguments.redo { "Done again:" } else { "Taken back:" };
    let label = output.paint(label, Meaning::Good);
    output.line(&label)?;
    for (change, title) in &told {
        log::write(output, change, title.as_deref())?;
    }
    lines::notes(output, &outcome.notes).map(|()| 0)
}
