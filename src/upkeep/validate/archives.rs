//! The archives: of sessions that were packed away, and of backups. Nothing is unpacked or noted.

use std::ops::ControlFlow;
use std::path::Path;

use super::{Level, Look};
use crate::backup::ENDING;
use crate::backup::archive::{self, ArchiveError, Progress};
use crate::domain::backup::{Backup, Integrity};
use crate::domain::count::counted;
use crate::domain::refusal::Refusal;
use crate::packing;
use crate::query::backups;
use crate::query::upkeep::{self, Archived};
use crate::upkeep::finding::{Finding, Fix, Kind, Severity, quoted};

/// Archived sessions whose archives are gone, or damaged.
pub(super) fn packs(look: &Look<'_>) -> Result<Vec<Finding>, Refusal> {
    let packs = packing::of_archives(&look.peer.paths);
    let folders = packing::of_sessions(&look.peer.paths);
    let mut found = Vec::new();
    for session in look.read(upkeep::archived)? {
        if look.aim.session.is_some_and(|only| only != session.id) {
            continue;
        }
        let pack = packs.iter().find(|(id, _)| *id == session.id);
        let problem = match pack {
            // What is not packed yet is not lost.
            None if folders.iter().any(|(id, _)| *id == session.id) => None,
            None => lost(&session).map(|lost| format!("its archive is gone, and with it {lost}")),
            Some(_) if look.aim.level == Level::Basic => None,
            Some((_, name)) => {
                let path = look.peer.paths.session_archives().join(format!("{name}{ENDING}"));
                damage(look, &path)?
            }
        };
        let one = problem.map(|problem| pack_finding(&session, &problem));
        found.extend(one);
    }
    Ok(found)
}

/// What is nowhere else than in a session's archive; none where there was nothing to pack.
fn lost(session: &Archived) -> Option<String> {
    match (session.artifacts, session.documents) {
        (0, 0) => None,
        (0, documents) => Some(counted(documents, "document")),
        (stored, _) => Some(counted(stored, "stored artifact")),
    }
}

fn pack_finding(session: &Archived, problem: &str) -> Finding {
    let id = session.id;
    let shell = format!(
        "callboard backup list, then callboard backup restore <id> --session {id}; or bring \
         .task_orchestrator/archives/ back from git"
    );
    let fix = Fix::shell(shell).or_tool("orchestrator_backup_list {}");
    let message = format!("{} is archived: {problem}", session.name);
    Finding::new((Kind::Session, Severity::Error), id.to_string(), message, fix)
}

/// Backups that cannot be restored: their files are gone, or damaged.
pub(super) fn kept(look: &Look<'_>) -> Result<Vec<Finding>, Refusal> {
    let mut found = Vec::new();
    for backup in look.read(backups::known)? {
        let path = look.peer.paths.backups().join(&backup.file);
        let problem = if path.symlink_metadata().is_err() {
            Some("its archive is gone".to_owned())
        } else if backup.integrity == Integrity::Corrupted {
            let why = backup.problem.clone().unwrap_or_else(|| "it was verified".to_owned());
            Some(format!("its archive is damaged: {why}"))
        } else if look.aim.level == Level::FullAudit {
            damage(look, &path)?
        } else {
            None
        };
        found.extend(problem.map(|problem| backup_finding(&backup, &problem)));
    }
    Ok(found)
}

fn backup_finding(backup: &Backup, problem: &str) -> Finding {
    let remove = quoted(&format!(".task_orchestrator/backups/archives/{}", backup.file));
    let shell = format!("callboard backup create, then rm -f {remove}");
    let fix = Fix::shell(shell).or_tool("orchestrator_backup_create {}");
    let message = format!("backup {} cannot be restored: {problem}", backup.id);
    Finding::new((Kind::Backup, Severity::Warning), backup.file.clone(), message, fix)
}

/// What is wrong with an archive, read from end to end.
fn damage(look: &Look<'_>, path: &Path) -> Result<Option<String>, Refusal> {
    let watch = |progress: Progress| {
        let [done, of] =
            [progress.done, progress.total].map(|bytes| usize::try_from(bytes).unwrap_or(0));
        match look.work.step(done, of, "an archive") {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    };
    match archive::verify(path, &watch) {
        Ok(_) => Ok(None),
        Err(ArchiveError::Cancelled) => look.work.step(0, 1, "an archive").map(|()| None),
        Err(error) => Ok(Some(error.to_string())),
    }
}
