//! What somebody wrote into the database of a backup that no command would have written.

use std::fs;

use callboard_engine::backup::restore::{First, RestoreScope, Wanted, restore};
use callboard_engine::backup::{self, Request, unwatched};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::artifact::{RecordArtifact, Storage};
use callboard_engine::domain::backup::{Reason, Scope};
use callboard_engine::domain::command::{Command, NewGroup, SetContext};
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::restore::{Ledger, MergeStrategy, Purpose};

use super::board::{content, copied_with};
use crate::scene::Scene;

const CASES: &[(&str, &str)] = &[
    ("UPDATE tasks SET title = hex(zeroblob(128))", "title is 256 characters long"),
    ("UPDATE tasks SET title = 'a' || char(27) || '[31m'", "title holds a line break"),
    ("UPDATE tasks SET title = ' '", "title is empty"),
    ("UPDATE tasks SET description = hex(zeroblob(32769))", "description is 65538 bytes long"),
    ("UPDATE tasks SET result_summary = hex(zeroblob(8193))", "result_summary is 16386 bytes"),
    ("UPDATE tasks SET reason = hex(zeroblob(8193))", "reason is 16386 bytes"),
    ("UPDATE tasks SET role = hex(zeroblob(33))", "role is 66 characters"),
    ("UPDATE tasks SET assignee = hex(zeroblob(33))", "assignee is 66 characters"),
    ("UPDATE tasks SET due = hex(zeroblob(33))", "due is 66 characters"),
    (
        "UPDATE tasks SET tags = (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 33)
             SELECT json_group_array('t' || i) FROM n)",
        "tags is 33; the limit is 32",
    ),
    ("UPDATE tasks SET tags = json_array(hex(zeroblob(33)))", "tag is 66 characters"),
    ("UPDATE tasks SET estimate_minutes = 1200001", "minutes is 1200001"),
    ("UPDATE tasks SET progress = 101", "progress is 101"),
    ("UPDATE tasks SET position = 9e999", "position is no number"),
    (
        "UPDATE tasks SET claim_holder = 'agent:a', claim_since = 1, claim_until = 2, claim_minutes = 5000,
             claim_paths = '[]'",
        "claim_minutes is 5000",
    ),
    ("UPDATE task_groups SET name = hex(zeroblob(51))", "name is 102 characters"),
    ("UPDATE task_groups SET description = hex(zeroblob(32769))", "description is 65538 bytes"),
    ("UPDATE orchestration_sessions SET name = hex(zeroblob(51))", "name is 102 characters"),
    ("UPDATE orchestration_sessions SET goal = hex(zeroblob(32769))", "goal is 65538 bytes"),
    ("UPDATE orchestration_sessions SET mode = hex(zeroblob(33))", "mode is 66 characters"),
    ("UPDATE session_context_data SET key = hex(zeroblob(51)) WHERE key <> 'checkpoint'", "key is 102 characters"),
    (
        "UPDATE session_context_data SET value = json_quote(hex(zeroblob(32769)))",
        "value is 65540; the limit is 65536",
    ),
    ("UPDATE session_artifacts SET path = '../../etc/passwd'", "is not a file within the project"),
    ("UPDATE session_artifacts SET path = '/etc/passwd'", "is not a file within the project"),
    ("UPDATE session_artifacts SET summary = hex(zeroblob(8193))", "summary is 16386 bytes"),
];

/// What only comes along where everything does.
const WHOLE: &[(&str, &str)] = &[
    ("UPDATE session_user_interactions SET text = hex(zeroblob(8193))", "text in session_user_in"),
    ("UPDATE changes SET reason = hex(zeroblob(8193)) WHERE seq = 1", "reason in changes"),
    ("UPDATE changes SET after = hex(zeroblob(7000000)) WHERE seq = 1", "after in changes"),
    (
        "UPDATE session_state_transitions SET reason = hex(zeroblob(8193))",
        "reason in session_state",
    ),
];

/// A board with something of every kind.
fn board() -> Scene {
    let (scene, session) = Scene::live();
    scene.tasks(session, &["a"]);
    let group = NewGroup {
        id: None,
        session_id: session,
        name: "Backend".to_owned(),
        parent: None,
        description: String::new(),
        role: None,
    };
    scene.does("human", Command::CreateGroup(group));
    let context = SetContext {
        session_id: session,
        key: "decisions".to_owned(),
        value: "SQLite".into(),
        if_version: None,
    };
    scene.does("human", Command::SetContext(context));
    let artifact = RecordArtifact {
        text: String::new(),
        id: None,
        session_id: session,
        task_id: None,
        kind: "design".to_owned(),
        title: "Plan".to_owned(),
        summary: String::new(),
        storage: Storage::Referenced,
        path: "docs/plan.md".to_owned(),
        size: 1,
        hash: "0".repeat(64),
        lost: None,
    };
    scene.does("agent:a", Command::RecordArtifact(artifact));
    let (to, text) = ("codex".to_owned(), "Look here.".to_owned());
    scene.does("human", Command::SendMessage { session_id: session, to, text });
    scene
}

#[test]
fn what_no_command_would_have_written_is_refused_with_its_record_and_its_limit() {
    let scene = board();
    for (sql, what) in CASES {
        let copied = copied_with(&scene, sql);
        let all = copied.open.named(&[]).unwrap();
        for refusal in
            [copied.open.rows(&all).unwrap_err(), copied.open.whole(Ledger::Left).unwrap_err()]
        {
            assert!(refusal.message.contains(what), "{sql}: {refusal:?}");
            assert!(refusal.message.contains("in the backup is out of bounds"), "{refusal:?}");
            assert!(refusal.details.contains_key("record"), "{refusal:?}");
        }
    }
    for (sql, what) in WHOLE {
        let refusal = copied_with(&scene, sql).open.whole(Ledger::Left).unwrap_err();
        assert_eq!(refusal.code, Code::InvalidText, "{sql}");
        assert!(refusal.message.contains(what), "{sql}: {refusal:?}");
    }
    // What was not tampered with is within its bounds.
    let copied = copied_with(&scene, "");
    copied.open.rows(&copied.open.named(&[]).unwrap()).unwrap();
    copied.open.whole(Ledger::Left).unwrap();
}

#[test]
fn a_sealed_archive_of_such_a_database_is_refused_and_nothing_changes() {
    let scene = board();
    let connection = rusqlite::Connection::open(scene.peer.paths.database()).unwrap();
    let title = "UPDATE tasks SET title = hex(zeroblob(500))";
    connection.execute_batch(title).unwrap();
    let request = Request {
        name: Some("crafted".to_owned()),
        ..Request::automatic(Scope::Full, Reason::Manual)
    };
    backup::create(&scene.peer, &request, &unwatched).unwrap();
    connection.execute_batch("UPDATE tasks SET title = 'a'").unwrap();
    let fresh = Scene::new();
    fs::create_dir_all(fresh.peer.paths.backups()).unwrap();
    for file in fs::read_dir(scene.peer.paths.backups()).unwrap().flatten() {
        fs::copy(file.path(), fresh.peer.paths.backups().join(file.file_name())).unwrap();
    }
    for (scene, purpose) in [
        (&scene, Purpose::Try),
        (&scene, Purpose::Keep),
        (&fresh, Purpose::Try),
        (&fresh, Purpose::Keep),
    ] {
        let (was, seq) = (content(scene), scene.latest());
        let wanted = Wanted {
            scope: RestoreScope::Full,
            sessions: Vec::new(),
            strategy: MergeStrategy::Replace,
            purpose,
            first: First::BackUp,
            actor: Actor::Human,
        };
        let refusal = restore(&scene.peer, "crafted", &wanted, &unwatched).unwrap_err();
        assert_eq!(refusal.code, Code::InvalidText, "{refusal:?}");
        assert!(refusal.message.contains("title is 1000 characters long"), "{refusal:?}");
        assert_eq!((content(scene), scene.latest()), (was, seq));
        let left = fs::read_dir(scene.peer.paths.run()).unwrap().flatten();
        let names = left.map(|one| one.file_name().to_string_lossy().into_owned());
        assert!(!names.into_iter().any(|name| name.starts_with("restore-")));
    }
}
