//! The decision of a conflict.

use callboard_engine::domain::command::Command;
use callboard_engine::domain::conflict::{Choice, ResolveConflict};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::peer::Peer;
use callboard_engine::query::conflicts::ConflictRow;
use clap::Args;
use serde_json::Value;

use super::row;
use crate::cli::failure::Failure;
use crate::cli::lines;
use crate::cli::output::Output;
use crate::cli::project::{Scene, submit};
use crate::cli::readable::readable;
use crate::conflict::{value, words};
use crate::terminal::{Draft, Edited};
use crate::theme::Meaning;

#[derive(Debug, Args)]
#[group(id = "choice", required = true, multiple = false)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own, one of which is given"
)]
struct Chosen {
    /// Take the database's value; keep the item
    #[arg(long, group = "choice")]
    ours: bool,
    /// Take the file's value, or the other agent's; remove the item
    #[arg(long, group = "choice")]
    theirs: bool,
    /// Keep what either side has, of texts and sets
    #[arg(long, group = "choice")]
    both: bool,
    /// A value of your own
    #[arg(long, group = "choice", value_name = "TEXT")]
    value: Option<String>,
    /// Write the value in your editor
    #[arg(long, group = "choice")]
    edit: bool,
}

#[derive(Debug, Args)]
pub(super) struct ResolveArguments {
    /// Id, or beginning of one
    conflict: String,
    #[command(flatten)]
    chosen: Chosen,
    /// Why; the agents that take part read it
    #[arg(long, short)]
    remark: Option<String>,
}

pub(super) fn run(
    arguments: &ResolveArguments,
    (peer, scene): (&Peer, &Scene<'_>),
    output: &mut Output,
) -> Result<u8, Failure> {
    let row = row(peer, &arguments.conflict)?;
    let Some((choice, value)) = chosen(&arguments.chosen, &row, (peer, scene))? else {
        let nothing = output.paint("It is as it was; nothing was decided.", Meaning::Dim);
        output.line(&nothing)?;
        return Ok(0);
    };
    let conflict = &row.conflict;
    let wanted = ResolveConflict {
        id: conflict.id,
        choice,
        value,
        remark: arguments.remark.clone(),
        if_version: Some(conflict.version),
    };
    let outcome = submit(peer, Command::ResolveConflict(wanted))?;
    let Answer::Conflict(ended) = &outcome.answer else {
        return Err(Failure::Failed("it was decided, but the answer is unknown".to_owned()));
    };
    if output.is_json() {
        return output.json(&readable(ended)).map(|()| 0);
    }
    let told =
        format!("{} of {}: {}", words::field(conflict), row.title, words::choice(conflict, choice));
    let told = output.paint(&told, Meaning::Good);
    output.line(&told)?;
    lines::notes(output, &outcome.notes).map(|()| 0)
}

/// The choice with its value; nothing where an edit left everything as it was.
fn chosen(
    chosen: &Chosen,
    row: &ConflictRow,
    (peer, scene): (&Peer, &Scene<'_>),
) -> Result<Option<(Choice, Option<Value>)>, Failure> {
    let conflict = &row.conflict;
    let wrong = |message: String| Failure::Usage {
        message,
        advice: "see it with `callboard conflict show`".to_owned(),
    };
    let merged = |text: &str| {
        let value = value::parse(conflict, text).map_err(wrong)?;
        Ok(Some((Choice::Merged, Some(value))))
    };
    if chosen.ours {
        return Ok(Some((Choice::Ours, None)));
    }
    if chosen.theirs {
        return Ok(Some((Choice::Theirs, None)));
    }
    if let Some(text) = &chosen.value {
        return merged(text);
    }
    let both = value::both(conflict);
    if chosen.both {
        let told = || wrong("this holds one value; --value takes one of your own".to_owned());
        return both.map(|value| Some((Choice::Merged, Some(value)))).ok_or_else(told);
    }
    let begun = value::typed(&conflict.field, both.as_ref().unwrap_or(&conflict.ours));
    let folder = peer.paths.run();
    let edited = scene.environment.editor().edit(Draft { folder: &folder, text: &begun });
    match edited.map_err(|source| Failure::Io { what: "cannot edit".to_owned(), source })? {
        Edited::Changed(text) => merged(&text),
        Edited::Unchanged | Edited::Emptied => Ok(None),
        Edited::Failed(problem) => Err(Failure::Failed(problem)),
    }
}
