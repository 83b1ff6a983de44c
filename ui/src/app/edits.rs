//! The edit backups: texts that somebody wrote and that were replaced or set aside.
//!
//! They are listed in the place of the sessions, with the text under the cursor in the details.
//! The files are read and written by the runtime, which is asked for it and answers.

use callboard_engine::domain::document::DocumentState;
use callboard_engine::sync::edits::EditBackup;

use super::work::Look;
use super::{Effect, Model, Pane, View, documents, scroll};
use crate::action::Action;
use crate::widgets::toast::Tone;

/// What is to be done with the files.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    List,
    /// The text of that name.
    Read(String),
    /// Writes a text into its document again.
    PutBack(Box<EditBackup>),
}

/// What came of it; what went wrong in words.
#[derive(Debug)]
pub enum Answer {
    Listed(Result<Vec<EditBackup>, String>),
    Text { name: String, text: Result<String, String> },
    PutBack { backup: Box<EditBackup>, problem: Option<String> },
}

/// The list of kept texts, while it is open.
#[derive(Debug, Default)]
pub struct EditsModel {
    /// The document whose texts are listed; those of every document where there is none.
    pub document: Option<String>,
    /// The document that the list was opened from.
    home: Option<String>,
    all: Vec<EditBackup>,
    /// Tells whether the files were looked at.
    pub is_listed: bool,
    look: Look,
    /// The name under the cursor, and its place for when it is gone.
    cursor: Option<String>,
    place: usize,
    /// The first row on the screen.
    pub offset: usize,
    /// The text that was read last, by its name.
    text: Option<(String, Result<String, String>)>,
}

impl EditsModel {
    /// The texts that are listed, the newest first.
    pub fn rows(&self) -> impl Iterator<Item = &EditBackup> {
        let is_shown =
            |backup: &&EditBackup| self.document.as_ref().is_none_or(|own| backup.document == *own);
        self.all.iter().filter(is_shown)
    }

    /// All texts of the project.
    pub fn total(&self) -> usize {
        self.all.len()
    }

    /// The place of the cursor.
    pub fn index(&self) -> usize {
        let at = |name: &String| self.rows().position(|row| row.name == *name);
        let last = self.rows().count().saturating_sub(1);
        self.cursor.as_ref().and_then(at).unwrap_or_else(|| self.place.min(last))
    }

    /// The text under the cursor, as it is listed.
    pub fn selected(&self) -> Option<&EditBackup> {
        self.rows().nth(self.index())
    }

    /// The first row to draw so that the cursor is seen, where so many fit.
    pub fn scrolled(&self, fits: usize) -> usize {
        scroll::offset(self.offset, self.index(), (fits, self.rows().count()))
    }

    /// What the text under the cursor says, once it was read.
    pub fn text(&self) -> Option<&Result<String, String>> {
        let name = &self.selected()?.name;
        self.text.as_ref().filter(|(read, _)| read == name).map(|(_, text)| text)
    }

    /// Asks for the files to be looked at.
    fn look(&mut self) -> Vec<Effect> {
        match self.look {
            Look::Done => {
                self.look = Look::UnderWay;
                vec![Effect::Edits(Wish::List)]
            }
            Look::UnderWay | Look::Outdated => {
                self.look = Look::Outdated;
                Vec::new()
            }
        }
    }

    /// Notes that a look is over; asks for another where it is needed.
    fn looked(&mut self) -> Vec<Effect> {
        match std::mem::take(&mut self.look) {
            Look::Outdated => self.look(),
            Look::Done | Look::UnderWay => Vec::new(),
        }
    }

    fn go(&mut self, index: usize) {
        self.place = index.min(self.rows().count().saturating_sub(1));
        let name = self.rows().nth(self.place).map(|row| row.name.clone());
        self.cursor = name;
    }

    /// Asks for the text under the cursor, unless it is there.
    fn wish(&self) -> Vec<Effect> {
        let missing = self.selected().filter(|_| self.text().is_none());
        let name = missing.map(|row| row.name.clone());
        name.map(|name| Effect::Edits(Wish::Read(name))).into_iter().collect()
    }
}

/// Opens the list: of the document under the cursor, or of all; in the list, goes from one to the
/// other.
pub fn show(model: &mut Model) -> Vec<Effect> {
    if model.edits().is_some() {
        return widen(model);
    }
    let is_asked = model.view == View::Sessions && model.focus == Pane::Documents;
    let document = model.documents.selected().filter(|_| is_asked).map(|row| row.path.clone());
    model.documents.edits =
        Some(EditsModel { home: document.clone(), document, ..EditsModel::default() });
    model.view = View::Sessions;
    model.focus = Pane::Main;
    model.zoomed = false;
    model.board.detail_scroll = 0;
    let mut effects = vec![model.reload()];
    effects.extend(changed(model));
    effects
}

/// Looks at the files again, where the list is on the screen.
pub fn changed(model: &mut Model) -> Vec<Effect> {
    match &mut model.documents.edits {
        Some(edits) if model.view == View::Sessions => edits.look(),
        Some(_) | None => Vec::new(),
    }
}

/// From the texts of one document to those of all, and back.
fn widen(model: &mut Model) -> Vec<Effect> {
    let Some(edits) = &mut model.documents.edits else { return Vec::new() };
    let own = edits.selected().map(|row| row.document.clone());
    edits.document = match edits.document {
        Some(_) => None,
        None => own.or_else(|| edits.home.clone()),
    };
    edits.go(edits.index());
    model.board.detail_scroll = 0;
    edits.wish()
}

/// Closes the list.
pub fn close(model: &mut Model) -> Vec<Effect> {
    model.documents.edits = None;
    model.board.detail_scroll = 0;
    documents::show(model)
}

/// Does an action of the list.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others mean nothing here")]
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(row) = model.edits().and_then(EditsModel::selected) else { return Vec::new() };
    match action {
        Action::RestoreEdit => vec![Effect::Edits(Wish::PutBack(Box::new(row.clone())))],
        Action::OpenDocument => {
            vec![Effect::OpenDocument { path: row.document.clone(), line: None }]
        }
        Action::CopyId => vec![Effect::Copy { text: row.name.clone(), what: row.name.clone() }],
        Action::CopyText => {
            let text = model.edits().and_then(EditsModel::text).and_then(|text| text.as_ref().ok());
            let what = "the kept text".to_owned();
            text.map(|text| Effect::Copy { text: text.clone(), what }).into_iter().collect()
        }
        Action::Open => {
            model.focus = Pane::Details;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Moves the cursor.
pub fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let Some(edits) = &model.documents.edits else { return Vec::new() };
    let index = edits.index().saturating_add_signed(by);
    go(model, index)
}

/// Puts the cursor at a place.
pub fn go(model: &mut Model, index: usize) -> Vec<Effect> {
    let fits = crate::panes::list_rows(model);
    let Some(edits) = &mut model.documents.edits else { return Vec::new() };
    edits.go(index);
    edits.offset = edits.scrolled(fits);
    model.board.detail_scroll = 0;
    edits.wish()
}

/// Takes what came of a wish.
pub fn answered(model: &mut Model, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Listed(Ok(all)) => {
            let Some(edits) = &mut model.documents.edits else { return Vec::new() };
            edits.all = all;
            edits.is_listed = true;
            edits.go(edits.index());
            let more = edits.looked();
            edits.wish().into_iter().chain(more).collect()
        }
        Answer::Listed(Err(problem)) => {
            if let Some(edits) = &mut model.documents.edits {
                edits.look = Look::Done;
            }
            model.tell(Tone::Bad, format!("cannot read the edit backups: {problem}"));
            Vec::new()
        }
        Answer::Text { name, text } => {
            if let Some(edits) = &mut model.documents.edits {
                edits.text = Some((name, text));
            }
            Vec::new()
        }
        Answer::PutBack { backup, problem: None } => {
            let is_held = model
                .documents
                .rows
                .iter()
                .any(|row| row.path == backup.document && row.state == DocumentState::Held);
            let next = if is_held { "it is held back until A takes it" } else { "read as an edit" };
            let name = documents::short_path(&backup.document);
            model.tell(Tone::Info, format!("The text is in {name} again; {next}."));
            changed(model)
        }
        Answer::PutBack { backup, problem: Some(problem) } => {
            let name = documents::short_path(&backup.document);
            model.tell(Tone::Bad, format!("{name} is as it was: {problem}"));
            changed(model)
        }
    }
}
