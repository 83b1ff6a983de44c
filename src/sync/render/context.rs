//! What each document's template is given.

use std::collections::BTreeMap;

use tera::{Context, Value};

use super::arrange::{Nested, Room, nest};
use super::values::{self, Headings, map};
use super::{people, text};
use crate::domain::artifact::ArtifactState;
use crate::domain::document::DocumentKind;
use crate::domain::id::{GroupId, TaskId};
use crate::domain::task::Task;
use crate::domain::time::Timestamp;
use crate::query::documents::ArtifactRow;
use crate::query::rows::GroupRow;
use crate::sync::grammar::line;
use crate::sync::layout;
use crate::sync::state::{SessionDocumentState, TaskState};

/// Things that happened, among the activity.
const RECENT: usize = 10;
/// The documents that every document links to.
const LINKS: [(&str, DocumentKind); 7] = [
    ("session", DocumentKind::Session),
    ("active", DocumentKind::ActiveTasks),
    ("completed", DocumentKind::CompletedTasks),
    ("activity", DocumentKind::Activity),
    ("assignments", DocumentKind::Assignments),
    ("performance", DocumentKind::Performance),
    ("artifacts", DocumentKind::Artifacts),
];

/// One session on its way into its documents: what several of them need is made once.
pub(super) struct Subject<'a> {
    pub(super) state: &'a SessionDocumentState,
    pub(super) headings: Headings<'a>,
    session: Value,
}

impl<'a> Subject<'a> {
    pub(super) fn new(state: &'a SessionDocumentState) -> Self {
        Self { headings: Headings::new(state), session: values::session(&state.session), state }
    }

    /// The documents of the session: one of each kind, and one for each group that has tasks or a
    /// description.
    pub(super) fn kinds(&self) -> Vec<DocumentKind> {
        let groups = self.state.groups.iter().filter(|row| has_file(row));
        let groups = groups.map(|row| DocumentKind::Group(row.group.id));
        LINKS.iter().map(|(_, kind)| *kind).chain(groups).collect()
    }

    /// What the template of a document is given; `None` for a group that is not there.
    pub(super) fn context(&self, kind: DocumentKind) -> Option<Context> {
        let path = self.state.layout.path(kind)?;
        let mut context = Context::new();
        context.insert_value("session", self.session.clone());
        context.insert_value("counts", values::counts(self.state.counts));
        context.insert_value("links", self.links(&path));
        let parts = match kind {
            DocumentKind::Session => self.overview(&path),
            DocumentKind::ActiveTasks => self.active(&path),
            DocumentKind::CompletedTasks => self.completed(),
            DocumentKind::Group(id) => self.group(&path, id)?,
            DocumentKind::Activity => self.activity(&path),
            DocumentKind::Assignments => people::assignments(self, &path),
            DocumentKind::Performance => people::performance(self),
            DocumentKind::Artifacts => self.artifacts(),
        };
        for (name, value) in parts {
            context.insert_value(name, value);
        }
        Some(context)
    }

    fn links(&self, from: &str) -> Value {
        let link = |kind| self.state.layout.path(kind).map(|to| layout::link(from, &to));
        Value::from(BTreeMap::from(LINKS.map(|(name, kind)| (name, Value::from(link(kind))))))
    }

    /// A group's file as a document links to it; `None` where it has none.
    pub(super) fn file(&self, from: &str, row: &GroupRow) -> Option<String> {
        let to = self.state.layout.path(DocumentKind::Group(row.group.id))?;
        has_file(row).then(|| layout::link(from, &to))
    }

    fn group_value(&self, from: &str, row: &GroupRow) -> Value {
        values::group(row, &self.headings, self.file(from, row))
    }

    fn overview(&self, path: &str) -> Parts {
        // By name: two clones need not have their groups in one order.
        let mut rows: Vec<&GroupRow> = self.state.groups.iter().collect();
        rows.sort_by_key(|row| (&row.path, row.group.id));
        let groups: Vec<Value> = rows.iter().map(|row| self.group_value(path, row)).collect();
        let mut room = Room::default();
        let entries = self.state.contexts.iter();
        let contexts: Vec<Value> = entries
            .filter(|entry| room.takes(entry.key.len() + entry.value.to_string().len()))
            .map(values::context)
            .collect();
        vec![
            ("groups", groups.into()),
            ("contexts", contexts.into()),
            ("left_out", room.left_out.into()),
        ]
    }

    fn activity(&self, path: &str) -> Parts {
        let groups = self.state.groups.iter().map(|row| self.group_value(path, row));
        vec![
            ("groups", groups.collect::<Vec<_>>().into()),
            ("ungrouped", values::counts(self.state.ungrouped)),
            ("recent", self.recent(path).into()),
        ]
    }

    /// What was started and finished last, by the tasks' own times, so that nothing is listed that
    /// did not last.
    fn recent(&self, path: &str) -> Vec<Value> {
        let mut events: Vec<(Timestamp, &Task)> = self
            .state
            .tasks
            .iter()
            .filter_map(|TaskState { task, .. }| {
                let at = if task.status.is_open() { task.started_at } else { task.finished_at };
                Some((at?, task))
            })
            .collect();
        events.sort_by_key(|(at, task)| (std::cmp::Reverse(*at), task.id));
        events.truncate(RECENT);
        let value = |(at, task): (Timestamp, &Task)| {
            let group = task.group_id.and_then(|id| self.headings.row(id));
            map([
                ("day", at.day().into()),
                ("what", values::happened(task.status).into()),
                ("title", task.title.as_str().into()),
                ("group", group.map(|row| row.path.as_str()).into()),
                ("file", group.and_then(|row| self.file(path, row)).into()),
            ])
        };
        events.into_iter().map(value).collect()
    }

    fn active(&self, path: &str) -> Parts {
        let state = self.state;
        let mut room = Room::default();
        let mut sections = Vec::new();
        let mut ungrouped = Vec::new();
        for (group, tasks) in by_group(&state.tasks) {
            let open = nest(tasks, |task| task.status.is_open());
            match group {
                Some(id) => sections.push((id, open)),
                None => ungrouped = open,
            }
        }
        let mut open: BTreeMap<GroupId, Vec<Nested<'_>>> = sections.into_iter().collect();
        let mut sections = Vec::new();
        for row in &state.groups {
            let nested = open.remove(&row.group.id).unwrap_or_default();
            // An empty group is shown, so that work can be added to it; a finished one is not.
            if nested.is_empty() && 0 < row.tree.all() {
                continue;
            }
            if !room.takes(row.path.len() + row.group.description.len() + 64) {
                room.left_out += nested.len();
                continue;
            }
            let group = self.group_value(path, row);
            let tasks = listed(&nested, &mut room, |_| 0);
            sections.push(map([("group", group), ("tasks", tasks)]));
        }
        if !ungrouped.is_empty() {
            // No other document has their descriptions.
            let tasks = listed(&ungrouped, &mut room, described);
            sections.push(map([("group", Value::none()), ("tasks", tasks)]));
        }
        let unread = unread(state.counts.open(), open_tasks(&state.tasks));
        vec![("sections", sections.into()), ("left_out", (room.left_out + unread).into())]
    }

    fn completed(&self) -> Parts {
        let state = self.state;
        let mut finished: Vec<&TaskState> =
            state.tasks.iter().filter(|state| !state.task.status.is_open()).collect();
        finished.sort_by_key(|state| (std::cmp::Reverse(state.task.finished_at), state.task.id));
        let mut room = Room::default();
        let mut days: Vec<(String, Vec<Value>)> = Vec::new();
        for task in &finished {
            let alone = if task.task.group_id.is_none() { described(task) } else { 0 };
            if !room.takes(task.line.len() + 1 + alone) {
                continue;
            }
            let day = task.task.finished_at.map(Timestamp::day).unwrap_or_default();
            let value = values::task(Nested { state: task, depth: 0 });
            match days.last_mut().filter(|(last, _)| *last == day) {
                Some((_, tasks)) => tasks.push(value),
                None => days.push((day, vec![value])),
            }
        }
        let days: Vec<Value> = days
            .into_iter()
            .map(|(day, tasks)| map([("day", day.into()), ("tasks", tasks.into())]))
            .collect();
        let unread = unread(state.counts.all() - state.counts.open(), finished.len());
        vec![("days", days.into()), ("left_out", (room.left_out + unread).into())]
    }

    fn group(&self, path: &str, id: GroupId) -> Option<Parts> {
        let state = self.state;
        let row = self.headings.row(id)?;
        let tasks = by_group(&state.tasks).find(|(group, _)| *group == Some(id));
        let tasks = tasks.map_or(&[][..], |(_, tasks)| tasks);
        let mut room = Room::default();
        let values = listed(&nest(tasks, |_| true), &mut room, described);
        let inside: Vec<Value> = state
            .groups
            .iter()
            .filter(|other| other.group.parent_id == Some(id))
            .map(|other| self.group_value(path, other))
            .collect();
        let above = row.group.parent_id.and_then(|id| self.headings.row(id));
        let unread = unread(row.counts.all(), tasks.len());
        Some(vec![
            ("group", self.group_value(path, row)),
            ("parent", above.map(|row| self.group_value(path, row)).into()),
            ("inside", inside.into()),
            ("tasks", values),
            ("left_out", (room.left_out + unread).into()),
        ])
    }

    fn artifacts(&self) -> Parts {
        let titles: BTreeMap<TaskId, &Task> =
            self.state.tasks.iter().map(|state| (state.task.id, &state.task)).collect();
        let mut room = Room::default();
        let value = |row: &ArtifactRow| {
            let task = row.task.and_then(|id| titles.get(&id));
            map([
                ("id", row.id.as_str().into()),
                ("title", row.title.as_str().into()),
                ("kind", row.kind.as_str().into()),
                ("task", task.map(|task| task.title.as_str()).into()),
                ("paths", row.paths.iter().map(String::as_str).collect::<Vec<_>>().into()),
                ("size", row.bytes.map(text::size).into()),
                ("hash", row.hash.as_deref().into()),
                ("id", row.edition.map(|_| row.id.as_str()).into()),
                ("edition", row.edition.into()),
                ("state", row.state.map(ArtifactState::as_str).into()),
                ("day", row.at.day().into()),
            ])
        };
        let mut fits = |row: &&ArtifactRow| {
            room.takes(row.title.len() + row.paths.iter().map(|path| path.len() + 4).sum::<usize>())
        };
        let is_recorded = |row: &&ArtifactRow| row.edition.is_some();
        let (recorded, handed_over): (Vec<&ArtifactRow>, Vec<&ArtifactRow>) =
            self.state.artifacts.iter().partition(is_recorded);
        // The newest first, as there may not be room for all.
        let mut shown: Vec<&ArtifactRow> = recorded.into_iter().rev().filter(&mut fits).collect();
        shown.reverse();
        shown.extend(handed_over.into_iter().filter(&mut fits));
        let artifacts: Vec<Value> = shown.into_iter().map(value).collect();
        let left_out = room.left_out.saturating_add(self.state.artifacts_beyond);
        vec![("artifacts", artifacts.into()), ("left_out", left_out.into())]
    }
}

/// Names and values of a template's context.
pub(super) type Parts = Vec<(&'static str, Value)>;

fn has_file(row: &GroupRow) -> bool {
    0 < row.counts.all() || !row.group.description.is_empty()
}

/// The tasks by their group; they are in its order already.
fn by_group(tasks: &[TaskState]) -> impl Iterator<Item = (Option<GroupId>, &[TaskState])> {
    tasks
        .chunk_by(|left, right| left.task.group_id == right.task.group_id)
        .map(|tasks| (tasks.first().and_then(|state| state.task.group_id), tasks))
}

/// Tasks with their lines, as far as there is room.
fn listed(nested: &[Nested<'_>], room: &mut Room, more: impl Fn(&TaskState) -> usize) -> Value {
    let mut tasks = Vec::with_capacity(nested.len());
    for one in nested {
        if room.takes(one.state.line.len() + 2 * one.depth + 1 + more(one.state)) {
            tasks.push(values::task(*one));
        }
    }
    tasks.into()
}

/// The bytes that the description of a task takes at the most.
fn described(state: &TaskState) -> usize {
    line::description(&state.task.description, 16).len()
}

fn open_tasks(tasks: &[TaskState]) -> usize {
    tasks.iter().filter(|state| state.task.status.is_open()).count()
}

/// Tasks that are in the database and were not read.
fn unread(counted: i64, read: usize) -> usize {
    usize::try_from(counted).unwrap_or(0).saturating_sub(read)
}
