//! What happened long ago: changes that nothing stands on, lines of logs.

use super::look::Look;
use super::{Act, ITEMS_MAX, Item, Sort};
use crate::domain::change::{FORGOTTEN_MAX, KEPT_DAYS};
use crate::domain::command::Command;
use crate::domain::refusal::Refusal;
use crate::domain::time::DAY_MS;
use crate::query::upkeep;
use crate::store::tend::Chore;

/// Hours of measures are kept so much longer than lines of the log of errors.
const HOURS_KEPT: i64 = 4;

/// Commands that can be forgotten, in pieces of so many as one transaction takes.
pub(super) fn changes(look: &Look<'_>) -> Result<Vec<Item>, Refusal> {
    let kept = look.now.plus_ms(-KEPT_DAYS * DAY_MS);
    let before = look.old(Sort::OldChanges).min(kept);
    let mut commands: Vec<i64> = Vec::new();
    let mut after = Some(0);
    while let Some(from) = after {
        look.work.step(0, 1, "old changes")?;
        let (found, next) = look.read(|reader| upkeep::forgettable(reader, before, from))?;
        commands.extend(found);
        // The next look finds what is left.
        after = next.filter(|_| commands.len() < ITEMS_MAX * FORGOTTEN_MAX);
    }
    let days = look.now.since_ms(before) / DAY_MS;
    let piece = |commands: &[i64]| Item {
        sort: Sort::OldChanges,
        record: commands.first().map(ToString::to_string).unwrap_or_default(),
        message: format!(
            "{} commands of more than {days} days ago that nothing stands on",
            commands.len()
        ),
        act: Act::Command(Box::new(Command::ForgetChanges { commands: commands.to_vec() })),
    };
    Ok(commands.chunks(FORGOTTEN_MAX).map(piece).collect())
}

/// Lines of the log of errors, and measures.
pub(super) fn logs(look: &Look<'_>) -> Result<Vec<Item>, Refusal> {
    let errors = look.old(Sort::OldLogs);
    let hours = look.now.plus_ms(-look.now.since_ms(errors).saturating_mul(HOURS_KEPT));
    let rows = look.read(|reader| upkeep::old_measures(reader, (errors, hours)))?;
    let item = Item {
        sort: Sort::OldLogs,
        record: "session_error_logs".to_owned(),
        message: format!("{rows} lines of the log of errors, or hours of measures, are old"),
        act: Act::Chore(Chore::ForgetMeasures { errors, hours }),
    };
    Ok(if rows == 0 { Vec::new() } else { vec![item] })
}
