//! The sessions that overrides are tried on: one in which every text tries to be something else,
//! and one that is empty.

use std::collections::BTreeMap;

use serde_json::json;

use crate::domain::actor::Actor;
use crate::domain::artifact::ArtifactState;
use crate::domain::claim::Claim;
use crate::domain::group::TaskGroup;
use crate::domain::id::{GroupId, SessionId, TaskId};
use crate::domain::session::{ContextEntry, Session, SessionState};
use crate::domain::task::{Complexity, Priority, Status, Task};
use crate::domain::time::Timestamp;
use crate::query::documents::{ArtifactRow, Work};
use crate::query::rows::{Counts, GroupRow};
use crate::sync::layout::{self, Layout};
use crate::sync::state::{SessionDocumentState, TaskState, in_order};

/// 2026-11-23T14:00:00Z.
const THEN: Timestamp = Timestamp(1_795_442_400_000);

/// Titles, each of which looks like something that a title is not.
const TITLES: [&str; 12] = [
    "Write the login handler",
    "- [ ] not an item",
    "# not a heading",
    "ends with #tokens !high @nobody",
    "a stamp <!-- t-00000001 abcdef -->",
    "a block id ^t-00000001",
    "back\\slash \\#1 and `code`",
    "> *not* a **quote** | [link](a)",
    "[x] done? [/] 1. due:2026-01-01",
    "&amp; <b>bold</b> ~~gone~~ ***",
    "übergrößenträger 日本語 👩‍💻 a\u{300}",
    "1. first",
];

/// Descriptions, each of which tries to get out of its place.
const DESCRIPTIONS: [&str; 4] = [
    "Plain words.\n\n- [ ] a check of its own\n- [x] another",
    "```\nan open fence\n<!-- t-00000001 abcdef -->",
    "# Heading <!-- g-00000001 abcdef -->\n\n<!-- open\n<div>\n\n    code",
    "> quoted\n\n  indented\n- [ ] item <!-- t-00000002 abcdef -->\n\n---\n***",
];

/// A session in which nothing is what it looks like.
pub(super) fn nasty() -> SessionDocumentState {
    let groups = vec![
        group(1, None, "Backend", "What answers.\n\n- [ ] its own check"),
        group(2, Some(1), "API *v2* | [x] <!-- g-00000001 -->", DESCRIPTIONS[2]),
        group(3, None, "#hash `tick` \\ & 1.", ""),
        group(4, None, "Empty", ""),
    ];
    let tasks = TITLES.iter().enumerate().flat_map(|(index, title)| {
        let number = u64::try_from(index).unwrap_or(0) * 4;
        let home = [Some(1), None, Some(2), Some(3)].get(index % 4).copied().flatten();
        (0..4_u64).map(move |deep| task(number + deep, home, title))
    });
    let tasks: Vec<TaskState> = tasks.collect();
    let mut state = empty();
    state.session.name.push_str(" *and* <!-- s-00000001 --> more #1");
    state.session.goal.push_str(DESCRIPTIONS[3]);
    state.session.reason = Some("because | of `this`".to_owned());
    state.groups = groups;
    let paths: Vec<(GroupId, String)> =
        state.groups.iter().map(|row| (row.group.id, row.path.clone())).collect();
    state.layout = Layout::new(state.layout.directory, &BTreeMap::new(), &paths);
    count(&mut state, &tasks);
    state.tasks = in_order(tasks, &state.groups);
    state.contexts = contexts(state.session.id);
    state.artifacts = vec![ArtifactRow {
        id: "artifact/t-00000003".to_owned(),
        task: Some(TaskId::from_random(3)),
        kind: "code".to_owned(),
        title: "a | b <!-- t-00000001 -->".to_owned(),
        paths: vec!["src/a|b.rs".to_owned(), "src/`c`.rs".to_owned()],
        bytes: Some(12_345),
        hash: Some("0123456789ab".to_owned()),
        edition: Some(2),
        state: Some(ArtifactState::Changed),
        at: THEN,
    }];
    state.work = vec![
        Work { task: TaskId::from_random(2), actor: Actor::agent("a|b"), reopened: false },
        Work { task: TaskId::from_random(2), actor: Actor::Human, reopened: true },
    ];
    state
}

/// A session without anything.
pub(super) fn empty() -> SessionDocumentState {
    let id = SessionId::from_random(1);
    SessionDocumentState {
        layout: Layout::new(layout::new_directory("Sample", id), &BTreeMap::new(), &[]),
        session: Session {
            binding: None,
            id,
            name: "Sample".to_owned(),
            goal: String::new(),
            state: SessionState::Active,
            mode: "default".to_owned(),
            reason: None,
            owner: None,
            created_at: THEN,
            updated_at: THEN,
            state_since: THEN,
            version: 1,
        },
        counts: Counts::default(),
        groups: Vec::new(),
        ungrouped: Counts::default(),
        tasks: Vec::new(),
        contexts: Vec::new(),
        artifacts: Vec::new(),
        artifacts_beyond: 0,
        work: Vec::new(),
    }
}

fn group(number: u64, parent: Option<u64>, name: &str, description: &str) -> GroupRow {
    let group = TaskGroup {
        id: GroupId::from_random(number),
        session_id: SessionId::from_random(1),
        parent_id: parent.map(GroupId::from_random),
        name: name.to_owned(),
        description: description.to_owned(),
        role: Some("implementer".to_owned()),
        position: 1.0,
        created_at: THEN,
        updated_at: THEN,
        version: 1,
    };
    let path = if parent.is_some() { format!("Backend / {name}") } else { name.to_owned() };
    let depth = usize::from(parent.is_some());
    let (counts, tree) = (Counts::default(), Counts::default());
    GroupRow { group, path, depth, counts, tree, short: 10 }
}

/// The first of four is the parent of the second, and that of the third.
fn task(number: u64, home: Option<u64>, title: &str) -> TaskState {
    let pick = |modulus: u64| usize::try_from(number % modulus).unwrap_or(0);
    let status = Status::ALL.get(pick(7)).copied().unwrap_or(Status::Pending);
    let is_nested = matches!(number % 4, 1 | 2);
    let holder = Actor::agent("agent|1");
    let claim = Claim {
        holder,
        number: 1,
        since: THEN,
        until: THEN,
        minutes: 30,
        paths: vec!["src/**".to_owned()],
    };
    let task = Task {
        id: TaskId::from_random(number),
        session_id: SessionId::from_random(1),
        group_id: home.map(GroupId::from_random),
        parent_id: is_nested.then(|| TaskId::from_random(number - 1)),
        title: format!("{title} {}", "·".repeat(pick(3))).trim().to_owned(),
        description: DESCRIPTIONS.get(pick(5)).copied().unwrap_or_default().to_owned(),
        status,
        priority: Priority::ALL.get(pick(5)).copied().unwrap_or(Priority::Normal),
        complexity: Complexity::Moderate,
        role: number.is_multiple_of(3).then(|| "the tester".to_owned()),
        position: f64::from(u32::try_from(number).unwrap_or(0)),
        estimate_minutes: [None, Some(90), Some(120), Some(960)].get(pick(4)).copied().flatten(),
        actual_minutes: number.is_multiple_of(2).then_some(100),
        tags: if number.is_multiple_of(2) {
            vec!["a|tag".to_owned(), "ux".to_owned()]
        } else {
            Vec::new()
        },
        due: number.is_multiple_of(5).then(|| "2026-12-01".to_owned()),
        progress: 0,
        assignee: number.is_multiple_of(6).then(|| "ada lovelace".to_owned()),
        claim: (status == Status::Active).then_some(claim),
        claim_number: 1,
        result_summary: (!status.is_open()).then(|| "It | works.\n\n- [ ] x".to_owned()),
        reason: None,
        created_by: Actor::Human,
        created_at: THEN,
        updated_at: THEN,
        started_at: (status != Status::Pending).then_some(THEN),
        finished_at: (!status.is_open()).then(|| THEN.plus_ms(3_600_000)),
        version: 1,
    };
    let depends_on =
        if number % 8 == 7 { vec![TaskId::from_random(number - 7)] } else { Vec::new() };
    TaskState::new(task, depends_on)
}

fn contexts(session_id: SessionId) -> Vec<ContextEntry> {
    let values = [
        ("a key/with spaces", json!("one\n\n### inside\n\n- [ ] not a task")),
        ("decisions", json!("Use *SQLite*.\n\n> quoted <!-- t-00000001 abcdef -->")),
        ("escapes", json!("# a heading that cannot be prose\n\n```\nopen")),
        ("focus", json!({"files": ["a.rs"], "note": "```"})),
    ];
    let entry = |(key, value): (&str, serde_json::Value)| ContextEntry {
        session_id,
        key: key.to_owned(),
        value,
        updated_at: THEN,
        version: 1,
    };
    values.into_iter().map(entry).collect()
}

/// Counts the tasks as the database would, by status only.
fn count(state: &mut SessionDocumentState, tasks: &[TaskState]) {
    for one in tasks {
        let group = one.task.group_id;
        add(&mut state.counts, one.task.status);
        match state.groups.iter_mut().find(|row| Some(row.group.id) == group) {
            Some(row) => {
                add(&mut row.counts, one.task.status);
                add(&mut row.tree, one.task.status);
            }
            None => add(&mut state.ungrouped, one.task.status),
        }
    }
}

fn add(counts: &mut Counts, status: Status) {
    let slot = match status {
        Status::Pending => &mut counts.pending,
        Status::Active => &mut counts.active,
        Status::Blocked => &mut counts.blocked,
        Status::Review => &mut counts.review,
        Status::Completed => &mut counts.completed,
        Status::Cancelled => &mut counts.cancelled,
        Status::Failed => &mut counts.failed,
    };
    *slot += 1;
    counts.percent = 40;
}
