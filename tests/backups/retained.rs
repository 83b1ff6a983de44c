//! Which backups are kept.

use callboard_engine::backup::retention::{Run, Strategy, choose};
use callboard_engine::backup::{self, Retention};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::{Backup, Integrity, Reason, Scope};
use callboard_engine::domain::id::BackupId;
use callboard_engine::domain::time::{DAY_MS, Timestamp};

use super::{create, lying};
use crate::scene::{NOON, Scene};

/// A backup of so many days ago, with a size in megabytes and the day it was used last.
fn old(name: &str, days: i64, megabytes: u64, used_days: i64) -> Backup {
    let ago = |days: i64| NOON.plus_ms(-days * DAY_MS);
    Backup {
        id: BackupId::from_random(days.unsigned_abs()),
        name: name.to_owned(),
        file: format!("{name}.tar.zst"),
        scope: Scope::All,
        reason: Reason::Manual,
        actor: Actor::Human,
        created_at: ago(days),
        size: megabytes * 1_000_000,
        unpacked: 0,
        files: 0,
        seq: 0,
        sessions: Vec::new(),
        integrity: Integrity::Valid,
        verified_at: None,
        problem: None,
        modified_ns: 0,
        used_at: ago(used_days),
    }
}

/// Days 0 to 5; the middle ones large, the oldest used lately.
fn six() -> Vec<Backup> {
    vec![
        old("d0", 0, 1, 0),
        old("d1", 1, 1, 1),
        old("d2", 2, 9, 2),
        old("d3", 3, 8, 3),
        old("d4", 4, 1, 0),
        old("d5", 5, 1, 0),
    ]
}

fn limits(count: Option<u32>, days: Option<u32>, total_mb: Option<u64>) -> Retention {
    Retention { count, days, total_mb, newest: 1, strategy: Strategy::OldestFirst }
}

#[test]
fn what_goes_is_what_the_limits_say_in_the_order_of_the_strategy() {
    let by = |strategy, count| Retention { strategy, ..limits(Some(count), None, None) };
    for (case, retention, expected) in [
        ("no limits", limits(None, None, None), ""),
        ("count", limits(Some(4), None, None), "d5 d4"),
        ("count of none", limits(Some(0), None, None), "d5 d4 d3 d2 d1"),
        ("days", limits(None, Some(3), None), "d5 d4 d3"),
        ("days of none", limits(None, Some(0), None), "d5 d4 d3 d2 d1"),
        ("size", limits(None, None, Some(11)), "d5 d4 d3"),
        ("days, then count", limits(Some(2), Some(4), None), "d5 d4 d3 d2"),
        ("largest first", by(Strategy::LargestFirst, 4), "d2 d3"),
        ("least accessed", by(Strategy::LeastAccessed, 4), "d3 d2"),
        ("newest stay", Retention { newest: 4, ..limits(Some(0), Some(0), None) }, "d5 d4"),
        (
            "one stays at least",
            Retention { newest: 0, ..limits(Some(0), None, None) },
            "d5 d4 d3 d2 d1",
        ),
    ] {
        let gone = choose(&six(), &retention, NOON);
        let names: Vec<&str> = gone.iter().map(|doomed| doomed.backup.name.as_str()).collect();
        assert_eq!(names.join(" "), expected, "{case}");
    }
}

#[test]
fn the_way_back_from_a_restore_stays_for_a_day_whatever_holds() {
    let mut all = six();
    all[0].created_at = NOON;
    for backup in &mut all {
        backup.reason = Reason::BeforeRestore;
    }
    all[1].created_at = Timestamp(NOON.0 - DAY_MS + 1);
    let gone = choose(&all, &limits(Some(0), Some(0), Some(0)), NOON);
    let names: Vec<&str> = gone.iter().map(|doomed| doomed.backup.name.as_str()).collect();
    assert_eq!(names, ["d5", "d4", "d3", "d2"]);
}

#[test]
fn ways_back_take_no_place_and_what_nobody_asked_for_goes_first() {
    let mut all = six();
    (all[1].reason, all[1].created_at) = (Reason::BeforeRestore, NOON);
    (all[2].reason, all[4].reason) = (Reason::Scheduled, Reason::Completed);
    let gone = |count| -> Vec<String> {
        let gone = choose(&all, &limits(Some(count), None, None), NOON);
        gone.into_iter().map(|doomed| doomed.backup.name).collect()
    };
    assert_eq!(gone(5), [""; 0]);
    assert_eq!(gone(3), ["d4", "d2"]);
    assert_eq!(gone(2), ["d4", "d2", "d5"]);
}

#[test]
fn a_damaged_one_goes_first_and_never_counts_as_the_one_that_stays() {
    let mut all = six();
    all[0].integrity = Integrity::Corrupted;
    let gone = choose(&all, &limits(Some(5), None, None), NOON);
    assert_eq!(gone.iter().map(|doomed| doomed.backup.name.as_str()).collect::<Vec<_>>(), ["d0"]);
    let gone = choose(&all, &limits(Some(0), None, None), NOON);
    assert!(gone.iter().all(|doomed| doomed.backup.name != "d1"));
}

#[test]
fn a_cleanup_removes_only_when_it_is_told_to() {
    let (scene, _) = Scene::live();
    let made: Vec<Backup> = (0..4)
        .map(|_| {
            scene.clock.advance_ms(60_000);
            create(&scene, Scope::Database)
        })
        .collect();
    let retention = limits(Some(2), None, None);
    let dry = backup::clean_up(&scene.peer, &retention, Run::Dry).unwrap();
    assert_eq!((dry.removed.len(), dry.kept, lying(&scene).len()), (2, 2, 4));
    let carried = backup::clean_up(&scene.peer, &retention, Run::Carry).unwrap();
    assert_eq!(carried, dry);
    let mut left = vec![made[2].file.clone(), made[3].file.clone()];
    left.sort();
    assert_eq!(lying(&scene), left);
    assert_eq!(carried.freed, made[0].size + made[1].size);
    assert_eq!(backup::list(&scene.peer).unwrap().len(), 2);
}
