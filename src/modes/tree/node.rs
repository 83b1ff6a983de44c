//! The values of a tree.

use crate::modes::problem::Place;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::modes) struct Node {
    pub place: Place,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::modes) enum Value {
    Nothing,
    Text { text: String, is_plain: bool },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::modes) struct Entry {
    pub key: String,
    pub place: Place,
    pub value: Node,
}

impl Node {
    /// How many nodes it has, and how many bytes of text.
    pub(super) fn size(&self) -> (usize, usize) {
        let sum = |(nodes, bytes): (usize, usize), (more, text): (usize, usize)| {
            (nodes.saturating_add(more), bytes.saturating_add(text))
        };
        match &self.value {
            Value::Nothing => (1, 0),
            Value::Text { text, .. } => (1, text.len()),
            Value::List(items) => items.iter().map(Self::size).fold((1, 0), sum),
            Value::Map(entries) => {
                let sizes =
                    entries.iter().map(|entry| sum((1, entry.key.len()), entry.value.size()));
                sizes.fold((1, 0), sum)
            }
        }
    }

    /// What it is, in words.
    pub(in crate::modes) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Nothing => "nothing",
            Value::Text { .. } => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }
}
