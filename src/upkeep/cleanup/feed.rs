//! What happened long ago: changes that nothing stands on, lines of logs.

use super::look::Look;
use super::{Act, ITEMS_MAX, Item, Sort};
use crate::domain::change::{FORGOTTEN_CHANGES_MAX, FORGOTTEN_MAX, KEPT_DAYS};
use crate::domain::command::Command;
use crate::domain::count::{by_count, counted};
use crate::domain::refusal::Refusal;
use crate::domain::time::DAY_MS;
use crate::query::upkeep::{self, Forgettable};
use crate::store::tend::Chore;

/// Hours of measures are kept so much longer than lines of the log of errors.
const HOURS_KEPT: i64 = 4;

/// Commands that can be forgotten, in pieces of so many as one transaction takes.
pub(super) fn changes(look: &Look<'_>) -> Result<Vec<Item>, Refusal> {
    let kept = look.now.plus_ms(-KEPT_DAYS * DAY_MS);
    let before = look.old(Sort::OldChanges).min(kept);
    let mut commands: Vec<Forgettable> = Vec::new();
    let mut after = Some(0);
    while let Some(from) = after {
        look.work.step(0, 1, "old changes")?;
        let (found, next) =
            look.read(|reader| upkeep::forgettable(reader, (before, look.wanted.session), from))?;
        commands.extend(found);
        // The next look finds what is left.
        after = next.filter(|_| commands.len() < ITEMS_MAX * FORGOTTEN_MAX);
    }
    let days = look.now.since_ms(before) / DAY_MS;
    let piece = |commands: Vec<i64>| Item {
        sort: Sort::OldChanges,
        record: commands.first().map(ToString::to_string).unwrap_or_default(),
        message: format!(
            "{} of more than {} ago that nothing stands on",
            counted(commands.len(), "command"),
            counted(days, "day")
        ),
        act: Act::Command(Box::new(Command::ForgetChanges { commands })),
    };
    Ok(pieces(&commands).into_iter().map(piece).collect())
}

/// As many commands as one turn takes, by their number and by the changes that they made.
fn pieces(commands: &[Forgettable]) -> Vec<Vec<i64>> {
    let mut pieces: Vec<Vec<i64>> = Vec::new();
    let mut changes = 0;
    for one in commands {
        changes += one.changes;
        let has_room =
            |piece: &&mut Vec<i64>| piece.len() < FORGOTTEN_MAX && changes <= FORGOTTEN_CHANGES_MAX;
        if let Some(piece) = pieces.last_mut().filter(has_room) {
            piece.push(one.command);
        } else {
            changes = one.changes;
            pieces.push(vec![one.command]);
        }
    }
    pieces
}

/// Lines of the log of errors, and measures.
pub(super) fn logs(look: &Look<'_>) -> Result<Vec<Item>, Refusal> {
    let errors = look.old(Sort::OldLogs);
    let hours = look.now.plus_ms(-look.now.since_ms(errors).saturating_mul(HOURS_KEPT));
    let rows = look.read(|reader| upkeep::old_measures(reader, (errors, hours)))?;
    let item = Item {
        sort: Sort::OldLogs,
        record: "session_error_logs".to_owned(),
        message: format!(
            "{} of the log of errors, or of measures by hour, {} old",
            counted(rows, "line"),
            by_count(rows, "is", "are")
        ),
        act: Act::Chore(Chore::ForgetMeasures { errors, hours }),
    };
    Ok(if rows == 0 { Vec::new() } else { vec![item] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_piece_takes_more_than_a_turn_does() {
        let of = |changes: &[usize]| {
            let all: Vec<Forgettable> = (1..)
                .zip(changes)
                .map(|(command, changes)| Forgettable { command, changes: *changes })
                .collect();
            pieces(&all)
        };
        assert_eq!(of(&[1, 2, 3]), [vec![1, 2, 3]]);
        assert_eq!(of(&[4_000, 1_000, 1, 9_000, 1]), [vec![1, 2], vec![3], vec![4], vec![5]]);
        assert_eq!(of(&[1; 501]).len(), 2);
        assert_eq!(of(&[]), [[0_i64; 0]; 0]);
    }
}
