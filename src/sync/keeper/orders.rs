//! What is left as it stands in a file.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::keys;
use crate::domain::conflict::{Conflict, ConflictKind};
use crate::domain::document::Document;
use crate::domain::draft::LINE_FIELDS;
use crate::domain::id::SessionId;
use crate::sync::grammar;
use crate::sync::render::Rendered;
use crate::sync::splice::Orders;

/// The records whose removal is asked about and that the document would not show any more: they
/// were moved, finished or deleted since.
pub(super) fn not_shown(session: SessionId, rendered: &Rendered, open: &[Conflict]) -> Vec<String> {
    let mut asked = open.iter().filter(|one| one.kind == ConflictKind::Removed).peekable();
    if asked.peek().is_none() {
        return Vec::new();
    }
    let shown = keys(&grammar::draft(&rendered.text, rendered.kind, session));
    asked.filter(|one| !shown.contains(&one.record)).map(|one| one.record.clone()).collect()
}

/// What was left out of a document, in short; empty where nothing was.
pub(super) fn in_short(orders: &Orders) -> String {
    if orders.held.is_empty() && orders.absent.is_empty() {
        return String::new();
    }
    format!("{:?} {:?}", orders.held, orders.absent)
}

/// What stays in the file: the text of fields that are in conflict or were refused, and the absence
/// of records whose removal is asked about.
pub(super) fn orders(row: &Document, open: &[Conflict], quarantined: BTreeSet<String>) -> Orders {
    let mut orders = Orders {
        adopted: row.adopted.iter().cloned().collect(),
        held: BTreeMap::new(),
        absent: quarantined,
    };
    for held in row.held.iter().filter(|held| held.is_text()) {
        orders.held.entry(held.record.clone()).or_default().insert(held.field.clone());
    }
    for conflict in open {
        match conflict.kind {
            ConflictKind::Field => {
                let fields = orders.held.entry(conflict.record.clone()).or_default();
                fields.insert(conflict.field.clone());
            }
            ConflictKind::Removed => {
                orders.absent.insert(conflict.record.clone());
            }
            ConflictKind::Deleted => {
                let fields = orders.held.entry(conflict.record.clone()).or_default();
                fields.extend(LINE_FIELDS.map(str::to_owned));
                fields.insert("description".to_owned());
            }
        }
    }
    orders
}
