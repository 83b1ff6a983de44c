//! Two clones of one project, each with a database of its own, that meet through git alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use callboard_engine::query;
use callboard_engine::query::conflicts::ConflictQuery;
use serde_json::json;

use super::program::{Board, Server, wait_until};

/// Runs git; gives whether it did what it was told.
fn git(directory: &Path, arguments: &[&str]) -> bool {
    let settings =
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
    let mut command = Command::new("git");
    command.current_dir(directory).env("HOME", directory).env("GIT_EDITOR", "true");
    command.args(settings).args(arguments).output().unwrap().status.success()
}

fn active(project: &Path) -> Option<PathBuf> {
    let session = fs::read_dir(project.join(".task_orchestrator/sessions")).ok()?.next()?.ok()?;
    Some(session.path().join("tasks/active_tasks.md"))
}

fn text(project: &Path) -> String {
    active(project).and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default()
}

fn commit(project: &Path, message: &str) {
    assert!(git(project, &["add", "-A"]));
    assert!(git(project, &["commit", "-qm", message]));
}

/// Merges, as soon as no file is just being written.
fn merge(project: &Path, arguments: &[&str]) {
    wait_until("git merges", || {
        git(project, &["checkout", "-q", "--", "."]) && git(project, arguments)
    });
}

/// Pulls; what was computed anew since the last commit (recent activity) is left out.
fn take(project: &Path) {
    merge(project, &["pull", "-q", "--no-rebase"]);
}

/// A project that two people have: what is in the first is in the second, through git alone.
struct Clones {
    _directory: tempfile::TempDir,
    anna: PathBuf,
    ben: PathBuf,
}

impl Clones {
    fn with(titles: &[&str]) -> (Self, Server, Server) {
        let directory = tempfile::tempdir().unwrap();
        let (hub, anna, ben) = ("hub", directory.path().join("anna"), directory.path().join("ben"));
        assert!(git(directory.path(), &["init", "-q", "--bare", "-b", "main", hub]));
        assert!(git(directory.path(), &["clone", "-q", hub, "anna"]));
        let mut one = Server::start(&anna, "one");
        one.call("session_create", &json!({ "name": "Shared" }));
        for title in titles {
            one.call("task_create", &json!({ "title": title }));
        }
        wait_until("Anna has documents", || titles.iter().all(|title| text(&anna).contains(title)));
        let last =
            || active(&anna).unwrap().with_file_name("../specialists/performance.md").exists();
        wait_until("all of them", last);
        assert!(git(&anna, &["checkout", "-q", "-B", "main"]));
        commit(&anna, "begin");
        assert!(git(&anna, &["push", "-q", "-u", "origin", "main"]));
        assert!(git(directory.path(), &["clone", "-q", hub, "ben"]));
        let two = Server::start(&ben, "two");
        wait_until("Ben has the session", || titles.iter().all(|title| has(&ben, title)));
        (Self { _directory: directory, anna, ben }, one, two)
    }
}

fn has(project: &Path, title: &str) -> bool {
    let board = Board::open(project);
    let is_live = board.peer.readers.read(query::sessions::live).unwrap().is_some();
    is_live && board.titles().iter().any(|known| known == title)
}

fn open_conflicts(project: &Path) -> usize {
    let board = Board::open(project);
    let wanted = ConflictQuery { limit: 200, ..ConflictQuery::default() };
    board.peer.readers.read(|reader| query::conflicts::list(reader, &wanted)).unwrap().items.len()
}

#[test]
fn what_two_clones_add_in_turn_and_at_once_is_in_both() {
    let (clones, mut one, mut two) = Clones::with(&["alpha", "beta", "gamma", "delta"]);
    let (anna, ben) = (&clones.anna, &clones.ben);
    two.call("task_create", &json!({ "title": "by ben in turn" }));
    wait_until("it is in his file", || text(ben).contains("by ben in turn <!--"));
    commit(ben, "in turn");
    assert!(git(ben, &["push", "-q"]));
    take(anna);
    wait_until("Anna has it", || has(anna, "by ben in turn"));

    one.call("task_create", &json!({ "title": "by anna at once" }));
    two.call("task_create", &json!({ "title": "by ben at once" }));
    wait_until("both are in files", || {
        text(anna).contains("by anna at once <!--") && text(ben).contains("by ben at once <!--")
    });
    commit(anna, "at once");
    commit(ben, "at once");
    assert!(git(anna, &["push", "-q"]));
    assert!(!git(ben, &["pull", "-q", "--no-rebase"]), "git cannot merge lines side by side");
    // Git's markers are there, and nothing is read or written while it is in the middle of that.
    let marked = text(ben);
    assert!(marked.contains("<<<<<<< "), "{marked}");
    let settled: String = marked
        .lines()
        .filter(|line| !["<<<<<<<", "=======", ">>>>>>>"].iter().any(|it| line.starts_with(it)))
        .map(|line| format!("{line}\n"))
        .collect();
    two.call("task_create", &json!({ "title": "while merging" }));
    assert!(!has(ben, "by anna at once"));
    fs::write(active(ben).unwrap(), settled).unwrap();
    commit(ben, "merged");
    wait_until("Ben has hers", || has(ben, "by anna at once"));
    wait_until("it goes on", || text(ben).contains("while merging <!--"));
    commit(ben, "more");
    assert!(git(ben, &["push", "-q"]));
    take(anna);
    wait_until("Anna has all", || has(anna, "by ben at once") && has(anna, "while merging"));
    let sorted = |project: &Path| {
        let mut titles = Board::open(project).titles();
        titles.sort();
        titles
    };
    assert_eq!(sorted(anna), sorted(ben));
    assert_eq!((open_conflicts(anna), open_conflicts(ben)), (0, 0));
}

#[test]
fn what_two_clones_both_changed_is_a_conflict_where_it_arrives() {
    let (clones, mut one, _two) = Clones::with(&["alpha", "beta"]);
    let (anna, ben) = (&clones.anna, &clones.ben);
    let changed = text(ben).replace("- [ ] alpha", "- [ ] alpha by ben");
    fs::write(active(ben).unwrap(), changed).unwrap();
    wait_until("Ben's board has it", || has(ben, "alpha by ben"));
    wait_until("with a new mark", || Board::open(ben).findings().is_empty());
    commit(ben, "by ben");
    assert!(git(ben, &["push", "-q"]));
    let found = one.call("task_query", &json!({ "text": "alpha" }));
    let task = found["tasks"][0]["task_id"].clone();
    assert!(git(anna, &["fetch", "-q"]));
    merge(anna, &["merge", "-q", "--no-ff", "--no-commit", "origin/main"]);
    // Her agent works on while the merge is in progress, and her file already says what his does.
    let updates = json!({ "title": "alpha by anna" });
    one.call("task_batch_update", &json!({ "task_ids": [task], "updates": updates }));
    commit(anna, "merged");
    wait_until("a person is asked", || 0 < open_conflicts(anna));
    assert!(has(anna, "alpha by anna") && text(anna).contains("alpha by ben"));
}
