//! The tool that brings a backup back: what it changes, what it leaves, and what it refuses.

use std::fs;
use std::path::PathBuf;

use callboard_engine::mcp::McpOptions;
use serde_json::{Value, json};

use super::client::Client;
use crate::restoring::board::{content, is_sound};
use crate::scene::Scene;

/// A board of two tasks, a backup of it, and what an agent did since.
struct Board {
    scene: Scene,
    agent: Client,
    first: String,
    backup: String,
    was: Vec<String>,
    later: Vec<String>,
}

async fn named(agent: &mut Client, title: &str) -> String {
    let made = agent.call("task_create", json!({ "title": title })).await;
    made["created"][0]["task_id"].as_str().unwrap().to_owned()
}

impl Board {
    async fn new() -> Self {
        let scene = Scene::new();
        let mut agent = Client::connect(&scene.peer, McpOptions::default());
        agent.initialize("codex", "2025-06-18").await;
        agent.call("session_create", json!({ "name": "Work" })).await;
        let first = named(&mut agent, "first").await;
        named(&mut agent, "second").await;
        let made = agent.call("backup_create", json!({ "scope": "full", "name": "good" })).await;
        let backup = made["backup_id"].as_str().unwrap().to_owned();
        let was = content(&scene);
        let updates = json!({ "title": "first, later" });
        agent.call("task_batch_update", json!({ "task_ids": [first], "updates": updates })).await;
        named(&mut agent, "third").await;
        let later = content(&scene);
        Self { scene, agent, first, backup, was, later }
    }

    async fn restore(&mut self, more: Value) -> Value {
        let mut call = json!({ "backup_id": self.backup });
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.agent.call("backup_restore", call).await
    }

    fn archive(&self) -> PathBuf {
        let found = fs::read_dir(self.scene.peer.paths.backups()).unwrap().flatten();
        let mut found: Vec<PathBuf> = found.map(|one| one.path()).collect();
        found.retain(|path| path.display().to_string().contains(&self.backup));
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    fn nothing_is_left_in_between(&self) {
        let left = fs::read_dir(self.scene.peer.paths.run()).unwrap().flatten();
        let names = left.map(|one| one.file_name().to_string_lossy().into_owned());
        let names: Vec<String> = names.filter(|name| name.starts_with("restore-")).collect();
        assert_eq!(names, Vec::<String>::new());
        is_sound(&self.scene);
    }
}

#[tokio::test]
async fn a_trial_tells_what_would_change_and_changes_nothing() {
    let mut board = Board::new().await;
    let tried = board.restore(json!({ "dry_run": true })).await;
    assert_eq!((&tried["dry_run"], &tried["restore_successful"]), (&json!(true), &json!(false)));
    let records = &tried["items_restored"]["records"];
    assert_eq!((&records["updated"], &records["deleted"]), (&json!(1), &json!(1)), "{tried}");
    let differences = tried["differences"].as_array().unwrap();
    let difference = differences.iter().find(|one| one["record"] == board.first).unwrap();
    assert_eq!(difference["fields"], json!(["title"]));
    assert_eq!(tried["backup_created_before_restore"], Value::Null);
    assert_eq!(content(&board.scene), board.later);
    assert_eq!(board.agent.call("backup_list", json!({})).await["total_backups"], 1);
    board.nothing_is_left_in_between();
    // What was told is what is done.
    let done = board.restore(json!({})).await;
    assert_eq!(done["items_restored"]["records"], tried["items_restored"]["records"]);
}

#[tokio::test]
async fn each_strategy_does_what_it_says() {
    for (strategy, title, is_third_there, clashes) in [
        (None, "first", false, 0),
        (Some("replace"), "first", false, 0),
        (Some("overwrite"), "first", false, 0),
        (Some("merge"), "first, later", true, 1),
        (Some("skip_existing"), "first, later", true, 0),
    ] {
        let mut board = Board::new().await;
        let done = board.restore(json!({ "merge_strategy": strategy })).await;
        assert_eq!(done["restore_successful"], true, "{done}");
        assert_eq!(done["conflicts_found"], clashes, "{strategy:?}: {done}");
        let task = board.agent.call("task_get", json!({ "task_id": board.first })).await;
        assert_eq!(task["title"], title, "{strategy:?}");
        let there = content(&board.scene).iter().any(|line| line.contains("third"));
        assert_eq!(there, is_third_there, "{strategy:?}");
        let before = done["backup_created_before_restore"].as_str().unwrap();
        assert_eq!(done["rollback_available"]["backup_id"], before);
        let how = done["rollback_available"]["how"].as_str().unwrap();
        let (is_changed, latest) = (title == "first", board.scene.latest());
        let undo = how.split('`').nth(1).and_then(|call| call.strip_prefix("callboard undo "));
        assert_eq!(undo.is_some(), is_changed, "{how}");
        assert!(undo.is_none_or(|seq| seq.parse::<i64>().unwrap() <= latest), "{how}");
        board.nothing_is_left_in_between();
        // The second time changes nothing.
        let now = content(&board.scene);
        let seq = board.scene.latest();
        board.restore(json!({ "merge_strategy": strategy })).await;
        assert_eq!((content(&board.scene), board.scene.latest()), (now, seq), "{strategy:?}");
    }
}

#[tokio::test]
async fn a_restore_is_taken_back_by_a_person_and_by_the_backup_made_before_it() {
    use callboard_engine::domain::command::Command;
    let mut board = Board::new().await;
    let done = board.restore(json!({})).await;
    assert_eq!(content(&board.scene), board.was);
    let seq = board.scene.latest();
    board.scene.does_async(Command::Undo { seq: Some(seq) }).await;
    assert_eq!(content(&board.scene), board.later);
    board.scene.does_async(Command::Redo).await;
    assert_eq!(content(&board.scene), board.was);
    board.backup = done["backup_created_before_restore"].as_str().unwrap().to_owned();
    board.restore(json!({})).await;
    assert_eq!(content(&board.scene), board.later);
    board.nothing_is_left_in_between();
}

#[tokio::test]
async fn what_is_there_is_backed_up_unless_that_is_declined() {
    let mut board = Board::new().await;
    let done = board.restore(json!({ "backup_current_first": false })).await;
    assert_eq!(done["backup_created_before_restore"], Value::Null);
    assert_eq!(done["rollback_available"], Value::Null);
    assert_eq!(board.agent.call("backup_list", json!({})).await["total_backups"], 1);
}

#[tokio::test]
async fn only_the_sessions_that_are_named_come_back() {
    let mut board = Board::new().await;
    let other = json!({ "name": "Second", "suspend_current": true });
    board.agent.call("session_create", other).await;
    let late = named(&mut board.agent, "late").await;
    let made = board.agent.call("backup_create", json!({ "name": "both" })).await;
    board.backup = made["backup_id"].as_str().unwrap().to_owned();
    let updates = json!({ "title": "changed" });
    for task in [&board.first, &late] {
        let call = json!({ "task_ids": [task], "updates": updates });
        board.agent.call("task_batch_update", call).await;
    }
    let nobody = json!({ "backup_id": board.backup, "session_id_filter": ["Third"] });
    let refusal = board.agent.refused("backup_restore", nobody).await;
    assert_eq!(refusal["error_code"], "unknown_id");
    assert!(refusal["details"]["sessions"].to_string().contains("Second"), "{refusal}");
    let done = board.restore(json!({ "sessions": ["Work"] })).await;
    assert_eq!(done["sessions"].as_array().unwrap().len(), 1, "{done}");
    let mut title = async |task: &str| {
        let found = board.agent.call("task_get", json!({ "task_id": task })).await;
        found["title"].as_str().unwrap().to_owned()
    };
    assert_eq!(title(&board.first.clone()).await, "first, later");
    assert_eq!(title(&late).await, "changed");
    is_sound(&board.scene);
}

#[tokio::test]
async fn a_damaged_archive_is_refused_wherever_it_is_damaged_and_changes_nothing() {
    let mut board = Board::new().await;
    let archive = board.archive();
    let whole = fs::read(&archive).unwrap();
    let (half, last) = (whole.len() / 2, whole.len() - 1);
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        bytes
    };
    let damaged = [flipped(0), flipped(half), flipped(last), whole[..half].to_vec(), Vec::new()];
    for (number, bytes) in damaged.into_iter().enumerate() {
        fs::write(&archive, bytes).unwrap();
        for dry_run in [true, false] {
            let call = json!({ "backup_id": board.backup, "dry_run": dry_run });
            let refusal = board.agent.refused("backup_restore", call).await;
            assert!(refusal["suggested_action"].is_string(), "{number}: {refusal}");
            assert_eq!(content(&board.scene), board.later, "{number}");
            board.nothing_is_left_in_between();
        }
    }
    fs::write(&archive, whole).unwrap();
    board.restore(json!({})).await;
    assert_eq!(content(&board.scene), board.was);
}

#[tokio::test]
async fn impossible_and_hostile_wishes_are_refused_and_change_nothing() {
    let mut board = Board::new().await;
    let good = board.backup.clone();
    for (call, code) in [
        (json!({ "backup_id": "../../etc/passwd" }), "unknown_id"),
        (json!({ "backup_id": "b-zzzzzzzz" }), "unknown_id"),
        (json!({ "backup_id": good, "merge_strategy": "perhaps" }), "invalid_value"),
        (json!({ "backup_id": good, "restore_scope": "everything" }), "invalid_value"),
        (json!({ "backup_id": good, "restore_scope": "specific_session" }), "nothing_to_do"),
    ] {
        let refusal = board.agent.refused("backup_restore", call.clone()).await;
        assert_eq!(refusal["error_code"], code, "{call}");
    }
    assert_eq!(content(&board.scene), board.later);
    assert_eq!(board.agent.call("backup_list", json!({})).await["total_backups"], 1);
    board.nothing_is_left_in_between();
}

#[tokio::test]
async fn a_repeated_call_restores_once() {
    let mut board = Board::new().await;
    let call = json!({ "backup_id": board.backup, "idempotency_key": "back" });
    let first = board.agent.call("backup_restore", call.clone()).await;
    named(&mut board.agent, "fourth").await;
    let now = content(&board.scene);
    let again = board.agent.call("backup_restore", call).await;
    let before = "backup_created_before_restore";
    assert_eq!(first[before], again[before]);
    assert_eq!(content(&board.scene), now);
}
