//! Two clones of one project, each with a database of its own, that meet through git alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use callboard_engine::query;
use callboard_engine::query::conflicts::ConflictQuery;
use callboard_engine::sync::keeper;
use serde_json::{Value, json};

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

fn take(project: &Path) {
    assert!(git(project, &["pull", "-q", "--no-rebase"]), "{}", changed(project));
}

/// What git sees that is not committed.
fn changed(project: &Path) -> String {
    let mut command = Command::new("git");
    command.current_dir(project).env("HOME", project).args(["status", "--porcelain"]);
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

/// Waits until documents and database say the same, and looks whether git has nothing to commit.
fn settled_and_clean(project: &Path) {
    settled(project);
    let mut command = Command::new("git");
    command.current_dir(project).env("HOME", project).arg("diff");
    let difference = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert_eq!(changed(project), "", "{}: {difference}", project.display());
}

fn settled(project: &Path) {
    wait_until("it settles", || {
        let board = Board::open(project);
        let found = keeper::check(&board.peer).unwrap();
        !found.is_empty() && found.iter().all(|one| !one.standing.is_due())
    });
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
    assert!(git(anna, &["merge", "-q", "--no-ff", "--no-commit", "origin/main"]));
    // Her agent works on while the merge is in progress, and her file already says what his does.
    let updates = json!({ "title": "alpha by anna" });
    one.call("task_batch_update", &json!({ "task_ids": [task], "updates": updates }));
    commit(anna, "merged");
    wait_until("a person is asked", || 0 < open_conflicts(anna));
    assert!(has(anna, "alpha by anna") && text(anna).contains("alpha by ben"));
}

/// Changes something on one side and commits it when its documents say so.
fn work(project: &Path, server: &mut Server, tool: &str, arguments: &Value, says: &str) {
    server.call(tool, arguments);
    wait_until(says, || all_texts(project).contains(says));
    settled(project);
    commit(project, says);
    assert_eq!(changed(project), "");
}

/// The documents that git knows, one after the other.
fn all_texts(project: &Path) -> String {
    let mut command = Command::new("git");
    command.current_dir(project).env("HOME", project);
    command.args(["ls-files", "-co", "--exclude-standard", "*.md"]);
    let names = String::from_utf8(command.output().unwrap().stdout).unwrap();
    names.lines().filter_map(|name| fs::read_to_string(project.join(name)).ok()).collect()
}

fn task(server: &mut Server, title: &str) -> Value {
    server.call("task_query", &json!({ "text": title }))["tasks"][0]["task_id"].clone()
}

fn push(project: &Path) {
    assert!(git(project, &["push", "-q"]));
}

#[test]
fn after_every_pull_there_is_nothing_to_commit() {
    let (clones, mut one, mut two) = Clones::with(&["alpha", "beta", "gamma", "delta", "omega"]);
    let (anna, ben) = (clones.anna.as_path(), clones.ben.as_path());
    settled_and_clean(anna);
    settled_and_clean(ben);

    // In turn: a task is finished by an agent of the one, and a group made by the other by hand.
    let alpha = task(&mut two, "alpha");
    two.call("task_claim", &json!({ "task_id": alpha }));
    let done = json!({ "task_id": alpha, "summary": "By Ben." });
    work(ben, &mut two, "task_complete", &done, "[x] alpha");
    push(ben);
    take(anna);
    wait_until("alpha is finished", || status(&mut one, "alpha") == "completed");
    settled_and_clean(anna);
    let grouped = format!(
        "{}\n## Backend\n\n> What answers.\n\n- [ ] parser\n- [ ] store !high\n",
        text(anna)
    );
    fs::write(active(anna).unwrap(), grouped).unwrap();
    wait_until("the group", || has(anna, "store") && text(anna).contains("] store !high <!--"));
    settled(anna);
    commit(anna, "a group");
    push(anna);
    take(ben);
    wait_until("Ben has it", || has(ben, "store"));
    settled_and_clean(ben);

    // At once, in lines that git can merge.
    let (beta, delta) = (task(&mut one, "beta"), task(&mut two, "delta"));
    one.call("task_claim", &json!({ "task_id": beta }));
    let done = json!({ "task_id": beta, "summary": "By Anna." });
    work(anna, &mut one, "task_complete", &done, "[x] beta");
    let urgent = json!({ "task_ids": [delta], "updates": { "priority": "high" } });
    work(ben, &mut two, "task_batch_update", &urgent, "delta !high");
    push(anna);
    take(ben);
    wait_until("beta is finished", || status(&mut two, "beta") == "completed");
    settled_and_clean(ben);
    push(ben);
    take(anna);
    wait_until("delta is urgent", || text(anna).contains("delta !high"));
    settled_and_clean(anna);

    // And once more with nothing new in between, days later or not: both have the same tree.
    push(anna);
    take(ben);
    settled_and_clean(ben);
    assert_eq!(all_texts(anna), all_texts(ben));
    assert_eq!((open_conflicts(anna), open_conflicts(ben)), (0, 0));
}

fn status(server: &mut Server, title: &str) -> String {
    let found = server.call("task_query", &json!({ "text": title }));
    found["tasks"][0]["status"].as_str().unwrap_or_default().to_owned()
}
