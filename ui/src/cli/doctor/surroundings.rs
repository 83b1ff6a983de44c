//! What surrounds a project: the disk, git, the clients, other versions of the program.

use std::process::{Command, Stdio};

use callboard_engine::paths::{FOLDER, ProjectPaths};
use callboard_engine::upkeep::room::free_bytes;
use callboard_engine::upkeep::{Finding, Fix, Kind, Severity};

use crate::cli::environment::Environment;
use crate::cli::{connect, status};

/// Bytes of the disk below which there is a warning, and below which work stops soon.
const ROOM_WARN: u64 = 200 << 20;
const ROOM_MIN: u64 = 20 << 20;
/// Files that one finding names.
const NAMED_MAX: usize = 20;
/// What brings documents in step.
pub(super) const SYNC: &str = "callboard sync";
/// What is said of a file that git should not track.
pub(super) const UNTRACK: &str = "git tracks it, and it says what only one database knows";

/// Everything about the surroundings that somebody should know.
pub(super) fn look(paths: &ProjectPaths, environment: &Environment) -> Vec<Finding> {
    let mut found: Vec<Finding> = room(paths).into_iter().chain(version(paths)).collect();
    found.extend(clients(paths, environment));
    let tracked = tracked(paths);
    let named = tracked.iter().take(NAMED_MAX);
    found.extend(named.map(|path| {
        let fix = Fix::shell(format!("git rm --cached '{path}'"));
        finding(Severity::Warning, path, UNTRACK, fix)
    }));
    found
}

fn finding(severity: Severity, record: &str, message: impl Into<String>, fix: Fix) -> Finding {
    Finding::new((Kind::Surroundings, severity), record, message, fix)
}

fn room(paths: &ProjectPaths) -> Option<Finding> {
    let free = free_bytes(&paths.task_orchestrator())?;
    let severity = match free {
        ..ROOM_MIN => Severity::Error,
        ROOM_MIN..ROOM_WARN => Severity::Warning,
        ROOM_WARN.. => return None,
    };
    let message = format!("only {} MB of the disk are free", free >> 20);
    let fix = Fix::shell("callboard cleanup, or free some space");
    Some(finding(severity, FOLDER, message, fix))
}

/// Another version of the program that serves the project.
fn version(paths: &ProjectPaths) -> Option<Finding> {
    let endpoint = status::served(paths)?;
    let (process, own) = (endpoint.pid?, env!("CARGO_PKG_VERSION"));
    if endpoint.version == own {
        return None;
    }
    let message =
        format!("process {process} serves it with version {}, this is {own}", endpoint.version);
    let fix = Fix::shell("end it and start callboard again");
    Some(finding(Severity::Warning, "run/endpoint.json", message, fix))
}

fn clients(paths: &ProjectPaths, environment: &Environment) -> Vec<Finding> {
    let configured = connect::configured(environment, paths);
    if configured.is_empty() {
        let fix = Fix::shell("callboard connect claude-code");
        let message = "no client of an agent is told of this project";
        return vec![finding(Severity::Note, "clients", message, fix)];
    }
    let one = |client: connect::Configured| {
        let fix = format!("callboard connect {} --install --replace", client.client);
        let file = client.file.display().to_string();
        Some(finding(Severity::Note, &file, client.problem?, Fix::shell(fix)))
    };
    configured.into_iter().filter_map(one).collect()
}

/// The files that git tracks although it is told to leave them alone; none where there is no git.
pub(super) fn tracked(paths: &ProjectPaths) -> Vec<String> {
    let listed = Command::new("git")
        .arg("-C")
        .arg(&paths.root)
        .args(["ls-files", "-z", "--cached", "--ignored", "--exclude-standard", "--", FOLDER])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let Ok(listed) = listed else { return Vec::new() };
    if !listed.status.success() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect()
}
