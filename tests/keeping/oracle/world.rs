//! The desk, the texts that editors still hold, and what was typed.

use std::collections::BTreeMap;

use callboard_engine::domain::command::{
    Command, CreateTasks, Dependents, Guard, NewTask, Place, PlaceTask, TaskPatch, UpdateTask,
};
use callboard_engine::domain::conflict::{Choice, Conflict, ConflictKind, ResolveConflict};
use callboard_engine::domain::document::{DocumentNote, DocumentState};
use callboard_engine::domain::draft::{Draft, DraftRecord};
use callboard_engine::domain::id::{GroupId, TaskId};
use callboard_engine::domain::task::Status;
use callboard_engine::query::tasks;
use callboard_engine::sync::render::Renderer;
use callboard_engine::sync::{grammar, state};

use super::super::desk::{ACTIVE, BACKEND, DESIGN, Desk};
use super::{Act, Edit, Step};

const DOCUMENTS: [&str; 3] = [ACTIVE, BACKEND, DESIGN];

pub(super) struct World {
    pub desk: Desk,
    /// What each document was, the oldest first.
    held: BTreeMap<&'static str, Vec<String>>,
    /// Documents that were saved and not read yet.
    saved: Vec<&'static str>,
    /// Words that a person typed.
    pub typed: Vec<String>,
    count: usize,
    tasks: Vec<TaskId>,
    groups: Vec<GroupId>,
}

impl World {
    pub(super) fn new() -> Self {
        let desk = Desk::board();
        let tasks = desk.tasks.values().copied().collect();
        let look = |reader: &_| state::read(reader, desk.session);
        let state = desk.scene.peer.readers.read(look).unwrap();
        let groups = state.groups.iter().map(|row| row.group.id).collect();
        let mut world = Self {
            desk,
            held: BTreeMap::new(),
            saved: Vec::new(),
            typed: Vec::new(),
            count: 0,
            tasks,
            groups,
        };
        world.sync();
        world
    }

    pub(super) fn does(&mut self, step: &Step) {
        match step {
            Step::Person { document, age, edits } => self.person(DOCUMENTS[*document], *age, edits),
            Step::Agent { act, task } => self.agent(*act, *task),
            Step::Decide { which, theirs } => self.decide(*which, *theirs),
            Step::Sync => self.sync(),
        }
    }

    pub(super) fn settle(&mut self) {
        for _ in 0..3 {
            self.sync();
        }
    }

    fn sync(&mut self) {
        self.desk.sync();
        // A person confirms that so much is gone.
        let held = self.desk.rows().into_iter().filter(|row| row.state == DocumentState::Held);
        let notes: Vec<DocumentNote> =
            held.map(|row| DocumentNote::Accepted { path: row.path }).collect();
        if !notes.is_empty() {
            self.desk.scene.does("human", Command::NoteDocuments { notes });
            self.desk.sync();
        }
        self.saved.clear();
        for name in DOCUMENTS {
            // A group without tasks has no file.
            let Ok(text) = std::fs::read_to_string(self.desk.path(name)) else { continue };
            let held = self.held.entry(name).or_default();
            if held.last() != Some(&text) {
                held.push(text);
            }
        }
    }

    fn word(&mut self, by: char) -> String {
        self.count += 1;
        format!("{by}{}", self.count)
    }

    fn person(&mut self, name: &'static str, age: usize, edits: &[(Edit, usize)]) {
        // Nobody saves over what nobody has read yet.
        if self.saved.contains(&name) {
            self.sync();
        }
        if !self.desk.path(name).exists() {
            return;
        }
        let held = &self.held[name];
        let text = held[held.len().saturating_sub(1 + age)].clone();
        let known = self.typed.clone();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (edit, item) in edits {
            self.edit(&mut lines, *edit, *item, name);
        }
        let text = format!("{}\n", lines.join("\n"));
        // What was typed and removed before it was saved, nobody has seen.
        self.typed.retain(|word| known.contains(word) || text.contains(word.as_str()));
        self.desk.write(name, &text);
        self.saved.push(name);
    }

    fn edit(&mut self, lines: &mut Vec<String>, edit: Edit, item: usize, name: &str) {
        let items: Vec<usize> =
            lines.iter().enumerate().filter(|(_, line)| is_item(line)).map(|(at, _)| at).collect();
        if items.is_empty() {
            return;
        }
        let at = items[item % items.len()];
        let end = (at + 1..lines.len()).find(|at| !lines[*at].trim_start().starts_with('>'));
        let end = end.unwrap_or(lines.len());
        let line = lines[at].clone();
        match edit {
            Edit::Retitle => {
                let word = self.typed();
                let (head, rest) = line.split_once("] ").unwrap();
                let (_, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                format!("{head}] {word} {rest}").trim_end().clone_into(&mut lines[at]);
            }
            Edit::Tag => {
                let word = self.typed();
                lines[at] = with_token(&line, &format!("#{word}"));
            }
            Edit::Urgent if !line.contains(" !") => lines[at] = with_token(&line, "!high"),
            Edit::Start => lines[at] = line.replacen("[ ]", "[/]", 1),
            Edit::Describe if name != ACTIVE => {
                let word = self.typed();
                lines.insert(end, format!("  > {word}"));
            }
            Edit::Add => {
                let word = self.typed();
                lines.insert(end, format!("- [ ] {word}"));
            }
            Edit::Swap
                if lines.get(at + 1).is_some_and(|next| is_item(next))
                    && !lines
                        .get(at + 2)
                        .is_some_and(|next| next.contains('>') && !is_item(next)) =>
            {
                lines.swap(at, at + 1);
            }
            Edit::Remove => {
                lines.drain(at..end);
            }
            Edit::Urgent | Edit::Describe | Edit::Swap => {}
        }
    }

    fn typed(&mut self) -> String {
        let word = self.word('p');
        self.typed.push(word.clone());
        word
    }

    fn agent(&mut self, act: Act, task: usize) {
        let id = self.tasks[task % self.tasks.len()];
        let now = self.desk.scene.peer.readers.read(|reader| tasks::view(reader, id));
        let Ok(now) = now else { return };
        let word = self.word('a');
        let patch = |patch| Command::UpdateTask(UpdateTask { id, patch, guard: Guard::default() });
        let command = match act {
            Act::Retitle => patch(TaskPatch { title: Some(word), ..TaskPatch::default() }),
            Act::Tag => {
                let mut tags = now.task.tags;
                tags.push(word);
                patch(TaskPatch { tags: Some(tags), ..TaskPatch::default() })
            }
            Act::Describe => {
                let description = format!("{word}\n{}", now.task.description).trim_end().to_owned();
                patch(TaskPatch { description: Some(description), ..TaskPatch::default() })
            }
            Act::Create => {
                let group = now.task.group_id;
                let tasks = vec![NewTask { title: word, group, ..NewTask::default() }];
                Command::CreateTasks(CreateTasks { session_id: self.desk.session, tasks })
            }
            Act::Start => crate::scene::status(id, Status::Active),
            Act::Delete => Command::DeleteTask { id, dependents: Dependents::Release },
            Act::First => {
                let place = Some(Place::First);
                Command::PlaceTask(PlaceTask { id, group: None, parent: None, place })
            }
            Act::Regroup => {
                let group = self.groups[task % self.groups.len()];
                let group = Some(Some(group));
                Command::PlaceTask(PlaceTask { id, group, parent: None, place: None })
            }
        };
        // What the rules refuse is not done.
        self.desk.scene.submit("agent:codex", command).ok();
    }

    fn decide(&mut self, which: usize, theirs: bool) {
        let open = self.desk.all_conflicts();
        let Some(conflict) = open.get(which % open.len().max(1)) else { return };
        let choice = if theirs { Choice::Theirs } else { Choice::Ours };
        let wanted = ResolveConflict {
            id: conflict.id,
            choice,
            value: None,
            remark: None,
            if_version: None,
        };
        self.desk.scene.submit("human", Command::ResolveConflict(wanted)).ok();
    }

    /// Every document says what the template gives now, conflicts apart.
    pub(super) fn documents_say_what_the_database_says(&self) {
        let desk = &self.desk;
        let look = |reader: &_| state::read(reader, desk.session);
        let state = desk.scene.peer.readers.read(look).unwrap();
        let home = desk.scene.peer.paths.task_orchestrator();
        let open = desk.all_conflicts();
        for one in Renderer::new(&home.join("none")).render(&state) {
            let file = std::fs::read_to_string(home.join(&one.path)).unwrap();
            let mine: Vec<&Conflict> =
                open.iter().filter(|open| open.document() == Some(&one.path)).collect();
            let [said, meant] =
                [&file, &one.text].map(|text| grammar::draft(text, one.kind, desk.session));
            says_the_same(&said, &meant, &mine, &file);
        }
    }
}

fn says_the_same(said: &Draft, meant: &Draft, open: &[&Conflict], file: &str) {
    let is_open = |record: &str, field: &str| {
        let about = |open: &&&Conflict| open.record == record;
        let mut mine = open.iter().filter(about);
        mine.any(|open| open.field == field || open.kind != ConflictKind::Field)
    };
    for meant in &meant.records {
        let name = said_name(meant).unwrap();
        let Some(said) = said.records.iter().find(|said| said_name(said) == Some(name)) else {
            assert!(is_open(name, ""), "{name} is not in:\n{file}");
            continue;
        };
        for (field, value) in &meant.fields {
            let is_same = said.fields.get(field) == Some(value) || is_open(name, field);
            assert!(is_same, "{field} of {name} in:\n{file}");
        }
    }
    for said in &said.records {
        let name = said_name(said).unwrap();
        let is_meant = meant.records.iter().any(|meant| said_name(meant) == Some(name));
        assert!(is_meant || is_open(name, ""), "{name} is in:\n{file}");
    }
}

fn said_name(item: &DraftRecord) -> Option<&String> {
    item.stamp.as_ref().map(|stamp| &stamp.record)
}

fn is_item(line: &str) -> bool {
    line.starts_with("- [") && line.contains(" <!-- t-")
}

fn with_token(line: &str, token: &str) -> String {
    line.replacen(" <!--", &format!(" {token} <!--"), 1)
}
