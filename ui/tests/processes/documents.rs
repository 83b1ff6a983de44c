//! Documents while everybody writes: agents, people in editors, and processes that die.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use callboard_engine::domain::change::Change;
use callboard_engine::query;
use callboard_engine::query::changes::ChangeQuery;
use callboard_engine::query::conflicts::ConflictQuery;
use serde_json::{Value, json};

use super::program::{Board, PATIENCE, Server, wait_until};

const AGENTS: u64 = 16;
/// In the environment: for how many seconds everybody writes, if not for a few.
const SECONDS: &str = "CALLBOARD_TEST_SECONDS";
/// Deaths in a row.
const ROUNDS: u64 = 12;
/// Another process follows within so long.
const TAKEOVER: Duration = Duration::from_secs(2);

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn pause(&mut self, at_most_ms: usize) {
        let ms = u64::try_from(self.below(at_most_ms)).unwrap();
        thread::park_timeout(Duration::from_millis(ms));
    }
}

/// The words that one of them wrote: each is written once and found afterwards.
struct Words<'a> {
    next: &'a AtomicU64,
    written: BTreeMap<String, String>,
    /// Seen by whoever wrote something else in their place.
    replaced: BTreeSet<String>,
}

impl<'a> Words<'a> {
    fn none(next: &'a AtomicU64) -> Self {
        Self { next, written: BTreeMap::new(), replaced: BTreeSet::new() }
    }

    fn new_word(&mut self, who: &str) -> String {
        let word = format!("w{:05}w", self.next.fetch_add(1, Ordering::SeqCst));
        self.written.insert(word.clone(), who.to_owned());
        word
    }

    fn and(mut self, other: Self) -> Self {
        self.written.extend(other.written);
        self.replaced.extend(other.replaced);
        self
    }
}

/// The words in a text.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |word: &&str| word.len() == 7 && word.starts_with('w') && word.ends_with('w');
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(is_word)
}

fn sessions(project: &Path) -> PathBuf {
    project.join(".task_orchestrator/sessions")
}

fn document(project: &Path, name: &str) -> Option<PathBuf> {
    let session = fs::read_dir(sessions(project)).ok()?.next()?.ok()?.path();
    Some(session.join(name)).filter(|path| path.exists())
}

fn active(project: &Path) -> Option<PathBuf> {
    document(project, "tasks/active_tasks.md")
}

/// Every file below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().filter_map(Result::ok);
    let each = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(|entry| each(entry.path())).collect()
}

fn texts(directory: &Path) -> String {
    let all = files(directory).into_iter().filter_map(|path| fs::read(path).ok());
    all.map(|bytes| String::from_utf8_lossy(&bytes).into_owned() + "\n").collect()
}

/// Saves a file as one of the programs that people use does.
fn save(path: &Path, text: &str, way: usize) {
    let beside = |end: &str| path.with_extension(format!("md{end}"));
    match way {
        // VS Code, vim with `backupcopy=yes`: in place.
        0 => fs::write(path, text).unwrap(),
        // sed, prettier, vim: a new file over the old one.
        1 => {
            fs::write(beside(".new"), text).unwrap();
            fs::rename(beside(".new"), path).unwrap();
        }
        // The old one away, the new one in its place.
        2 => {
            fs::rename(path, beside("~")).ok();
            fs::write(path, text).unwrap();
        }
        // A slow writer: in two halves.
        _ => {
            let mut file = fs::File::create(path).unwrap();
            let (first, second) = text.as_bytes().split_at(text.len() / 2);
            file.write_all(first).unwrap();
            thread::park_timeout(Duration::from_millis(60));
            file.write_all(second).unwrap();
        }
    }
}

/// An agent that makes tasks and gives new titles and descriptions to those that there are.
fn work<'a>(project: &Path, number: u64, mut words: Words<'a>, until: Instant) -> Words<'a> {
    let name = format!("agent-{number}");
    let mut server = Server::start(project, &name);
    let mut dice = Dice(number);
    while Instant::now() < until {
        let word = words.new_word(&name);
        if dice.below(3) == 0 {
            let group = ["Backend", "Frontend"][dice.below(2)];
            server.call("task_create", &json!({ "title": format!("made {word}"), "group": group }));
            continue;
        }
        let page = server.call("task_query", &json!({ "limit": 200, "status": ["pending"] }));
        let tasks = page["tasks"].as_array().unwrap();
        let task = &tasks[dice.below(tasks.len())]["task_id"];
        let field = ["title", "description"][dice.below(2)];
        let updates = json!({ field: format!("by an agent {word}") });
        server.call("task_batch_update", &json!({ "task_ids": [task], "updates": updates }));
        dice.pause(200);
    }
    words
}

/// A person who has one document open, sometimes for a while, and saves it in one way or another.
fn edit<'a>(
    find: impl Fn() -> Option<PathBuf>,
    name: &str,
    mut words: Words<'a>,
    until: Instant,
) -> Words<'a> {
    let mut dice = Dice(u64::try_from(name.len()).unwrap());
    while Instant::now() < until {
        let read = find().and_then(|path| Some((fs::read_to_string(&path).ok()?, path)));
        let Some((text, path)) = read else { continue };
        let word = words.new_word(name);
        let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
        let items: Vec<usize> =
            (0..lines.len()).filter(|at| lines[*at].starts_with("- [ ] ")).collect();
        let at = items[dice.below(items.len())];
        let mut seen = None;
        match (dice.below(4), lines[at].split_once(" <!-- ")) {
            (0, _) => lines.insert(at, format!("- [ ] typed {word}")),
            (1, _) => lines.push(format!("\nA remark: {word}")),
            (_, Some((title, stamp))) => {
                seen = Some(title.to_owned());
                lines[at] = format!("- [ ] by a person {word} <!-- {stamp}");
            }
            (_, None) => {
                words.written.remove(&word);
                continue;
            }
        }
        dice.pause(400);
        save(&path, &(lines.join("\n") + "\n"), dice.below(4));
        let seen = seen.unwrap_or_default();
        words.replaced.extend(words_of(&seen).map(ToOwned::to_owned));
        thread::park_timeout(Duration::from_millis(350));
        dice.pause(300);
    }
    words
}

fn changes(board: &Board) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    loop {
        let after = Some(all.last().map_or(0, |change| change.seq));
        let wanted = ChangeQuery { after, limit: 1000, ..ChangeQuery::default() };
        let page = board.peer.readers.read(|reader| query::changes::list(reader, &wanted)).unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Values that a field of a task had before, and has again: somebody's work was reverted.
fn reverted(changes: &[Change]) -> Vec<String> {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut reverted = Vec::new();
    for change in changes.iter().filter(|change| change.record.starts_with("t-")) {
        for field in ["title", "description"] {
            let value = change.after.as_ref().and_then(|fields| fields.get(field)?.as_str());
            let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
            let name = format!("{} {field} {value}", change.record);
            if !seen.insert(name.clone()) {
                reverted.push(format!("{name} by {}", change.actor));
            }
        }
    }
    reverted
}

/// Waits until neither the database nor a file changes any more.
fn settle(project: &Path, board: &Board) {
    let look = || {
        let latest = board.peer.readers.read(query::changes::latest).unwrap();
        (latest, texts(&sessions(project)))
    };
    let begun = Instant::now();
    let (mut known, mut since) = (look(), Instant::now());
    while since.elapsed() < Duration::from_secs(3) {
        assert!(begun.elapsed() < 2 * PATIENCE, "the documents do not settle");
        thread::park_timeout(Duration::from_millis(100));
        let now = look();
        if now != known {
            (known, since) = (now, Instant::now());
        }
    }
}

fn open_conflicts(board: &Board) -> Vec<Value> {
    let wanted = ConflictQuery { limit: 200, ..ConflictQuery::default() };
    let page = board.peer.readers.read(|reader| query::conflicts::list(reader, &wanted)).unwrap();
    page.items.iter().map(|row| serde_json::to_value(row).unwrap()).collect()
}

fn everybody_writes_for(seconds: u64) {
    let project = tempfile::tempdir().unwrap();
    let project = project.path();
    let mut first = Server::start(project, "first");
    first.call("session_create", &json!({ "name": "Words" }));
    for group in ["Backend", "Frontend"] {
        first.call("task_group_create", &json!({ "name": group }));
        for number in 0..8 {
            first.call(
                "task_create",
                &json!({ "title": format!("{group} {number}"), "group": group }),
            );
        }
    }
    let group = || document(project, "tasks/task_groups/backend.md");
    wait_until("the documents are there", || active(project).is_some() && group().is_some());

    let next = AtomicU64::new(0);
    let until = Instant::now() + Duration::from_secs(seconds);
    let words = thread::scope(|scope| {
        let next = &next;
        let none = move || Words::none(next);
        #[expect(clippy::needless_collect, reason = "all are started before any is waited for")]
        let mut everybody: Vec<_> = (0..AGENTS)
            .map(|number| scope.spawn(move || work(project, number, none(), until)))
            .collect();
        everybody.push(scope.spawn(move || edit(|| active(project), "one person", none(), until)));
        everybody.push(scope.spawn(move || edit(group, "another", none(), until)));
        let all = everybody.into_iter().map(|writer| writer.join().unwrap());
        all.fold(Words::none(next), Words::and)
    });
    let board = Board::open(project);
    settle(project, &board);

    let changes = changes(&board);
    let mut found = texts(&sessions(project));
    found += &texts(&project.join(".task_orchestrator/backups/edits"));
    found += &serde_json::to_string(&changes).unwrap();
    found += &serde_json::to_string(&open_conflicts(&board)).unwrap();
    let found: BTreeSet<&str> = words_of(&found).collect();
    let Words { written, replaced, .. } = words;
    let lost: Vec<_> = written
        .iter()
        .filter(|(word, _)| !found.contains(word.as_str()) && !replaced.contains(*word))
        .collect();
    assert_eq!(lost, Vec::<(&String, &String)>::new(), "of {} words", written.len());
    assert_eq!(reverted(&changes), Vec::<String>::new());
    let titles = board.titles();
    let made =
        titles.iter().filter(|title| title.starts_with("made") || title.starts_with("typed"));
    assert_eq!(made.clone().collect::<BTreeSet<_>>().len(), made.count(), "no task twice");
    assert_eq!(board.findings(), Vec::<String>::new());
    first.close();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is told by its environment")]
fn every_word_of_sixteen_agents_and_two_people_is_kept_while_all_write() {
    let seconds = std::env::var(SECONDS).ok().and_then(|word| word.parse().ok());
    everybody_writes_for(seconds.unwrap_or(5));
}

#[test]
fn when_the_keeper_of_the_documents_dies_another_process_follows_and_all_heals() {
    let project = tempfile::tempdir().unwrap();
    let project = project.path();
    let mut keeper = Server::start(project, "agent-0");
    keeper.call("session_create", &json!({ "name": "Deaths" }));
    keeper.call("task_create", &json!({ "title": "the first" }));
    wait_until("there are documents", || active(project).is_some());
    let mut dice = Dice(7);
    let mut typed = Vec::new();
    for round in 1..=ROUNDS {
        let mut heir = Server::start(project, &format!("agent-{round}"));
        let path = active(project).unwrap();
        let title = format!("typed in round {round}");
        let text = fs::read_to_string(&path).unwrap();
        save(&path, &format!("{text}- [ ] {title}\n"), dice.below(3));
        typed.push(title);
        for number in 0..5 {
            keeper.begin("task_create", &json!({ "title": format!("round {round} {number}") }));
        }
        dice.pause(600);
        keeper.kill();
        let begun = Instant::now();
        let after = format!("after round {round}");
        heir.call("task_create", &json!({ "title": after }));
        let is_there = || fs::read_to_string(&path).is_ok_and(|text| text.contains(&after));
        wait_until("the heir writes documents", is_there);
        assert!(begun.elapsed() < TAKEOVER, "after {:?}", begun.elapsed());
        keeper = heir;
    }
    let board = Board::open(project);
    let lacks = |titles: &[String]| typed.iter().any(|title| !titles.contains(title));
    wait_until("what was typed is on the board", || !lacks(&board.titles()));
    let is_temporary = |path: &PathBuf| path.to_string_lossy().contains(".callboard-");
    wait_until("nothing is left behind", || !files(&sessions(project)).iter().any(is_temporary));
    settle(project, &board);
    let titles = board.titles();
    assert_eq!(titles.iter().collect::<BTreeSet<_>>().len(), titles.len(), "no task twice");
    let text = fs::read_to_string(active(project).unwrap()).unwrap();
    let unseen: Vec<&String> = titles.iter().filter(|title| !text.contains(*title)).collect();
    assert_eq!(unseen, Vec::<&String>::new(), "{text}");
    assert_eq!(open_conflicts(&board), Vec::<Value>::new());
    assert_eq!(board.findings(), Vec::<String>::new());
}
