//! The whole state of one session, as its documents show it.
//!
//! Read at one moment through one reader, bounded, and without anything that changes while nothing
//! in the session does: no ages, no counts of calls, no ends of claims.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use crate::domain::document::DocumentKind;
use crate::domain::draft::Stamp;
use crate::domain::id::{GroupId, SessionId, TaskId};
use crate::domain::mark::Mark;
use crate::domain::merge;
use crate::domain::record::Record;
use crate::domain::refusal::Refusal;
use crate::domain::session::{ContextEntry, Session};
use crate::domain::task::Task;
use crate::query::documents::{self, ArtifactRow, Work};
use crate::query::rows::{Counts, GroupRow};
use crate::query::{groups, sessions};
use crate::store::Reader;

use super::grammar::line;
use super::layout::{self, DocumentName, Layout};

/// Most records of one document.
pub const RECORDS_MAX: usize = 10_000;
/// Most bytes of descriptions that are kept of one session; the others are not shown.
pub const DESCRIPTIONS_MAX: usize = 32 * 1024 * 1024;
/// Most artifacts that are shown.
pub const ARTIFACTS_MAX: usize = 5_000;
/// Most entries of the feed that the document on performance is made of.
pub const WORK_MAX: usize = 10_000;

/// What the documents of one session show.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionDocumentState {
    pub layout: Layout,
    pub session: Session,
    pub counts: Counts,
    /// Each group before the groups inside it.
    pub groups: Vec<GroupRow>,
    pub ungrouped: Counts,
    /// By group in the order of `groups`, those without a group last; each task before its
    /// children, siblings by position.
    pub tasks: Vec<TaskState>,
    /// By key.
    pub contexts: Vec<ContextEntry>,
    pub artifacts: Vec<ArtifactRow>,
    /// Recorded artifacts that are older than those.
    pub artifacts_beyond: usize,
    /// The oldest first.
    pub work: Vec<Work>,
}

impl SessionDocumentState {
    /// What a field of a record says; `None` where the record is not shown.
    pub fn field(&self, record: &str, field: &str) -> Option<Value> {
        let task = self.tasks.iter().find(|state| state.task.id.to_string() == record);
        if let Some(state) = task {
            return merge::mergeable_task(&state.task, &state.depends_on).remove(field);
        }
        let groups = self.groups.iter().map(|row| Record::Group(row.group.clone()));
        let contexts = self.contexts.iter().cloned().map(Record::Context);
        let session = std::iter::once(Record::Session(self.session.clone()));
        let mut others = groups.chain(contexts).chain(session);
        let found = others.find(|other| other.key().to_string() == record)?;
        merge::mergeable(&found, &[]).remove(field)
    }
}

/// A task as documents show it.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskState {
    pub task: Task,
    /// Sorted.
    pub depends_on: Vec<TaskId>,
    /// Over all that the task says, its description included.
    pub mark: Mark,
    /// The task's line in documents, stamp included, without indentation. Made with the mark, of
    /// the same fields, and once for all documents.
    pub line: String,
}

impl TaskState {
    /// A task and what it waits for.
    pub fn new(task: Task, mut depends_on: Vec<TaskId>) -> Self {
        depends_on.sort_unstable();
        let fields = merge::mergeable_task(&task, &depends_on);
        let mark = Mark::of(&fields);
        let stamp = Stamp { record: task.id.to_string(), mark: Some(mark) };
        let line = line::task_line(&fields, Some(&stamp));
        Self { task, depends_on, mark, line }
    }
}

/// Reads the state of a session.
///
/// # Errors
///
/// That there is no such session, or that the database cannot be read.
pub fn read(reader: &Reader, session: SessionId) -> Result<SessionDocumentState, Refusal> {
    let found = sessions::get(reader, session)?;
    let groups = groups::tree(reader, session)?;
    let mut contexts = sessions::context(reader, session)?;
    contexts.truncate(RECORDS_MAX);
    Ok(SessionDocumentState {
        layout: layout_of(reader, &found, &groups)?,
        counts: sessions::counts(reader, session)?,
        ungrouped: groups::ungrouped(reader, session)?,
        tasks: in_order(read_tasks(reader, session)?, &groups),
        contexts,
        artifacts: documents::artifacts(reader, session, ARTIFACTS_MAX)?,
        artifacts_beyond: documents::artifacts_recorded(reader, session)?
            .saturating_sub(ARTIFACTS_MAX),
        work: documents::work(reader, session, WORK_MAX)?,
        session: found,
        groups,
    })
}

/// The layout: where the ledger has the documents, else after the present names.
fn layout_of(reader: &Reader, session: &Session, groups: &[GroupRow]) -> Result<Layout, Refusal> {
    let places = documents::places(reader, session.id)?;
    let mut known = BTreeMap::new();
    let mut directory = None;
    for (path, kind) in &places {
        let Some(place) = layout::place(path) else { continue };
        if let (DocumentKind::Group(id), DocumentName::Group(slug)) = (kind, place.name) {
            known.insert(*id, slug);
        }
        let end = path.match_indices('/').nth(1).map(|(at, _)| at);
        directory = directory.or_else(|| path.get(..end?).map(str::to_owned));
    }
    let directory = directory.unwrap_or_else(|| layout::new_directory(&session.name, session.id));
    let paths: Vec<(GroupId, String)> =
        groups.iter().map(|row| (row.group.id, row.path.clone())).collect();
    Ok(Layout::new(directory, &known, &paths))
}

fn read_tasks(reader: &Reader, session: SessionId) -> Result<Vec<TaskState>, Refusal> {
    let mut waits: HashMap<TaskId, Vec<TaskId>> = HashMap::new();
    for (task, on) in documents::dependencies(reader, session)? {
        waits.entry(task).or_default().push(on);
    }
    let mut room = DESCRIPTIONS_MAX;
    let mut take = |task: Task| {
        let depends_on = waits.remove(&task.id).unwrap_or_default();
        let mut state = TaskState::new(task, depends_on);
        match room.checked_sub(state.task.description.len()) {
            Some(rest) => room = rest,
            None => state.task.description.clear(),
        }
        state
    };
    let mut tasks = documents::open_tasks(reader, (session, RECORDS_MAX), &mut take)?;
    tasks.extend(documents::finished_tasks(reader, (session, RECORDS_MAX), &mut take)?);
    Ok(tasks)
}

/// Puts tasks in the order of [`SessionDocumentState::tasks`].
pub fn in_order(mut tasks: Vec<TaskState>, groups: &[GroupRow]) -> Vec<TaskState> {
    tasks.sort_by(|left, right| {
        let (left, right) = (&left.task, &right.task);
        left.position
            .total_cmp(&right.position)
            .then_with(|| (left.created_at, left.id).cmp(&(right.created_at, right.id)))
    });
    let read: HashSet<TaskId> = tasks.iter().map(|state| state.task.id).collect();
    let mut below: HashMap<(Option<GroupId>, Option<TaskId>), Vec<TaskState>> = HashMap::new();
    for state in tasks {
        let parent = state.task.parent_id;
        // Finished tasks may be beyond what is read; what is below them stands on its own.
        let known = parent.filter(|id| read.contains(id));
        below.entry((state.task.group_id, known)).or_default().push(state);
    }
    let mut ordered = Vec::new();
    let homes = groups.iter().map(|row| Some(row.group.id)).chain([None]);
    for group in homes {
        let mut stack = below.remove(&(group, None)).unwrap_or_default();
        stack.reverse();
        while let Some(state) = stack.pop() {
            let children = below.remove(&(group, Some(state.task.id))).unwrap_or_default();
            stack.extend(children.into_iter().rev());
            ordered.push(state);
        }
    }
    ordered
}

/// The mark of a record that is no task.
pub fn mark_of(record: &Record) -> Mark {
    Mark::of(&merge::mergeable(record, &[]))
}
