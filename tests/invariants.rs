//! Whatever commands come in whatever order, what the specification promises holds.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]

use callboard_engine::domain::command::{
    Command, CreateTasks, Dependents, Edge, MoveSession, NewTask, PlaceTask, TaskRef,
};
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::session::SessionMove;
use callboard_engine::domain::task::Status;
use callboard_engine::store::audit;
use proptest::prelude::*;

use crate::scene::{Scene, claim, set_status};

/// One step, its tasks named by small numbers.
#[derive(Debug, Clone)]
enum Step {
    Create { parent: Option<usize>, waits: Vec<usize>, estimate: Option<u32> },
    Status { task: usize, to: usize, force: bool },
    Wait { task: usize, on: usize },
    Unwait { task: usize, on: usize },
    Place { task: usize, parent: Option<usize> },
    Delete { task: usize, cascade: bool },
    Claim { agent: u8, task: Option<usize> },
    Release { agent: u8, task: usize },
    Session { to: usize },
    Undo { human: bool },
    Redo,
    Pass { minutes: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let task = 0..12_usize;
    let some = prop::option::of(0..12_usize);
    let step = prop_oneof![
        4 => (some.clone(), prop::collection::vec(0..12_usize, 0..3), prop::option::of(1..200_u32))
            .prop_map(|(parent, waits, estimate)| Step::Create { parent, waits, estimate }),
        6 => (task.clone(), 0..7_usize, any::<bool>()).prop_map(|(task, to, force)| Step::Status { task, to, force }),
        3 => (task.clone(), task.clone()).prop_map(|(task, on)| Step::Wait { task, on }),
        1 => (task.clone(), task.clone()).prop_map(|(task, on)| Step::Unwait { task, on }),
        2 => (task.clone(), some.clone()).prop_map(|(task, parent)| Step::Place { task, parent }),
        1 => (task.clone(), any::<bool>()).prop_map(|(task, cascade)| Step::Delete { task, cascade }),
        4 => (0..3_u8, some).prop_map(|(agent, task)| Step::Claim { agent, task }),
        1 => (0..3_u8, task).prop_map(|(agent, task)| Step::Release { agent, task }),
        1 => (0..4_usize).prop_map(|to| Step::Session { to }),
        3 => any::<bool>().prop_map(|human| Step::Undo { human }),
        1 => Just(Step::Redo),
        1 => (1..40_i64).prop_map(|minutes| Step::Pass { minutes }),
    ];
    prop::collection::vec(step, 1..60)
}

fn take(scene: &Scene, session: SessionId, tasks: &mut Vec<TaskId>, step: &Step) {
    let id = |index: usize| tasks.get(index % tasks.len().max(1)).copied();
    let (actor, command) = match step {
        Step::Create { parent, waits, estimate } => {
            let task = NewTask {
                title: format!("task {}", tasks.len()),
                parent: parent.and_then(id).map(TaskRef::Id),
                depends_on: waits.iter().filter_map(|index| id(*index)).map(TaskRef::Id).collect(),
                estimate_minutes: *estimate,
                ..NewTask::default()
            };
            (
                "human".to_owned(),
                Command::CreateTasks(CreateTasks { session_id: session, tasks: vec![task] }),
            )
        }
        Step::Pass { minutes } => {
            scene.clock.advance_ms(minutes * 60_000);
            ("system".to_owned(), Command::FreeClaims)
        }
        Step::Session { to } => {
            let to = SessionMove::ALL[*to];
            let wanted = MoveSession {
                id: session,
                to,
                reason: None,
                suspend_current: false,
                allow_open: true,
            };
            ("human".to_owned(), Command::MoveSession(wanted))
        }
        Step::Undo { human } => {
            (if *human { "human" } else { "agent:a0" }.to_owned(), Command::Undo { seq: None })
        }
        Step::Redo => ("human".to_owned(), Command::Redo),
        Step::Claim { agent, task } => {
            (format!("agent:a{agent}"), claim(session, task.and_then(id)))
        }
        Step::Status { task, .. }
        | Step::Wait { task, .. }
        | Step::Unwait { task, .. }
        | Step::Place { task, .. }
        | Step::Delete { task, .. }
        | Step::Release { task, .. } => {
            let Some(task) = id(*task) else { return };
            on_task(step, task, id)
        }
    };
    if let Ok(outcome) = scene.submit(&actor, command)
        && let Answer::Created(made) = outcome.answer
    {
        tasks.extend(made.into_iter().map(|one| one.id));
    }
}

fn on_task(step: &Step, task: TaskId, id: impl Fn(usize) -> Option<TaskId>) -> (String, Command) {
    let human = "human".to_owned();
    let edge = |on: &usize| Edge { task, depends_on: id(*on).unwrap_or(task) };
    match step {
        Step::Status { to, force, .. } => {
            let mut set = set_status(task, Status::ALL[*to]);
            (set.force, set.reason) = (*force, force.then(|| "because".to_owned()));
            set.dependents = if *force { Dependents::Cascade } else { Dependents::Refuse };
            (human, Command::SetStatus(set))
        }
        Step::Wait { on, .. } => {
            (human, Command::ChangeDependencies { add: vec![edge(on)], remove: vec![] })
        }
        Step::Unwait { on, .. } => {
            (human, Command::ChangeDependencies { add: vec![], remove: vec![edge(on)] })
        }
        Step::Place { parent, .. } => {
            let parent = Some(parent.and_then(id));
            (human, Command::PlaceTask(PlaceTask { id: task, group: None, parent, place: None }))
        }
        Step::Delete { cascade, .. } => {
            let dependents = if *cascade { Dependents::Cascade } else { Dependents::Release };
            (human, Command::DeleteTask { id: task, dependents })
        }
        Step::Release { agent, .. } => (
            format!("agent:a{agent}"),
            Command::ReleaseClaim { id: task, claim: None, reason: None },
        ),
        Step::Create { .. }
        | Step::Claim { .. }
        | Step::Session { .. }
        | Step::Undo { .. }
        | Step::Redo
        | Step::Pass { .. } => {
            unreachable!("not about one task")
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_commands_keep_every_invariant(steps in steps()) {
        let (scene, session) = Scene::live();
        let mut tasks = Vec::new();
        for step in &steps {
            take(&scene, session, &mut tasks, step);
        }
        let findings = scene.peer.readers.read(audit::findings).unwrap();
        prop_assert_eq!(findings, Vec::<String>::new());
    }
}
