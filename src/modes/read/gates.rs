//! The block `gates`: what moves demand.

use crate::domain::artifact::is_kind;
use crate::domain::gate::{Gate, Need};
use crate::domain::task::{Status, TAGS_MAX};
use crate::domain::text::{REMARK_MAX, WORD_MAX};
use crate::modes::problem::{Place, Problems, quote};
use crate::modes::tree::{Entry, Node, Value};

use super::sheet::Sheet;
use super::values::{self, Fields};

const KEYS: &[&str] = &["summary", "artifacts", "checklist", "approval", "roles", "tags"];
/// Most gates of a status.
const GATES_MAX: usize = 32;

pub(super) fn gates(sheet: &mut Sheet, node: &Node, problems: &mut Problems) {
    for entry in values::entries(node, "gates", problems).unwrap_or_default() {
        let Some(to) = status(entry, problems) else { continue };
        sheet.gated.push(to);
        let all = match &entry.value.value {
            Value::List(items) => items.as_slice(),
            Value::Nothing | Value::Text { .. } | Value::Map(_) => {
                std::slice::from_ref(&entry.value)
            }
        };
        if GATES_MAX < all.len() {
            problems.error(entry.place, format!("a status has at most {GATES_MAX} gates"));
        }
        for node in all.iter().take(GATES_MAX) {
            let gate = gate(sheet, to, node, problems);
            sheet.mode.gates.extend(gate);
        }
    }
}

fn status(entry: &Entry, problems: &mut Problems) -> Option<Status> {
    let found = entry.key.parse().ok();
    if found.is_none() {
        let message = format!(
            "{} is not a status; it is one of {}",
            quote(&entry.key),
            Status::TEXTS.join(", ")
        );
        problems.error(entry.place, message).closest(&entry.key, Status::TEXTS.iter().copied());
    }
    found
}

fn gate(sheet: &mut Sheet, to: Status, node: &Node, problems: &mut Problems) -> Option<Gate> {
    let what = format!("the gate of {to}");
    let fields = Fields::of(node, &what, KEYS, problems)?;
    let before = problems.count();
    let mut needs = Vec::new();
    needs.extend(fields.get("summary").and_then(|node| summary(node, problems)));
    if let Some(node) = fields.get("artifacts") {
        let named = values::placed_texts(node, "artifacts", problems);
        for (kind, place) in named.iter().filter(|(kind, _)| !is_kind(kind)) {
            problems
                .warn(*place, format!("no artifact can be of the kind {}", quote(kind)))
                .suggest("name a kind by one word of letters, digits, _ and -");
        }
        needs.extend(short(named, problems).into_iter().map(Need::Artifact));
    }
    let mut wants = |key: &str| {
        fields.get(key).and_then(|node| values::flag(node, key, problems)).unwrap_or(false)
    };
    if wants("checklist") {
        needs.push(Need::Checklist);
    }
    let wants_approval = wants("approval");
    if wants_approval && to == Status::Completed {
        needs.push(Need::Approval);
    } else if wants_approval {
        let place = fields.place("approval").unwrap_or(node.place);
        problems
            .error(place, format!("a person approves only what is completed, not {to}"))
            .suggest("move approval to the gate of completed");
    }
    let roles = roles(sheet, &fields, &what, problems);
    let tags = match fields.get("tags") {
        Some(node) => short(values::placed_texts(node, "tags", problems), problems)
            .into_iter()
            .map(|tag| tag.trim_start_matches('#').to_owned())
            .collect(),
        None => Vec::new(),
    };
    if needs.is_empty() && before < problems.count() {
        return None;
    }
    if needs.is_empty() {
        problems
            .warn(node.place, format!("{what} demands nothing"))
            .suggest("add summary, artifacts, checklist or approval, or remove the gate");
        return None;
    }
    Some(Gate { to, roles, tags, needs })
}

/// True, or the least number of characters.
fn summary(node: &Node, problems: &mut Problems) -> Option<Need> {
    let is_number = match &node.value {
        Value::Text { text, .. } => text.trim().starts_with(|first: char| first.is_ascii_digit()),
        Value::Nothing | Value::List(_) | Value::Map(_) => false,
    };
    if is_number {
        let least = values::number(node, "summary", (0, REMARK_MAX / 4), problems)?;
        return (0 < least).then_some(Need::Summary(least));
    }
    values::flag(node, "summary", problems)?.then_some(Need::Summary(1))
}

fn roles(
    sheet: &mut Sheet,
    fields: &Fields<'_>,
    what: &str,
    problems: &mut Problems,
) -> Vec<String> {
    let Some(node) = fields.get("roles") else { return Vec::new() };
    let names = values::placed_texts(node, &format!("roles of {what}"), problems);
    for (name, place) in &names {
        sheet.note_use(name, *place, what.to_owned());
    }
    names.into_iter().map(|(name, _)| name).collect()
}

/// Words that are not too long, and not too many of them.
fn short(words: Vec<(String, Place)>, problems: &mut Problems) -> Vec<String> {
    if let Some((_, place)) = words.get(TAGS_MAX) {
        problems.error(*place, format!("there are over {TAGS_MAX} of them"));
    }
    let mut found = Vec::new();
    for (word, place) in words.into_iter().take(TAGS_MAX) {
        if WORD_MAX < word.chars().count() {
            problems.error(place, format!("a word has at most {WORD_MAX} characters"));
        } else {
            found.push(word);
        }
    }
    found
}
