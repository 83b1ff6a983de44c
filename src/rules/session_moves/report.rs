//! What is left of a session that leaves its work: a checkpoint for whoever takes it up again, and
//! the report of one that is completed.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::Scene;
use crate::domain::lookups::Finished;
use crate::domain::progress::share;
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::task::Status;

/// Rows by agent, and by role.
const ROWS_MAX: usize = 50;
/// Tasks that a checkpoint names.
const INTERRUPTED_MAX: usize = 50;
/// Characters of what a checkpoint repeats of the context.
const FOCUS_MAX: usize = 2_000;
/// What of the context says where the work stood.
const FOCUS: [&str; 2] = ["focus", "next_steps"];

type Standing<'a> = (&'a Map<String, Value>, &'a [Value]);

/// Where the work stands: what is interrupted, and what it was about.
pub(super) fn checkpoint(
    scene: &Scene<'_>,
    session: &Session,
    (counts, interrupted): Standing<'_>,
    reason: Option<&str>,
) -> Result<Value, Refusal> {
    let mut value = Map::new();
    value.insert("at".to_owned(), json!(scene.now.to_string()));
    value.insert("mode".to_owned(), json!(session.mode));
    value.insert("counts".to_owned(), json!(counts));
    let named: Vec<&Value> = interrupted.iter().take(INTERRUPTED_MAX).collect();
    value.insert("interrupted".to_owned(), json!(named));
    if let Some(reason) = reason {
        value.insert("reason".to_owned(), json!(reason));
    }
    for key in FOCUS {
        if let Some(entry) = scene.lookups.context(session.id, key)? {
            let text = entry.value.as_str().map_or_else(|| entry.value.to_string(), str::to_owned);
            value.insert(key.to_owned(), json!(text.chars().take(FOCUS_MAX).collect::<String>()));
        }
    }
    Ok(Value::Object(value))
}

/// What came of a session, by agent and by role.
pub(super) fn of(
    scene: &Scene<'_>,
    session: &Session,
    (counts, interrupted): Standing<'_>,
) -> Result<Map<String, Value>, Refusal> {
    let finished = scene.lookups.finished(session.id)?;
    let lasted = scene.now.0.saturating_sub(session.created_at.0);
    let interrupted: Vec<&Value> = interrupted.iter().take(INTERRUPTED_MAX).collect();
    let facts = [
        ("at", json!(scene.now.to_string())),
        ("summary", json!(session.reason)),
        ("counts", json!(counts)),
        ("interrupted", json!(interrupted)),
        ("lasted_minutes", json!(lasted / 60_000)),
        ("cycle_minutes", json!(median(finished.iter().filter_map(cycle).collect()))),
        ("by_agent", json!(rows(&finished, |one| one.by.as_ref().map(|by| by.name().to_owned())))),
        ("by_role", json!(rows(&finished, |one| one.role.clone()))),
    ];
    Ok(facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn rows(finished: &[Finished], owner: impl Fn(&Finished) -> Option<String>) -> Vec<Value> {
    let mut owners: BTreeMap<String, Vec<&Finished>> = BTreeMap::new();
    for one in finished {
        owners.entry(owner(one).unwrap_or_default()).or_default().push(one);
    }
    let mut owners: Vec<(String, Vec<&Finished>)> = owners.into_iter().collect();
    owners.sort_by_key(|(_, work)| std::cmp::Reverse(work.len()));
    owners.truncate(ROWS_MAX);
    owners
        .into_iter()
        .map(|(name, work)| {
            let count = |status| work.iter().filter(|one| one.status == status).count();
            json!({
                "name": name,
                "completed": count(Status::Completed),
                "failed": count(Status::Failed),
                "cycle_minutes": median(work.iter().filter_map(|one| cycle(one)).collect()),
            })
        })
        .collect()
}

/// From start to end, in minutes.
fn cycle(one: &Finished) -> Option<i64> {
    let took = one.finished_at?.0.checked_sub(one.started_at?.0)?;
    (0 <= took && one.status == Status::Completed).then_some(took / 60_000)
}

fn median(mut minutes: Vec<i64>) -> Option<i64> {
    share(&mut minutes, 50)
}
