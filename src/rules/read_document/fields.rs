//! The fields of records that are known: what the document changed, and what clashes.

use serde_json::Value;

use super::identity::Identity;
use super::{Edit, Part, Plan, base, said};
use crate::domain::change::Change;
use crate::domain::conflict::{Conflict, ConflictKind, ConflictState};
use crate::domain::document::Policy;
use crate::domain::draft::DraftRecord;
use crate::domain::merge::{FieldRule, Merged, merge, mergeable, rules_of};
use crate::domain::record::{Fields, Record, RecordKey, same};
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::rules::conflict::{self, Sides};
use crate::rules::field;

/// One record that a document speaks of.
struct Spoken<'a> {
    item: &'a DraftRecord,
    key: String,
    record: &'a Record,
    depends_on: Vec<crate::domain::id::TaskId>,
    ours: Fields,
    theirs: Fields,
    base: Fields,
    history: Vec<Change>,
    agreed: Option<&'a DraftRecord>,
}

impl Spoken<'_> {
    /// Tells whether the document says a field otherwise than both agreed on last.
    fn says_anew(&self, field: &str) -> bool {
        let before = self.agreed.map(|agreed| agreed.fields.get(field));
        before.is_none_or(|before| before != self.item.fields.get(field))
    }
}

/// Plans the changes of every known record, dependencies and status last: they may need what else
/// the document adds.
pub(super) fn plan(edit: &Edit<'_>, plan: &mut Plan) -> Result<(), Refusal> {
    let agreed = said::agreed_items(edit);
    let mut late = Vec::new();
    for (item, identity) in edit.read.draft.records.iter().zip(&edit.identities) {
        match identity {
            Identity::Known(key, record) => {
                let before = agreed.get(key.to_string().as_str()).copied();
                let spoken = listen(edit, (item, key), record, before, plan)?;
                late.extend(one(edit, &spoken, plan)?);
            }
            Identity::Deleted(key, fields) => deleted(edit, item, (key, fields), plan)?,
            Identity::Unchanged(_) | Identity::New(_) | Identity::Ignored => {}
        }
    }
    plan.parts.extend(late);
    Ok(())
}

fn listen<'a>(
    edit: &'a Edit<'_>,
    (item, key): (&'a DraftRecord, &RecordKey),
    record: &'a Record,
    agreed: Option<&'a DraftRecord>,
    plan: &mut Plan,
) -> Result<Spoken<'a>, Refusal> {
    let depends_on = conflict::dependencies(edit.scene, record)?;
    let ours = mergeable(record, &depends_on);
    let theirs = said::fields(edit, (item, key), agreed, plan)?;
    let history = edit.scene.lookups.history(key)?;
    let mark = item.stamp.as_ref().and_then(|stamp| stamp.mark);
    let known = mark.and_then(|mark| base::at_mark(&history, &ours, mark));
    let base = match (known, agreed) {
        (Some(known), _) => known.fields,
        // Made elsewhere: what this document and this database last agreed on.
        (None, Some(agreed)) => overlay(&ours, &agreed.fields),
        // Without a stamp, an item that stands for a known record says what it changes.
        (None, None) if mark.is_none() => ours.clone(),
        // Made elsewhere, and new in this document: what another one said of it last.
        (None, None) => {
            let mark = edit.mark_elsewhere(&key.to_string())?;
            let known = mark.and_then(|mark| base::at_mark(&history, &ours, mark));
            known.map(|known| known.fields).unwrap_or_default()
        }
    };
    Ok(Spoken {
        item,
        key: key.to_string(),
        record,
        depends_on,
        ours,
        theirs,
        base,
        history,
        agreed,
    })
}

fn overlay(ours: &Fields, agreed: &Fields) -> Fields {
    let mut base = ours.clone();
    for (name, value) in agreed {
        if let Some(known) = base.get_mut(name) {
            known.clone_from(value);
        }
    }
    base
}

/// Plans one record; returns what comes after everything else.
fn one(edit: &Edit<'_>, spoken: &Spoken<'_>, plan: &mut Plan) -> Result<Vec<Part>, Refusal> {
    let mut late = Vec::new();
    for (name, rule) in rules_of(spoken.record) {
        let Some(theirs) = spoken.theirs.get(*name) else { continue };
        let value = |fields: &Fields| fields.get(*name).cloned().unwrap_or_default();
        let (base, ours) = (value(&spoken.base), value(&spoken.ours));
        let decided = match merge(*rule, &base, &ours, theirs) {
            Merged::Conflict if is_overruled(edit, spoken, name, theirs)? => Merged::Keep,
            Merged::Conflict => match policy(edit, *rule) {
                Policy::Ask => Merged::Conflict,
                Policy::FileWins => Merged::Take(theirs.clone()),
                Policy::DatabaseWins => Merged::Keep,
            },
            other @ (Merged::Keep | Merged::Take(_)) => other,
        };
        let open = open_about(edit, &spoken.key, name);
        match decided {
            Merged::Keep => {
                // Where a decision was taken back, what the file says is no word of the person's.
                let agrees = |open: &&Conflict| ours == *theirs && open.theirs == *theirs;
                let over = open.filter(|open| spoken.says_anew(name) || agrees(open));
                plan.withdrawn.extend(over.cloned());
            }
            Merged::Take(value) => {
                plan.withdrawn.extend(open.cloned());
                let Some(part) = part(spoken, name, &value, plan) else { continue };
                let is_late = matches!(*name, "status" | "depends_on");
                if is_late { late.push(part) } else { plan.parts.push(part) }
            }
            Merged::Conflict => plan.conflicts.push(sides(edit, spoken, name, (base, ours))),
        }
    }
    Ok(late)
}

fn part(spoken: &Spoken<'_>, name: &str, value: &Value, plan: &mut Plan) -> Option<Part> {
    let line = spoken.item.line;
    match field::set(spoken.record, &spoken.depends_on, name, value) {
        Ok(commands) => {
            Some(Part { commands, record: spoken.key.clone(), field: name.to_owned(), line })
        }
        Err(refusal) => {
            plan.refuse(&spoken.key, name, line, refusal.message);
            None
        }
    }
}

fn sides(edit: &Edit<'_>, spoken: &Spoken<'_>, name: &str, (base, ours): (Value, Value)) -> Sides {
    let (ours_by, ours_at) = base::last_touch(&spoken.history, name)
        .unwrap_or((crate::domain::actor::Actor::System, Timestamp(0)));
    Sides {
        session_id: edit.read.session_id,
        record: spoken.key.clone(),
        kind: ConflictKind::Field,
        field: name.to_owned(),
        base,
        ours,
        ours_by,
        ours_at,
        theirs: spoken.theirs.get(name).cloned().unwrap_or_default(),
        theirs_by: edit.side.clone(),
    }
}

fn policy(edit: &Edit<'_>, rule: FieldRule) -> Policy {
    match rule {
        FieldRule::Scalar | FieldRule::Set => edit.read.policies.scalars,
        FieldRule::Text => edit.read.policies.texts,
    }
}

fn open_about<'a>(edit: &'a Edit<'_>, record: &str, field: &str) -> Option<&'a Conflict> {
    edit.open.iter().find(|open| {
        open.record == record && open.field == field && open.kind == ConflictKind::Field
    })
}

/// Tells whether this very text of this document was decided on already: it is no new edit.
fn is_overruled(
    edit: &Edit<'_>,
    spoken: &Spoken<'_>,
    field: &str,
    theirs: &Value,
) -> Result<bool, Refusal> {
    let known = edit.scene.lookups.conflicts_of(&spoken.key)?;
    Ok(known.iter().any(|known| {
        known.state == ConflictState::Resolved
            && known.field == field
            && known.theirs_by == edit.side
            && known.theirs == *theirs
    }))
}

/// A record that was deleted and still stands in the document: edited, it beats the deletion.
fn deleted(
    edit: &Edit<'_>,
    item: &DraftRecord,
    (key, fields): (&RecordKey, &Fields),
    plan: &mut Plan,
) -> Result<(), Refusal> {
    let record = key.to_string();
    let history = edit.scene.lookups.history(key)?;
    let mark = item.stamp.as_ref().and_then(|stamp| stamp.mark);
    let before = mark.and_then(|mark| base::at_mark(history.get(1..).unwrap_or(&[]), fields, mark));
    let before = before.map_or_else(|| fields.clone(), |known| known.fields);
    let said = |name: &str| item.fields.get(name);
    let edited = item
        .fields
        .iter()
        .any(|(name, value)| before.get(name).is_some_and(|old| !same(Some(old), Some(value))));
    let decided = edit.scene.lookups.conflicts_of(&record)?.into_iter().any(|known| {
        known.kind == ConflictKind::Deleted && !known.is_open() && known.theirs_by == edit.side
    });
    if !edited || decided || said("title").is_none() {
        return Ok(());
    }
    let (ours_by, ours_at) =
        history.first().map_or((crate::domain::actor::Actor::System, Timestamp(0)), |last| {
            (last.actor.clone(), last.at)
        });
    // What the document does not say is as it was.
    let theirs = overlay(&before, &item.fields);
    plan.conflicts.push(Sides {
        session_id: edit.read.session_id,
        record,
        kind: ConflictKind::Deleted,
        field: String::new(),
        base: Value::Object(before),
        ours: Value::Null,
        ours_by,
        ours_at,
        theirs: Value::Object(theirs),
        theirs_by: edit.side.clone(),
    });
    Ok(())
}
