//! A backup that is made while sixteen agents write, through the doors of several processes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::backup::Scope;
use callboard_engine::domain::command::{Command, CreateTasks, NewTask};
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::door::Request;
use callboard_engine::peer::Peer;
use callboard_engine::query::{self, tasks::TaskQuery};

use super::{Unpacked, create, until};
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
    }
    assert!(made.load(Ordering::SeqCst) > before.len(), "work went on meanwhile");
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
