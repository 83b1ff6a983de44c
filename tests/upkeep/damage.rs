//! A database that something else wrote to: each fault is found, and what is said to mend it does.

use std::fs::{self, File};
use std::time::Duration;

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{
    ClaimTask, Command, CreateTasks, NewGroup, NewTask, TaskRef,
};
use callboard_engine::domain::id::TaskId;
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::task::Status;
use callboard_engine::upkeep::cleanup::Sort;
use callboard_engine::upkeep::validate::Level;
use callboard_engine::upkeep::{Kind, Severity};

use super::{all, clear, tamper, wrong};
use crate::scene::{Scene, claim, set_status};

/// `a`, `b` that waits for it, and in a group `p` with `q` below it.
fn board() -> (Scene, Vec<TaskId>) {
    let (scene, session_id) = Scene::live();
    let mut ids = scene.tasks(session_id, &["a", "b < a", "c"]);
    let group = NewGroup {
        id: None,
        session_id,
        name: "Group".to_owned(),
        parent: None,
        description: String::new(),
        role: None,
    };
    let Answer::Group(group) = scene.does("human", Command::CreateGroup(group)) else { panic!() };
    let local = |title: &str, parent: Option<&str>| NewTask {
        title: title.to_owned(),
        local: Some(title.to_owned()),
        group: Some(group.id),
        parent: parent.map(|parent| TaskRef::Local(parent.to_owned())),
        ..NewTask::default()
    };
    let tasks = vec![local("p", None), local("q", Some("p"))];
    let made = scene.does("human", Command::CreateTasks(CreateTasks { session_id, tasks }));
    let Answer::Created(made) = made else { panic!() };
    ids.extend(made.into_iter().map(|one| one.id));
    let Command::ClaimTask(hold) = claim(session_id, Some(ids[2])) else { panic!() };
    scene.does("agent:one", Command::ClaimTask(ClaimTask { hold_only: true, ..hold }));
    scene.does("human", Command::ReleaseClaim { id: ids[2], claim: None, reason: None });
    (scene, ids)
}

const FAULTS: &[(&str, Kind)] = &[
    ("UPDATE tasks SET children = 7 WHERE title = 'a'", Kind::WrongCounts),
    ("UPDATE tasks SET unmet = 5 WHERE title = 'b'", Kind::WrongCounts),
    ("UPDATE tasks SET chain = 3 WHERE title = 'a'", Kind::WrongCounts),
    ("UPDATE task_tallies SET tasks = tasks + 1", Kind::WrongCounts),
    ("DELETE FROM task_tallies", Kind::WrongCounts),
    ("UPDATE tasks SET version = 1 WHERE title = 'c'", Kind::WrongCounts),
    ("UPDATE tasks SET claim_number = 0 WHERE title = 'c'", Kind::WrongCounts),
    ("UPDATE session_state_transitions SET to_state = 'suspended'", Kind::WrongCounts),
    (
        "INSERT INTO task_dependencies SELECT one.id, other.id, one.session_id, 0 FROM tasks AS one, tasks AS other
         WHERE one.title = 'a' AND other.title = 'b'",
        Kind::BrokenDependency,
    ),
    (
        "INSERT INTO task_dependencies SELECT id, 't-zzzzzzzz', session_id, 0 FROM tasks WHERE title = 'b'",
        Kind::BrokenDependency,
    ),
    (
        "INSERT INTO task_dependencies SELECT 't-zzzzzzzz', id, session_id, 0 FROM tasks WHERE title = 'b'",
        Kind::BrokenDependency,
    ),
    (
        "INSERT INTO task_dependencies SELECT one.id, other.id, one.session_id, 0 FROM tasks AS one, tasks AS other
         WHERE one.title = 'q' AND other.title = 'p'",
        Kind::BrokenDependency,
    ),
    ("UPDATE tasks SET group_id = 'g-zzzzzzzz' WHERE title = 'c'", Kind::MisplacedTask),
    ("UPDATE tasks SET parent_id = 't-zzzzzzzz' WHERE title = 'c'", Kind::MisplacedTask),
    ("UPDATE tasks SET group_id = NULL WHERE title = 'q'", Kind::MisplacedTask),
    ("UPDATE tasks SET parent_id = id WHERE title = 'c'", Kind::MisplacedTask),
    (
        "UPDATE tasks SET status = 'completed', claim_holder = 'agent:one', claim_since = 1, claim_until = 9000000000000,
             claim_minutes = 30, claim_paths = '[]' WHERE title = 'c'",
        Kind::Claim,
    ),
    (
        "INSERT INTO task_search (task_search, rowid, title, description, tags, result_summary)
         SELECT 'delete', number, title, description, tags, result_summary FROM tasks WHERE title = 'a'",
        Kind::SearchIndex,
    ),
    (
        "INSERT INTO task_search (rowid, title, description, tags) VALUES (900, 'ghost', '', '')",
        Kind::SearchIndex,
    ),
    ("DELETE FROM search_records WHERE kind = 'group'", Kind::SearchIndex),
    ("DELETE FROM search_records", Kind::SearchIndex),
    (
        "DELETE FROM record_search WHERE rowid = (SELECT number FROM search_records WHERE kind = 'session')",
        Kind::SearchIndex,
    ),
    ("INSERT INTO record_search (rowid, title, body) VALUES (900, 'ghost', '')", Kind::SearchIndex),
    (
        "INSERT INTO search_records (kind, record, session_id, at) VALUES ('artifact', 'a-zzzzzzzz', 's-zzzzzzzz', 0)",
        Kind::SearchIndex,
    ),
    ("UPDATE search_records SET session_id = 's-zzzzzzzz' WHERE kind = 'group'", Kind::SearchIndex),
    (
        "INSERT OR REPLACE INTO record_search (rowid, title, body)
         SELECT number, 'other words', '' FROM search_records WHERE kind = 'group'",
        Kind::SearchIndex,
    ),
    (
        "INSERT OR REPLACE INTO record_search (rowid, title, body)
         SELECT number, '', '' FROM search_records WHERE kind = 'group'",
        Kind::SearchIndex,
    ),
    (
        "DROP TRIGGER search_group_update; UPDATE task_groups SET description = 'unheard of'",
        Kind::SearchIndex,
    ),
    (
        "INSERT INTO conflicts (id, session_id, record, kind, field, base, ours, ours_by, ours_at, theirs, theirs_by,
             theirs_at, state, proposals, created_at, updated_at, version)
         SELECT 'c-00000001', id, 't-zzzzzzzz', 'field', 'title', '1', '2', 'human', 0, '3', 'agent:one', 0,
             'open', '[]', 0, 0, 1 FROM orchestration_sessions",
        Kind::Conflict,
    ),
    (
        "UPDATE orchestration_sessions SET state = 'resuming', owner = 'dead-1'",
        Kind::Session,
    ),
    (
        "PRAGMA writable_schema = 1;
         CREATE TEMP TABLE kept AS SELECT * FROM sqlite_master WHERE name = 'tasks_by_title';
         DELETE FROM sqlite_master WHERE name = 'tasks_by_title';
         PRAGMA writable_schema = RESET;
         UPDATE tasks SET title = 'another' WHERE title = 'c';
         PRAGMA writable_schema = 1;
         INSERT INTO sqlite_master SELECT * FROM kept;
         PRAGMA writable_schema = RESET;",
        Kind::Damage,
    ),
];

#[test]
fn a_board_that_commands_made_has_nothing_wrong() {
    let (scene, _) = board();
    assert_eq!(wrong(&scene), []);
}

#[test]
fn every_fault_is_found_and_what_is_said_to_mend_it_does() {
    for (sql, kind) in FAULTS {
        let (scene, _) = board();
        tamper(&scene, sql);
        let found = wrong(&scene);
        assert!(found.iter().any(|one| one.kind == *kind), "{sql}: {found:#?}");
        // What was mended may bring to light what it had hidden, as counts beside a dependency.
        let mut left = found;
        for _ in 0..3 {
            let mut sorts: Vec<Sort> = left.iter().filter_map(|one| one.fix.cleanup).collect();
            sorts.dedup();
            assert_eq!(sorts.is_empty(), left.is_empty(), "{sql}: {left:#?}");
            clear(&scene, &Actor::Human, &sorts);
            left = wrong(&scene);
        }
        assert_eq!(left, [], "{sql}");
    }
}

#[cfg(unix)]
#[test]
fn what_others_can_read_is_made_private_and_what_was_broken_off_goes() {
    use std::os::unix::fs::PermissionsExt as _;
    let (scene, _) = board();
    let run = scene.peer.paths.run();
    fs::set_permissions(&run, fs::Permissions::from_mode(0o755)).unwrap();
    let home = scene.peer.paths.task_orchestrator();
    let part = home.join(".callboard-part-0000000000000001.tmp");
    let fresh = home.join(".callboard-part-0000000000000002.tmp");
    for path in [&part, &fresh] {
        fs::write(path, "half").unwrap();
    }
    let old = fs::metadata(&part).unwrap().modified().unwrap() - Duration::from_secs(2 * 60 * 60);
    File::options().write(true).open(&part).unwrap().set_modified(old).unwrap();
    let kinds: Vec<Kind> = wrong(&scene).iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [Kind::Permissions, Kind::LeftoverFile]);
    clear(&scene, &Actor::Human, &[Sort::Permissions, Sort::TemporaryFiles]);
    assert_eq!(wrong(&scene), []);
    assert!(!part.exists() && fresh.exists(), "what is being written stays");
    assert_eq!(fs::metadata(run).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn what_a_person_decides_is_told_with_the_command_and_left_alone() {
    let (scene, ids) = board();
    let home = scene.peer.paths.task_orchestrator();
    fs::create_dir_all(home.join("roles")).unwrap();
    fs::write(home.join("roles/odd.yaml"), "roles: [").unwrap();
    let lost = home.join("sessions/other-s-zzzzzzzz");
    fs::create_dir_all(&lost).unwrap();
    fs::write(lost.join("session.md"), "# Other\n").unwrap();
    fs::write(home.join("notes.txt"), "mine").unwrap();
    fs::write(home.join("callboard.before-v2.db"), "copy").unwrap();
    for to in [Status::Active, Status::Failed] {
        scene.does("human", Command::SetStatus(set_status(ids[0], to)));
    }
    let found = all(&scene, Level::Comprehensive);
    let fix = |record: &str| {
        let one = found.iter().find(|one| one.record == record);
        one.unwrap_or_else(|| panic!("{record}: {found:#?}")).fix.shell.clone().unwrap()
    };
    assert_eq!(fix("roles/odd.yaml"), "callboard mode repair odd");
    assert_eq!(fix("sessions/other-s-zzzzzzzz"), "callboard sync --rebuild");
    assert_eq!(fix("notes.txt"), "rm .task_orchestrator/notes.txt");
    assert!(fix(&format!("{}>{}", ids[1], ids[0])).starts_with("callboard done"));
    let cleared = clear(&scene, &Actor::Human, Sort::ALL);
    assert_eq!(cleared.fixed, []);
    assert!(lost.join("session.md").exists() && home.join("notes.txt").exists());
    let note = found.iter().find(|one| one.record == "callboard.before-v2.db").unwrap();
    assert_eq!((note.kind, note.severity), (Kind::Backup, Severity::Note));
}

#[test]
fn a_look_that_is_cancelled_ends() {
    use callboard_engine::upkeep::validate::{Aim, validate};
    use callboard_engine::upkeep::{Cancel, Work};
    let (scene, _) = board();
    let cancel = Cancel::new();
    cancel.cancel();
    let aim = Aim { level: Level::FullAudit, session: None };
    let refusal = validate(&scene.peer, aim, Work::quiet(&cancel)).unwrap_err();
    assert!(refusal.message.contains("broken off"), "{refusal:?}");
}
