//! Hot spots: the parts of the project that claims name, those that several agents work on first.

use super::many;
use super::rows::HotSpot;
use crate::domain::actor::Actor;
use crate::domain::claim::paths_overlap;
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::store::Reader;
use crate::store::rows::{json_option, moment, parsed};

/// Claims that are compared with each other.
const CLAIMS_MAX: i64 = 200;

/// Paths that are looked at.
const PATHS_MAX: usize = 500;

/// The paths that claims of a session name, each with the tasks that work on it or overlap it; those
/// of the most holders come first.
pub fn list(
    reader: &Reader,
    session: SessionId,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<HotSpot>, Refusal> {
    let sql = "SELECT id, title, claim_holder, claim_until, claim_paths FROM tasks INDEXED BY tasks_held
               WHERE session_id = ? AND claim_holder IS NOT NULL ORDER BY claim_holder, number LIMIT ?";
    let claims = many(reader, sql, (session.to_string(), CLAIMS_MAX), |row| {
        let paths: Vec<String> = json_option(row, 4)?.unwrap_or_default();
        let holder: Actor = parsed(row, 2)?;
        Ok((parsed(row, 0)?, row.get::<_, String>(1)?, holder, moment(row, 3)?, paths))
    })?;
    let at_work: Vec<_> = claims.iter().filter(|(_, _, _, until, _)| now < *until).collect();
    let mut spots: Vec<HotSpot> = Vec::new();
    for path in at_work.iter().flat_map(|(_, _, _, _, paths)| paths).take(PATHS_MAX) {
        if spots.iter().any(|spot| spot.path == *path) {
            continue;
        }
        let works = at_work
            .iter()
            .filter(|(_, _, _, _, paths)| paths.iter().any(|other| paths_overlap(path, other)));
        let tasks: Vec<_> = works
            .map(|(id, title, holder, _, _)| (*id, title.clone(), holder.name().to_owned()))
            .collect();
        spots.push(HotSpot { path: path.clone(), tasks });
    }
    spots.sort_by(|left, right| {
        right.holders().cmp(&left.holders()).then_with(|| left.path.cmp(&right.path))
    });
    spots.truncate(limit);
    Ok(spots)
}
