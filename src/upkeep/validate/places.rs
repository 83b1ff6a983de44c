//! What stands on the disk: documents, mode files, files that are nobody's.

use std::fs;

use serde_json::json;

use super::Look;
use crate::domain::count::counted;
use crate::domain::refusal::{Code, Refusal};
use crate::modes::folder::{ModeFileState, ModesFolder};
use crate::sync::keeper::{self, Standing};
use crate::upkeep::finding::{Finding, Fix, Kind, Severity, quoted};

/// What may stand in the project's folder.
const KNOWN: &[&str] = &[
    ".gitignore",
    "archives",
    "backups",
    "config.yaml",
    "modes",
    "roles",
    "run",
    "sessions",
    "task_templates",
    "templates",
    "callboard.db",
    "callboard.db-wal",
    "callboard.db-shm",
    "callboard.db-journal",
];
const COPY: &str = "callboard.before-";

/// Documents that do not say what the records say, or wait for a person.
pub(super) fn documents(look: &Look<'_>) -> Result<Vec<Finding>, Refusal> {
    let findings = match keeper::check(look.peer) {
        Ok(findings) => findings,
        // Without a folder of documents there is none to be wrong.
        Err(refusal) if refusal.code == Code::StoreFailed => return Ok(Vec::new()),
        Err(refusal) => return Err(refusal),
    };
    let only = look.aim.session;
    let wanted = findings.iter().filter(|one| only.is_none_or(|only| only == one.session_id));
    Ok(wanted.flat_map(document).collect())
}

fn document(finding: &keeper::Finding) -> Vec<Finding> {
    let (path, word) = (&finding.path, quoted(&finding.path));
    let sync = || Fix::shell("callboard sync");
    let stands = match &finding.standing {
        Standing::ToRead => Some((Severity::Note, "somebody wrote in it".to_owned(), sync())),
        Standing::ToWrite => Some((Severity::Note, "the records say more".to_owned(), sync())),
        Standing::ToRemove => Some((Severity::Note, "it is to go".to_owned(), sync())),
        // What is to be rebuilt is told with its directory.
        Standing::InStep | Standing::ToRebuild => None,
        Standing::Held(reason) => {
            let fix = format!("callboard sync accept {word}, or callboard sync restore {word}");
            Some((Severity::Warning, format!("it is held back: {reason}"), Fix::shell(fix)))
        }
    };
    let stands = stands.map(|(severity, message, fix)| {
        Finding::new((Kind::Document, severity), path, message, fix)
    });
    let problems = finding.problems.iter().map(|problem| {
        let message = format!("line {}: {}", problem.line, problem.message);
        let fix = Fix::shell(format!(
            "$EDITOR {}, then callboard sync",
            quoted(&format!(".task_orchestrator/{path}"))
        ));
        Finding::new((Kind::Document, Severity::Warning), path, message, fix)
    });
    stands.into_iter().chain(problems).collect()
}

/// Mode files with errors.
pub(super) fn modes(look: &Look<'_>) -> Vec<Finding> {
    let listed = ModesFolder::of(&look.peer.paths).list();
    let one = |mode: crate::modes::folder::ListedMode| {
        let severity = match mode.state {
            ModeFileState::Invalid | ModeFileState::Unreadable => Severity::Warning,
            ModeFileState::Valid | ModeFileState::BuiltIn => return None,
        };
        let name = &mode.name;
        let message =
            mode.problem.unwrap_or_else(|| format!("it has {}", counted(mode.errors, "error")));
        let call = json!({ "mode": name, "repair": true });
        let fix = Fix::shell(format!("callboard mode repair {}", quoted(name)))
            .or_tool(format!("orchestrator_mode_validate {call}"));
        let file = mode.file.unwrap_or_else(|| name.clone());
        Some(Finding::new((Kind::Mode, severity), file, message, fix))
    };
    listed.into_iter().filter_map(one).collect()
}

/// Files in the project's folder that are none of Callboard's, and copies that migrations kept.
pub(super) fn strays(look: &Look<'_>) -> Vec<Finding> {
    let home = look.peer.paths.task_orchestrator();
    let mut found = Vec::new();
    for entry in fs::read_dir(&home).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if KNOWN.contains(&name.as_str()) || name.starts_with(".callboard-") {
            continue;
        }
        let shell = format!("rm {}", quoted(&format!(".task_orchestrator/{name}")));
        let (kind, message) = if name.starts_with(COPY) {
            let size = entry.metadata().map_or(0, |metadata| metadata.len()) / 1024;
            (
                Kind::Backup,
                format!(
                    "a copy that a migration kept, {size} KB; it is not needed any more once all works"
                ),
            )
        } else {
            (Kind::StrayFile, "nothing of Callboard's stands there".to_owned())
        };
        found.push(Finding::new((kind, Severity::Note), name, message, Fix::shell(shell)));
    }
    found.sort_by(|left, right| left.record.cmp(&right.record));
    found
}
