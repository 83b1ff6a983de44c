//! Selecting, repairing, making, backing up and restoring modes.

use callboard_engine::binding::{self, Selection};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::count::counted;
use callboard_engine::domain::mode::Mode;
use callboard_engine::modes::folder::{BackupReason, FolderError, NewMode};
use serde_json::json;

use super::{CreateArguments, Place, RepairArguments, SelectArguments, look};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::readable::readable;
use crate::cli::{lines, person};
use crate::theme::Meaning;

fn refused(error: &FolderError) -> Failure {
    Failure::Refused(binding::refused(error))
}

pub(super) fn select(
    place: &Place<'_>,
    arguments: &SelectArguments,
    output: &mut Output,
) -> Result<u8, Failure> {
    let looked = place.folder.look(&arguments.name).map_err(|error| refused(&error))?;
    person::may_bind(place.scene, &place.peer, looked.reading.mode.as_ref())?;
    let (mode, reason) = (arguments.name.clone(), arguments.reason.clone());
    let selection = Selection { mode, session: None, reason };
    let selected = binding::select(&place.peer, &Actor::Human, &selection)?;
    let name = &selected.loaded.mode.name;
    if output.is_json() {
        let value = json!({
            "mode": name,
            "file": selected.loaded.binding.file,
            "session": selected.session.as_ref().map(|session| session.id),
            "previous": selected.previous,
            "backup": readable(&selected.backup),
            "stray_roles": selected.strays,
            "notes": selected.notes,
        });
        return output.json(&value).map(|()| 0);
    }
    let word = if selected.session.is_some() { "is in force" } else { "is chosen" };
    done(output, &format!("{name} {word}"))?;
    for stray in &selected.strays {
        let ids: Vec<String> = stray.first.iter().map(ToString::to_string).collect();
        let text = format!("{} ({}: {})", stray.role, counted(stray.tasks, "task"), ids.join(" "));
        output.field("not a role", &text)?;
    }
    lines::notes(output, &selected.notes).map(|()| 0)
}

pub(super) fn repair(
    place: &Place<'_>,
    arguments: &RepairArguments,
    output: &mut Output,
) -> Result<u8, Failure> {
    let proposed = place.folder.propose_repair(&arguments.name).map_err(|error| refused(&error))?;
    let mended = if arguments.dry_run {
        proposed
    } else {
        let repaired = proposed.repaired.reading.mode.as_ref();
        person::may_bind(place.scene, &place.peer, in_force(place, repaired)?)?;
        binding::repair(&place.peer, &Actor::Human, &arguments.name)?
    };
    let reading = &mended.repaired.reading;
    let code = u8::from(!reading.is_valid());
    if output.is_json() {
        let value = json!({
            "file": mended.file,
            "written": mended.backup.is_some(),
            "repairs": mended.repaired.repairs,
            "backup": readable(&mended.backup),
            "valid": reading.is_valid(),
            "problems": reading.problems,
        });
        return output.json(&value).map(|()| code);
    }
    for repair in &mended.repaired.repairs {
        let at = output.paint(&format!("{}:{}:", mended.file, repair.line), Meaning::Dim);
        let what = output.paint(&repair.what, Meaning::Text);
        output.line(&format!("{at} {what}"))?;
    }
    if mended.repaired.repairs.is_empty() {
        output.line("Nothing can be repaired by itself.")?;
    }
    if let Some(backup) = &mended.backup {
        output.field("before it", &backup.name)?;
    }
    for problem in &reading.problems {
        look::problem(output, problem)?;
    }
    Ok(code)
}

/// A mode, where it is the one in force.
fn in_force<'a>(place: &Place<'_>, mode: Option<&'a Mode>) -> Result<Option<&'a Mode>, Failure> {
    let bound = place.session()?.map(|session| session.mode);
    Ok(mode.filter(|mode| bound.as_ref() == Some(&mode.name)))
}

pub(super) fn create(
    place: &Place<'_>,
    arguments: &CreateArguments,
    output: &mut Output,
) -> Result<u8, Failure> {
    let new = NewMode {
        name: arguments.name.clone(),
        source: Some(arguments.from.clone()),
        title: arguments.title.clone(),
        description: arguments.description.clone(),
        ..NewMode::default()
    };
    let loaded = binding::create(&place.peer, &new)?;
    let (name, file) = (&loaded.mode.name, loaded.binding.file.unwrap_or_default());
    if output.is_json() {
        return output.json(&json!({ "mode": name, "file": file })).map(|()| 0);
    }
    done(output, &format!("{name} is made of {}: {file}", arguments.from))?;
    output.line(&format!("`callboard mode select {name}` puts it in force.")).map(|()| 0)
}

pub(super) fn back_up(
    place: &Place<'_>,
    name: Option<&str>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let name = place.name(name)?;
    let now = place.peer.clock.now();
    let backup = place.folder.back_up(&name, BackupReason::Asked, None, now);
    let backup = backup.map_err(|error| refused(&error))?;
    if output.is_json() {
        return output.json(&readable(&backup)).map(|()| 0);
    }
    let word = if backup.is_new { "is kept as" } else { "is as it was in" };
    done(output, &format!("{name} {word} {}", backup.name)).map(|()| 0)
}

pub(super) fn restore(place: &Place<'_>, backup: &str, output: &mut Output) -> Result<u8, Failure> {
    let content = place.folder.backed_up(backup).map_err(|error| refused(&error))?;
    let reading = place.folder.check(&content.source_mode, &content.bytes);
    let reading = reading.map_err(|error| refused(&error))?;
    person::may_bind(place.scene, &place.peer, in_force(place, reading.mode.as_ref())?)?;
    let restored = binding::restore(&place.peer, &Actor::Human, backup, false)?;
    let file = &restored.restored.file;
    if output.is_json() {
        let value = json!({
            "mode": restored.restored.mode,
            "file": file,
            "replaced": readable(&restored.restored.replaced),
            "in_force": restored.selected.is_some(),
        });
        return output.json(&value).map(|()| 0);
    }
    done(output, &format!("{file} is as it was in {backup}"))?;
    match &restored.restored.replaced {
        Some(replaced) => output.field("before it", &replaced.name).map(|()| 0),
        None => Ok(0),
    }
}

fn done(output: &mut Output, text: &str) -> Result<(), Failure> {
    let icon = output.paint(output.icons().good, Meaning::Good);
    let text = output.paint(text, Meaning::Text);
    output.line(&format!("{icon} {text}"))
}
