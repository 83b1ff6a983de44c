//! Who changed what, as rows of the activity.

use callboard_engine::domain::change::{Change, Verb};
use callboard_engine::domain::record::{Fields, RecordKey};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::session::CHECKPOINT_KEY;
use callboard_engine::query::changes::{self, ChangeQuery};
use callboard_engine::query::{conflicts, sessions};
use callboard_engine::store::Reader;

use crate::app::feed::{ActivityRow, KEPT_MAX};
use crate::conflict::words;

/// Activity shown at the start.
const FEED_FIRST: usize = 120;

pub(super) fn feed(reader: &Reader, after: i64) -> Result<Vec<ActivityRow>, Refusal> {
    let entries = if after == 0 {
        let newest = ChangeQuery { limit: FEED_FIRST, ..ChangeQuery::default() };
        let mut entries = changes::list(reader, &newest)?;
        entries.reverse();
        entries
    } else {
        let newer = ChangeQuery { after: Some(after), limit: KEPT_MAX, ..ChangeQuery::default() };
        changes::list(reader, &newer)?
    };
    entries
        .into_iter()
        .filter(|change| change.verb != Verb::ClaimRenewed && !is_checkpoint(change))
        .map(|change| activity(reader, &change))
        .collect()
}

/// Tells whether a change only goes along with a move of its session, which is told.
fn is_checkpoint(change: &Change) -> bool {
    let key = change.record.parse();
    matches!(key, Ok(RecordKey::Context(_, name)) if name == CHECKPOINT_KEY)
}

fn activity(reader: &Reader, change: &Change) -> Result<ActivityRow, Refusal> {
    let own = change.after.as_ref().or(change.before.as_ref());
    let field = |name: &str| own.and_then(|fields| fields.get(name)?.as_str().map(str::to_owned));
    let key = change.record.parse();
    let named = || field("title").or_else(|| field("name"));
    let named = match (change.verb == Verb::ModeBound, field("mode")) {
        (true, Some(mode)) => Some(mode),
        // A file that was edited or recovered leaves the name of its mode as it was.
        (true, None) => Some(sessions::get(reader, change.session_id)?.mode),
        (false, _) => named(),
    };
    let conflict = match key {
        // What is left of a change to a conflict does not say what the conflict is about.
        Ok(RecordKey::Conflict(id)) => conflicts::get(reader, id).ok(),
        Ok(_) | Err(_) => None,
    };
    let title = match (named, &key) {
        (Some(title), _) => title,
        (None, Ok(RecordKey::Context(_, name))) => name.clone(),
        (None, _) if conflict.is_some() => {
            conflict.as_ref().map(|row| row.title.clone()).unwrap_or_default()
        }
        (None, _) => changes::title(reader, &change.record)?.unwrap_or_default(),
    };
    let detail = match key {
        Ok(RecordKey::Dependency(_, on)) => changes::title(reader, &on.to_string())?
            .map(|other| format!("waits for {other}"))
            .unwrap_or_default(),
        Ok(RecordKey::Context(..)) => String::new(),
        Ok(RecordKey::Conflict(_)) => {
            conflict.map(|row| words::field(&row.conflict)).unwrap_or_default()
        }
        Ok(RecordKey::Artifact(_)) => artifact(change),
        Ok(RecordKey::Task(_) | RecordKey::Group(_) | RecordKey::Session(_)) | Err(_) => {
            changed(change)
        }
    };
    Ok(ActivityRow {
        seq: change.seq,
        at: change.at,
        actor: change.actor.clone(),
        verb: change.verb,
        record: change.record.clone(),
        title,
        detail,
    })
}

/// The edition that was recorded, or how its file stands.
fn artifact(change: &Change) -> String {
    let Some(after) = &change.after else { return String::new() };
    let edition = || after.get("edition").and_then(serde_json::Value::as_u64);
    match (change.verb, after.get("state").and_then(serde_json::Value::as_str)) {
        (Verb::ArtifactChecked, Some(state)) => state.to_owned(),
        _ => edition().map(|edition| format!("v{edition}")).unwrap_or_default(),
    }
}

/// What an update changed, in a few words.
fn changed(change: &Change) -> String {
    if change.verb == Verb::ModeBound {
        return change.reason.clone().unwrap_or_default();
    }
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return String::new() };
    let text = |fields: &Fields, name: &str| {
        fields
            .get(name)
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    if change.verb == Verb::SessionMoved {
        return text(after, "state").unwrap_or_default();
    }
    // What was taken back or done again says no more than its values do.
    let is_back = matches!(change.verb, Verb::Undone | Verb::Redone);
    let plain = ["status", "priority", "role", "progress", "assignee", "estimate_minutes", "due"];
    let named: Vec<String> = after
        .keys()
        .filter(|name| {
            !matches!(
                name.as_str(),
                "claim" | "claim_number" | "position" | "started_at" | "finished_at"
            ) && (is_back || name.as_str() != "status")
        })
        .map(|name| match (plain.contains(&name.as_str()), text(before, name), text(after, name)) {
            (true, Some(_), Some(new)) => format!("{name} {new}"),
            _ => name.replace('_', " "),
        })
        .collect();
    if is_back || change.verb == Verb::TaskUpdated { named.join(", ") } else { String::new() }
}
