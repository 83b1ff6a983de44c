//! Splicing against an oracle: random boards, random edits by people, random changes by agents.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Orders, Source, Sources, merged, splice};
use crate::domain::document::DocumentKind;
use crate::domain::draft::{Draft, RecordKind, Section, Stamp};
use crate::domain::mark::Mark;
use crate::domain::record::Fields;
use crate::sync::grammar;

/// A board: groups and tasks in the order of the document.
#[derive(Debug, Clone, Default)]
struct Board {
    groups: Vec<Group>,
    tasks: Vec<Task>,
    /// Whether descriptions are shown.
    is_full: bool,
    made: usize,
}

#[derive(Debug, Clone)]
struct Group {
    key: String,
    fields: Fields,
}

#[derive(Debug, Clone)]
struct Task {
    key: String,
    group: Option<String>,
    parent: Option<String>,
    fields: Fields,
}

fn draft(text: &str) -> Draft {
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
    fn new_task(&mut self, group: Option<String>, parent: Option<String>, seed: usize) {
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

    fn new_group(&mut self, seed: usize) {
        self.made += 1;
        let name = format!("Group {}", self.made);
        let description = TEXTS[seed % 3];
        let Value::Object(fields) = json!({ "name": name, "description": description }) else {
            unreachable!()
        };
        let at = seed % (self.groups.len() + 1);
        self.groups.insert(at, Group { key: format!("g-{:08}", self.made), fields });
    }

    fn render(&self) -> String {
        let mut text = format!(
            "---\ncallboard: active_tasks\nsession: s-00000001\nstate: {}\n---\n\n# Demo\n\n_{} open._\n",
            if self.made % 3 == 0 { "active" } else { "paused" },
            self.tasks.len()
        );
        for group in &self.groups {
            let name = text_of(group.fields.get("name"));
            let stamp = stamp(&group.key, &group.fields);
            text += &format!("\n{}\n", grammar::line::group_heading(2, &[name], Some(&stamp)));
            let quote = grammar::line::description(text_of(group.fields.get("description")), 0);
            if !quote.is_empty() {
                text += &format!("\n{quote}");
            }
            let here = |task: &&Task| task.group.as_ref() == Some(&group.key);
            text += &format!("\n_{} here._\n\n", self.tasks.iter().filter(here).count());
            self.render_tasks(&mut text, Some(&group.key), None, 0);
        }
        if self.tasks.iter().any(|task| task.group.is_none()) {
            text += "\n## Ungrouped <!-- no-group -->\n\n";
            self.render_tasks(&mut text, None, None, 0);
        }
        text += "\n## Legend\n\n| sign | what |\n|---|---|\n| x | done |\n";
        text += &format!("| n | {} |\n", self.groups.len());
        text
    }

    fn render_tasks(
        &self,
        text: &mut String,
        group: Option<&str>,
        parent: Option<&str>,
        depth: usize,
    ) {
        for task in &self.tasks {
            if task.group.as_deref() != group || task.parent.as_deref() != parent {
                continue;
            }
            let line =
                grammar::line::task_line(&task.fields, Some(&stamp(&task.key, &task.fields)));
            *text += &format!("{}{line}\n", "  ".repeat(depth));
            if self.is_full {
                let description = text_of(task.fields.get("description"));
                *text += &grammar::line::description(description, 2 * depth + 2);
            }
            self.render_tasks(text, group, Some(&task.key), depth + 1);
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
        for _ in 0..self.tasks.len() {
            let groups: HashMap<String, Option<String>> =
                self.tasks.iter().map(|task| (task.key.clone(), task.group.clone())).collect();
            for task in &mut self.tasks {
                if let Some(parent) = &task.parent {
                    task.group.clone_from(&groups[parent]);
                }
            }
        }
    }

    /// One change by an agent.
    fn change(&mut self, (kind, one, other): (u8, u16, u16)) {
        let (one, other) = (usize::from(one), usize::from(other));
        let len = self.tasks.len().max(1);
        match kind % 12 {
            0 | 1 => {
                let group = self.groups.get(other % (self.groups.len() + 1));
                self.new_task(group.map(|group| group.key.clone()), None, one);
                let task = self.tasks.pop().unwrap();
                self.tasks.insert(one % len, task);
            }
            2 => {
                if let Some(parent) = self.tasks.get(one % len).cloned() {
                    self.new_task(parent.group, Some(parent.key), other);
                }
            }
            3 => self.remove_task(one % len),
            4 => self.new_group(one),
            5 if !self.groups.is_empty() => {
                let at = one % self.groups.len();
                let key = self.groups.remove(at).key;
                let tasks = self.tasks.iter_mut();
                tasks
                    .filter(|task| task.group.as_ref() == Some(&key))
                    .for_each(|task| task.group = None);
            }
            6 => {
                self.set(one % len, "title", json!(format!("Changed {one} {}", TITLES[other % 6])))
            }
            7 => self.set(one % len, "description", json!(TEXTS[other % TEXTS.len()])),
            8 => {
                self.set(one % len, "status", json!(["active", "review", "blocked"][other % 3]));
                let tag = ["api", "ui", "auth"][other % 3];
                self.set(one % len, "tags", json!([tag]));
            }
            9 => {
                if one % len < self.tasks.len() {
                    let task = self.tasks.remove(one % len);
                    self.tasks.insert(other % len, task);
                }
            }
            10 => self.move_task(one % len, other),
            _ => {
                if let Some(group) = self.groups.get_mut(one % len) {
                    group.fields.insert("description".to_owned(), json!(TEXTS[other % 3]));
                }
            }
        }
        self.settle();
    }

    fn set(&mut self, at: usize, field: &str, value: Value) {
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

    /// What the board is after a file was read, and whose the records without a stamp became.
    fn read(&self, file: &Draft) -> (Self, BTreeMap<usize, String>) {
        let mut board = Self { is_full: self.is_full, made: self.made + 100, ..Self::default() };
        let mut adopted = BTreeMap::new();
        let mut keys: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        for (place, record) in file.records.iter().enumerate() {
            let stamped = record.stamp.as_ref().map(|stamp| stamp.record.clone());
            let key = stamped.filter(|key| seen.insert(key.clone())).unwrap_or_else(|| {
                board.made += 1;
                let letter = if record.kind == RecordKind::Task { "t" } else { "g" };
                let key = format!("{letter}-{:08}", board.made);
                adopted.insert(place, key.clone());
                key
            });
            keys.push(key.clone());
            let known = self.task(&key).map(|task| &task.fields);
            let known = known.or_else(|| {
                self.groups.iter().find(|group| group.key == key).map(|group| &group.fields)
            });
            let mut fields = record.fields.clone();
            fields.remove("path");
            for (name, value) in known.into_iter().flatten() {
                let is_hidden =
                    name == "description" && record.kind == RecordKind::Task && !self.is_full;
                if is_hidden || (name != "description" && !fields.contains_key(name)) {
                    fields.entry(name.clone()).or_insert(value.clone());
                }
            }
            fields.entry("description").or_insert(json!(""));
            if record.kind == RecordKind::Task {
                let group = match record.section {
                    Section::Group(place) => Some(keys[place].clone()),
                    Section::NoGroup | Section::Unsaid => None,
                };
                let parent = record.parent.map(|place| keys[place].clone());
                board.tasks.push(Task { key, group, parent, fields });
            } else {
                board.groups.push(Group { key, fields });
            }
        }
        board.settle();
        (board, adopted)
    }
}

/// One edit by a person, of lines.
fn edit(lines: &mut Vec<String>, (kind, one, other): (u8, u16, u16)) {
    let (one, other) = (usize::from(one), usize::from(other));
    let at = one % lines.len().max(1);
    let tasks: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains("- [")).collect();
    let task = tasks.get(one % tasks.len().max(1)).copied();
    match kind % 14 {
        // Prose, a comment, a heading of one's own, where a blank line is.
        0 | 1 => {
            let blanks: Vec<usize> =
                (5..lines.len()).filter(|at| lines[*at].trim().is_empty()).collect();
            let Some(at) = blanks.get(one % blanks.len().max(1)) else { return };
            let words = [
                format!("My words {other}."),
                format!("<!-- a remark {other} -->"),
                format!("### Of my own {other}"),
                format!("- milk {other}"),
                format!("| a | {other} |\n|---|---|"),
                format!("```\n## code {other}\n```"),
            ];
            let words = words[other % words.len()].clone();
            lines.splice(*at..*at, ["".to_owned(), words]);
        }
        2 => {
            let mut line = format!("- [ ] New of mine {other}");
            let Some(at) = task else { return };
            if other % 2 == 0 {
                let indent = lines[at].len() - lines[at].trim_start().len();
                line = format!("{}{line}", " ".repeat(indent));
            }
            lines.insert(at, line);
        }
        3 => {
            let Some(at) = task else { return };
            lines[at] = lines[at].replace("- [", ["* [", "+ ["][other % 2]);
        }
        4 => {
            let Some(at) = task else { return };
            lines[at] = lines[at].replace("[ ]", ["[X]", "[/]", "[?]"][other % 3]);
        }
        5 => {
            let Some(at) = task else { return };
            let other = tasks[other % tasks.len()];
            let line = lines.remove(at);
            lines.insert(other, line);
        }
        6 => {
            let Some(at) = task else { return };
            lines.remove(at);
        }
        7 => lines[at].push_str(["  ", "\t", ""][other % 3]),
        8 if 5 < at && lines[at].trim().is_empty() => {
            lines.remove(at);
        }
        9 if 5 < at && lines[at].starts_with(['_', '|', '#']) => {
            lines.remove(at);
        }
        10 => lines.insert(4.min(lines.len()), format!("mine: {other}")),
        11 if lines[at].starts_with(['_', '|']) => lines[at] += " and mine",
        12 => {
            let Some(at) = task else { return };
            lines[at] = format!("  {}", lines[at]);
        }
        13 => {
            let Some(at) = task else { return };
            lines[at] = lines[at].replace(" <!-- t-", " !urgnt @me <!-- t-");
        }
        _ => {}
    }
}

fn check(last: &str, next: &str, file: &str, orders: &Orders) -> Result<String, TestCaseError> {
    let (last_draft, next_draft, file_draft) = (draft(last), draft(next), draft(file));
    let sources = Sources {
        last: Source { text: last, draft: &last_draft },
        next: Source { text: next, draft: &next_draft },
        file: Source { text: file, draft: &file_draft },
    };
    let result = splice(&sources, orders);
    let found = draft(&result);
    let shown = format!(
        "--- last\n{last}\n--- next\n{next}\n--- file\n{file}\n--- result\n{result}\n{orders:?}"
    );
    let (found_records, wanted) = (read(&found), read(&next_draft));
    let here = read(&file_draft);
    for (key, record) in &wanted {
        if orders.absent.contains(key) && !here.contains_key(key) {
            prop_assert!(!found_records.contains_key(key), "{key} is back\n{shown}");
            continue;
        }
        let Some(spliced) = found_records.get(key) else {
            return Err(TestCaseError::fail(format!("{key} is lost\n{shown}")));
        };
        let held = orders.held.get(key);
        let mut expected = record.clone();
        if let Some(held) = held {
            expected.stamp.clone_from(&here[key].stamp);
            for name in held {
                match here[key].fields.get(name) {
                    Some(value) => expected.fields.insert(name.clone(), value.clone()),
                    None => expected.fields.remove(name),
                };
            }
        }
        // What was not understood may stay.
        expected.fields.retain(|name, _| spliced.fields.contains_key(name));
        prop_assert_eq!(spliced, &expected, "{}\n{}", key, shown);
    }
    for key in found_records.keys() {
        let is_known = wanted.contains_key(key) || orders.held.contains_key(key);
        prop_assert!(is_known, "{key} is foreign\n{shown}");
    }
    prop_assert_eq!(found.records.len(), found_records.len(), "twice or unstamped\n{}", shown);
    check_words(last, file, &file_draft, &result).map_err(|line| {
        TestCaseError::fail(format!("the person's line {line:?} is lost\n{shown}"))
    })?;
    let again = Sources {
        last: Source { text: next, draft: &next_draft },
        next: Source { text: next, draft: &next_draft },
        file: Source { text: &result, draft: &found },
    };
    let settled = Orders { adopted: BTreeMap::new(), ..orders.clone() };
    prop_assert_eq!(merged(&again, &settled), result.clone(), "not settled\n{}", shown);
    Ok(result)
}

#[derive(Debug, Clone, PartialEq)]
struct Record {
    fields: Fields,
    stamp: Option<Stamp>,
    parent: Option<String>,
    section: Option<String>,
}

fn read(draft: &Draft) -> BTreeMap<String, Record> {
    let key = |place: usize| draft.records[place].stamp.as_ref().map(|stamp| stamp.record.clone());
    let records = draft.records.iter().filter_map(|record| {
        let stamp = record.stamp.clone()?;
        let section = match record.section {
            Section::Unsaid | Section::NoGroup => None,
            Section::Group(place) => key(place),
        };
        let parent = record.parent.and_then(key);
        let fields = record.fields.clone();
        Some((stamp.record.clone(), Record { fields, stamp: Some(stamp), parent, section }))
    });
    records.collect()
}

/// The lines that only the file has and that are of no record stay, in order.
fn check_words(last: &str, file: &str, draft: &Draft, result: &str) -> Result<(), String> {
    let mut known: Vec<&str> = last.lines().map(str::trim).collect();
    let mut at = 0;
    let mut rest = result.lines().map(str::trim);
    for raw in file.split_inclusive('\n') {
        let (start, line) = (at, raw.trim());
        at += raw.len();
        let in_record =
            draft.records.iter().any(|it| it.span.start <= start && start < it.span.end);
        if in_record || line.is_empty() {
            continue;
        }
        if let Some(place) = known.iter().position(|known| *known == line) {
            known.remove(place);
            continue;
        }
        if !rest.any(|found| found == line) {
            return Err(line.to_owned());
        }
    }
    Ok(())
}

type Op = (u8, u16, u16);

fn ops(most: usize) -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(any::<Op>(), 0..most)
}

fn board(is_full: bool, ops: &[Op]) -> Board {
    let mut board = Board { is_full, ..Board::default() };
    board.new_group(0);
    board.new_group(1);
    for place in 0..4 {
        let group = board.groups.get(place % 3).map(|group| group.key.clone());
        board.new_task(group, None, place);
    }
    ops.iter().for_each(|op| board.change(*op));
    board
}

fn edited(last: &str, edits: &[Op], form: u8) -> String {
    let mut lines: Vec<String> = last.lines().map(str::to_owned).collect();
    for op in edits {
        edit(&mut lines, *op);
        lines = lines.join("\n").lines().map(str::to_owned).collect();
    }
    let mut text = lines.join("\n");
    if form & 1 == 0 {
        text.push('\n');
    }
    if form & 6 == 6 { text.replace('\n', "\r\n") } else { text }
}

proptest! {
    #[test]
    fn what_a_person_wrote_stays_and_what_agents_changed_comes(
        is_full: bool, made in ops(8), edits in ops(6), changes in ops(6), form: u8,
    ) {
        let before = board(is_full, &made);
        let last = before.render();
        let file = edited(&last, &edits, form);
        let (mut after, adopted) = before.read(&draft(&file));
        changes.iter().for_each(|op| after.change(*op));
        let orders = Orders { adopted, ..Orders::default() };
        check(&last, &after.render(), &file, &orders)?;
    }

    #[test]
    fn a_file_that_nobody_edited_becomes_what_the_template_gives(
        is_full: bool, made in ops(8), changes in ops(8),
    ) {
        let mut board = board(is_full, &made);
        let last = board.render();
        changes.iter().for_each(|op| board.change(*op));
        let next = board.render();
        let (last_draft, next_draft) = (draft(&last), draft(&next));
        let last = Source { text: &last, draft: &last_draft };
        let next = Source { text: &next, draft: &next_draft };
        let sources = Sources { last, next, file: last };
        prop_assert_eq!(merged(&sources, &Orders::default()), next.text);
    }

    #[test]
    fn a_held_field_keeps_its_text_and_its_stamp(
        is_full: bool, made in ops(8), edits in ops(3), changes in ops(4), which: u16, form: u8,
    ) {
        let before = board(is_full, &made);
        let last = before.render();
        let file = edited(&last, &edits, form);
        let read_file = draft(&file);
        let (mut after, adopted) = before.read(&read_file);
        changes.iter().for_each(|op| after.change(*op));
        let mut orders = Orders { adopted, ..Orders::default() };
        let here = read(&read_file);
        let stays: Vec<usize> = (0..after.tasks.len())
            .filter(|at| here.contains_key(&after.tasks[*at].key)).collect();
        if let Some(at) = stays.get(usize::from(which) % stays.len().max(1)) {
            let field = ["title", "priority", "status", "due", "tags"][usize::from(which) % 5];
            let other = match field {
                "tags" => json!(["theirs"]),
                "due" => json!("2027-01-01"),
                "status" => json!("blocked"),
                "priority" => json!("low"),
                _ => json!("Their title"),
            };
            after.set(*at, field, other);
            let held = BTreeSet::from([field.to_owned()]);
            orders.held.insert(after.tasks[*at].key.clone(), held);
        }
        check(&last, &after.render(), &file, &orders)?;
    }
}

#[test]
fn one_changed_field_changes_only_its_line() {
    let mut board = board(true, &[(0, 1, 1), (2, 1, 2), (2, 4, 3), (0, 3, 0)]);
    let last = board.render();
    let file =
        last.replace("_2 here._", "_2 here._\n\nMy own words.").replace("\n- [ ]", "\n* [ ]");
    board.set(3, "title", json!("Another title"));
    let result = check(&last, &board.render(), &file, &Orders::default()).unwrap();
    let changed: Vec<(&str, &str)> =
        file.lines().zip(result.lines()).filter(|(one, other)| one != other).collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].1.starts_with("* [ ] Another title <!-- t-"), "{changed:?}");
    assert_eq!(file.lines().count(), result.lines().count());
}

#[test]
fn ten_thousand_records_are_spliced_at_once() {
    let mut board = Board { is_full: true, ..Board::default() };
    (0..100).for_each(|seed| board.new_group(seed));
    for place in 0..10_000 {
        let group = board.groups[place % 100].key.clone();
        board.new_task(Some(group), None, place);
    }
    let last = board.render();
    let file = format!("{last}\nMy words.\n");
    board.set(5_000, "title", json!("Another title"));
    let next = board.render();
    let [last_draft, next_draft, file_draft] = [&last, &next, &file].map(|text| draft(text));
    let sources = Sources {
        last: Source { text: &last, draft: &last_draft },
        next: Source { text: &next, draft: &next_draft },
        file: Source { text: &file, draft: &file_draft },
    };
    let began = std::time::Instant::now();
    let result = splice(&sources, &Orders::default());
    let took = began.elapsed();
    assert_eq!(result, format!("{next}\nMy words.\n"));
    eprintln!("{took:?}");
    assert!(took.as_millis() < 1_000, "{took:?}");
}
