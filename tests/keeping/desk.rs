//! A desk: a session with documents, a person who edits them, agents who send commands.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use callboard_engine::domain::command::{Command, Guard, NewGroup, TaskPatch, UpdateTask};
use callboard_engine::domain::conflict::{Choice, Conflict, ResolveConflict};
use callboard_engine::domain::document::{Document, DocumentState};
use callboard_engine::domain::id::{GroupId, SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::query::{changes, documents};
use callboard_engine::sync::keeper::{self, SyncOptions};
use callboard_engine::sync::layout;
use callboard_engine::sync::state::{self, TaskState};

use crate::scene::Scene;

pub(super) const SESSION: &str = "session.md";
pub(super) const ACTIVE: &str = "tasks/active_tasks.md";
pub(super) const COMPLETED: &str = "tasks/completed_tasks.md";
pub(super) const BACKEND: &str = "tasks/task_groups/backend.md";
pub(super) const DESIGN: &str = "tasks/task_groups/design.md";

/// A session with documents.
pub(super) struct Desk {
    pub scene: Scene,
    pub session: SessionId,
    pub options: SyncOptions,
    /// Tasks by title, as they were made.
    pub tasks: BTreeMap<String, TaskId>,
}

impl Desk {
    pub(super) fn at(scene: Scene, session: SessionId) -> Self {
        // Nobody waits in a single pass.
        let options = SyncOptions { quarantine: Duration::ZERO, ..SyncOptions::default() };
        Self { scene, session, options, tasks: BTreeMap::new() }
    }

    pub(super) fn new(lines: &[&str]) -> (Self, Vec<TaskId>) {
        let (scene, session) = Scene::live();
        let tasks = scene.tasks(session, lines);
        let desk = Self::at(scene, session);
        desk.sync();
        (desk, tasks)
    }

    /// Two groups with two tasks each, and one task without a group.
    pub(super) fn board() -> Self {
        let (scene, session) = Scene::live();
        let mut desk = Self::at(scene, session);
        let backend = desk.group("Backend");
        let design = desk.group("Design");
        for (title, group) in [
            ("api", Some(backend)),
            ("store", Some(backend)),
            ("form", Some(design)),
            ("logo", Some(design)),
            ("note", None),
        ] {
            desk.task(title, group);
        }
        desk.sync();
        desk
    }

    pub(super) fn group(&self, name: &str) -> GroupId {
        let new = NewGroup {
            id: None,
            session_id: self.session,
            name: name.to_owned(),
            parent: None,
            description: String::new(),
            role: None,
        };
        let Answer::Group(group) = self.scene.does("human", Command::CreateGroup(new)) else {
            panic!("no group was made")
        };
        group.id
    }

    pub(super) fn task(&mut self, title: &str, group: Option<GroupId>) -> TaskId {
        use callboard_engine::domain::command::{CreateTasks, NewTask};
        let new = NewTask { title: title.to_owned(), group, ..NewTask::default() };
        let create = CreateTasks { session_id: self.session, tasks: vec![new] };
        let Answer::Created(made) = self.scene.does("human", Command::CreateTasks(create)) else {
            panic!("no task was made")
        };
        let id = made[0].id;
        self.tasks.insert(title.to_owned(), id);
        id
    }

    pub(super) fn id(&self, title: &str) -> TaskId {
        self.tasks[title]
    }

    /// One whole pass in both directions.
    pub(super) fn sync(&self) {
        let failures = self.try_sync();
        assert!(failures.is_empty(), "{failures:?}");
    }

    /// The same; returns what went wrong.
    pub(super) fn try_sync(&self) -> Vec<(String, String)> {
        self.scene.clock.advance_ms(1_000);
        keeper::once(&self.scene.peer, self.options).unwrap().unwrap().failures
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        let home = self.scene.peer.paths.task_orchestrator();
        home.join(layout::find_directory(&home, self.session).unwrap()).join(name)
    }

    pub(super) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// Changes a document as a person does, and syncs.
    pub(super) fn edit(&self, name: &str, change: impl Fn(&str) -> String) {
        self.write(name, &change(&self.read(name)));
        self.sync();
    }

    /// The same with bytes.
    pub(super) fn edit_bytes(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
        self.sync();
    }

    /// The line of a document that holds some words, its line ending included.
    pub(super) fn line(&self, name: &str, words: &str) -> String {
        let text = self.read(name);
        let found = text.split_inclusive('\n').find(|line| line.contains(words));
        found.unwrap_or_else(|| panic!("no line of {name} has {words:?}:\n{text}")).to_owned()
    }

    pub(super) fn rows(&self) -> Vec<Document> {
        self.scene.peer.readers.read(|reader| documents::ledger(reader, self.session)).unwrap()
    }

    pub(super) fn ledger(&self, name: &str) -> Document {
        self.rows().into_iter().find(|row| row.path.ends_with(name)).unwrap()
    }

    pub(super) fn conflicts(&self, name: &str) -> Vec<Conflict> {
        let path = self.ledger(name).path;
        self.scene.peer.readers.read(|reader| documents::open_conflicts(reader, &path)).unwrap()
    }

    /// Every open conflict that comes from a document.
    pub(super) fn all_conflicts(&self) -> Vec<Conflict> {
        let of = |row: Document| {
            let path = row.path;
            self.scene.peer.readers.read(|reader| documents::open_conflicts(reader, &path)).unwrap()
        };
        self.rows().into_iter().flat_map(of).collect()
    }

    /// The open conflicts in short: `title of api`, `removed form`.
    pub(super) fn open(&self) -> String {
        let name = |record: &str| {
            let key = self.tasks.iter().find(|(_, id)| id.to_string() == record);
            key.map_or_else(
                || {
                    let title = |reader: &_| changes::title(reader, record);
                    self.scene
                        .peer
                        .readers
                        .read(title)
                        .unwrap()
                        .unwrap_or_else(|| record.to_owned())
                },
                |(title, _)| title.clone(),
            )
        };
        let mut all: Vec<String> = self
            .all_conflicts()
            .iter()
            .map(|one| match one.field.as_str() {
                "" => format!("{} {}", one.kind.as_str(), name(&one.record)),
                field => format!("{field} of {}", name(&one.record)),
            })
            .collect();
        all.sort();
        all.join(", ")
    }

    /// The tasks in short, by group in order: `Backend: api, store !high; -: [x] note`. Children
    /// have a `>`.
    pub(super) fn shown(&self) -> String {
        let state =
            self.scene.peer.readers.read(|reader| state::read(reader, self.session)).unwrap();
        let of = |group: Option<GroupId>| {
            let mine = state.tasks.iter().filter(|one| one.task.group_id == group);
            mine.map(in_short).collect::<Vec<_>>().join(", ")
        };
        let mut sections: Vec<String> = state
            .groups
            .iter()
            .map(|row| format!("{}: {}", row.group.name, of(Some(row.group.id))))
            .collect();
        sections.push(format!("-: {}", of(None)));
        sections.join("; ")
    }

    pub(super) fn retitle(&self, id: TaskId, title: &str) {
        let patch = TaskPatch { title: Some(title.to_owned()), ..TaskPatch::default() };
        self.update(id, patch);
    }

    pub(super) fn describe(&self, id: TaskId, description: &str) {
        let description = Some(description.to_owned());
        self.update(id, TaskPatch { description, ..TaskPatch::default() });
    }

    pub(super) fn update(&self, id: TaskId, patch: TaskPatch) {
        let guard = Guard::default();
        self.scene.does("agent:codex", Command::UpdateTask(UpdateTask { id, patch, guard }));
    }

    pub(super) fn resolve(&self, conflict: &Conflict, choice: Choice) {
        let id = conflict.id;
        let wanted = ResolveConflict { id, choice, value: None, remark: None, if_version: None };
        self.scene.does("human", Command::ResolveConflict(wanted));
    }

    /// A second look changes nothing on either side.
    pub(super) fn is_in_step(&self, name: &str) {
        let (text, seq) = (fs::read(self.path(name)).unwrap(), self.scene.latest());
        self.sync();
        assert_eq!(fs::read(self.path(name)).unwrap(), text, "{name} was written again");
        assert_eq!(self.scene.latest(), seq);
        assert_eq!(self.ledger(name).state, DocumentState::InStep);
    }

    /// The same of every document.
    pub(super) fn all_in_step(&self) {
        let all = |desk: &Self| -> Vec<(String, Vec<u8>)> {
            let home = desk.scene.peer.paths.task_orchestrator();
            let read = |row: Document| (row.path.clone(), fs::read(home.join(&row.path)).unwrap());
            desk.rows().into_iter().map(read).collect()
        };
        let (texts, seq) = (all(self), self.scene.latest());
        self.sync();
        let again = all(self);
        for ((name, before), (_, after)) in texts.iter().zip(&again) {
            let [before, after] = [before, after].map(|bytes| String::from_utf8_lossy(bytes));
            assert_eq!(before, after, "{name} was written again");
        }
        assert_eq!(texts.len(), again.len());
        assert_eq!(self.scene.latest(), seq, "the feed goes on");
        for row in self.rows() {
            assert_eq!(row.state, DocumentState::InStep, "{} {:?}", row.path, row.reason);
        }
    }
}

fn in_short(one: &TaskState) -> String {
    let line = one.line.split(" <!--").next().unwrap_or_default();
    let line = line.strip_prefix("- [ ] ").or_else(|| line.strip_prefix("- ")).unwrap_or(line);
    let depth = one.task.parent_id.map_or("", |_| ">");
    format!("{depth}{line}")
}

/// Waits until something is so, with a deadline.
pub(super) fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what} does not come");
        std::thread::yield_now();
    }
}
