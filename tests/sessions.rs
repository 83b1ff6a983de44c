//! Sessions: the moves, the one live session, recovery, context.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{Command, MoveSession, NewSession, SetContext};
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::session::{CHECKPOINT_KEY, REPORT_KEY, SessionMove, SessionState};
use callboard_engine::domain::task::Status;
use callboard_engine::query;
use callboard_engine::query::changes::ChangeQuery;
use callboard_engine::query::metrics::{ErrorEntry, ErrorQuery, errors, newest_failure};
use serde_json::Value;

use crate::scene::{Scene, claim, status};

pub(crate) fn moves(id: SessionId, to: SessionMove) -> Command {
    Command::MoveSession(MoveSession::plain(id, to))
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
    assert_eq!(context[0].key, CHECKPOINT_KEY);
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
    let begin = |to| Command::BeginMove(MoveSession::plain(session, to));
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

/// What a session left under a key.
fn left(scene: &Scene, session: SessionId, key: &str) -> Option<Value> {
    let entry = |reader: &_| query::sessions::context_entry(reader, session, key);
    scene.peer.readers.read(entry).unwrap().map(|entry| entry.value)
}

fn begin(session: SessionId, to: SessionMove, reason: &str) -> Command {
    let reason = Some(reason.to_owned());
    Command::BeginMove(MoveSession { reason, ..MoveSession::plain(session, to) })
}

fn finish(session: SessionId, failed: Option<&str>) -> Command {
    Command::FinishMove { id: session, failed: failed.map(str::to_owned) }
}

/// The log of errors, the newest first.
fn logged(scene: &Scene) -> Vec<ErrorEntry> {
    let query = ErrorQuery { limit: 50, ..ErrorQuery::default() };
    scene.peer.readers.read(|reader| errors(reader, &query)).unwrap().items
}

#[test]
fn a_session_begins_with_a_checkpoint_of_the_same_command() {
    let (scene, session) = Scene::live();
    let checkpoint = left(&scene, session, CHECKPOINT_KEY).unwrap();
    assert_eq!(checkpoint["interrupted"], serde_json::json!([]));
    assert_eq!(checkpoint["mode"], "project_roles");
    let query = ChangeQuery { limit: 50, ..ChangeQuery::default() };
    let changes = scene.peer.readers.read(|reader| query::changes::list(reader, &query)).unwrap();
    let mut commands: Vec<i64> = changes.iter().map(|change| change.command).collect();
    commands.dedup();
    assert_eq!((changes.len(), commands.len()), (3, 1), "made, moved, checkpoint: one command");
}

#[test]
fn completing_leaves_a_checkpoint_of_its_own_beside_the_report() {
    let (scene, session) = Scene::live();
    let tasks = scene.tasks(session, &["a"]);
    scene.does("agent:codex", claim(session, None));
    scene.does("human", moves(session, SessionMove::Suspend));
    scene.does("human", moves(session, SessionMove::Resume));
    scene.does("human", status(tasks[0], Status::Completed));
    scene.clock.advance_ms(60_000);
    scene.does("human", moves(session, SessionMove::Complete));
    let checkpoint = left(&scene, session, CHECKPOINT_KEY).unwrap();
    assert_eq!(checkpoint["interrupted"], serde_json::json!([]), "not that of the suspension");
    let report = left(&scene, session, REPORT_KEY).unwrap();
    assert_eq!((&report["at"], &report["counts"]), (&checkpoint["at"], &checkpoint["counts"]));
}

#[test]
fn the_report_is_written_when_the_checks_have_passed_and_not_before() {
    let (scene, session) = Scene::live();
    let id = scene.tasks(session, &["a"])[0];
    scene.does("agent:codex", claim(session, None));
    let open = |reason| {
        let Command::BeginMove(wanted) = begin(session, SessionMove::Complete, reason) else {
            panic!("a move is begun")
        };
        Command::BeginMove(MoveSession { allow_open: true, ..wanted })
    };
    scene.does("human", open("first try"));
    scene.does("human", finish(session, Some("the tests fail")));
    assert_eq!(
        (state(&scene, session), left(&scene, session, REPORT_KEY)),
        (SessionState::Active, None)
    );
    scene.does("agent:codex", claim(session, Some(id)));
    scene.does("human", open("all is well"));
    scene.does("human", finish(session, None));
    let report = left(&scene, session, REPORT_KEY).unwrap();
    assert_eq!(report["summary"], "all is well");
    assert_eq!(report["interrupted"][0]["holder"], "agent:codex");
}

#[test]
fn a_persons_move_that_fails_stands_in_the_log_of_errors_and_an_agents_is_left_to_its_server() {
    let (scene, session) = Scene::live();
    let refusal = scene.refused("human", moves(session, SessionMove::Resume));
    scene.refused("agent:codex", moves(session, SessionMove::Resume));
    let log = logged(&scene);
    assert_eq!(log.len(), 1);
    assert_eq!(
        (log[0].actor.as_str(), log[0].source.as_str(), log[0].code.as_str(), &log[0].message),
        ("human", "session", "illegal_move", &refusal.message)
    );
    // Whoever was refused knows; it does not wait for anybody.
    let waiting = |reader: &_| newest_failure(reader, crate::scene::NOON.plus_ms(-1));
    assert_eq!(scene.peer.readers.read(waiting).unwrap(), None);
}

#[test]
fn a_hook_that_fails_fails_the_move_and_nobody_loses_their_place() {
    let (scene, first) = Scene::live();
    let modes = scene.peer.paths.task_orchestrator().join("roles/custom_modes");
    std::fs::create_dir_all(&modes).unwrap();
    std::fs::write(modes.join("odd.yaml"), "a: [").unwrap();
    let second = NewSession {
        name: "Second".to_owned(),
        mode: Some("odd".to_owned()),
        suspend_current: true,
        ..NewSession::default()
    };
    let refusal = scene.refused("human", Command::CreateSession(second));
    assert!(refusal.message.contains("odd"), "{refusal:?}");
    assert_eq!(state(&scene, first), SessionState::Active);
    assert_eq!(logged(&scene)[0].message, refusal.message);
}

#[test]
fn a_session_that_is_taken_up_has_the_mode_as_its_file_is_by_then() {
    let (scene, session) = Scene::live();
    scene.does("human", moves(session, SessionMove::Suspend));
    let file = scene.peer.paths.task_orchestrator().join("roles/project_roles.yaml");
    std::fs::write(file, "gardener:\n  role_definition: Grows things.\n").unwrap();
    scene.does("human", moves(session, SessionMove::Resume));
    let roles = |reader: &_| {
        let session = query::sessions::get(reader, session)?;
        query::modes::in_force(reader, &session)
    };
    let mode = scene.peer.readers.read(roles).unwrap().unwrap();
    assert_eq!(mode.roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(), ["gardener"]);
}
