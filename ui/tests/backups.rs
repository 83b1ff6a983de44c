//! The view of backups: what it shows, and making, verifying, removing and restoring by keyboard.

use std::collections::BTreeMap;
use std::fs;

use callboard::app::backups::{Answer, Wanted, Wish, begin};
use callboard::app::{Effect, Message, Pane, View, update};
use callboard::overlay::Overlay;
use callboard_engine::backup::manifest::{EntryPath, FileEntry, Head, Kind, LeftOut, Manifest};
use callboard_engine::backup::restore::RestoreScope;
use callboard_engine::backup::{Progress, Stage as Step};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::{Backup, Integrity, Reason, Scope, SessionInside};
use callboard_engine::domain::command::{Command, Guard, TaskPatch, UpdateTask};
use callboard_engine::domain::id::BackupId;
use callboard_engine::domain::restore::MergeStrategy;
use callboard_engine::domain::time::{DAY_MS, Timestamp};
use callboard_engine::query;
use insta::assert_snapshot;

use super::stage::Stage;

fn inside() -> Vec<SessionInside> {
    vec![SessionInside {
        id: "s-7k3q9xwb".parse().unwrap(),
        name: "Ship the checkout".to_owned(),
        state: "active".to_owned(),
        folder: Some("sessions/ship-the-checkout-s-7k3q9xwb".to_owned()),
    }]
}

fn backup(now: Timestamp, name: &str, days: i64, scope: Scope, reason: Reason) -> Backup {
    let created_at = now.plus_ms(-days * DAY_MS - 3_600_000);
    Backup {
        id: BackupId::from_random(days.unsigned_abs() + 7),
        name: name.to_owned(),
        file: format!("{name}.tar.zst"),
        scope,
        reason,
        actor: if reason == Reason::Manual { Actor::Human } else { Actor::System },
        created_at,
        size: 182_300 + days.unsigned_abs() * 1_000,
        unpacked: 1_460_000,
        files: 14,
        seq: 90,
        sessions: inside(),
        integrity: Integrity::Valid,
        verified_at: Some(created_at),
        problem: None,
        modified_ns: 0,
        used_at: created_at,
    }
}

fn three(now: Timestamp) -> Vec<Backup> {
    let mut all = vec![
        backup(now, "before the release", 0, Scope::Full, Reason::Manual),
        backup(now, "backup-20261122-130300", 1, Scope::All, Reason::Scheduled),
        backup(now, "backup-20261118-130300", 5, Scope::Session, Reason::Completed),
    ];
    all[1].integrity = Integrity::Unknown;
    all[1].verified_at = None;
    all[2].integrity = Integrity::Corrupted;
    all[2].problem = Some("it is not what was sealed".to_owned());
    all
}

fn manifest(of: &Backup) -> Manifest {
    let file = |path: &str, size| FileEntry {
        path: EntryPath::new(path).unwrap(),
        size,
        hash: String::new(),
        modified: of.created_at,
    };
    let counts = [("tasks", 8), ("task_groups", 3), ("changes", 41), ("agents", 2)];
    let head = Head {
        kind: Kind::Backup,
        id: of.id.to_string(),
        name: of.name.clone(),
        scope: Some(of.scope),
        reason: Some(of.reason),
        actor: of.actor.clone(),
        created_at: of.created_at,
        program: "0.1.0".to_owned(),
        schema: 7,
        seq: of.seq,
        project: "/home/ada/shop".to_owned(),
        sessions: of.sessions.clone(),
        counts: BTreeMap::from(counts.map(|(table, count)| (table.to_owned(), count))),
        left_out: vec![LeftOut {
            path: "sessions/link".to_owned(),
            why: "a symbolic link".to_owned(),
        }],
        fault: None,
    };
    let files = vec![
        file("callboard.db", 1_400_000),
        file("files/config.yaml", 120),
        file("files/sessions/ship-the-checkout-s-7k3q9xwb/session.md", 2_310),
    ];
    Manifest { format: 1, head, files }
}

/// The view with three backups that are as they are on every machine.
fn view(width: u16, height: u16) -> Stage {
    let mut stage = Stage::busy(width, height);
    stage.press("8");
    let all = three(stage.model.now);
    let shown = manifest(&all[0]);
    let file = all[0].file.clone();
    stage.send(Message::Backups(Answer::Listed(Ok(all))));
    stage.send(Message::Backups(Answer::Read { file, manifest: Ok(Box::new(shown)) }));
    stage
}

#[test]
fn the_view_shows_the_backups_and_what_is_in_one() {
    for (width, height) in [(160, 48), (110, 30), (80, 24), (60, 16), (40, 12)] {
        let stage = view(width, height);
        assert_snapshot!(format!("list_{width}x{height}"), stage.screen());
    }
}

#[test]
fn the_accessible_view_marks_the_cursor_by_text() {
    let mut stage = view(80, 24);
    stage.model.place.accessible = true;
    assert_snapshot!("accessible", stage.screen());
}

#[test]
fn without_backups_the_view_says_what_they_are() {
    let mut stage = Stage::busy(80, 24);
    stage.press("8");
    assert_snapshot!("none", stage.screen());
}

#[test]
fn work_that_goes_on_tells_how_far_it_is_and_is_called_off() {
    let mut stage = view(80, 24);
    let effects = begin(&mut stage.model, Wish::Create(Scope::All, None));
    let Some(Effect::Backups(_, stop)) = effects.first() else { panic!("{effects:?}") };
    let progress = Progress { stage: Step::Packing, done: 42, total: 100 };
    stage.send(Message::Backups(Answer::Goes(progress)));
    assert_snapshot!("working", stage.screen());
    stage.press("a");
    assert!(stage.model.overlay.is_none(), "one piece of work at a time");
    assert!(!stop.is_called_off());
    stage.press("x");
    assert!(stop.is_called_off());
    assert!(stage.screen().contains("calling it off"), "{}", stage.screen());
}

/// A real backup of the database, made by keys.
fn made() -> Stage {
    let mut stage = Stage::busy(110, 30);
    stage.press("8 a d Enter");
    assert_eq!(stage.model.backups.rows.len(), 1, "{}", stage.screen());
    stage
}

#[test]
fn a_menu_asks_what_a_backup_is_to_hold_and_makes_it() {
    let mut stage = Stage::busy(80, 24);
    stage.press("8 a");
    assert_snapshot!("scopes", stage.screen());
    stage.press("d");
    assert!(stage.screen().contains("names it after the time"), "{}", stage.screen());
    stage.press("Enter");
    let row = &stage.model.backups.rows[0];
    assert_eq!((row.scope, row.integrity), (Scope::Database, Integrity::Valid));
    assert!(stage.screen().contains("Made backup-"), "{}", stage.screen());
    assert!(stage.screen().contains("8 tasks"), "{}", stage.screen());
    assert_eq!(stage.model.view, View::Backups);
}

#[test]
fn verifying_tells_whether_an_archive_is_what_was_written() {
    let mut stage = made();
    stage.press("v");
    assert!(stage.screen().contains("is what was written"), "{}", stage.screen());
    let file = stage.peer.paths.backups().join(&stage.model.backups.rows[0].file);
    let mut bytes = fs::read(&file).unwrap();
    // Behind the manifest, where only reading all of it finds the damage.
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    stage.press("v");
    assert!(stage.screen().contains("is damaged"), "{}", stage.screen());
    assert_eq!(stage.model.backups.rows[0].integrity, Integrity::Corrupted);
    stage.press("R");
    assert!(stage.model.overlay.is_none(), "a damaged one is not restored");
}

#[test]
fn what_may_go_is_shown_before_it_goes() {
    let mut stage = made();
    stage.press("c");
    assert!(stage.screen().contains("Every backup is to be kept"), "{}", stage.screen());
    for name in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"] {
        let from = stage.peer.paths.backups().join(&stage.model.backups.rows[0].file);
        fs::copy(&from, from.with_file_name(format!("{name}.tar.zst"))).unwrap();
    }
    stage.press("c");
    assert!(stage.screen().contains("remove 1 backup for good"), "{}", stage.screen());
    stage.press("n");
    assert_eq!(stage.model.backups.rows.len(), 11);
    stage.press("c y");
    assert_eq!(stage.model.backups.rows.len(), 10);
}

#[test]
fn a_backup_is_restored_after_what_would_change_was_shown() {
    let mut stage = made();
    let id = stage.named("Stock check");
    let patch = TaskPatch { title: Some("Something else".to_owned()), ..TaskPatch::default() };
    stage.does(
        "agent:codex",
        Command::UpdateTask(UpdateTask { id, patch, guard: Guard::default() }),
    );
    let title = |stage: &Stage| {
        stage.peer.readers.read(|reader| query::tasks::view(reader, id)).unwrap().task.title
    };
    stage.press("R r");
    assert!(stage.screen().contains("1 changed"), "{}", stage.screen());
    stage.press("n");
    assert_eq!(title(&stage), "Something else");
    stage.press("R r y");
    assert_eq!(title(&stage), "Stock check");
    assert!(stage.screen().contains("Restored"), "{}", stage.screen());
    let reasons: Vec<Reason> = stage.model.backups.rows.iter().map(|row| row.reason).collect();
    assert!(reasons.contains(&Reason::BeforeRestore), "{reasons:?}");
}

/// Asks what restoring everything would change; the answer has not come yet.
fn proposing(stage: &mut Stage) -> Effect {
    let row = Box::new(stage.model.backups.rows[0].clone());
    let wanted = Wanted { scope: RestoreScope::Full, strategy: MergeStrategy::Replace };
    let mut effects = begin(&mut stage.model, Wish::ProposeRestore(row, wanted));
    effects.remove(0)
}

#[test]
fn a_question_that_is_ready_late_does_not_open_over_what_is_typed() {
    let mut stage = made();
    let effect = proposing(&mut stage);
    stage.press("1 a \"Try\"");
    let answer = stage.answer(&effect).unwrap();
    stage.send(answer);
    let Some(Overlay::Prompt(prompt)) = &stage.model.overlay else { panic!("{}", stage.screen()) };
    assert_eq!(prompt.input.text(), "Try");
    assert!(stage.model.log[0].text.contains("is ready; R on it shows it"));
    stage.press("\"y\" Enter");
    stage.named("Tryy");
    stage.press("8 R");
    let Some(Overlay::Menu(menu)) = &stage.model.overlay else { panic!("{}", stage.screen()) };
    assert!(menu.title.starts_with("Restore backup-"), "{}", menu.title);
    assert_eq!(menu.items[menu.cursor].key, 'n');
}

#[test]
fn a_question_opens_only_in_the_view_that_asked_it() {
    let mut stage = made();
    let effect = proposing(&mut stage);
    stage.press("1");
    let answer = stage.answer(&effect).unwrap();
    stage.send(answer);
    assert!(stage.model.overlay.is_none(), "{}", stage.screen());
}

#[test]
fn undo_is_promised_only_where_records_were_restored() {
    let mut stage = Stage::busy(110, 30);
    stage.press("8 a m Enter R d y");
    let told = &stage.model.log[0].text;
    assert!(told.starts_with("Restored: "), "{told}");
    assert!(!told.contains("takes the records back"), "{told}");
    assert!(told.contains("What was there before is in backup b-"), "{told}");
}

#[test]
fn a_click_hits_the_backup_that_is_seen_while_work_goes_on() {
    let mut stage = view(80, 24);
    begin(&mut stage.model, Wish::Create(Scope::All, None));
    let screen = stage.screen();
    let row = screen.lines().position(|line| line.contains("backup-20261122")).unwrap();
    stage.click((5, u16::try_from(row).unwrap()));
    assert_eq!(stage.model.backups.index(), 1, "{screen}");
    stage.click((5, u16::try_from(row - 2).unwrap()));
    assert_eq!(stage.model.backups.index(), 1, "the line of the work is no backup");
}

#[test]
fn quitting_names_the_work_that_goes_on_and_asks_once_more() {
    let mut stage = Stage::empty(80, 24);
    begin(&mut stage.model, Wish::Create(Scope::All, None));
    stage.press("q");
    assert!(stage.effects.is_empty(), "{:?}", stage.effects);
    let told = &stage.model.log[0].text;
    assert_eq!(
        told,
        "Making a backup goes on, and is called off when this closes. Once more quits."
    );
    stage.press("q");
    assert_eq!(stage.effects, [Effect::Quit]);
}

#[test]
fn a_restore_that_is_decided_is_not_offered_to_be_called_off() {
    let mut stage = view(80, 24);
    let row = Box::new(stage.model.backups.rows[0].clone());
    let wanted = Wanted { scope: RestoreScope::Full, strategy: MergeStrategy::Replace };
    begin(&mut stage.model, Wish::Restore(row, wanted));
    assert!(stage.screen().contains("x calls it off"), "{}", stage.screen());
    stage.send(Message::Backups(Answer::Decided));
    assert!(!stage.screen().contains("x calls it off"), "{}", stage.screen());
    stage.press("x");
    assert!(!stage.screen().contains("calling it off"), "{}", stage.screen());
}

#[test]
fn an_older_list_does_not_take_the_cursor_off_what_was_made() {
    let mut stage = made();
    let before = stage.model.backups.rows.clone();
    let effects = begin(&mut stage.model, Wish::Create(Scope::Database, None));
    let listing = update(&mut stage.model, Message::Changed);
    assert!(listing.iter().any(|effect| matches!(effect, Effect::Backups(Wish::List, _))));
    let again = update(&mut stage.model, Message::Changed);
    assert!(!again.iter().any(|effect| matches!(effect, Effect::Backups(Wish::List, _))));
    let made = stage.answer(&effects[0]).unwrap();
    let Message::Backups(Answer::Made(Ok(row))) = &made else { panic!("{made:?}") };
    let file = row.file.clone();
    stage.send(made);
    stage.send(Message::Backups(Answer::Listed(Ok(before))));
    assert_eq!(stage.model.backups.selected().unwrap().file, file);
}

#[test]
fn what_was_read_of_another_backup_is_not_shown() {
    let mut stage = view(110, 30);
    stage.press("j");
    let other = stage.model.backups.rows[0].clone();
    let late = manifest(&other);
    stage.send(Message::Backups(Answer::Read { file: other.file, manifest: Ok(Box::new(late)) }));
    assert!(stage.model.backups.shown().is_some_and(|shown| shown.is_err()), "its own answer");
}

#[test]
fn without_a_session_backups_can_be_made_and_enter_leads_to_the_details() {
    let mut stage = Stage::empty(110, 30);
    stage.press("8");
    assert!(stage.screen().contains("a make"), "{}", stage.screen());
    stage.press("a d Enter Enter");
    assert_eq!(stage.model.focus, Pane::Details);
}

#[test]
fn names_of_backups_are_not_cut_where_they_differ() {
    for (width, height) in [(120, 36), (80, 24), (60, 20)] {
        let mut stage = view(width, height);
        let mut rows = three(stage.model.now);
        rows[0].name = "backup-20261126-010601".to_owned();
        rows[0].reason = Reason::BeforeRestore;
        rows[1].name = "backup-20261126-010602".to_owned();
        stage.send(Message::Backups(Answer::Listed(Ok(rows))));
        let screen = stage.screen();
        for name in ["backup-20261126-010601", "backup-20261126-010602"] {
            assert!(screen.contains(name), "{width}\n{screen}");
        }
        assert!(!screen.contains("before_restore"), "{screen}");
    }
}

#[test]
fn a_backup_is_given_a_name_and_removed_by_itself() {
    let mut stage = made();
    stage.press("a d \"before the port\" Enter");
    let named = |stage: &Stage| -> Vec<String> {
        stage.model.backups.rows.iter().map(|row| row.name.clone()).collect()
    };
    assert!(named(&stage).contains(&"before the port".to_owned()), "{}", stage.screen());
    let selected = stage.model.backups.selected().unwrap().name.clone();
    stage.press("d");
    let Some(Overlay::Menu(menu)) = &stage.model.overlay else { panic!("{}", stage.screen()) };
    assert_eq!(menu.items[menu.cursor].key, 'n', "the default is to keep it");
    assert!(menu.title.contains(&selected), "{}", menu.title);
    stage.press("Enter");
    assert_eq!(named(&stage).len(), 2, "it was kept");
    stage.press("d y");
    assert_eq!(named(&stage).len(), 1, "{}", stage.screen());
    assert!(!named(&stage).contains(&selected));
    stage.press("d");
    assert!(stage.screen().contains("last sound backup"), "{}", stage.screen());
}
