//! Random sessions that the rules would have let in.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::super::sample;
use crate::domain::group::TaskGroup;
use crate::domain::id::{GroupId, TaskId};
use crate::domain::session::ContextEntry;
use crate::domain::task::{Priority, Status, Task};
use crate::domain::text;
use crate::query::rows::{Counts, GroupRow};
use crate::sync::layout::Layout;
use crate::sync::state::{SessionDocumentState, TaskState, in_order};

/// What a text is made of: words, markup, and pieces of our own grammar.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9äß]{1,8}",
        1 => "\\PC{1,6}",
        2 => prop::sample::select(vec![
            "- [ ] ", "[x]", "#tag", "!high", "@role", "~2h", "due:2026-01-01", "after:t-00000001",
            "for:ada", "<!-- t-00000001 abcdef -->", "<!--", "-->", "^t-00000001", "\\", "\\#1", "`", "```",
            "# ", "> ", "* ", "1. ", "<div>", "&amp;", "**", "_", "~~~", "---", "===", "|", "[a](b)", "!", "://",
            "<<<<<<< ", "=======", "\u{a0}", "  ", "\t",
        ]).prop_map(str::to_owned),
    ]
}

fn line(max: usize) -> impl Strategy<Value = String> {
    prop::collection::vec((piece(), any::<bool>()), 1..8).prop_map(move |pieces| {
        let text: String = pieces
            .into_iter()
            .map(|(piece, spaced)| if spaced { format!("{piece} ") } else { piece })
            .collect();
        let text: String = text.chars().filter(|c| !c.is_control()).take(max).collect();
        text::one_line("title", &text, max).unwrap_or_else(|_| "plain".to_owned())
    })
}

fn lines() -> impl Strategy<Value = String> {
    let ends = prop::sample::select(vec!["\n", "\n\n", "\n  ", "\n    ", "\n\t", " "]);
    prop_oneof![
        2 => Just(String::new()),
        3 => prop::collection::vec((piece(), ends), 0..8).prop_map(|pieces| {
            let text: String = pieces.into_iter().map(|(piece, end)| piece + end).collect();
            text::many_lines("description", &text, text::DESCRIPTION_MAX).unwrap_or_default()
        }),
    ]
}

fn name() -> impl Strategy<Value = String> {
    line(60).prop_map(|name| name.replace(" / ", " ").trim().to_owned())
}

fn word() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        2 => Just(None),
        1 => prop_oneof![line(20), "[a-z]{1,8}".prop_map(String::from)].prop_map(Some),
    ]
}

type TaskSeed = (
    (String, String),
    (usize, usize, usize),
    (Option<String>, Option<String>, Vec<String>),
    (Option<u32>, bool, Vec<usize>),
    usize,
);

fn task() -> impl Strategy<Value = TaskSeed> {
    (
        (line(255), lines()),
        (0..7_usize, 0..5_usize, 0..4_usize),
        (word(), word(), prop::collection::vec(line(12), 0..3)),
        (prop::option::of(1..5_000_u32), any::<bool>(), prop::collection::vec(0..12_usize, 0..3)),
        0..3_usize,
    )
}

/// Any session.
pub(super) fn state() -> impl Strategy<Value = SessionDocumentState> {
    (
        (name(), lines()),
        prop::collection::vec((name(), lines(), any::<bool>()), 0..4),
        prop::collection::vec(task(), 0..12),
        prop::collection::vec(("[a-z]{1,6}[ /_é]?[a-z]{0,4}", lines()), 0..4),
    )
        .prop_map(|((name, goal), groups, tasks, contexts)| {
            let mut state = sample::empty();
            (state.session.name, state.session.goal) = (name, goal);
            state.groups = groups_of(groups);
            let paths: Vec<(GroupId, String)> =
                state.groups.iter().map(|row| (row.group.id, row.path.clone())).collect();
            state.layout = Layout::new(state.layout.directory, &BTreeMap::new(), &paths);
            let tasks = tasks_of(&tasks, state.groups.len());
            for row in &mut state.groups {
                let own = tasks.iter().filter(|one| one.task.group_id == Some(row.group.id));
                row.counts.pending = i64::try_from(own.count()).unwrap();
                row.tree = row.counts;
            }
            state.tasks = in_order(tasks, &state.groups);
            let session_id = state.session.id;
            let mut contexts: Vec<ContextEntry> = contexts
                .into_iter()
                .map(|(key, value)| ContextEntry {
                    session_id,
                    key,
                    value: json!(value.trim_matches('\n')),
                    updated_at: state.session.created_at,
                    version: 1,
                })
                .collect();
            contexts.sort_by(|left, right| left.key.cmp(&right.key));
            contexts.dedup_by(|left, right| left.key == right.key);
            state.contexts = contexts;
            state
        })
}

fn groups_of(seeds: Vec<(String, String, bool)>) -> Vec<GroupRow> {
    let mut rows: Vec<GroupRow> = Vec::new();
    for (number, (name, description, nested)) in (1..).zip(seeds) {
        let above = rows.last().filter(|_| nested);
        let path = above.map_or_else(|| name.clone(), |row| format!("{} / {name}", row.path));
        let depth = above.map_or(0, |row| row.depth + 1);
        let base = sample::nasty().groups[0].group.clone();
        let parent_id = above.map(|row| row.group.id);
        let id = GroupId::from_random(number);
        let group = TaskGroup { id, parent_id, name, description, ..base };
        let (counts, tree) = (Counts::default(), Counts::default());
        rows.push(GroupRow { group, path, depth, counts, tree, short: 10 });
    }
    rows
}

fn tasks_of(seeds: &[TaskSeed], groups: usize) -> Vec<TaskState> {
    let base = sample::nasty().tasks[0].task.clone();
    let mut tasks: Vec<Task> = Vec::new();
    for (number, seed) in (100..).zip(seeds) {
        let ((title, description), (status, priority, home), (role, assignee, tags), rest, up) =
            seed;
        let (estimate, is_due, _) = rest;
        // A child is always in its parent's group.
        let parent = up.checked_sub(1).and_then(|up| tasks.iter().rev().nth(up)).cloned();
        let parent = parent.filter(|parent| depth(parent, &tasks) < 7);
        let home = u64::try_from(home % (groups + 1)).unwrap();
        let home = (0 < home).then(|| GroupId::from_random(home));
        let one_word = |tag: &String| {
            let tag = tag.replace(|c: char| c.is_whitespace() || c == ',', "-");
            tag.trim_start_matches('#').to_owned()
        };
        let mut tags: Vec<String> =
            tags.iter().map(one_word).filter(|tag| !tag.is_empty()).collect();
        tags.sort();
        tags.dedup();
        tasks.push(Task {
            id: TaskId::from_random(number),
            group_id: parent.as_ref().map_or(home, |parent| parent.group_id),
            parent_id: parent.map(|parent| parent.id),
            title: title.clone(),
            description: description.clone(),
            status: Status::ALL[*status],
            priority: Priority::ALL[*priority],
            role: role.clone(),
            assignee: assignee.clone(),
            tags,
            estimate_minutes: *estimate,
            due: is_due.then(|| "2027-02-28".to_owned()),
            position: f64::from(u32::try_from(number).unwrap()),
            ..base.clone()
        });
    }
    let ids: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let wanted = seeds.iter().map(|seed| &seed.3.2);
    let states = tasks.into_iter().zip(wanted).map(|(task, wanted)| {
        let mut depends_on: Vec<TaskId> = wanted
            .iter()
            .filter_map(|at| ids.get(*at).copied())
            .filter(|id| *id != task.id)
            .collect();
        depends_on.sort_unstable();
        depends_on.dedup();
        TaskState::new(task, depends_on)
    });
    states.collect()
}

fn depth(task: &Task, tasks: &[Task]) -> usize {
    let parent = tasks.iter().find(|other| Some(other.id) == task.parent_id);
    parent.map_or(1, |parent| depth(parent, tasks) + 1)
}
