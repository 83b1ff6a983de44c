//! What the palette finds beyond what is on the screen: all tasks, sessions and artifacts, read when it opens.

use callboard_engine::domain::artifact::Artifact;
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::query::artifacts::{self, ArtifactFilter, Editions};
use callboard_engine::query::rows::SessionRow;
use callboard_engine::query::sessions::{self, SessionFilter, SessionOrder};
use callboard_engine::query::tasks::{self, TaskOrder, TaskQuery};
use callboard_engine::store::Reader;

use super::Model;
use super::board::RowKey;
use crate::overlay::finder::Entry;
use crate::overlay::{Choice, Overlay};

/// Pages of tasks that are read, of so many tasks each.
const PAGES_MAX: usize = 10;
const PAGE: usize = 1_000;
const SESSIONS_MAX: usize = 100;
const ARTIFACTS_MAX: usize = 500;

/// Everything that can be jumped to.
#[derive(Debug, Default)]
pub struct Everything {
    tasks: Vec<(TaskId, String)>,
    sessions: Vec<SessionRow>,
    artifacts: Vec<Artifact>,
}

impl Everything {
    /// Reads the titles, those of the newest tasks first.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub fn read(reader: &Reader, session: Option<SessionId>) -> Result<Self, Refusal> {
        let filter = SessionFilter {
            states: Vec::new(),
            order: SessionOrder::Activity,
            limit: SESSIONS_MAX,
            cursor: None,
        };
        let sessions = sessions::list(reader, &filter)?.items;
        let mut all = Self { tasks: Vec::new(), sessions, artifacts: Vec::new() };
        let Some(session) = session else { return Ok(all) };
        let newest = ArtifactFilter {
            session: Some(session),
            editions: Editions::Newest,
            limit: ARTIFACTS_MAX,
            ..ArtifactFilter::default()
        };
        let artifacts = artifacts::list(reader, &newest)?.items;
        all.artifacts = artifacts.into_iter().map(|item| item.artifact).collect();
        let mut cursor = None;
        for _ in 0..PAGES_MAX {
            let order = TaskOrder::Newest;
            let query = TaskQuery { order, limit: PAGE, cursor, ..TaskQuery::new(session) };
            let page = tasks::list(reader, &query)?;
            all.tasks.extend(page.items.into_iter().map(|row| (row.id, row.title)));
            cursor = page.cursor;
            if cursor.is_none() {
                break;
            }
        }
        Ok(all)
    }

    /// Adds to the palette, if it is still open, what it does not list yet.
    pub fn offer(self, model: &mut Model) {
        let Some(Overlay::Finder(finder)) = &mut model.overlay else { return };
        if !finder.finds_everything {
            return;
        }
        let tasks = self.tasks.into_iter().filter(|(id, _)| !model.board.tasks.contains_key(id));
        let sessions = self.sessions.into_iter().filter(|row| {
            model.sessions.rows.iter().all(|known| known.session.id != row.session.id)
        });
        let entries = sessions
            .map(|row| session(&row))
            .chain(self.artifacts.into_iter().map(artifact))
            .chain(tasks.map(|(id, title)| task(id, title)));
        finder.extend(entries.collect());
    }
}

/// A task to jump to.
pub fn task(id: TaskId, title: String) -> Entry {
    Entry {
        label: title,
        note: id.to_string(),
        words: format!("{id} task"),
        closed: None,
        choice: Choice::Select(RowKey::Task(id)),
    }
}

/// An artifact to jump to.
pub fn artifact(artifact: Artifact) -> Entry {
    Entry {
        label: artifact.title,
        note: artifact.kind,
        words: format!("{} artifact {}", artifact.id, artifact.path),
        closed: None,
        choice: Choice::Artifact(artifact.id),
    }
}

/// A session to jump to.
pub fn session(row: &SessionRow) -> Entry {
    Entry {
        label: row.session.name.clone(),
        note: row.session.state.to_string(),
        words: "session".to_owned(),
        closed: None,
        choice: Choice::Session(row.session.id),
    }
}
