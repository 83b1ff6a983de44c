//! Values of the types that a field wants, or a problem that says what is there instead.

use crate::modes::problem::{Fix, Place, Problems, quote};
use crate::modes::tree::{Entry, Node, Value};

/// Longest text of a field, in bytes.
const TEXT_MAX: usize = 64 * 1024;

/// The entries of a map with known keys.
pub(super) struct Fields<'a> {
    entries: &'a [Entry],
}

impl<'a> Fields<'a> {
    /// The fields of a map; those that are not known are warned of.
    pub(super) fn of(
        node: &'a Node,
        what: &str,
        known: &[&str],
        problems: &mut Problems,
    ) -> Option<Self> {
        let entries = entries(node, what, problems)?;
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            unknown_key(entry, what, known, problems);
        }
        Some(Self { entries })
    }

    /// The value of a key that has one.
    pub(super) fn get(&self, key: &str) -> Option<&'a Node> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some(&entry.value).filter(|node| node.value != Value::Nothing)
    }

    /// The value of the first of several keys that mean the same.
    pub(super) fn any(&self, keys: &[&str]) -> Option<&'a Node> {
        keys.iter().find_map(|key| self.get(key))
    }

    /// Where a key stands.
    pub(super) fn place(&self, key: &str) -> Option<Place> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.place)
    }
}

fn unknown_key(entry: &Entry, what: &str, known: &[&str], problems: &mut Problems) {
    let key = entry.key.as_str();
    let is_full = problems.is_full();
    let message = format!("{} is not a key of {what}, and is not read", quote(key));
    let problem = problems.warn(entry.place, message);
    if is_full {
        return;
    }
    match crate::domain::refusal::closest(key, known.iter().copied()) {
        Some(right) => {
            let fix = Fix::Key { wrong: key.to_owned(), right: right.to_owned() };
            problem.suggest(format!("did you mean {right}?")).fix(fix);
        }
        None => {
            problem.suggest(format!("keys of {what} are {}", known.join(", ")));
        }
    }
}

/// The entries of a map.
pub(super) fn entries<'a>(
    node: &'a Node,
    what: &str,
    problems: &mut Problems,
) -> Option<&'a [Entry]> {
    match &node.value {
        Value::Map(entries) => Some(entries),
        Value::Nothing => None,
        Value::Text { .. } | Value::List(_) => {
            wrong(node, what, "a map", problems).suggest("write key: value below it, indented");
            None
        }
    }
}

fn wrong<'p>(
    node: &Node,
    what: &str,
    wanted: &str,
    problems: &'p mut Problems,
) -> &'p mut crate::modes::ModeProblem {
    let kind = node.kind();
    problems.error(node.place, format!("{what} is {kind}; it must be {wanted}"))
}

/// A text; numbers and the like are texts as they are written.
pub(super) fn text(node: &Node, what: &str, problems: &mut Problems) -> Option<String> {
    match &node.value {
        Value::Text { text, .. } if TEXT_MAX < text.len() => {
            problems
                .error(node.place, format!("{what} has over {TEXT_MAX} bytes"))
                .suggest("shorten it; an agent reads it with every task");
            None
        }
        Value::Text { text, .. } => Some(text.trim().to_owned()),
        Value::Nothing => None,
        Value::Map(entries) if is_text_with_colon(entries) => {
            wrong(node, what, "a text", problems)
                .suggest("put it in quotes, as it has a colon in it")
                .fix(Fix::Quote);
            None
        }
        Value::Map(_) | Value::List(_) => {
            wrong(node, what, "a text", problems);
            None
        }
    }
}

/// Tells whether a map is what becomes of a text like `first: do this`.
fn is_text_with_colon(entries: &[Entry]) -> bool {
    let [entry] = entries else { return false };
    matches!(entry.value.value, Value::Text { .. } | Value::Nothing)
}

/// A list of texts; one text by itself is a list of one.
pub(super) fn texts(node: &Node, what: &str, problems: &mut Problems) -> Vec<String> {
    let placed = placed_texts(node, what, problems);
    placed.into_iter().map(|(text, _)| text).collect()
}

/// The same with their places.
pub(super) fn placed_texts(
    node: &Node,
    what: &str,
    problems: &mut Problems,
) -> Vec<(String, Place)> {
    match &node.value {
        Value::Nothing => Vec::new(),
        Value::Text { .. } => {
            let lines = text(node, what, problems).unwrap_or_default();
            vec![(lines, node.place)]
        }
        Value::List(items) => {
            let what = format!("an item of {what}");
            let read = |item: &Node| Some((text(item, &what, problems)?, item.place));
            items.iter().filter_map(read).collect()
        }
        Value::Map(_) => {
            wrong(node, what, "a list", problems).suggest("write each item as - item");
            Vec::new()
        }
    }
    .into_iter()
    .filter(|(text, _)| !text.is_empty())
    .collect()
}

/// Yes or no.
pub(super) fn flag(node: &Node, what: &str, problems: &mut Problems) -> Option<bool> {
    let found = match &node.value {
        Value::Text { text, .. } => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        },
        Value::Nothing | Value::List(_) | Value::Map(_) => None,
    };
    if found.is_none() {
        let said = said(node);
        problems
            .error(node.place, format!("{what} is {said}; it must be true or false"))
            .closest(&said, ["true", "false"].into_iter());
    }
    found
}

/// A whole number of a range.
pub(super) fn number(
    node: &Node,
    what: &str,
    (least, most): (usize, usize),
    problems: &mut Problems,
) -> Option<usize> {
    let parsed = match &node.value {
        Value::Text { text, .. } => text.trim().parse().ok(),
        Value::Nothing | Value::List(_) | Value::Map(_) => None,
    };
    let found = parsed.filter(|number| (least..=most).contains(number));
    if found.is_none() {
        let said = said(node);
        let message = format!("{what} is {said}; it must be a number from {least} to {most}");
        problems.error(node.place, message);
    }
    found
}

/// One of some words.
pub(super) fn word<T: std::str::FromStr>(
    node: &Node,
    what: &str,
    words: &[&str],
    problems: &mut Problems,
) -> Option<T> {
    let given = text(node, what, problems)?;
    let found = given.parse().ok();
    if found.is_none() {
        let one_of = words.join(", ");
        let message = format!("{what} cannot be {}; it is one of {one_of}", quote(&given));
        problems.error(node.place, message).closest(&given, words.iter().copied());
    }
    found
}

/// What a node says, for a message.
pub(super) fn said(node: &Node) -> String {
    match &node.value {
        Value::Text { text, .. } => quote(text),
        Value::Nothing | Value::List(_) | Value::Map(_) => node.kind().to_owned(),
    }
}
