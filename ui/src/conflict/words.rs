//! Words about conflicts: what a field is called, who is on which side, what is asked.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::conflict::{Choice, Conflict, ConflictKind};
use callboard_engine::query::conflicts::ConflictRow;

/// What a field is called.
pub fn field(conflict: &Conflict) -> String {
    match conflict.kind {
        ConflictKind::Removed | ConflictKind::Deleted => "item".to_owned(),
        ConflictKind::Field => field_name(&conflict.field),
    }
}

/// The name of a field as it is read.
pub fn field_name(field: &str) -> String {
    match field {
        "depends_on" => "waits for".to_owned(),
        "group_id" => "group".to_owned(),
        "parent_id" => "below".to_owned(),
        "estimate_minutes" => "estimate".to_owned(),
        "actual_minutes" => "took".to_owned(),
        "result_summary" => "result".to_owned(),
        "value" => "text".to_owned(),
        other => other.replace('_', " "),
    }
}

/// What the database's side is called.
pub fn own_side(conflict: &Conflict) -> &'static str {
    match conflict.kind {
        ConflictKind::Field => "Database",
        ConflictKind::Removed => "Keep",
        ConflictKind::Deleted => "Deleted",
    }
}

/// What a decision on a whole record brings about; nothing where it is about one field.
pub fn consequence(conflict: &Conflict, choice: Choice) -> Option<&'static str> {
    match (conflict.kind, choice) {
        (ConflictKind::Field, _) | (_, Choice::Merged) => None,
        (ConflictKind::Removed, Choice::Ours) => Some("It is written into the document again."),
        (ConflictKind::Removed, Choice::Theirs) => {
            Some("What waits for it no longer does. Undo brings it back.")
        }
        (ConflictKind::Deleted, Choice::Ours) => {
            Some("It goes from the document; the text is among the edit backups.")
        }
        (ConflictKind::Deleted, Choice::Theirs) => {
            Some("It comes back under its own id, as the file has it.")
        }
    }
}

/// Whoever wrote a side, in a word: a file by its name.
pub fn who(actor: &Actor) -> String {
    match actor {
        Actor::Human => "you".to_owned(),
        Actor::Agent(name) => name.clone(),
        Actor::File(path) => path.rsplit('/').next().unwrap_or(path).to_owned(),
        Actor::System => "callboard".to_owned(),
    }
}

/// What the other side is called: the file, or whoever wrote at the same time.
pub fn other_side(conflict: &Conflict) -> &'static str {
    match conflict.theirs_by {
        Actor::File(_) => "File",
        Actor::Human | Actor::Agent(_) | Actor::System => "Other",
    }
}

/// A decision in words.
pub fn choice(conflict: &Conflict, choice: Choice) -> &'static str {
    match (conflict.kind, choice) {
        (_, Choice::Merged) => "merged",
        (ConflictKind::Field, Choice::Ours) => "database",
        (ConflictKind::Field, Choice::Theirs) => match conflict.theirs_by {
            Actor::File(_) => "file",
            Actor::Human | Actor::Agent(_) | Actor::System => "other",
        },
        (ConflictKind::Removed, Choice::Ours) => "keep it",
        (ConflictKind::Removed, Choice::Theirs) => "remove it",
        (ConflictKind::Deleted, Choice::Ours) => "stay deleted",
        (ConflictKind::Deleted, Choice::Theirs) => "bring it back",
    }
}

/// What is asked about a whole record; nothing where it is about one field.
pub fn question(row: &ConflictRow) -> Option<String> {
    let conflict = &row.conflict;
    let place = match &conflict.theirs_by {
        Actor::File(_) => format!("in {}", who(&conflict.theirs_by)),
        Actor::Human | Actor::Agent(_) | Actor::System => {
            format!("by {}", who(&conflict.theirs_by))
        }
    };
    match conflict.kind {
        ConflictKind::Field => None,
        ConflictKind::Removed => {
            let place = place.replacen("in ", "of ", 1);
            Some(format!("“{}” was taken out {place}. Keep it, or remove it here too?", row.title))
        }
        ConflictKind::Deleted => Some(format!(
            "“{}” was deleted by {}, and edited {place}. Should it stay deleted, or come back as edited?",
            row.title,
            who(&conflict.ours_by)
        )),
    }
}
