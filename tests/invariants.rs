//! Whatever commands come in whatever order, what the specification promises holds.

#![expect(clippy::indexing_slicing, reason = "a test may panic")]

use callboard_engine::domain::command::{
    Command, CreateTasks, Dependents, Edge, GroupContents, MoveSession, NewGroup, NewTask,
    PlaceTask, TaskRef,
};
use callboard_engine::domain::id::{GroupId, SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::restore::MergeStrategy;
use callboard_engine::domain::session::SessionMove;
use callboard_engine::domain::task::Status;
use callboard_engine::query;
use callboard_engine::store::audit;
use proptest::prelude::*;

use crate::restoring::board::{Copied, copied};
use crate::scene::{Scene, claim, set_status};

/// One step, its tasks named by small numbers.
#[derive(Debug, Clone)]
enum Step {
    Create {
        parent: Option<usize>,
        waits: Vec<usize>,
        estimate: Option<u32>,
    },
    Status {
        task: usize,
        to: usize,
        force: bool,
    },
    Wait {
        task: usize,
        on: usize,
    },
    Unwait {
        task: usize,
        on: usize,
    },
    Place {
        task: usize,
        parent: Option<usize>,
    },
    Delete {
        task: usize,
        cascade: bool,
    },
    Claim {
        agent: u8,
        task: Option<usize>,
    },
    Release {
        agent: u8,
        task: usize,
    },
    Session {
        to: usize,
    },
    Undo {
        human: bool,
    },
    /// Takes back any change at all: the one so far into the feed, in hundredths.
    UndoAny {
        place: i64,
    },
    Group {
        inside: Option<usize>,
    },
    PlaceGroup {
        group: usize,
        inside: Option<usize>,
    },
    DeleteGroup {
        group: usize,
        into: Option<usize>,
    },
    Regroup {
        task: usize,
        group: Option<usize>,
    },
    Redo,
    BackUp,
    Restore {
        strategy: usize,
    },
    Pass {
        minutes: i64,
    },
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
        4 => (task.clone(), some.clone()).prop_map(|(task, parent)| Step::Place { task, parent }),
        4 => (0..100_i64).prop_map(|place| Step::UndoAny { place }),
        2 => some.clone().prop_map(|inside| Step::Group { inside }),
        1 => (task.clone(), some.clone()).prop_map(|(group, inside)| Step::PlaceGroup { group, inside }),
        1 => (task.clone(), some.clone()).prop_map(|(group, into)| Step::DeleteGroup { group, into }),
        2 => (task.clone(), some.clone()).prop_map(|(task, group)| Step::Regroup { task, group }),
        1 => (task.clone(), any::<bool>()).prop_map(|(task, cascade)| Step::Delete { task, cascade }),
        4 => (0..3_u8, some).prop_map(|(agent, task)| Step::Claim { agent, task }),
        1 => (0..3_u8, task).prop_map(|(agent, task)| Step::Release { agent, task }),
        1 => (0..4_usize).prop_map(|to| Step::Session { to }),
        3 => any::<bool>().prop_map(|human| Step::Undo { human }),
        1 => Just(Step::Redo),
        1 => Just(Step::BackUp),
        2 => (0..3_usize).prop_map(|strategy| Step::Restore { strategy }),
        1 => (1..40_i64).prop_map(|minutes| Step::Pass { minutes }),
    ];
    prop::collection::vec(step, 1..60)
}

/// What was made so far, by number.
#[derive(Default)]
struct Made {
    tasks: Vec<TaskId>,
    groups: Vec<GroupId>,
    backup: Option<Copied>,
}

impl Made {
    fn task(&self, index: usize) -> Option<TaskId> {
        self.tasks.get(index % self.tasks.len().max(1)).copied()
    }

    fn group(&self, index: usize) -> Option<GroupId> {
        self.groups.get(index % self.groups.len().max(1)).copied()
    }
}

#[expect(clippy::too_many_lines, reason = "one arm a step")]
fn take(scene: &Scene, session: SessionId, made: &mut Made, step: &Step) {
    let id = |index: usize| made.task(index);
    let (actor, command) = match step {
        Step::Create { parent, waits, estimate } => {
            let task = NewTask {
                title: format!("task {}", made.tasks.len()),
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
            let wanted = MoveSession { allow_open: true, ..MoveSession::plain(session, to) };
            ("human".to_owned(), Command::MoveSession(wanted))
        }
        Step::Undo { human } => {
            (if *human { "human" } else { "agent:a0" }.to_owned(), Command::Undo { seq: None })
        }
        Step::UndoAny { place } => {
            let newest = scene.peer.readers.read(query::changes::latest).unwrap();
            ("human".to_owned(), Command::Undo { seq: Some(1 + newest * place / 100) })
        }
        Step::Redo => ("human".to_owned(), Command::Redo),
        Step::BackUp => {
            made.backup = Some(copied(scene));
            return;
        }
        Step::Restore { strategy } => {
            let Some(backup) = &made.backup else { return };
            let strategy = MergeStrategy::ALL[*strategy];
            ("human".to_owned(), backup.command(scene, strategy, &[]))
        }
        Step::Group { .. } | Step::PlaceGroup { .. } | Step::DeleteGroup { .. } => {
            let Some(command) = on_group(step, session, made) else { return };
            ("human".to_owned(), command)
        }
        Step::Regroup { task, group } => {
            let Some(id) = id(*task) else { return };
            let group = Some(group.and_then(|index| made.group(index)));
            let place = PlaceTask { id, group, parent: Some(None), place: None };
            ("human".to_owned(), Command::PlaceTask(place))
        }
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
    match scene.submit(&actor, command).map(|outcome| outcome.answer) {
        Ok(Answer::Created(tasks)) => made.tasks.extend(tasks.into_iter().map(|one| one.id)),
        Ok(Answer::Group(group)) if matches!(step, Step::Group { .. }) => {
            made.groups.push(group.id);
        }
        Err(refusal) if refusal.code == Code::StoreFailed => panic!("{step:?}: {refusal:?}"),
        Ok(_) | Err(_) => {}
    }
}

fn on_group(step: &Step, session: SessionId, made: &Made) -> Option<Command> {
    let group = |index: &Option<usize>| index.and_then(|index| made.group(index));
    if let Step::Group { inside } = step {
        Some(Command::CreateGroup(NewGroup {
            id: None,
            session_id: session,
            parent: group(inside),
            name: format!("group {}", made.groups.len()),
            description: String::new(),
            role: None,
        }))
    } else if let Step::PlaceGroup { group: id, inside } = step {
        Some(Command::PlaceGroup { id: made.group(*id)?, parent: group(inside), before: None })
    } else if let Step::DeleteGroup { group: id, into } = step {
        let into = GroupContents::MoveTo(group(into));
        Some(Command::DeleteGroup { id: made.group(*id)?, into })
    } else {
        None
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
        | Step::UndoAny { .. }
        | Step::Group { .. }
        | Step::PlaceGroup { .. }
        | Step::DeleteGroup { .. }
        | Step::Regroup { .. }
        | Step::Redo
        | Step::BackUp
        | Step::Restore { .. }
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
        let mut made = Made::default();
        for step in &steps {
            take(&scene, session, &mut made, step);
        }
        let findings = scene.peer.readers.read(audit::findings).unwrap();
        prop_assert_eq!(findings, Vec::<String>::new());
    }
}
