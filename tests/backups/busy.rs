//! A backup that is made while sixteen agents write, through the doors of several processes.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use callboard_engine::backup::restore::{First, RestoreScope, Wanted, restore};
use callboard_engine::backup::unwatched;
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::{Backup, Scope};
use callboard_engine::domain::command::{Command, CreateTasks, NewTask};
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::restore::{MergeStrategy, Purpose};
use callboard_engine::door::Request;
use callboard_engine::peer::Peer;
use callboard_engine::query::{self, tasks::TaskQuery};
use callboard_engine::store::{Readers, audit};
use callboard_engine::sync::keeper::{self, SyncOptions};

use super::{Unpacked, archive_of, create, until};
use crate::scene::Scene;

const PEERS: usize = 4;
const AGENTS: usize = 16;
/// Tasks that are there when the backup begins.
const BEFORE: usize = 400;

fn one_more(peer: &Peer, session: SessionId, agent: usize) -> TaskId {
    let task = NewTask { title: format!("by {agent}"), ..NewTask::default() };
    let command = Command::CreateTasks(CreateTasks { session_id: session, tasks: vec![task] });
    let request = Request::new(Actor::agent(&format!("agent-{agent}")), command);
    let outcome = peer.door.submit_blocking(request).unwrap();
    let Answer::Created(created) = outcome.answer else { panic!("a task is made") };
    created[0].id
}

#[test]
#[expect(clippy::excessive_nesting, reason = "agents are threads in a scope")]
fn sixteen_agents_write_and_the_backup_holds_all_that_was_acknowledged_before_it() {
    let (scene, session) = Scene::live();
    keeper::once(&scene.peer, SyncOptions::default()).unwrap().unwrap();
    let peers: Vec<Peer> = (0..PEERS).map(|_| scene.other_peer()).collect();
    let (has_begun, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
    let made = AtomicUsize::new(0);
    let (before, backups) = thread::scope(|scope| {
        let agents: Vec<_> = (0..AGENTS)
            .map(|agent| {
                let peer = &peers[agent % PEERS];
                let (has_begun, is_over, made) = (&has_begun, &is_over, &made);
                scope.spawn(move || {
                    let mut before = Vec::new();
                    while !is_over.load(Ordering::SeqCst) {
                        let id = one_more(peer, session, agent);
                        made.fetch_add(1, Ordering::SeqCst);
                        if !has_begun.load(Ordering::SeqCst) {
                            before.push(id);
                        }
                    }
                    before
                })
            })
            .collect();
        until("there is something to back up", || BEFORE <= made.load(Ordering::SeqCst));
        has_begun.store(true, Ordering::SeqCst);
        let backups = [create(&scene, Scope::All), create(&scene, Scope::Database)];
        is_over.store(true, Ordering::SeqCst);
        let before: Vec<TaskId> =
            agents.into_iter().flat_map(|agent| agent.join().unwrap()).collect();
        (before, backups)
    });
    assert!(BEFORE - AGENTS <= before.len(), "{}", before.len());
    for backup in &backups {
        let unpacked = Unpacked::of(&scene, backup);
        assert_eq!(unpacked.findings(), Vec::<String>::new());
        let inside = tasks(&unpacked, session);
        let lost: Vec<&TaskId> = before.iter().filter(|id| !inside.contains(id)).collect();
        assert_eq!(lost, Vec::<&TaskId>::new());
        assert_eq!(inside.len() as u64, unpacked.manifest.head.counts["tasks"]);
        let latest = unpacked.readers().read(query::changes::latest).unwrap();
        assert_eq!(latest, unpacked.manifest.head.seq);
        comes_back_elsewhere(&scene, backup, &unpacked);
    }
    assert!(made.load(Ordering::SeqCst) > before.len(), "work went on meanwhile");
}

/// Another project gets every row of every table, and every file, as they are in the archive.
fn comes_back_elsewhere(scene: &Scene, backup: &Backup, unpacked: &Unpacked) {
    let fresh = Scene::new();
    fs::create_dir_all(fresh.peer.paths.backups()).unwrap();
    fs::copy(archive_of(scene, backup), fresh.peer.paths.backups().join(&backup.file)).unwrap();
    let wanted = Wanted {
        scope: RestoreScope::Full,
        sessions: Vec::new(),
        strategy: MergeStrategy::Replace,
        purpose: Purpose::Keep,
        first: First::BackUp,
        actor: Actor::Human,
    };
    restore(&fresh.peer, &backup.file, &wanted, &unwatched).unwrap();
    // Where no documents come along, nothing is known of them.
    let has_documents = unpacked.paths().iter().any(|path| path.starts_with("files/"));
    let rows = |readers: &Readers| -> BTreeSet<String> {
        let all = readers.read(audit::every_row).unwrap();
        let is_derived = |line: &String| {
            line.starts_with("backups ")
                || line.starts_with("search_")
                || (!has_documents && line.starts_with("documents "))
        };
        all.into_iter().filter(|line| !is_derived(line)).collect()
    };
    let (come, inside) = (rows(&fresh.peer.readers), rows(&unpacked.readers()));
    let differing: Vec<&String> = come.symmetric_difference(&inside).collect();
    assert_eq!(differing, Vec::<&String>::new(), "{}", backup.scope);
    for path in unpacked.paths().iter().filter_map(|path| path.strip_prefix("files/")) {
        let there = fs::read(fresh.peer.paths.task_orchestrator().join(path)).unwrap();
        assert_eq!(there, fs::read(unpacked.into.join("files").join(path)).unwrap(), "{path}");
    }
}

fn tasks(unpacked: &Unpacked, session: SessionId) -> BTreeSet<TaskId> {
    let readers = unpacked.readers();
    let mut found = BTreeSet::new();
    let mut query = TaskQuery { limit: 1_000, ..TaskQuery::new(session) };
    loop {
        let page = readers.read(|reader| query::tasks::list(reader, &query)).unwrap();
        found.extend(page.items.iter().map(|row| row.id));
        query.cursor = page.cursor;
        if query.cursor.is_none() {
            return found;
        }
    }
}
