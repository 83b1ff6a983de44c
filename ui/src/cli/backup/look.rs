//! Listing backups, and reading them from end to end.

use callboard_engine::backup::{self, Order};
use callboard_engine::domain::backup::{Backup, Integrity};
use callboard_engine::domain::count::counted;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::time::{Timestamp, age};
use serde_json::json;

use super::Place;
use super::progress::Told;
use crate::backups::{integrity, reason, sessions};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::pieces::Pieces;
use crate::cli::readable::readable;
use crate::sizes::bytes;
use crate::theme::Meaning;

pub(super) fn list(place: &Place<'_>, order: Order, output: &mut Output) -> Result<u8, Failure> {
    let all = backup::list(&place.peer).map_err(Refusal::from)?;
    say_all(all, (order, place.peer.clock.now()), output)?;
    Ok(0)
}

/// Says which backups there are.
pub(super) fn say_all(
    mut all: Vec<Backup>,
    (order, now): (Order, Timestamp),
    output: &mut Output,
) -> Result<(), Failure> {
    backup::sort(&mut all, order);
    let size = all.iter().fold(0_u64, |sum, backup| sum.saturating_add(backup.size));
    if output.is_json() {
        let value = json!({ "items": readable(&all), "total": all.len(), "size": size });
        return output.json(&value);
    }
    if all.is_empty() {
        return output.line("There are no backups yet; make one with `callboard backup create`.");
    }
    for backup in &all {
        let line = line(output, backup, Some(now));
        output.line(&line)?;
    }
    let total = format!("{}, {}", counted(all.len(), "backup"), bytes(size));
    let total = output.paint(&total, Meaning::Dim);
    output.line(&total)
}

/// A backup on one line.
pub(super) fn line(output: &Output, backup: &Backup, now: Option<Timestamp>) -> String {
    let icons = output.icons();
    let (icon, meaning) = match backup.integrity {
        Integrity::Valid => (icons.good, Meaning::Good),
        Integrity::Corrupted => (icons.bad, Meaning::Bad),
        Integrity::Unknown => (icons.unselected, Meaning::Dim),
    };
    let when = match now {
        Some(now) => match age(now.since_ms(backup.created_at)).as_str() {
            "now" => "just now".to_owned(),
            age => format!("{age:>4} ago"),
        },
        None => backup.created_at.to_string(),
    };
    let why = reason(backup.reason);
    Pieces::default()
        .with(output, &format!("{icon} {:<10} ", integrity(backup)), meaning)
        .with(output, &format!("{} ", backup.id), Meaning::Dim)
        .with(output, &format!("{:<30} ", backup.name), Meaning::Strong)
        .with(
            output,
            &format!("{when:>9}  {:<9} {why:<14} {:>9}  ", backup.scope, bytes(backup.size)),
            Meaning::Text,
        )
        .with(output, &sessions(backup), Meaning::Dim)
        .paint(output)
        .trim_end()
        .to_owned()
}

pub(super) fn verify(
    place: &Place<'_>,
    named: Option<&str>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let wanted = match named {
        Some(text) => {
            let named = (text, place.environment.current_directory.as_path());
            vec![backup::resolve_file(&place.peer, named).map_err(Refusal::from)?]
        }
        None => backup::list(&place.peer).map_err(Refusal::from)?,
    };
    let mut found = Vec::with_capacity(wanted.len());
    for wanted in &wanted {
        let told = Told::new(place.environment, output.is_json());
        let verified = backup::verify(&place.peer, wanted, &|progress| told.tell(progress));
        drop(told);
        found.push(verified.map_err(Refusal::from)?.0);
    }
    let sound = found.iter().all(|backup| backup.integrity == Integrity::Valid);
    if output.is_json() {
        return output.json(&json!({ "items": readable(&found) })).map(|()| u8::from(!sound));
    }
    if found.is_empty() {
        output.line("There are no backups yet; make one with `callboard backup create`.")?;
    }
    let now = place.peer.clock.now();
    for backup in &found {
        let line = line(output, backup, Some(now));
        output.line(&line)?;
        output.field("problem", backup.problem.as_deref().unwrap_or_default())?;
    }
    Ok(u8::from(!sound))
}
