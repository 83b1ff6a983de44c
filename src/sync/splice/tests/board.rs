//! A board that is rendered, changed by agents, and read back from an edited document.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::domain::document::DocumentKind;
use crate::domain::draft::{Draft, DraftRecord, RecordKind, Section, Stamp};
use crate::domain::mark::Mark;
use crate::domain::record::Fields;
use crate::sync::grammar;

/// A change or an edit: its kind, and two numbers that say where and how.
pub(super) type Op = (u8, u16, u16);

/// A board: groups and tasks in the order of the document.
#[derive(Debug, Clone, Default)]
pub(super) struct Board {
    pub(super) groups: Vec<Group>,
    pub(super) tasks: Vec<Task>,
    /// Whether descriptions are shown.
    pub(super) is_full: bool,
    pub(super) made: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) key: String,
    pub(super) fields: Fields,
}

#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) key: String,
    pub(super) group: Option<String>,
    pub(super) parent: Option<String>,
    pub(super) fields: Fields,
}

pub(super) fn draft(text: &str) -> Draft {
    grammar::draft(text, DocumentKind::ActiveTasks, "s-00000001".parse().unwrap())
}

fn stamp(key: &str, fields: &Fields) -> Stamp {
    Stamp { record: key.to_owned(), mark: Some(Mark::of(fields)) }
}

fn text_of(value: Option<&Value>) -> &str {
    value.and_then(Value::as_str).unwrap_or_default()
}

const TITLES: [&str; 6] =
    ["Write the handler", "Fix #1", "a [x] b", "1. step", "Say \\ so", "Check <!-- this -->"];
const TEXTS: [&str; 5] = ["", "One line.", "Two\nlines.", "A list:\n\n- [ ] no task\n- b", "Last."];

impl Board {
    pub(super) fn new_task(&mut self, group: Option<String>, parent: Option<String>, seed: usize) {
        self.made += 1;
        let title = format!("{} {}", TITLES[seed % TITLES.len()], self.made);
        let fields = json!({
            "title": title, "status": "pending", "priority": "normal", "role": null,
            "tags": [], "estimate_minutes": null, "due": null, "assignee": null,
            "depends_on": [], "description": TEXTS[seed % TEXTS.len()],
        });
        let Value::Object(fields) = fields else { unreachable!() };
        let key = format!("t-{:08}", self.made);
        self.tasks.push(Task { key, group, parent, fields });
    }

    pub(super) fn new_group(&mut self, seed: usize) {
        self.made += 1;
        let name = format!("Group {}", self.made);
        let description = TEXTS[seed % 3];
        let Value::Object(fields) = json!({ "name": name, "description": description }) else {
            unreachable!()
        };
        let at = seed % (self.groups.len() + 1);
        self.groups.insert(at, Group { key: format!("g-{:08}", self.made), fields });
    }

    pub(super) fn render(&self) -> String {
        let mut text = format!(
            "---\ncallboard: active_tasks\nsession: s-00000001\nstate: {}\n---\n\n# Demo\n\n_{} open._\n",
            if self.made.is_multiple_of(3) { "active" } else { "paused" },
            self.tasks.len()
        );
        for group in &self.groups {
            self.render_group(&mut text, group);
        }
        if self.tasks.iter().any(|task| task.group.is_none()) {
            text += "\n## Ungrouped <!-- no-group -->\n\n";
            self.render_tasks(&mut text, (None, None), 0);
        }
        text += "\n## Legend\n\n| sign | what |\n|---|---|\n| x | done |\n";
        writeln!(text, "| n | {} |", self.groups.len()).unwrap();
        text
    }

    fn render_group(&self, text: &mut String, group: &Group) {
        let name = text_of(group.fields.get("name"));
        let stamp = stamp(&group.key, &group.fields);
        writeln!(text, "\n{}", grammar::line::group_heading(2, &[name], Some(&stamp))).unwrap();
        let quote = grammar::line::description(text_of(group.fields.get("description")), 0);
        if !quote.is_empty() {
            write!(text, "\n{quote}").unwrap();
        }
        let here = |task: &&Task| task.group.as_ref() == Some(&group.key);
        let count = self.tasks.iter().filter(here).count();
        write!(text, "\n_{count} here._\n\n").unwrap();
        self.render_tasks(text, (Some(&group.key), None), 0);
    }

    fn render_tasks(
        &self,
        text: &mut String,
        (group, parent): (Option<&str>, Option<&str>),
        depth: usize,
    ) {
        let is_here =
            |task: &&Task| task.group.as_deref() == group && task.parent.as_deref() == parent;
        for task in self.tasks.iter().filter(is_here) {
            let stamp = stamp(&task.key, &task.fields);
            let line = grammar::line::task_line(&task.fields, Some(&stamp));
            writeln!(text, "{}{line}", "  ".repeat(depth)).unwrap();
            let description = text_of(task.fields.get("description"));
            let description = if self.is_full { description } else { "" };
            *text += &grammar::line::description(description, 2 * depth + 2);
            self.render_tasks(text, (group, Some(&task.key)), depth + 1);
        }
    }

    fn within(&self, inner: &str, outer: &str) -> bool {
        let mut here = Some(inner.to_owned());
        while let Some(key) = here {
            if key == outer {
                return true;
            }
            here = self.task(&key).and_then(|task| task.parent.clone());
        }
        false
    }

    fn task(&self, key: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.key == key)
    }

    /// Gives what is nested in a task the group of that task.
    fn settle(&mut self) {
        for at in 0..self.tasks.len() {
            let mut root = self.tasks[at].clone();
            while let Some(outer) = root.parent.as_ref().and_then(|parent| self.task(parent)) {
                root = outer.clone();
            }
            self.tasks[at].group = root.group;
        }
    }

    /// One change by an agent.
    pub(super) fn change(&mut self, (kind, one, other): Op) {
        let (one, other) = (usize::from(one), usize::from(other));
        let len = self.tasks.len().max(1);
        let at = one % len;
        match kind % 12 {
            0 | 1 => self.plan_task(at, other),
            2 => self.plan_child(at, other),
            3 => self.remove_task(at),
            4 => self.new_group(one),
            5 => self.remove_group(one),
            6 => {
                let title = format!("Changed {one} {}", TITLES[other % TITLES.len()]);
                self.set(at, "title", json!(title));
            }
            7 => self.set(at, "description", json!(TEXTS[other % TEXTS.len()])),
            8 => {
                self.set(at, "status", json!(["active", "review", "blocked"][other % 3]));
                let tag = ["api", "ui", "auth"][other % 3];
                self.set(at, "tags", json!([tag]));
            }
            9 => self.reorder(at, other % len),
            10 => self.move_task(at, other),
            _ => {
                if let Some(group) = self.groups.get_mut(at) {
                    group.fields.insert("description".to_owned(), json!(TEXTS[other % 3]));
                }
            }
        }
        self.settle();
    }

    fn plan_task(&mut self, at: usize, seed: usize) {
        let group = self.groups.get(seed % (self.groups.len() + 1));
        self.new_task(group.map(|group| group.key.clone()), None, at);
        let last = self.tasks.len() - 1;
        self.reorder(last, at);
    }

    fn plan_child(&mut self, at: usize, seed: usize) {
        if let Some(parent) = self.tasks.get(at).cloned() {
            self.new_task(parent.group, Some(parent.key), seed);
        }
    }

    fn reorder(&mut self, from: usize, to: usize) {
        if from < self.tasks.len() {
            let task = self.tasks.remove(from);
            self.tasks.insert(to, task);
        }
    }

    fn remove_group(&mut self, seed: usize) {
        if self.groups.is_empty() {
            return;
        }
        let key = self.groups.remove(seed % self.groups.len()).key;
        for task in &mut self.tasks {
            task.group = task.group.take().filter(|group| *group != key);
        }
    }

    pub(super) fn set(&mut self, at: usize, field: &str, value: Value) {
        if let Some(task) = self.tasks.get_mut(at) {
            task.fields.insert(field.to_owned(), value);
        }
    }

    fn remove_task(&mut self, at: usize) {
        let Some(task) = self.tasks.get(at).cloned() else { return };
        self.tasks.remove(at);
        for child in &mut self.tasks {
            if child.parent.as_ref() == Some(&task.key) {
                child.parent.clone_from(&task.parent);
            }
        }
    }

    fn move_task(&mut self, at: usize, seed: usize) {
        let Some(task) = self.tasks.get(at).cloned() else { return };
        let parent = self.tasks.get(seed % (self.tasks.len() + 2)).map(|task| task.key.clone());
        let parent = parent.filter(|parent| !self.within(parent, &task.key));
        let group = self.groups.get(seed % (self.groups.len() + 1)).map(|group| group.key.clone());
        let task = &mut self.tasks[at];
        (task.parent, task.group) = (parent, group);
    }

    /// What a record is after it was read.
    fn merged(&self, key: &str, record: &DraftRecord) -> Fields {
        let known = self.task(key).map(|task| &task.fields);
        let group = self.groups.iter().find(|group| group.key == key);
        let known = known.or_else(|| group.map(|group| &group.fields));
        let is_hidden = record.kind == RecordKind::Task && !self.is_full;
        let mut fields = record.fields.clone();
        fields.remove("path");
        for (name, value) in known.into_iter().flatten() {
            if is_hidden || name != "description" {
                fields.entry(name.clone()).or_insert(value.clone());
            }
        }
        fields.entry("description").or_insert(json!(""));
        fields
    }

    fn adopt(&mut self, kind: RecordKind) -> String {
        self.made += 1;
        let letter = if kind == RecordKind::Task { "t" } else { "g" };
        format!("{letter}-{:08}", self.made)
    }

    /// Takes a record of a file whose other records have these keys.
    fn take(&mut self, task: Task, record: &DraftRecord, keys: &[String]) {
        let key = |place: usize| keys[place].clone();
        if record.kind != RecordKind::Task {
            self.groups.push(Group { key: task.key, fields: task.fields });
            return;
        }
        let group = match record.section {
            Section::Group(place) => Some(key(place)),
            Section::NoGroup | Section::Unsaid => None,
        };
        self.tasks.push(Task { group, parent: record.parent.map(key), ..task });
    }

    /// What the board is after a file was read, and whose the records without a stamp became.
    pub(super) fn read(&self, file: &Draft) -> (Self, BTreeMap<usize, String>) {
        let mut board = Self { is_full: self.is_full, made: self.made + 100, ..Self::default() };
        let mut adopted = BTreeMap::new();
        let mut keys: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        for (place, record) in file.records.iter().enumerate() {
            let stamped = record.stamp.as_ref().map(|stamp| stamp.record.clone());
            let own = stamped.filter(|key| seen.insert(key.clone()));
            let key = own.unwrap_or_else(|| board.adopt(record.kind));
            if record.stamp.as_ref().is_none_or(|stamp| stamp.record != key) {
                adopted.insert(place, key.clone());
            }
            let fields = self.merged(&key, record);
            keys.push(key.clone());
            let task = Task { key, group: None, parent: None, fields };
            board.take(task, record, &keys);
        }
        board.settle();
        (board, adopted)
    }
}

pub(super) fn board(is_full: bool, ops: &[Op]) -> Board {
    let mut board = Board { is_full, ..Board::default() };
    board.new_group(0);
    board.new_group(1);
    for place in 0..4 {
        let group = board.groups.get(place % 3).map(|group| group.key.clone());
        board.new_task(group, None, place);
    }
    for op in ops {
        board.change(*op);
    }
    board
}
