//! Looking at the files of artifacts: whether they are there, and what they were.

use std::path::Path;

use serde::Serialize;

use super::WORK_PRODUCTS;
use super::containment::{ContainmentError, place};
use super::measure::{Measured, measure, unwatched};
use crate::domain::actor::Actor;
use crate::domain::artifact::{Artifact, ArtifactCheck, ArtifactState, REFERENCED_MAX};
use crate::domain::command::{BATCH_MAX, Command};
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::door::Request;
use crate::paths::{FOLDER, ProjectPaths};
use crate::peer::Peer;
use crate::query::artifacts::{self, ToCheck};
use crate::store::Reader;
use crate::sync::layout;

/// Files of stored artifacts that are looked through for those that no record names.
const ORPHANS_MAX: usize = 100_000;

/// How an artifact's file stands, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    pub state: ArtifactState,
    pub problem: Option<String>,
}

/// An artifact whose file is not as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub artifact: Artifact,
    /// How it stands now.
    pub state: ArtifactState,
    /// In words.
    pub problem: String,
}

/// What came of a look at many.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Checked {
    pub looked_at: usize,
    pub findings: Vec<Finding>,
}

/// Looks at the file of one artifact.
pub fn look(paths: &ProjectPaths, artifact: &Artifact) -> Looked {
    let mut opened = match super::content::open(paths, artifact) {
        Ok(opened) => opened,
        Err(error) => return Looked { state: ArtifactState::Missing, problem: Some(said(&error)) },
    };
    if opened.size != artifact.size {
        let problem = format!("it had {} bytes and has {}", artifact.size, opened.size);
        return Looked { state: ArtifactState::Changed, problem: Some(problem) };
    }
    match measure(&mut opened.file, REFERENCED_MAX, &unwatched) {
        Ok(Measured::Whole(found)) if found.hash == artifact.hash => {
            Looked { state: ArtifactState::Present, problem: None }
        }
        Ok(Measured::Whole(_) | Measured::TooLarge | Measured::Stopped) => {
            let problem = Some("its content is another one".to_owned());
            Looked { state: ArtifactState::Changed, problem }
        }
        Err(error) => Looked {
            state: ArtifactState::Missing,
            problem: Some(format!("cannot be read: {error}")),
        },
    }
}

fn said(error: &ContainmentError) -> String {
    match error {
        ContainmentError::Missing { .. } => "the file is gone".to_owned(),
        ContainmentError::Io { source, .. } => format!("{error}: {source}"),
        ContainmentError::Text(_)
        | ContainmentError::Leaves { .. }
        | ContainmentError::Private { .. }
        | ContainmentError::NoFile { .. } => error.to_string(),
    }
}

/// Looks at the files of all artifacts that are wanted, notes how they stand, and tells of those
/// that are not as they were. `goes_on` is asked before each file.
///
/// Blocks: for use from outside of any async task.
///
/// # Errors
///
/// When the store fails. What was noted before stays noted.
pub fn check(
    peer: &Peer,
    wanted: ToCheck,
    actor: &Actor,
    goes_on: &dyn Fn() -> bool,
) -> Result<Checked, Refusal> {
    let mut checked = Checked::default();
    let mut after = 0;
    loop {
        let page =
            peer.readers.read(|reader| artifacts::to_check(reader, wanted, after, BATCH_MAX))?;
        let Some((_, last)) = page.last() else { return Ok(checked) };
        after = *last;
        let mut checks = Vec::with_capacity(page.len());
        for (artifact, _) in page {
            if !goes_on() {
                note(peer, actor, checks)?;
                return Ok(checked);
            }
            let looked = look(&peer.paths, &artifact);
            checked.looked_at += 1;
            checks.push(ArtifactCheck { id: artifact.id, state: looked.state });
            if let Some(problem) = looked.problem {
                checked.findings.push(Finding { artifact, state: looked.state, problem });
            }
        }
        note(peer, actor, checks)?;
    }
}

fn note(peer: &Peer, actor: &Actor, checks: Vec<ArtifactCheck>) -> Result<(), Refusal> {
    if checks.is_empty() {
        return Ok(());
    }
    let request = Request::new(actor.clone(), Command::NoteArtifacts { checks });
    peer.door.submit_blocking(request).map(drop)
}

/// Files among the stored ones of a session that no record names, relative to the project: of work
/// that was taken back, or of a process that died between file and record.
///
/// # Errors
///
/// When the store fails.
pub fn orphans(
    paths: &ProjectPaths,
    reader: &Reader,
    session: SessionId,
) -> Result<Vec<String>, Refusal> {
    let Some(directory) = layout::find_directory(&paths.task_orchestrator(), session) else {
        return Ok(Vec::new());
    };
    let folder = format!("{FOLDER}/{directory}/{WORK_PRODUCTS}");
    let mut orphans = Vec::new();
    for name in files(&place(&paths.root, &folder)) {
        let path = format!("{folder}/{name}");
        if !artifacts::is_named(reader, &path)? {
            orphans.push(path);
        }
    }
    Ok(orphans)
}

/// The names of the plain files of a directory, in order.
fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .take(ORPHANS_MAX)
        .collect();
    names.sort();
    names
}
