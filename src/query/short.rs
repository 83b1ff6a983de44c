//! Shortest unique prefixes of ids, for showing them in a stronger colour.

use super::one;
use crate::domain::refusal::Refusal;
use crate::store::Reader;

/// A table whose ids are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ids {
    Tasks,
    Groups,
    Sessions,
    Conflicts,
    Artifacts,
}

/// How many characters tell an id from every other in its table.
pub(super) fn length(reader: &Reader, ids: Ids, id: &str) -> Result<usize, Refusal> {
    let table = match ids {
        Ids::Tasks => "tasks",
        Ids::Groups => "task_groups",
        Ids::Sessions => "orchestration_sessions",
        Ids::Conflicts => "conflicts",
        Ids::Artifacts => "session_artifacts",
    };
    let before = format!("SELECT max(id) FROM {table} WHERE id < ?");
    let after = format!("SELECT min(id) FROM {table} WHERE ? < id");
    let mut shared = 2;
    for sql in [before, after] {
        let other = one(reader, &sql, [id], |row| row.get::<_, Option<String>>(0))?.flatten();
        if let Some(other) = other {
            let same =
                id.bytes().zip(other.bytes()).take_while(|(left, right)| left == right).count();
            shared = shared.max(same);
        }
    }
    Ok((shared + 1).min(id.len()))
}
