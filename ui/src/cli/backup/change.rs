//! Making backups, and removing those that are not to be kept.

use callboard_engine::backup::retention::{Run, limit};
use callboard_engine::backup::{self, Cleaned, Request, Retention};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::{Backup, Reason, Scope};
use callboard_engine::domain::count::{by_count, counted};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::query::resolve;
use serde_json::json;

use super::progress::Told;
use super::{CleanupArguments, CreateArguments, Place, look};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::readable::readable;
use crate::sizes::bytes;
use crate::theme::Meaning;

pub(super) fn create(
    place: &Place<'_>,
    arguments: &CreateArguments,
    output: &mut Output,
) -> Result<u8, Failure> {
    let named = arguments.session.iter();
    let sessions: Vec<_> = named
        .map(|text| place.peer.readers.read(|reader| resolve::session(reader, text)))
        .collect::<Result<_, Refusal>>()?;
    let fallback = if sessions.is_empty() { Scope::All } else { Scope::Session };
    let request = Request {
        scope: arguments.scope.unwrap_or(fallback),
        sessions,
        name: arguments.name.clone(),
        reason: Reason::Manual,
        actor: Actor::Human,
    };
    let told = Told::new(place.environment, output.is_json());
    let made = backup::create(&place.peer, &request, &|progress| told.tell(progress));
    drop(told);
    let made = made.map_err(Refusal::from)?;
    let manifest = backup::manifest_of(&place.peer, &made).map_err(Refusal::from)?;
    let retention = &place.config.backups.retention;
    let cleaned = backup::clean_up(&place.peer, retention, Run::Carry).map_err(Refusal::from)?;
    if output.is_json() {
        let value = json!({
            "backup": readable(&made),
            "path": place.peer.paths.backups().join(&made.file),
            "counts": manifest.head.counts,
            "left_out": manifest.head.left_out,
            "cleanup": readable(&cleaned),
        });
        return output.json(&value).map(|()| 0);
    }
    said(place, &made, output)?;
    for left in &manifest.head.left_out {
        output.field("left out", &format!("{}: {}", left.path, left.why))?;
    }
    removed(&cleaned, Run::Carry, output).map(|()| 0)
}

fn said(place: &Place<'_>, made: &Backup, output: &mut Output) -> Result<(), Failure> {
    let name = output.paint(&made.name, Meaning::Strong);
    let (size, unpacked) = (bytes(made.size), bytes(made.unpacked));
    let id = made.id;
    output.line(&format!("Made {name} ({id}): {size} of {unpacked}, verified."))?;
    output.field("file", &place.peer.paths.backups().join(&made.file).display().to_string())
}

pub(super) fn clean_up(
    place: &Place<'_>,
    arguments: &CleanupArguments,
    output: &mut Output,
) -> Result<u8, Failure> {
    let configured = place.config.backups.retention;
    let retention = Retention {
        count: limit("--keep", arguments.keep, configured.count)?,
        days: limit("--days", arguments.days, configured.days)?,
        total_mb: limit("--total-mb", arguments.total_mb, configured.total_mb)?,
        newest: configured.newest,
        strategy: arguments.strategy.unwrap_or(configured.strategy),
    };
    let run = if arguments.apply { Run::Carry } else { Run::Dry };
    let cleaned = backup::clean_up(&place.peer, &retention, run).map_err(Refusal::from)?;
    let code = u8::from(!cleaned.failed.is_empty());
    if output.is_json() {
        let value = json!({ "dry_run": run == Run::Dry, "cleanup": readable(&cleaned) });
        return output.json(&value).map(|()| code);
    }
    if cleaned.removed.is_empty() && cleaned.failed.is_empty() {
        output.line("Every backup is to be kept.")?;
    }
    removed(&cleaned, run, output).map(|()| code)
}

fn removed(cleaned: &Cleaned, run: Run, output: &mut Output) -> Result<(), Failure> {
    for doomed in &cleaned.removed {
        let line = look::line(output, &doomed.backup, None);
        output.line(&format!("{line}  {}", output.paint(&doomed.why, Meaning::Dim)))?;
    }
    for (file, error) in &cleaned.failed {
        let line = format!("{file} cannot be removed: {error}");
        let line = output.paint(&line, Meaning::Bad);
        output.line(&line)?;
    }
    if cleaned.removed.is_empty() {
        return Ok(());
    }
    let (count, freed) = (cleaned.removed.len(), bytes(cleaned.freed));
    match run {
        Run::Dry => output.line(&format!(
            "{} ({freed}) would be removed; add --apply to remove {}.",
            counted(count, "backup"),
            by_count(count, "it", "them")
        )),
        Run::Carry => output.line(&format!("Removed {} ({freed}).", counted(count, "old backup"))),
    }
}
