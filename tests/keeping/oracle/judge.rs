//! What may stand in the feed, told without knowing how documents are merged.

use std::collections::BTreeMap;
use std::fs;

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::change::{Change, Verb};
use callboard_engine::domain::record::Fields;
use callboard_engine::query::changes::{self, ChangeQuery};
use serde_json::Value;

use super::world::World;

pub(super) fn judge(world: &World) {
    let desk = &world.desk;
    let query = ChangeQuery {
        after: Some(0),
        before: None,
        session: Some(desk.session),
        actor: None,
        record: None,
        limit: 500,
    };
    let feed = desk.scene.peer.readers.read(|reader| changes::list(reader, &query)).unwrap();
    nothing_is_taken_back(&feed);
    nothing_is_lost(world, &feed);
}

/// A document sets only what a person typed in it, once, and takes nothing away.
fn nothing_is_taken_back(feed: &[Change]) {
    let mut titles: BTreeMap<String, usize> = BTreeMap::new();
    for change in feed.iter().filter(|change| matches!(change.actor, Actor::File(_))) {
        let is_conflict = change.record.starts_with("c-");
        if is_conflict {
            continue;
        }
        assert_ne!(change.verb, Verb::TaskDeleted, "{change:?}");
        let none = Fields::new();
        let (before, after) =
            (change.before.as_ref().unwrap_or(&none), change.after.as_ref().unwrap_or(&none));
        if let Some(title) = after.get("title").and_then(Value::as_str) {
            assert!(title.starts_with('p'), "an old title comes back: {change:?}");
            *titles.entry(title.to_owned()).or_default() += 1;
        }
        if change.before.is_none() {
            continue;
        }
        for field in ["group_id", "parent_id"] {
            assert!(!after.contains_key(field), "it is moved back: {change:?}");
        }
        for field in ["tags", "description"] {
            let [old, new] = [before, after].map(|fields| words(fields.get(field)));
            assert!(old.iter().all(|word| new.contains(word)), "{field} is gone: {change:?}");
            let added = new.iter().filter(|word| !old.contains(word));
            assert!(added.clone().all(|word| word.starts_with('p')), "{change:?}");
        }
        let high = after.get("priority").is_none_or(|word| word == "high");
        let active = after.get("status").is_none_or(|word| word == "active");
        assert!(high && active, "{change:?}");
    }
    for (title, times) in titles {
        assert_eq!(times, 1, "{title} is set again and again");
    }
}

fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => text.lines().map(str::to_owned).collect(),
        Some(Value::Array(items)) => {
            items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

/// Every word that a person typed is in the feed (in the database, overwritten since, or in a
/// conflict) or in a file.
fn nothing_is_lost(world: &World, feed: &[Change]) {
    let mut all: Vec<String> = feed.iter().map(|change| format!("{change:?}")).collect();
    let home = world.desk.scene.peer.paths.task_orchestrator();
    let texts = world.desk.rows().into_iter().map(|row| fs::read_to_string(home.join(row.path)));
    all.extend(texts.map(Result::unwrap));
    for word in &world.typed {
        let is_word = |text: &String| {
            text.match_indices(word.as_str()).any(|(at, _)| {
                let next = text[at + word.len()..].chars().next();
                next.is_none_or(|next| !next.is_ascii_digit())
            })
        };
        assert!(all.iter().any(is_word), "{word} is lost");
    }
}
