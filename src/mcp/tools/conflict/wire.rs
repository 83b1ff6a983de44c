//! Conflicts as an agent reads them.

use serde_json::{Value, json};

use crate::domain::actor::Actor;
use crate::domain::conflict::{Conflict, ConflictKind, ConflictState, Proposal};
use crate::mcp::answer::{clip, clip_value};
use crate::query::conflicts::ConflictRow;

/// Bytes of a title and of a value in a list.
const TITLE_BYTES: usize = 120;
const VALUE_BYTES: usize = 200;
/// Proposals told in full.
const PROPOSALS_MAX: usize = 5;

/// A conflict in a list; what is as usual is left out.
pub(super) fn line(row: &ConflictRow) -> Value {
    let conflict = &row.conflict;
    let kind = conflict.kind;
    let proposals = conflict.proposals.len();
    json!({
        "conflict_id": conflict.id,
        "record": conflict.record,
        "title": clip(&row.title, TITLE_BYTES),
        "kind": (kind != ConflictKind::Field).then_some(kind),
        "field": field(conflict),
        "ours": clip_value(&conflict.ours, VALUE_BYTES),
        "ours_by": conflict.ours_by,
        "theirs": clip_value(&conflict.theirs, VALUE_BYTES),
        "theirs_by": conflict.theirs_by,
        "since": conflict.created_at.to_string(),
        "state": (conflict.state != ConflictState::Open).then_some(conflict.state),
        "proposals": (0 < proposals).then_some(proposals),
        "version": conflict.version,
    })
}

/// A conflict that was asked for in full.
pub(in crate::mcp) fn full(row: &ConflictRow) -> Value {
    let conflict = &row.conflict;
    let newest = conflict.proposals.iter().rev().take(PROPOSALS_MAX);
    let proposals: Vec<Value> = newest.map(proposal).collect();
    json!({
        "conflict_id": conflict.id,
        "session_id": conflict.session_id,
        "record": conflict.record,
        "title": row.title,
        "group": row.group,
        "kind": conflict.kind,
        "field": field(conflict),
        "base": conflict.base,
        "ours": conflict.ours,
        "ours_by": conflict.ours_by,
        "ours_at": conflict.ours_at.to_string(),
        "theirs": conflict.theirs,
        "theirs_by": conflict.theirs_by,
        "theirs_at": conflict.theirs_at.to_string(),
        "document": conflict.document(),
        "since": conflict.created_at.to_string(),
        "state": conflict.state,
        "resolution": resolution(conflict),
        "proposals": (!proposals.is_empty()).then_some(proposals),
        "version": conflict.version,
    })
}

/// What a word about a conflict came to.
pub(super) fn decided(conflict: &Conflict, actor: &Actor) -> Value {
    let own = conflict.proposals.iter().rev().find(|proposal| proposal.by == *actor);
    let is_open = conflict.is_open();
    json!({
        "conflict_id": conflict.id,
        "record": conflict.record,
        "field": field(conflict),
        "state": conflict.state,
        "proposed": own.filter(|_| is_open).map(proposal),
        "resolution": resolution(conflict),
        "decides": is_open.then_some("a person"),
        "in_force": is_open.then(|| clip_value(&conflict.ours, VALUE_BYTES)),
        "version": conflict.version,
    })
}

fn field(conflict: &Conflict) -> Option<&str> {
    Some(conflict.field.as_str()).filter(|field| !field.is_empty())
}

fn proposal(proposal: &Proposal) -> Value {
    json!({
        "choice": proposal.choice,
        "value": proposal.value,
        "by": proposal.by,
        "at": proposal.at.to_string(),
        "remark": proposal.remark,
    })
}

fn resolution(conflict: &Conflict) -> Option<Value> {
    conflict.resolution.as_ref().map(|end| {
        json!({
            "choice": end.choice,
            "value": end.value,
            "by": end.by,
            "at": end.at.to_string(),
            "remark": end.remark,
        })
    })
}
