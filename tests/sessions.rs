//! Sessions: the moves, the one live session, recovery, context.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{Command, MoveSession, NewSession, SetContext};
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::session::{SessionMove, SessionState};
use callboard_engine::domain::task::Status;
use callboard_engine::query;

use crate::scene::{Scene, claim, status};

pub(crate) fn moves(id: SessionId, to: SessionMove) -> Command {
    Command::MoveSession(MoveSession {
        id,
        to,
        reason: None,
        suspend_current: false,
        allow_open: false,
    })
}

fn state(scene: &Scene, id: SessionId) -> SessionState {
    scene.peer.readers.read(|reader| query::sessions::get(reader, id)).unwrap().state
}

fn history(scene: &Scene, id: SessionId) -> Vec<SessionState> {
    let mut rows =
        scene.peer.readers.read(|reader| query::sessions::transitions(reader, id, 50)).unwrap();
    rows.reverse();
    rows.into_iter().map(|row| row.to).collect()
}

#[test]
fn a_session_goes_through_every_state_and_each_move_is_in_its_history() {
    use SessionState::{
        Active, Archived, Completed, Completing, Initializing, Resuming, Suspended,
    };
    let (scene, id) = Scene::live();
    for to in [
        SessionMove::Suspend,
        SessionMove::Resume,
        SessionMove::Complete,
        SessionMove::Archive,
        SessionMove::Resume,
        SessionMove::Suspend,
        SessionMove::Archive,
    ] {
        scene.does("human", moves(id, to));
    }
    assert_eq!(
        history(&scene, id),
        [
            Initializing,
            Active,
            Suspended,
            Resuming,
            Active,
            Completing,
            Completed,
            Archived,
            Resuming,
            Active,
            Suspended,
            Archived,
        ]
    );
}

#[test]
fn every_move_that_is_not_in_the_table_is_refused_with_those_that_are() {
    let (scene, id) = Scene::live();
    let closed = [
        (SessionMove::Suspend, vec![SessionMove::Resume, SessionMove::Archive]),
        (SessionMove::Resume, vec![SessionMove::Suspend, SessionMove::Complete]),
        (SessionMove::Archive, vec![SessionMove::Resume]),
    ];
    for (leads_to, refused) in closed {
        if leads_to == SessionMove::Archive {
            scene.does("human", moves(id, SessionMove::Suspend));
        }
        scene.does("human", moves(id, leads_to));
        let open = SessionMove::open_from(state(&scene, id));
        for to in SessionMove::ALL.iter().filter(|to| !open.contains(to)) {
            let refusal = scene.refused("human", moves(id, *to));
            assert_eq!(refusal.code, Code::IllegalMove);
            assert_eq!(refusal.details["open_moves"], serde_json::json!(open));
        }
        assert_eq!(refused, open);
    }
}

#[test]
fn a_second_live_session_is_refused_unless_the_first_is_suspended_with_it() {
    let (scene, first) = Scene::live();
    let second = |suspend_current| {
        Command::CreateSession(NewSession {
            name: "Second".to_owned(),
            suspend_current,
            ..NewSession::default()
        })
    };
    let refusal = scene.refused("human", second(false));
    assert_eq!(
        (refusal.code, &refusal.details["name"]),
        (Code::SessionLive, &serde_json::json!("Work"))
    );
    scene.does("human", second(true));
    assert_eq!(state(&scene, first), SessionState::Suspended);
    assert_eq!(scene.refused_code("human", moves(first, SessionMove::Resume)), Code::SessionLive);
}

#[test]
fn suspending_lets_go_of_claims_and_resuming_finds_what_was_interrupted() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["a"]);
    scene.does("agent:codex", claim(session, None));
    scene.does("human", moves(session, SessionMove::Suspend));
    let task = scene.task(tasks[0]);
    assert_eq!((task.claim, task.status), (None, Status::Active));
    assert_eq!(scene.refused_code("agent:codex", claim(session, None)), Code::SessionState);
    let context =
        scene.peer.readers.read(|reader| query::sessions::context(reader, session)).unwrap();
    assert_eq!(context[0].key, "checkpoint");
    assert_eq!(context[0].value["interrupted"][0]["holder"], "agent:codex");
}

#[test]
fn completing_with_open_tasks_is_refused_and_names_them() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["a", "b"]);
    scene.does("human", status(tasks[0], Status::Completed));
    let refusal = scene.refused("human", moves(session, SessionMove::Complete));
    assert_eq!(
        (refusal.code, &refusal.details["tasks"][0]["title"]),
        (Code::OpenTasks, &serde_json::json!("b"))
    );
    scene.does("human", status(tasks[1], Status::Cancelled));
    scene.does("human", moves(session, SessionMove::Complete));
    assert_eq!(state(&scene, session), SessionState::Completed);
}

#[test]
fn a_move_whose_process_died_is_led_out_of_its_transient_state_at_the_next_start() {
    let (scene, session) = Scene::live();
    let begin = |to| {
        Command::BeginMove(MoveSession {
            id: session,
            to,
            reason: None,
            suspend_current: false,
            allow_open: false,
        })
    };
    scene.does("human", begin(SessionMove::Complete));
    assert_eq!(state(&scene, session), SessionState::Completing);
    // The process that began the move is alive, so another leaves it alone.
    let other = scene.other_peer();
    other
        .door
        .submit_blocking(callboard_engine::door::Request::new(Actor::System, Command::FreeClaims))
        .unwrap();
    assert_eq!(state(&scene, session), SessionState::Completing);
    scene.does("system", Command::RecoverSessions { living: Vec::new() });
    assert_eq!(state(&scene, session), SessionState::Active);
    scene.does("human", moves(session, SessionMove::Suspend));
    scene.does("human", begin(SessionMove::Resume));
    scene.does("system", Command::RecoverSessions { living: Vec::new() });
    assert_eq!(state(&scene, session), SessionState::Suspended);
}

#[test]
fn a_completed_session_is_read_only_until_it_is_resumed() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["a"]);
    scene.does("human", status(tasks[0], Status::Completed));
    scene.does("human", moves(session, SessionMove::Complete));
    let note =
        SetContext { session_id: session, key: "k".to_owned(), value: 1.into(), if_version: None };
    let refusal = scene.refused("human", Command::SetContext(note.clone()));
    assert_eq!(refusal.code, Code::SessionState);
    assert!(refusal.suggested_action.unwrap().contains("resume"));
    scene.does("human", moves(session, SessionMove::Resume));
    let Answer::Context(entry) = scene.does("human", Command::SetContext(note)) else { panic!() };
    assert_eq!((entry.key.as_str(), entry.version), ("k", 1));
}
