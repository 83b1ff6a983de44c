//! What others see while a large board comes back: they wait, or are told why not, and nothing that
//! they sent is lost or done twice.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::change::Verb;
use callboard_engine::domain::command::{Command, CreateTasks, NewTask};
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::restore::MergeStrategy;
use callboard_engine::door::Request;
use callboard_engine::peer::Peer;
use callboard_engine::query::changes::{ChangeQuery, list};

use super::board::{copied, is_sound, restored};
use crate::bulk;
use crate::scene::Scene;

const TASKS: i64 = 3_000;
const CALLERS: usize = 8;

fn create(session_id: SessionId, title: &str) -> Command {
    let task = NewTask { title: title.to_owned(), ..NewTask::default() };
    Command::CreateTasks(CreateTasks { session_id, tasks: vec![task] })
}

/// Creates tasks until told to stop; returns the titles that were acknowledged, and those refused.
fn call(
    peer: &Peer,
    (session, caller): (SessionId, usize),
    is_over: &AtomicBool,
) -> (Vec<String>, Vec<String>) {
    let (mut kept, mut refused) = (Vec::new(), Vec::new());
    for turn in 0.. {
        let title = format!("caller {caller}, turn {turn}");
        let actor = Actor::agent(&format!("caller-{caller}"));
        let request = Request::new(actor, create(session, &title));
        match peer.door.submit_blocking(request).map(|outcome| outcome.answer) {
            Ok(Answer::Created(_)) => kept.push(title),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => {
                assert_eq!(refusal.code, Code::Busy, "{refusal:?}");
                refused.push(title);
            }
        }
        if is_over.load(Ordering::Relaxed) {
            return (kept, refused);
        }
    }
    unreachable!()
}

#[test]
fn what_others_send_while_a_large_board_comes_back_is_done_once_or_refused() {
    let (big, _) = Scene::live();
    let Scene { directory, peer, clock } = big;
    drop(peer);
    for suffix in ["", "-wal", "-shm"] {
        let path = directory.path().join(format!(".task_orchestrator/callboard.db{suffix}"));
        std::fs::remove_file(path).ok();
    }
    let database = directory.path().join(".task_orchestrator/callboard.db");
    let board = bulk::fill(&database, TASKS).unwrap();
    let paths = callboard_engine::paths::ProjectPaths::at(directory.path());
    let peer = Peer::open(&paths, clock.clone()).unwrap();
    let big = Scene { directory, peer, clock };
    let backup = copied(&big);

    let (scene, session) = Scene::live();
    let other = scene.other_peer();
    let is_over = AtomicBool::new(false);
    let told = thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|number| {
                let peer = if number % 2 == 0 { &scene.peer } else { &other };
                let is_over = &is_over;
                scope.spawn(move || call(peer, (session, number), is_over))
            })
            .collect();
        let command = backup.command(&scene, MergeStrategy::Merge, &[]);
        let done = restored(scene.submit("human", command).map(|it| it.answer));
        is_over.store(true, Ordering::Relaxed);
        assert!(TASKS <= i64::try_from(done.created).unwrap());
        callers.into_iter().map(|caller| caller.join().unwrap()).collect::<Vec<_>>()
    });
    let mut times: HashMap<String, usize> = HashMap::new();
    let mut after = 0;
    loop {
        let query = ChangeQuery { after: Some(after), limit: 1_000, ..ChangeQuery::default() };
        let page = scene.peer.readers.read(|reader| list(reader, &query)).unwrap();
        let Some(last) = page.last() else { break };
        after = last.seq;
        for change in page {
            let title =
                change.after.and_then(|fields| fields.get("title")?.as_str().map(str::to_owned));
            if change.verb == Verb::TaskCreated
                && let Some(title) = title.filter(|title| title.starts_with("caller"))
            {
                *times.entry(title).or_default() += 1;
            }
        }
    }
    for (kept, refused) in told {
        assert!(!kept.is_empty());
        assert!(kept.iter().all(|title| times.remove(title) == Some(1)), "done once");
        assert!(refused.iter().all(|title| !times.contains_key(title)), "not at all");
    }
    assert_eq!(times, HashMap::new(), "nobody was told otherwise");
    assert_eq!(scene.task(board.middle()).session_id, board.session);
    is_sound(&scene);
}

#[test]
fn who_has_no_turn_because_of_a_restore_is_told_so_and_nothing_is_changed() {
    let (scene, session) = Scene::live();
    let run = scene.peer.paths.run();
    let taken = ["restore.lock", "write.lock"].map(|name| {
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(run.join(name));
        let file = open.unwrap();
        file.lock().unwrap();
        file
    });
    let refusal = scene.refused("agent:one", create(session, "a"));
    assert_eq!(refusal.code, Code::Busy);
    assert!(refusal.message.contains("a backup is being restored"), "{refusal:?}");
    assert!(refusal.message.ends_with("nothing was changed"), "{refusal:?}");
    let opened = Peer::open(&scene.peer.paths, scene.clock.clone()).unwrap_err();
    assert!(opened.to_string().contains("a backup is being restored"), "{opened}");
    let seq = scene.latest();
    drop(taken);
    scene.does("agent:one", create(session, "b"));
    assert_eq!(scene.latest(), seq + 1, "what was refused is not carried out later");
}
