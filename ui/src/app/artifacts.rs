//! The artifacts of the session: the list, the edition that is shown, and what its file says.
//!
//! Files are read, highlighted and looked at beside the screen; the runtime is asked and answers.

use callboard_engine::domain::artifact::Artifact;
use callboard_engine::domain::change::Change;
use callboard_engine::domain::id::{ArtifactId, SessionId};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::query::artifacts::{self, ArtifactFilter, ArtifactItem, Editions, ToCheck};
use callboard_engine::query::changes::{self, ChangeQuery};
use callboard_engine::store::Reader;

use super::{Effect, Model, View, board, scroll};
use crate::action::Action;
use crate::highlight::CodeLine;
use crate::widgets::markdown::Fences;
use crate::widgets::toast::Tone;

/// Artifacts listed, the newest.
const LISTED_MAX: usize = 300;
/// Changes shown of one.
const HISTORY_MAX: usize = 20;

/// What is to be done with files.
#[derive(Debug, Clone, PartialEq)]
pub enum Wish {
    Read(Box<Artifact>),
    Check(ToCheck),
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    Read {
        id: ArtifactId,
        preview: Preview,
    },
    /// What to tell, and whether all is as it was recorded.
    Checked(Result<(String, bool), Box<Refusal>>),
}

/// The beginning of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub shown: Shown,
    /// There is more of it.
    pub is_cut: bool,
}

/// What a file says, as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// With the code in it.
    Markdown(String, Fences),
    Code(Vec<CodeLine>),
    /// It is no text.
    NoText,
    /// It cannot be read, and why.
    Problem(String),
}

/// The artifacts, and where the cursor is.
#[derive(Debug, Default)]
pub struct ArtifactsModel {
    /// The newest edition of each title, the newest first.
    pub rows: Vec<ArtifactItem>,
    pub total: i64,
    pub is_listed: bool,
    cursor: Option<ArtifactId>,
    place: usize,
    /// The first row on the screen.
    pub offset: usize,
    /// The editions of the title under the cursor, the newest first.
    pub editions: Vec<Artifact>,
    /// How many editions back the shown one is.
    pub back: usize,
    /// The changes of the one that is shown.
    pub history: Vec<Change>,
    preview: Option<(ArtifactId, Preview)>,
    /// The file that is being read.
    awaited: Option<ArtifactId>,
    /// An edition that the cursor goes to, once it is there.
    sought: Option<ArtifactId>,
}

/// What is to be read of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    cursor: Option<ArtifactId>,
    /// How many editions back it is shown.
    back: usize,
    /// An edition that is to be shown, wherever it is.
    sought: Option<ArtifactId>,
}

/// What was read of them.
#[derive(Debug)]
pub struct Listed {
    rows: Vec<ArtifactItem>,
    total: i64,
    sought: Option<ArtifactId>,
    /// The newest edition of the sought one's title, and how many editions back that is.
    found: Option<(ArtifactId, usize)>,
    editions: Vec<Artifact>,
    history: Vec<Change>,
}

/// Reads the artifacts of a session, and more of the one under the cursor.
///
/// # Errors
///
/// When the store cannot be read.
pub fn list(reader: &Reader, session: SessionId, asked: Asked) -> Result<Listed, Refusal> {
    let filter = ArtifactFilter {
        session: Some(session),
        editions: Editions::Newest,
        limit: LISTED_MAX,
        ..ArtifactFilter::default()
    };
    let page = artifacts::list(reader, &filter)?;
    let mut rows = page.items;
    let found = find(reader, session, (asked.sought, &mut rows))?;
    let (cursor, back) = match found {
        Some((newest, back)) => (Some(newest), back),
        None => (asked.cursor, asked.back),
    };
    let at = |id: ArtifactId| rows.iter().find(|row| row.artifact.id == id);
    let selected = cursor.and_then(at).or_else(|| rows.first());
    let editions = match selected {
        Some(row) => artifacts::editions(reader, session, &row.artifact.title)?,
        None => Vec::new(),
    };
    let shown = editions.get(back).or_else(|| editions.first());
    let history = match shown {
        Some(shown) => {
            let record = Some(shown.id.to_string());
            let query = ChangeQuery { record, limit: HISTORY_MAX, ..ChangeQuery::default() };
            changes::list(reader, &query)?
        }
        None => Vec::new(),
    };
    let (total, sought) = (page.total.unwrap_or(0), asked.sought);
    Ok(Listed { rows, total, sought, found, editions, history })
}

/// Finds the row of a sought edition, and how far back it is there; an older row than those that
/// are listed is added at the end.
fn find(
    reader: &Reader,
    session: SessionId,
    (sought, rows): (Option<ArtifactId>, &mut Vec<ArtifactItem>),
) -> Result<Option<(ArtifactId, usize)>, Refusal> {
    let sought = sought.map(|id| artifacts::find(reader, id)).transpose()?.flatten();
    let Some(sought) = sought.filter(|one| one.session_id == session) else { return Ok(None) };
    let editions = artifacts::editions(reader, session, &sought.title)?;
    let back = editions.iter().position(|one| one.id == sought.id);
    let (Some(newest), Some(back)) = (editions.first(), back) else { return Ok(None) };
    if rows.iter().all(|row| row.artifact.id != newest.id) {
        rows.push(artifacts::item(reader, newest.id)?);
    }
    Ok(Some((newest.id, back)))
}

impl ArtifactsModel {
    /// Takes the artifacts as they are now; the cursor stays on its artifact, or on its place.
    pub fn take(&mut self, listed: Listed) {
        self.is_listed = true;
        // A title that has a new edition stays under the cursor.
        let title = self.selected().map(|row| row.artifact.title.clone());
        (self.rows, self.total) = (listed.rows, listed.total);
        (self.editions, self.history) = (listed.editions, listed.history);
        if listed.sought == self.sought {
            self.sought = None;
        }
        if let Some((newest, back)) = listed.found {
            let index = self.at(newest).unwrap_or(self.place);
            self.go(index);
            self.back = back;
        }
        let is_gone = self.cursor.is_none_or(|id| self.at(id).is_none());
        if is_gone {
            let same =
                |title: &String| self.rows.iter().position(|row| row.artifact.title == *title);
            let index = title.as_ref().and_then(same).unwrap_or(self.place);
            self.go(index);
        }
    }

    fn at(&self, id: ArtifactId) -> Option<usize> {
        self.rows.iter().position(|row| row.artifact.id == id)
    }

    /// What is to be read for what is shown.
    pub fn asked(&self) -> Asked {
        Asked { cursor: self.cursor, back: self.back, sought: self.sought }
    }

    /// The place of the cursor.
    pub fn index(&self) -> usize {
        let last = self.rows.len().saturating_sub(1);
        self.cursor.and_then(|id| self.at(id)).unwrap_or_else(|| self.place.min(last))
    }

    /// The first row to draw so that the cursor is seen, where so many fit.
    pub fn scrolled(&self, fits: usize) -> usize {
        scroll::offset(self.offset, self.index(), (fits, self.rows.len()))
    }

    /// The artifact under the cursor.
    pub fn selected(&self) -> Option<&ArtifactItem> {
        self.rows.get(self.index())
    }

    /// The edition that is shown: the newest, or an older one.
    pub fn shown(&self) -> Option<&Artifact> {
        let newest = &self.selected()?.artifact;
        let is_known = self.editions.iter().any(|one| one.id == newest.id);
        self.editions.get(self.back).filter(|_| is_known).or(Some(newest))
    }

    /// What the file of the shown edition says, once it was read.
    pub fn preview(&self) -> Option<&Preview> {
        let id = self.shown()?.id;
        self.preview.as_ref().filter(|(read, _)| *read == id).map(|(_, preview)| preview)
    }

    fn go(&mut self, index: usize) {
        self.place = index.min(self.rows.len().saturating_sub(1));
        self.cursor = self.rows.get(self.place).map(|row| row.artifact.id);
        self.back = 0;
    }

    /// Asks for the file of the shown edition, unless it was read or is being read.
    pub fn wish(&mut self) -> Vec<Effect> {
        let Some(shown) = self.shown().filter(|_| self.preview().is_none()) else {
            return Vec::new();
        };
        if self.awaited == Some(shown.id) {
            return Vec::new();
        }
        let shown = shown.clone();
        self.awaited = Some(shown.id);
        vec![Effect::Artifacts(Wish::Read(Box::new(shown)))]
    }
}

/// Shows an edition of an artifact, wherever the person is.
pub fn show(model: &mut Model, id: ArtifactId) -> Vec<Effect> {
    model.view = View::Artifacts;
    model.focus = super::Pane::Main;
    model.board.detail_scroll = 0;
    model.artifacts.sought = Some(id);
    vec![model.reload()]
}

/// Tells whether an action is open now; otherwise why not.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others need no more than an artifact")]
pub fn enabled(model: &Model, action: Action) -> Result<(), &'static str> {
    let artifacts = &model.artifacts;
    let Some(row) = artifacts.selected() else { return Err("there is no artifact yet") };
    match action {
        Action::ArtifactTask if row.artifact.task_id.is_none() => Err("it belongs to no task"),
        Action::ArtifactTask if row.task_title.is_none() => Err("its task is gone"),
        Action::OlderEdition if artifacts.editions.len() <= artifacts.back + 1 => {
            Err("this is the oldest edition")
        }
        Action::NewerEdition if artifacts.back == 0 => Err("this is the newest edition"),
        _ => Ok(()),
    }
}

/// Does an action of the view.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others mean nothing here")]
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(shown) = model.artifacts.shown().cloned() else { return Vec::new() };
    match action {
        Action::OpenArtifact => vec![Effect::OpenArtifact(Box::new(shown))],
        Action::CopyPath => {
            let what = format!("the path of {}", shown.title);
            vec![Effect::Copy { text: shown.path, what }]
        }
        Action::CheckArtifact => vec![Effect::Artifacts(Wish::Check(ToCheck::One(shown.id)))],
        Action::CheckArtifacts => {
            model.tell(Tone::Info, "Looking at every file…");
            vec![Effect::Artifacts(Wish::Check(ToCheck::Session(shown.session_id)))]
        }
        Action::OlderEdition => turn(model, model.artifacts.back + 1),
        Action::NewerEdition => turn(model, model.artifacts.back.saturating_sub(1)),
        Action::ArtifactTask => {
            let Some(task) = shown.task_id else { return Vec::new() };
            model.view = View::Board;
            model.focus = super::Pane::Main;
            model.board.select_when_loaded(board::RowKey::Task(task));
            vec![model.reload()]
        }
        _ => Vec::new(),
    }
}

/// Shows another edition.
fn turn(model: &mut Model, back: usize) -> Vec<Effect> {
    model.artifacts.back = back;
    model.board.detail_scroll = 0;
    moved(model)
}

/// Moves the cursor.
pub fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    let index = model.artifacts.index().saturating_add_signed(by);
    go(model, index)
}

/// Puts the cursor at a place.
pub fn go(model: &mut Model, index: usize) -> Vec<Effect> {
    let fits = crate::panes::list_rows(model);
    model.artifacts.go(index);
    model.artifacts.offset = model.artifacts.scrolled(fits);
    model.board.detail_scroll = 0;
    moved(model)
}

fn moved(model: &mut Model) -> Vec<Effect> {
    let mut effects = vec![model.reload()];
    effects.extend(model.artifacts.wish());
    effects
}

/// Takes what came of a wish.
pub fn answered(model: &mut Model, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Read { id, preview } => {
            let artifacts = &mut model.artifacts;
            if artifacts.awaited == Some(id) {
                artifacts.awaited = None;
                artifacts.preview = Some((id, preview));
            }
            // The cursor may have moved on meanwhile.
            if model.view == View::Artifacts { model.artifacts.wish() } else { Vec::new() }
        }
        Answer::Checked(Ok((text, is_well))) => {
            model.tell(if is_well { Tone::Info } else { Tone::Bad }, text);
            model.artifacts.preview = None;
            moved(model)
        }
        Answer::Checked(Err(refusal)) => {
            model.tell(Tone::Bad, format!("cannot look at the files: {refusal}"));
            Vec::new()
        }
    }
}
