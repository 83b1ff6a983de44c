//! A session that only its documents tell of: the database was lost, or it was made in another
//! clone and came through git.

mod archived;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::reading::kind_of;
use super::{Deed, Keeper};
use crate::domain::actor::Actor;
use crate::domain::command::{Command, RebuildSession};
use crate::domain::document::DocumentKind;
use crate::domain::draft::{Draft, DraftRecord, RecordKind, Section, Stamp, new_task};
use crate::domain::group::TaskGroup;
use crate::domain::id::{GroupId, SessionId, TaskId};
use crate::domain::record::{Dependency, RecordKey};
use crate::domain::refusal::Refusal;
use crate::domain::session::{ContextEntry, Session, SessionState};
use crate::domain::task::{Complexity, Priority, Status, Task};
use crate::domain::time::Timestamp;
use crate::door::Request;
use crate::sync::files::Point;
use crate::sync::grammar;
use crate::sync::grammar::decode::decode;
use crate::sync::layout;

/// Room between the positions of siblings.
const STEP: f64 = 1024.0;

impl Keeper {
    /// Brings a session back from the directory that a document of it stands in.
    pub(super) fn rebuild(&mut self, session: SessionId, path: &str) -> Result<(), Refusal> {
        let directory = path.split('/').take(2).collect::<Vec<_>>().join("/");
        let home = self.peer.paths.task_orchestrator();
        let now = self.peer.clock.now();
        let drafts = drafts(&home, &home.join(&directory), session);
        let Some(mut rebuild) = assemble(session, &drafts, now) else {
            self.fail(
                path,
                "its session is not in the database, and session.md does not tell of it",
            );
            return Ok(());
        };
        let live = self.peer.readers.read(crate::query::sessions::live)?;
        if live.is_some() && rebuild.session.state.is_live() {
            rebuild.session.state = SessionState::Suspended;
        }
        let command = Command::RebuildSession(Box::new(rebuild));
        self.peer.door.submit_blocking(Request::new(Actor::File(directory.clone()), command))?;
        self.files.reached(Point::Rebuilt);
        self.did(&directory, Deed::Rebuilt);
        self.dirty.insert(session);
        self.scan = crate::sync::scan::Scan::default();
        self.look(&[self.sessions()]);
        self.write_at = Some(super::now());
        Ok(())
    }
}

/// Everything that the documents in a directory say.
fn drafts(home: &Path, directory: &Path, session: SessionId) -> Vec<(DocumentKind, String, Draft)> {
    let mut found = Vec::new();
    for file in files(directory) {
        let Ok(inner) = file.strip_prefix(home) else { continue };
        let path = inner.to_string_lossy().replace('\\', "/");
        let Some(place) = layout::place(&path).filter(|place| place.session == session) else {
            continue;
        };
        let Some(text) = fs::read(&file).ok().and_then(|bytes| decode(&bytes).ok()) else {
            continue;
        };
        let Some(kind) = kind_of(&place.name, None, &text.text, session) else { continue };
        if kind.is_read() {
            let draft = grammar::draft(&text.text, kind, session);
            found.push((kind, text.text, draft));
        }
    }
    // The lists of tasks first: their order is that of the board.
    found.sort_by_key(|(kind, _, _)| *kind);
    found
}

pub(super) fn files(directory: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![directory.to_owned()]);
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten().filter_map(Result::ok) {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                Ok(_) | Err(_) => {}
            }
        }
    }
    found.sort();
    found
}

fn assemble(
    id: SessionId,
    drafts: &[(DocumentKind, String, Draft)],
    now: Timestamp,
) -> Option<RebuildSession> {
    let mut tasks = BTreeMap::new();
    // In the order in which they are spoken of first.
    let mut order = Vec::new();
    let mut groups: Vec<(GroupId, Vec<String>, String)> = Vec::new();
    let mut context = Vec::new();
    let mut session = None;
    for (kind, text, draft) in drafts {
        for item in &draft.records {
            let Some(key) = item.stamp.as_ref().and_then(Stamp::key) else { continue };
            match key {
                RecordKey::Session(found) if found == id => {
                    session = Some(session_of(id, item, text, now));
                }
                RecordKey::Group(group) => note_group(&mut groups, group, item),
                RecordKey::Task(task) => {
                    let place = Spot::of(*kind, draft, item);
                    order.push(task);
                    let known = tasks.entry(task).or_insert_with(|| (item.clone(), place));
                    merge_in(known, item, place);
                }
                RecordKey::Context(_, key) => context.extend(context_of(id, key, item, now)),
                RecordKey::Session(_)
                | RecordKey::Dependency(..)
                | RecordKey::Conflict(_)
                | RecordKey::Artifact(_) => {}
            }
        }
    }
    let groups = make_groups(id, groups, now);
    let tasks: Vec<(Task, Vec<TaskId>)> = make_tasks(id, &order, &tasks, &groups, now);
    let dependencies = edges(id, &tasks, now);
    Some(RebuildSession {
        session: session?,
        groups,
        tasks: tasks.into_iter().map(|(task, _)| task).collect(),
        dependencies,
        context,
    })
}

fn session_of(id: SessionId, item: &DraftRecord, text: &str, now: Timestamp) -> Session {
    let read = |name: &str| item.fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let front = |name: &str| {
        let lines = text.lines().skip(1).take_while(|line| line.trim_end() != "---");
        lines
            .filter_map(|line| line.split_once(':'))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let state = front("state").and_then(|word| word.parse().ok());
    let state = match state {
        Some(SessionState::Active | SessionState::Resuming | SessionState::Completing) => {
            SessionState::Active
        }
        Some(SessionState::Completed) => SessionState::Completed,
        Some(SessionState::Initializing | SessionState::Suspended | SessionState::Archived)
        | None => SessionState::Suspended,
    };
    Session {
        binding: None,
        id,
        name: read("name").to_owned(),
        goal: read("goal").to_owned(),
        state,
        mode: front("mode").unwrap_or_else(|| "default_roles".to_owned()),
        reason: Some("brought back from its documents".to_owned()),
        owner: None,
        created_at: now,
        updated_at: now,
        state_since: now,
        version: 1,
    }
}

fn note_group(groups: &mut Vec<(GroupId, Vec<String>, String)>, id: GroupId, item: &DraftRecord) {
    let text = |name: &str| item.fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let above = item.fields.get("path").and_then(Value::as_array).into_iter().flatten();
    let mut path: Vec<String> = above.filter_map(|it| it.as_str().map(str::to_owned)).collect();
    path.extend(text("name"));
    let description = text("description").unwrap_or_default();
    match groups.iter_mut().find(|(known, _, _)| *known == id) {
        Some((_, _, known)) if known.is_empty() => *known = description,
        Some(_) => {}
        None => groups.push((id, path, description)),
    }
}

fn make_groups(
    session_id: SessionId,
    mut found: Vec<(GroupId, Vec<String>, String)>,
    now: Timestamp,
) -> Vec<TaskGroup> {
    found.sort_by_key(|(_, path, _)| path.len());
    let by_path: HashMap<Vec<String>, GroupId> =
        found.iter().map(|(id, path, _)| (path.clone(), *id)).collect();
    let mut position = 0.0;
    let made = found.into_iter().map(|(id, path, description)| {
        position += STEP;
        let above = path.split_last().map(|(_, above)| above.to_vec()).unwrap_or_default();
        TaskGroup {
            id,
            session_id,
            parent_id: by_path.get(&above).copied(),
            name: path.last().cloned().unwrap_or_default(),
            description,
            role: None,
            position,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    });
    made.collect()
}

/// Where a task stands, as far as a document says.
#[derive(Debug, Clone, Copy)]
struct Spot {
    group: Option<GroupId>,
    parent: Option<TaskId>,
    /// The document says it.
    is_said: bool,
}

impl Spot {
    fn of(kind: DocumentKind, draft: &Draft, item: &DraftRecord) -> Self {
        let key = |at: usize| draft.records.get(at)?.stamp.as_ref()?.key();
        let group = match item.section {
            Section::Group(at) => key(at).and_then(|key| match key {
                RecordKey::Group(id) => Some(id),
                RecordKey::Session(_)
                | RecordKey::Task(_)
                | RecordKey::Dependency(..)
                | RecordKey::Context(..)
                | RecordKey::Conflict(_)
                | RecordKey::Artifact(_) => None,
            }),
            Section::NoGroup | Section::Unsaid => None,
        };
        let parent = item.parent.and_then(key).and_then(|key| match key {
            RecordKey::Task(id) => Some(id),
            RecordKey::Session(_)
            | RecordKey::Group(_)
            | RecordKey::Dependency(..)
            | RecordKey::Context(..)
            | RecordKey::Conflict(_)
            | RecordKey::Artifact(_) => None,
        });
        let is_said = !matches!(kind, DocumentKind::CompletedTasks);
        Self { group, parent, is_said }
    }
}

/// Another document that speaks of the same task may say more: its description, its place.
fn merge_in((known, spot): &mut (DraftRecord, Spot), item: &DraftRecord, place: Spot) {
    for (name, value) in &item.fields {
        known.fields.entry(name.clone()).or_insert_with(|| value.clone());
    }
    known.day = known.day.take().or_else(|| item.day.clone());
    if place.is_said {
        spot.group = spot.group.or(place.group);
        spot.parent = spot.parent.or(place.parent);
        spot.is_said = true;
    }
}

fn make_tasks(
    session_id: SessionId,
    order: &[TaskId],
    found: &BTreeMap<TaskId, (DraftRecord, Spot)>,
    groups: &[TaskGroup],
    now: Timestamp,
) -> Vec<(Task, Vec<TaskId>)> {
    let mut position = 0.0;
    let mut seen = std::collections::HashSet::new();
    let made = order.iter().filter(|id| seen.insert(**id)).filter_map(|id| {
        let (item, spot) = found.get(id)?;
        position += STEP;
        let new = new_task(&item.fields);
        let status = text(item, "status").and_then(|word| word.parse().ok());
        let status = status.unwrap_or(Status::Pending);
        let parent = spot.parent.filter(|parent| found.contains_key(parent));
        let group = spot.group.filter(|group| groups.iter().any(|known| known.id == *group));
        let waits = item.fields.get("depends_on").and_then(Value::as_array).into_iter().flatten();
        let waits = waits.filter_map(|on| on.as_str()?.parse().ok());
        let waits = waits.filter(|on: &TaskId| on != id && found.contains_key(on)).collect();
        let task = Task {
            id: *id,
            session_id,
            group_id: group,
            parent_id: parent,
            title: text(item, "title").unwrap_or_else(|| id.to_string()),
            description: text(item, "description").unwrap_or_default(),
            status,
            priority: new.priority.unwrap_or(Priority::Normal),
            complexity: Complexity::Moderate,
            role: new.role,
            position,
            estimate_minutes: new.estimate_minutes,
            actual_minutes: None,
            tags: new.tags,
            due: new.due,
            progress: 0,
            assignee: new.assignee,
            claim: None,
            claim_number: 0,
            result_summary: None,
            reason: None,
            created_by: Actor::System,
            created_at: now,
            updated_at: now,
            started_at: None,
            finished_at: (!status.is_open()).then(|| finished_at(item).unwrap_or(now)),
            version: 1,
        };
        Some((task, waits))
    });
    parents_first(made.collect())
}

fn finished_at(item: &DraftRecord) -> Option<Timestamp> {
    Timestamp::noon_of(item.day.as_deref()?)
}

fn text(item: &DraftRecord, name: &str) -> Option<String> {
    item.fields.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// Parents before their children, and children in their parents' groups.
fn parents_first(mut tasks: Vec<(Task, Vec<TaskId>)>) -> Vec<(Task, Vec<TaskId>)> {
    let mut placed: HashMap<TaskId, Option<GroupId>> = HashMap::new();
    let mut sorted = Vec::with_capacity(tasks.len());
    while !tasks.is_empty() {
        let before = tasks.len();
        let (ready, rest): (Vec<_>, Vec<_>) = tasks.into_iter().partition(|(task, _)| {
            task.parent_id.is_none_or(|parent| placed.contains_key(&parent))
        });
        for (mut task, waits) in ready {
            if let Some(parent) = task.parent_id {
                task.group_id = placed.get(&parent).copied().flatten();
            }
            placed.insert(task.id, task.group_id);
            sorted.push((task, waits));
        }
        tasks = rest;
        if tasks.len() == before {
            // A circle of parents, which no document of ours holds.
            for (task, _) in &mut tasks {
                task.parent_id = None;
            }
        }
    }
    sorted
}

fn edges(
    session_id: SessionId,
    tasks: &[(Task, Vec<TaskId>)],
    created_at: Timestamp,
) -> Vec<Dependency> {
    let all = tasks.iter().flat_map(|(task, waits)| {
        waits.iter().map(move |on| Dependency {
            task_id: task.id,
            depends_on: *on,
            session_id,
            created_at,
        })
    });
    all.collect()
}

fn context_of(
    session_id: SessionId,
    key: String,
    item: &DraftRecord,
    updated_at: Timestamp,
) -> Option<ContextEntry> {
    let value = item.fields.get("value")?.clone();
    (item.kind == RecordKind::Context).then_some(ContextEntry {
        session_id,
        key,
        value,
        updated_at,
        version: 1,
    })
}
