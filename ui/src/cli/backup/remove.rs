//! Removing one backup. It asks before it does, and more so before the last sound one goes.

use callboard_engine::backup;
use callboard_engine::backup::retention::is_last_sound;
use callboard_engine::domain::refusal::Refusal;
use serde_json::json;

use super::{Place, RemoveArguments, look, restore};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::readable::readable;
use crate::sizes::bytes;
use crate::theme::Meaning;

pub(super) fn run(
    place: &Place<'_>,
    arguments: &RemoveArguments,
    output: &mut Output,
) -> Result<u8, Failure> {
    let backup = backup::resolve(&place.peer, &arguments.backup).map_err(Refusal::from)?;
    let all = backup::list(&place.peer).map_err(Refusal::from)?;
    let is_last = is_last_sound(&all, &backup);
    if !arguments.yes {
        if !place.environment.stdin_is_terminal {
            return Err(Failure::Usage {
                message: "a removal asks before it is done, and there is nobody to ask".to_owned(),
                advice: "give --yes".to_owned(),
            });
        }
        let line = look::line(output, &backup, Some(place.peer.clock.now()));
        output.line(&line)?;
        if is_last {
            let line = "It is the last sound backup: without it nothing can be restored.";
            let line = output.paint(line, Meaning::Warn);
            output.line(&line)?;
        }
        if !restore::is_agreed("Remove it for good?", output)? {
            return Ok(0);
        }
    } else if is_last && !arguments.last {
        return Err(Failure::Usage {
            message: format!("{} is the last sound backup of the project", backup.id),
            advice: "make another one first, or add --last".to_owned(),
        });
    }
    backup::remove(&place.peer, &backup).map_err(Refusal::from)?;
    if output.is_json() {
        return output.json(&json!({ "removed": readable(&backup) })).map(|()| 0);
    }
    let name = output.paint(&backup.name, Meaning::Strong);
    output.line(&format!("Removed {name} ({}): {}.", backup.id, bytes(backup.size))).map(|()| 0)
}
