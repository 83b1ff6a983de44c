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
use callboard_engine::upkeep::Progress;

use super::work::Stop;
use super::{Effect, Model, View, board, scroll, upkeep};
use crate::action::Action;
use crate::highlight::CodeLine;
use crate::overlay::{self, Choice};
use crate::widgets::laid::Laid;
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
    /// Looks again, until it is called off.
    Check(ToCheck, Stop),
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    Read {
        id: ArtifactId,
        preview: Preview,
    },
    /// How many files were looked at so far.
    Goes(usize),
    /// What to tell, and whether all is as it was recorded.
    Checked(Result<(String, bool), Box<Refusal>>),
}

/// The beginning of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub shown: Shown,
    /// There is more of it.
    pub is_cut: bool,
    /// Its lines, as they were drawn last.
    pub laid: Laid,
}

/// What a file says, as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// With the code in it.
    Markdown(String, Fences),
    Code(Vec<CodeLine>),
    /// Lines that are read as they stand, the long ones wrapped.
    Plain(String),
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The artifact under the cursor; its title and place, for when it is there no more.
    cursor: Option<ArtifactId>,
    title: Option<String>,
    place: usize,
    /// An older edition that is shown.
    edition: Option<ArtifactId>,
    /// An edition that is to be shown, wherever it is.
    sought: Option<ArtifactId>,
}

/// What was read of them.
#[derive(Debug)]
pub struct Listed {
    rows: Vec<ArtifactItem>,
    total: i64,
    sought: Option<ArtifactId>,
    /// The row that the cursor belongs on, and how many editions back is shown of it.
    selected: Option<ArtifactId>,
    back: usize,
    editions: Vec<Artifact>,
    history: Vec<Change>,
}

/// Reads the artifacts of a session, and more of the one under the cursor.
///
/// # Errors
///
/// When the store cannot be read.
pub fn list(reader: &Reader, session: SessionId, asked: &Asked) -> Result<Listed, Refusal> {
    let filter = ArtifactFilter {
        session: Some(session),
        editions: Editions::Newest,
        limit: LISTED_MAX,
        ..ArtifactFilter::default()
    };
    let page = artifacts::list(reader, &filter)?;
    let mut rows = page.items;
    let found = find(reader, session, (asked.sought, &mut rows))?;
    let edition = if found.is_some() { asked.sought } else { asked.edition };
    let selected = asked.row(found, &rows).and_then(|index| rows.get(index));
    let editions = match selected {
        Some(row) => artifacts::editions(reader, session, &row.artifact.title)?,
        None => Vec::new(),
    };
    let back = edition.and_then(|id| editions.iter().position(|one| one.id == id)).unwrap_or(0);
    let history = match editions.get(back) {
        Some(shown) => {
            let record = Some(shown.id.to_string());
            let query = ChangeQuery { record, limit: HISTORY_MAX, ..ChangeQuery::default() };
            changes::list(reader, &query)?
        }
        None => Vec::new(),
    };
    let selected = selected.map(|row| row.artifact.id);
    let (total, sought) = (page.total.unwrap_or(0), asked.sought);
    Ok(Listed { rows, total, sought, selected, back, editions, history })
}

impl Asked {
    /// The row that the cursor belongs on: what is sought, the artifact it was on, the newest of
    /// that one's title, or what is in its place now.
    fn row(&self, found: Option<ArtifactId>, rows: &[ArtifactItem]) -> Option<usize> {
        let at = |id: ArtifactId| rows.iter().position(|row| row.artifact.id == id);
        let titled = |title: &String| rows.iter().position(|row| row.artifact.title == *title);
        found
            .and_then(at)
            .or_else(|| self.cursor.and_then(at))
            .or_else(|| self.title.as_ref().and_then(titled))
            .or_else(|| rows.len().checked_sub(1).map(|last| self.place.min(last)))
    }
}

/// Finds the row of a sought edition; an older one than those that are listed is added at the end.
fn find(
    reader: &Reader,
    session: SessionId,
    (sought, rows): (Option<ArtifactId>, &mut Vec<ArtifactItem>),
) -> Result<Option<ArtifactId>, Refusal> {
    let sought = sought.map(|id| artifacts::find(reader, id)).transpose()?.flatten();
    let Some(sought) = sought.filter(|one| one.session_id == session) else { return Ok(None) };
    let editions = artifacts::editions(reader, session, &sought.title)?;
    let Some(newest) = editions.first() else { return Ok(None) };
    if rows.iter().all(|row| row.artifact.id != newest.id) {
        rows.push(artifacts::item(reader, newest.id)?);
    }
    Ok(Some(newest.id))
}

impl ArtifactsModel {
    /// Takes the artifacts as they are now; the cursor stays on its artifact, or on its place.
    pub fn take(&mut self, listed: Listed) {
        (self.rows, self.total) = (listed.rows, listed.total);
        (self.editions, self.history) = (listed.editions, listed.history);
        if listed.sought == self.sought {
            self.sought = None;
        }
        let index = listed.selected.and_then(|id| self.at(id)).unwrap_or(self.place);
        self.go(index);
        self.back = listed.back;
    }

    /// Forgets how the file was laid out: its theme is another one, perhaps of the same name.
    pub fn lay_out_anew(&mut self) {
        self.preview.iter_mut().for_each(|(_, preview)| preview.laid = Laid::default());
    }

    fn at(&self, id: ArtifactId) -> Option<usize> {
        self.rows.iter().position(|row| row.artifact.id == id)
    }

    /// What is to be read for what is shown.
    pub fn asked(&self) -> Asked {
        let title = self.selected().map(|row| row.artifact.title.clone());
        let older = self.shown().filter(|_| 0 < self.back).map(|shown| shown.id);
        let (cursor, place, sought) = (self.cursor, self.place, self.sought);
        Asked { cursor, title, place, edition: older, sought }
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

    /// Asks for the file of the shown edition, unless it was read. One is read at a time: the
    /// answer asks for the one that is shown by then.
    pub fn wish(&mut self) -> Vec<Effect> {
        let Some(shown) = self.shown().filter(|_| self.preview().is_none()) else {
            return Vec::new();
        };
        if self.awaited.is_some() {
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
        Action::ArtifactTask => match artifacts.shown().and_then(|shown| shown.task_id) {
            None => Err("it belongs to no task"),
            Some(task) if Some(task) == row.artifact.task_id && row.task_title.is_none() => {
                Err("its task is gone")
            }
            Some(_) => Ok(()),
        },
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
        Action::CheckArtifact => check(model, ToCheck::One(shown.id)),
        Action::CheckArtifacts => check(model, ToCheck::Session(shown.session_id)),
        Action::OlderEdition => turn(model, model.artifacts.back + 1),
        Action::NewerEdition => turn(model, model.artifacts.back.saturating_sub(1)),
        Action::ArtifactTask => {
            let Some(task) = shown.task_id else { return Vec::new() };
            overlay::choose(model, Choice::Select(board::RowKey::Task(task)))
        }
        _ => Vec::new(),
    }
}

/// Looks at files again, which takes a while where they are many or large.
fn check(model: &mut Model, wanted: ToCheck) -> Vec<Effect> {
    let Some(stop) = upkeep::begin(model, "Looking at files") else { return Vec::new() };
    vec![Effect::Artifacts(Wish::Check(wanted, stop))]
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
            model.artifacts.awaited = None;
            model.artifacts.preview = Some((id, preview));
            // The cursor may have moved on meanwhile.
            if model.view == View::Artifacts { model.artifacts.wish() } else { Vec::new() }
        }
        Answer::Goes(done) => {
            upkeep::goes(model, Progress { done, of: 0, what: "files".to_owned() });
            Vec::new()
        }
        Answer::Checked(Ok((text, is_well))) => {
            if !upkeep::ended(model) || !is_well {
                model.tell(if is_well { Tone::Info } else { Tone::Bad }, text);
            }
            model.artifacts.preview = None;
            moved(model)
        }
        Answer::Checked(Err(refusal)) => {
            upkeep::ended(model);
            model.tell(Tone::Bad, format!("cannot look at the files: {refusal}"));
            Vec::new()
        }
    }
}
