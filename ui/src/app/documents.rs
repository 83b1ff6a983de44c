//! The documents of the session under the cursor: how each stands, and what is done about it.

mod standing;

use callboard_engine::domain::command::Command;
use callboard_engine::domain::document::{DocumentNote, DocumentState};
use callboard_engine::domain::session::SessionState;
use callboard_engine::query::ledger::{DocumentCounts, DocumentRow};

use super::edits::EditsModel;
use super::{Effect, Model, Pane, View, scroll};
pub use standing::{Keeping, PENDING_MS, Standing, standing};

/// The documents, and where the cursor is.
#[derive(Debug, Default)]
pub struct DocumentsModel {
    pub rows: Vec<DocumentRow>,
    /// The path under the cursor.
    pub cursor: Option<String>,
    /// The first document on the screen.
    pub offset: usize,
    /// How the documents of the current session stand.
    pub counts: DocumentCounts,
    pub keeping: Keeping,
    /// The list of kept texts, while it is open.
    pub edits: Option<EditsModel>,
}

impl DocumentsModel {
    /// Takes the documents as they are now; the cursor stays on its document.
    pub fn take(&mut self, rows: Vec<DocumentRow>) {
        self.rows = rows;
        self.go(self.index());
    }

    /// The place of the cursor.
    pub fn index(&self) -> usize {
        let at = |path: &String| self.rows.iter().position(|row| row.path == *path);
        self.cursor.as_ref().and_then(at).unwrap_or(0)
    }

    /// Moves the cursor.
    pub fn go(&mut self, index: usize) {
        let index = index.min(self.rows.len().saturating_sub(1));
        self.cursor = self.rows.get(index).map(|row| row.path.clone());
    }

    /// The first document to draw so that the cursor is seen, where so many fit.
    pub fn scrolled(&self, fits: usize) -> usize {
        scroll::offset(self.offset, self.index(), (fits, self.rows.len()))
    }

    /// The document under the cursor.
    pub fn selected(&self) -> Option<&DocumentRow> {
        self.rows.get(self.index())
    }
}

/// Tells whether the session under the cursor is archived: its documents are packed with it.
pub fn are_packed(model: &Model) -> bool {
    let state = model.sessions.selected().map(|row| row.session.state);
    state == Some(SessionState::Archived)
}

/// A path without what all documents of a session have in common, which is its longest part.
pub fn short_path(path: &str) -> &str {
    path.strip_prefix("sessions/")
        .and_then(|rest| rest.split_once('/'))
        .map_or(path, |(_, own)| own)
}

/// Shows the documents of the session, with the cursor in them.
pub fn show(model: &mut Model) -> Vec<Effect> {
    if model.view != View::Sessions {
        model.sessions.cursor = model.session_id().or(model.sessions.cursor);
    }
    model.documents.edits = None;
    model.view = View::Sessions;
    model.focus = Pane::Documents;
    model.zoomed = false;
    vec![model.reload()]
}

/// Shows one document, wherever it is.
pub fn show_one(model: &mut Model, path: &str) -> Vec<Effect> {
    model.documents.cursor = Some(path.to_owned());
    show(model)
}

/// Opens the document under the cursor in the person's editor.
pub fn open(model: &Model) -> Vec<Effect> {
    let row = model.documents.selected();
    let open = |row: &DocumentRow| Effect::OpenDocument { path: row.path.clone(), line: None };
    row.map(open).into_iter().collect()
}

/// Restores a held document: it is written again as the database has it.
///
/// The synchronizer keeps the text that was held back among the edit backups before it writes.
pub fn restore(model: &Model) -> Vec<Effect> {
    decide(model, "Restore", |path| DocumentNote::Restored { path })
}

/// Takes a held document as it stands: what is gone from it is asked about item by item.
pub fn accept(model: &Model) -> Vec<Effect> {
    decide(model, "Read", |path| DocumentNote::Accepted { path })
}

fn decide(model: &Model, what: &str, note: fn(String) -> DocumentNote) -> Vec<Effect> {
    let held = model.documents.selected().filter(|row| row.state == DocumentState::Held);
    let Some(row) = held else { return Vec::new() };
    let notes = vec![note(row.path.clone())];
    Model::submit(Command::NoteDocuments { notes }, format!("{what} {}", row.path))
}
