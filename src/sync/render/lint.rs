//! Whether an override is fit for use: it compiles, renders a nasty sample and an empty session,
//! and what it makes of their records is read back as those records.
//!
//! A template may show as few records as it likes; a record that it shows must come out of it as
//! it went in, since whatever else stands in the document would be taken for an edit.

use std::collections::BTreeMap;

use serde_json::Value;

use super::context::Subject;
use super::engine::{Engine, Sheet};
use super::{Fault, TEMPLATES, sample, template_of};
use crate::domain::document::DocumentKind;
use crate::domain::draft::{Draft, DraftRecord, RecordKind, Section};
use crate::domain::merge;
use crate::domain::record::{Fields, Record};
use crate::sync::grammar;
use crate::sync::state::SessionDocumentState;

/// What the records of a state say, by key.
pub(super) type Known = BTreeMap<String, Fields>;

/// Compiles an override and tries it.
pub(super) fn fit(name: &str, source: &str) -> Result<Engine, Fault> {
    let mut engine = Engine::new(source)?;
    for state in [sample::nasty(), sample::empty()] {
        let subject = Subject::new(&state);
        let kinds = subject.kinds();
        let own = |kind: &DocumentKind| {
            TEMPLATES.get(template_of(*kind)).is_some_and(|template| template.name == name)
        };
        for kind in kinds.into_iter().filter(own) {
            let Some(context) = subject.context(kind) else { continue };
            let sheet = engine.render(&context)?;
            if kind.is_read() {
                check(&sheet, kind, &state)?;
            }
        }
    }
    Ok(engine)
}

fn check(sheet: &Sheet, kind: DocumentKind, state: &SessionDocumentState) -> Result<(), Fault> {
    let draft = grammar::draft(&sheet.text, kind, state.session.id);
    match difference(&draft, kind, &known(state)) {
        None => Ok(()),
        Some((line, message)) => {
            Err(Fault::new(sheet.origin(start_of(&sheet.text, line)), message))
        }
    }
}

/// Where a line of a text begins.
fn start_of(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}

/// The first record of a draft that is not as it is known, with its line; `None` when all are.
pub(super) fn difference(
    draft: &Draft,
    kind: DocumentKind,
    known: &Known,
) -> Option<(usize, String)> {
    if let Some(problem) = draft.problems.first() {
        return Some((
            problem.line,
            format!("what it prints is not understood: {}", problem.message),
        ));
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, record) in draft.records.iter().enumerate() {
        let what = record.kind;
        let Some(stamp) = &record.stamp else {
            return Some((record.line, format!("what it prints would be taken for a new {what}")));
        };
        let key = stamp.record.as_str();
        let Some(fields) = known.get(key) else {
            return Some((record.line, format!("it prints a {what} {key} that is not there")));
        };
        if seen.insert(key, index).is_some() {
            return Some((record.line, format!("it prints the {what} {key} twice")));
        }
        let said = record.fields.iter().find(|(name, value)| !agrees(fields, name, value));
        if let Some((name, value)) = said {
            let message = format!(
                "it changes the {name} of the {what} {key}: {} would be read as {value}",
                fields.get(name).unwrap_or(&Value::Null)
            );
            return Some((record.line, message));
        }
    }
    let by_place = matches!(kind, DocumentKind::ActiveTasks | DocumentKind::Group(_));
    let tasks = draft.records.iter().filter(|record| by_place && record.kind == RecordKind::Task);
    tasks.into_iter().find_map(|record| moved(draft, record, known, &seen))
}

fn agrees(fields: &Fields, name: &str, value: &Value) -> bool {
    let known = fields.get(name).unwrap_or(&Value::Null);
    known == value || is_nothing(known) && is_nothing(value)
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// Whether a task stands elsewhere than it is.
fn moved(
    draft: &Draft,
    record: &DraftRecord,
    known: &Known,
    seen: &BTreeMap<&str, usize>,
) -> Option<(usize, String)> {
    let key = |index: usize| draft.records.get(index)?.stamp.as_ref().map(|stamp| &stamp.record);
    let own = &record.stamp.as_ref()?.record;
    let fields = known.get(own)?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let group_stays = match record.section {
        Section::Unsaid => true,
        Section::NoGroup => text("group_id").is_none(),
        Section::Group(index) => key(index).map(String::as_str) == text("group_id"),
    };
    let parent_stays = match record.parent {
        Some(index) => key(index).map(String::as_str) == text("parent_id"),
        None => text("parent_id").is_none_or(|parent| !seen.contains_key(parent)),
    };
    if group_stays && parent_stays {
        return None;
    }
    let from = if group_stays { "parent" } else { "group" };
    Some((record.line, format!("it moves the task {own} away from its {from}")))
}

/// What the records of a state say.
pub(super) fn known(state: &SessionDocumentState) -> Known {
    let mut known = Known::new();
    let records = std::iter::once(Record::Session(state.session.clone()))
        .chain(state.groups.iter().map(|row| Record::Group(row.group.clone())))
        .chain(state.contexts.iter().map(|entry| Record::Context(entry.clone())));
    for record in records {
        known.insert(record.key().to_string(), merge::mergeable(&record, &[]));
    }
    for row in &state.groups {
        let mut path = Vec::new();
        let mut above = row.group.parent_id;
        while let Some(parent) =
            above.and_then(|id| state.groups.iter().find(|other| other.group.id == id))
        {
            path.insert(0, Value::from(parent.group.name.as_str()));
            above = parent.group.parent_id;
        }
        if let Some(fields) = known.get_mut(&row.group.id.to_string()) {
            fields.insert("path".to_owned(), Value::from(path));
        }
    }
    for one in &state.tasks {
        let fields = merge::mergeable_task(&one.task, &one.depends_on);
        known.insert(one.task.id.to_string(), fields);
    }
    known
}
