//! How every document stands to the database, found by looking alone: nothing is read into the
//! database and nothing is written.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::orders::orders;
use super::rebuild::files as files_below;
use super::writing::is_settled;
use crate::domain::document::{Document, DocumentState};
use crate::domain::draft::Problem;
use crate::domain::id::SessionId;
use crate::domain::refusal::{Code, Refusal};
use crate::peer::Peer;
use crate::query::{documents, sessions};
use crate::store::Reader;
use crate::sync::files::{Files, ReadError};
use crate::sync::render::{OVERRIDES, Rendered, Renderer};
use crate::sync::{layout, state};

/// How a document stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "standing", content = "reason")]
pub enum Standing {
    InStep,
    /// Somebody wrote in it.
    ToRead,
    /// The database says something else.
    ToWrite,
    /// It is to be there no more.
    ToRemove,
    /// Its session is not in the database.
    ToRebuild,
    /// It waits for a person.
    Held(String),
}

impl Standing {
    /// Tells whether the next look would change something on either side.
    pub fn is_due(&self) -> bool {
        match self {
            Self::ToRead | Self::ToWrite | Self::ToRemove | Self::ToRebuild => true,
            Self::InStep | Self::Held(_) => false,
        }
    }
}

/// One document, and how it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Relative to `.task_orchestrator`, with `/`.
    pub path: String,
    pub session_id: SessionId,
    #[serde(flatten)]
    pub standing: Standing,
    /// What is not understood or refused in it, by line.
    pub problems: Vec<Problem>,
    /// Conflicts that wait for a decision.
    pub conflicts: usize,
}

impl Finding {
    /// Tells whether nothing is to be done, by anybody.
    pub fn is_settled(&self) -> bool {
        self.standing == Standing::InStep && self.conflicts == 0
    }
}

/// Compares every document with the ledger and with what the database says now.
///
/// # Errors
///
/// When the database cannot be read, or there is no folder of documents to look at.
pub fn check(peer: &Peer) -> Result<Vec<Finding>, Refusal> {
    let home = peer.paths.task_orchestrator();
    let files = Files::below(&home).map_err(|error| {
        Refusal::new(Code::StoreFailed, "the documents cannot be looked at")
            .with("cause", error.to_string())
    })?;
    let renderer = Renderer::new(&home.join(OVERRIDES));
    let mut check = Check { peer, files, renderer, found: BTreeMap::new() };
    for session in peer.readers.read(documents::kept_sessions)? {
        check.session(session)?;
    }
    check.strangers()?;
    Ok(check.found.into_values().collect())
}

struct Check<'a> {
    peer: &'a Peer,
    files: Files,
    renderer: Renderer,
    found: BTreeMap<String, Finding>,
}

impl Check<'_> {
    fn session(&mut self, session: SessionId) -> Result<(), Refusal> {
        let mut state = self.read(|reader| state::read(reader, session))?;
        let ledger = self.read(|reader| documents::ledger(reader, session))?;
        if ledger.is_empty()
            && let Some(directory) =
                layout::find_directory(&self.peer.paths.task_orchestrator(), session)
        {
            state.layout.directory = directory;
        }
        let mut known: BTreeMap<String, Document> =
            ledger.into_iter().map(|row| (row.path.clone(), row)).collect();
        for rendered in self.renderer.render(&state) {
            let row = known.remove(&rendered.path);
            let standing = self.standing(&rendered, row.as_ref())?;
            self.note((rendered.path, session), standing, row.as_ref())?;
        }
        for row in known.into_values() {
            let standing = waits(&row).unwrap_or(Standing::ToRemove);
            self.note((row.path.clone(), session), standing, Some(&row))?;
        }
        Ok(())
    }

    fn standing(&self, rendered: &Rendered, row: Option<&Document>) -> Result<Standing, Refusal> {
        if let Some(standing) = row.and_then(waits) {
            return Ok(standing);
        }
        let file = self.peer.paths.task_orchestrator().join(&rendered.path);
        let is_known = row.is_some_and(|row| !row.agreed_hash.is_empty());
        let reading = match self.files.read(&file) {
            Ok(reading) => reading,
            Err(ReadError::Missing { .. }) if is_known && rendered.kind.is_read() => {
                return Ok(Standing::Held("the file is gone".to_owned()));
            }
            Err(ReadError::Missing { .. }) => return Ok(Standing::ToWrite),
            Err(error) => return Ok(Standing::Held(error.to_string())),
        };
        let Some(row) = row else { return Ok(Standing::ToRead) };
        if row.is_restored() {
            return Ok(Standing::ToWrite);
        }
        if row.agreed_hash != reading.hash.as_str() {
            return Ok(if rendered.kind.is_read() { Standing::ToRead } else { Standing::ToWrite });
        }
        let open = self.read(|reader| documents::open_conflicts(reader, &row.path))?;
        let is_settled = is_settled(row, rendered, &orders(row, &open, BTreeSet::new()));
        Ok(if is_settled { Standing::InStep } else { Standing::ToWrite })
    }

    /// Files that the ledger does not know: of sessions that came from elsewhere, or put there.
    fn strangers(&mut self) -> Result<(), Refusal> {
        let home = self.peer.paths.task_orchestrator();
        for file in files_below(&self.peer.paths.sessions()) {
            let Ok(inner) = file.strip_prefix(&home) else { continue };
            let path = inner.to_string_lossy().replace('\\', "/");
            let Some(place) = layout::place(&path) else { continue };
            if self.found.contains_key(&path) {
                continue;
            }
            let session = place.session;
            match self.read(|reader| sessions::get(reader, session)) {
                Ok(_) => {}
                Err(refusal) if refusal.code == Code::UnknownId => {
                    self.note((path, session), Standing::ToRebuild, None)?;
                }
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }

    fn note(
        &mut self,
        (path, session_id): (String, SessionId),
        standing: Standing,
        row: Option<&Document>,
    ) -> Result<(), Refusal> {
        let conflicts = self.read(|reader| documents::open_conflicts(reader, &path))?.len();
        let problems = row.map(problems).unwrap_or_default();
        let finding = Finding { path: path.clone(), session_id, standing, problems, conflicts };
        self.found.insert(path, finding);
        Ok(())
    }

    fn read<T>(&self, read: impl FnOnce(&Reader) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.peer.readers.read(read)
    }
}

/// What a person decides, or has decided.
fn waits(row: &Document) -> Option<Standing> {
    match row.state {
        DocumentState::Held => Some(Standing::Held(row.reason.clone().unwrap_or_default())),
        DocumentState::Accepted => Some(Standing::ToRead),
        DocumentState::InStep | DocumentState::Pending => None,
    }
}

fn problems(row: &Document) -> Vec<Problem> {
    let mut problems = row.problems.clone();
    for held in &row.held {
        let is_known = problems.iter().any(|known| known.message == held.message);
        let (line, message) = (held.line, held.message.clone());
        problems.extend((!is_known).then_some(Problem { line, message }));
    }
    problems.sort_by_key(|problem| problem.line);
    problems
}
