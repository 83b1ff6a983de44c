//! Records as values of templates: fields to arrange and to choose by, and the text that our
//! functions print.

use std::collections::{BTreeMap, HashMap};

use tera::Value;

use super::arrange::Nested;
use super::functions::{DEPTH, FIRST_LINE, PROSE, QUOTED, STAMPED};
use super::text;
use crate::domain::draft::Stamp;
use crate::domain::id::GroupId;
use crate::domain::record::Record;
use crate::domain::session::{ContextEntry, Session};
use crate::domain::task::Status;
use crate::domain::time::{Timestamp, minutes_text};
use crate::query::rows::{Counts, GroupRow};
use crate::sync::grammar::{health, line};
use crate::sync::state::{SessionDocumentState, mark_of};

/// A map of a template.
pub(super) fn map<const N: usize>(fields: [(&'static str, Value); N]) -> Value {
    Value::from(BTreeMap::from(fields))
}

/// A task with its first line.
pub(super) fn task(nested: Nested<'_>) -> Value {
    let task = &nested.state.task;
    let day = |at: Option<_>| Value::from(at.map(Timestamp::day));
    map([
        ("id", task.id.to_string().into()),
        ("title", task.title.as_str().into()),
        ("status", task.status.as_str().into()),
        ("is_open", task.status.is_open().into()),
        ("priority", task.priority.as_str().into()),
        ("role", task.role.as_deref().into()),
        ("tags", Value::from(task.tags.iter().map(String::as_str).collect::<Vec<_>>())),
        ("estimate", task.estimate_minutes.map(minutes_text).into()),
        ("due", task.due.as_deref().into()),
        ("assignee", task.assignee.as_deref().into()),
        ("holder", task.claim.as_ref().map(|claim| claim.holder.name()).into()),
        (QUOTED, task.description.as_str().into()),
        ("result", task.result_summary.as_deref().into()),
        ("reason", task.reason.as_deref().into()),
        ("started", day(task.started_at)),
        ("finished", day(task.finished_at)),
        ("is_grouped", task.group_id.is_some().into()),
        (DEPTH, nested.depth.into()),
        (FIRST_LINE, nested.state.line.as_str().into()),
    ])
}

/// The session, its heading and its goal.
pub(super) fn session(session: &Session) -> Value {
    let mark = mark_of(&Record::Session(session.clone()));
    let stamp = Stamp { record: session.id.to_string(), mark: Some(mark) };
    map([
        ("id", session.id.to_string().into()),
        ("name", session.name.as_str().into()),
        ("goal", session.goal.as_str().into()),
        ("state", session.state.as_str().into()),
        ("mode", session.mode.as_str().into()),
        ("reason", session.reason.as_deref().into()),
        ("created", session.created_at.day().into()),
        ("since", session.state_since.day().into()),
        (STAMPED, without_level(&line::heading(1, &session.name, Some(&stamp))).into()),
        (QUOTED, session.goal.as_str().into()),
    ])
}

/// A group, its heading and its progress; `file` is relative to the document that is rendered.
pub(super) fn group(row: &GroupRow, headings: &Headings<'_>, file: Option<String>) -> Value {
    map([
        ("id", row.group.id.to_string().into()),
        ("name", row.group.name.as_str().into()),
        ("path", row.path.as_str().into()),
        ("depth", row.depth.into()),
        (QUOTED, row.group.description.as_str().into()),
        ("role", row.group.role.as_deref().into()),
        ("file", file.into()),
        ("counts", counts(row.counts)),
        ("tree", counts(row.tree)),
        (STAMPED, headings.of(row).into()),
    ])
}

/// How many tasks are in each status.
pub(super) fn counts(counts: Counts) -> Value {
    map([
        ("pending", counts.pending.into()),
        ("active", counts.active.into()),
        ("blocked", counts.blocked.into()),
        ("review", counts.review.into()),
        ("completed", counts.completed.into()),
        ("cancelled", counts.cancelled.into()),
        ("failed", counts.failed.into()),
        ("open", counts.open().into()),
        ("all", counts.all().into()),
        ("percent", u32::from(counts.percent).into()),
    ])
}

/// A piece of context: prose where its text can be read back, else data.
pub(super) fn context(entry: &ContextEntry) -> Value {
    let value = &entry.value;
    let prose = value.as_str().and_then(|value| line::prose(value, 2));
    let title = text::title(&entry.key);
    let mark = mark_of(&Record::Context(entry.clone()));
    let stamp =
        Stamp { record: Record::Context(entry.clone()).key().to_string(), mark: Some(mark) };
    // A conflict marker of git would hold the document, wherever it stands in it.
    let plain = value.as_str().filter(|text| health::conflict_marker(text).is_none());
    let data = match plain {
        Some(text) => text.to_owned(),
        None => serde_json::to_string_pretty(value).unwrap_or_default(),
    };
    let common = [
        ("key", Value::from(entry.key.as_str())),
        ("is_prose", prose.is_some().into()),
        ("data", data.into()),
        ("language", if plain.is_some() { "" } else { "json" }.into()),
        (STAMPED, without_level(&line::heading(2, &title, Some(&stamp))).into()),
        ("title", title.into()),
    ];
    let mut fields = BTreeMap::from(common);
    if let Some(prose) = prose {
        fields.insert(PROSE, prose.into());
    }
    Value::from(fields)
}

/// The words of a status in a list of what happened.
pub(super) fn happened(status: Status) -> &'static str {
    match status {
        Status::Pending | Status::Blocked | Status::Review | Status::Active => "started",
        Status::Completed => "completed",
        Status::Cancelled => "cancelled",
        Status::Failed => "failed",
    }
}

/// The headings of groups, with the names of what they are in.
pub(super) struct Headings<'a> {
    groups: HashMap<GroupId, &'a GroupRow>,
}

impl<'a> Headings<'a> {
    pub(super) fn new(state: &'a SessionDocumentState) -> Self {
        Self { groups: state.groups.iter().map(|row| (row.group.id, row)).collect() }
    }

    /// The text of a group's heading, stamp included.
    fn of(&self, row: &GroupRow) -> String {
        let mut names = vec![row.group.name.as_str()];
        let mut above = row.group.parent_id;
        while let Some(parent) = above.and_then(|id| self.groups.get(&id)) {
            names.push(&parent.group.name);
            above = parent.group.parent_id;
            if self.groups.len() < names.len() {
                break;
            }
        }
        names.reverse();
        let mark = mark_of(&Record::Group(row.group.clone()));
        let stamp = Stamp { record: row.group.id.to_string(), mark: Some(mark) };
        without_level(&line::group_heading(1, &names, Some(&stamp)))
    }

    /// The group of an id.
    pub(super) fn row(&self, id: GroupId) -> Option<&'a GroupRow> {
        self.groups.get(&id).copied()
    }
}

fn without_level(heading: &str) -> String {
    heading.trim_start_matches('#').trim_start().to_owned()
}
