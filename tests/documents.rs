//! The documents of a session as people see them, and the state they are made of.

use std::path::Path;

use callboard_engine::domain::artifact::{ArtifactCheck, ArtifactState, RecordArtifact, Storage};
use callboard_engine::domain::command::{
    Command, CreateTasks, NewGroup, NewSession, NewTask, SetContext, SetStatus, TaskRef,
    UpdateGroup, UpdateSession,
};
use callboard_engine::domain::document::{DocumentKind, DocumentNote};
use callboard_engine::domain::id::{ArtifactId, GroupId, SessionId, TaskId};
use callboard_engine::domain::task::{Priority, Status};
use callboard_engine::domain::time::{DAY_MS, MINUTE_MS};
use callboard_engine::query::documents::{self, ArtifactRow};
use callboard_engine::store::effort;
use callboard_engine::sync::render::{Rendered, Renderer};
use callboard_engine::sync::state::{self, SessionDocumentState};
use serde_json::json;

use crate::bulk::{self, Board};
use crate::scene::{Scene, claim, set_status, status, waits};

fn session(number: u64) -> SessionId {
    SessionId::from_random(number)
}

fn group(number: u64) -> GroupId {
    GroupId::from_random(number)
}

fn task(number: u64) -> TaskId {
    TaskId::from_random(number)
}

/// A session of some days: groups, nested work, claims, results, notes.
fn rich() -> Scene {
    let scene = Scene::new();
    scene.does(
        "human",
        Command::CreateSession(NewSession {
            id: Some(session(1)),
            name: "Login & Sessions".to_owned(),
            goal: "Replace the *old* login.\n\n- no passwords in logs\n- works offline".to_owned(),
            ..NewSession::default()
        }),
    );
    for (number, name, parent, description) in [
        (1, "Backend", None, "What answers requests.\n\n- [ ] a check list of its own"),
        (2, "API", Some(1), ""),
        (3, "Design", None, "How it looks."),
        (4, "Later", None, ""),
    ] {
        let group = NewGroup {
            id: Some(group(number)),
            session_id: session(1),
            name: name.to_owned(),
            parent: parent.map(group),
            description: description.to_owned(),
            role: (number == 1).then(|| "implementer".to_owned()),
        };
        scene.does("human", Command::CreateGroup(group));
    }
    plan(&scene);
    work(&scene);
    artifacts(&scene);
    scene
}

fn plan(scene: &Scene) {
    let new = |number: u64, title: &str, home: Option<u64>| NewTask {
        id: Some(task(number)),
        title: title.to_owned(),
        group: home.map(group),
        ..NewTask::default()
    };
    let tasks = vec![
        NewTask {
            description: "Store only a hash.\n\n```rust\nfn hash(password: &str) -> Hash\n```"
                .to_owned(),
            priority: Some(Priority::High),
            role: Some("implementer".to_owned()),
            estimate_minutes: Some(120),
            tags: vec!["auth".to_owned(), "security".to_owned()],
            ..new(1, "Write the login handler", Some(2))
        },
        NewTask {
            due: Some("2026-12-01".to_owned()),
            assignee: Some("ada lovelace".to_owned()),
            parent: Some(TaskRef::Id(task(1))),
            ..new(2, "Test it with `curl`", None)
        },
        NewTask { parent: Some(TaskRef::Id(task(1))), ..new(3, "Limit the rate", None) },
        NewTask { estimate_minutes: Some(960), ..new(4, "Choose the store", Some(1)) },
        NewTask { role: Some("designer".to_owned()), ..new(5, "Draw the form", Some(3)) },
        NewTask { role: Some("designer".to_owned()), ..new(6, "Choose colors #1", Some(3)) },
        new(7, "Write the announcement", None),
        new(8, "Drop the old cookie", None),
        NewTask { priority: Some(Priority::Critical), ..new(9, "Migrate the users", Some(1)) },
    ];
    scene.does("human", Command::CreateTasks(CreateTasks { session_id: session(1), tasks }));
    scene.does("human", waits(task(9), task(4)));
    scene.does("human", waits(task(2), task(3)));
}

fn work(scene: &Scene) {
    let finish = |number: u64, to: Status, summary: &str| {
        Command::SetStatus(SetStatus {
            summary: Some(summary.to_owned()),
            ..set_status(task(number), to)
        })
    };
    scene.does("agent:planner", claim(session(1), Some(task(4))));
    scene.clock.advance_ms(90 * MINUTE_MS);
    scene.does("agent:planner", finish(4, Status::Completed, "SQLite: one file, WAL, no server."));
    scene.clock.advance_ms(DAY_MS);
    scene.does("agent:pixel", finish(6, Status::Completed, "Blue | on white."));
    scene.does("human", status(task(6), Status::Pending));
    scene.does("agent:pixel", finish(6, Status::Completed, "Green."));
    scene.does("human", finish(8, Status::Cancelled, ""));
    scene.does("agent:builder", claim(session(1), Some(task(1))));
    scene.does("agent:builder", finish(3, Status::Completed, "Ten a minute."));
    scene.does("human", status(task(5), Status::Review));
    for (key, value) in [
        ("decisions", json!("Sessions live in SQLite.\n\n### Why\n\nThey must survive a restart.")),
        ("next_steps", json!("Finish the form, then measure.")),
        ("focus", json!({ "task": "the form", "since": "Monday" })),
        (
            "artifact/t-00000004",
            json!({ "artifact_type": "design", "summary": "The store",
            "detailed_work": "# Store\n\nSQLite.", "file_paths": ["docs/store.md"] }),
        ),
    ] {
        let context =
            SetContext { session_id: session(1), key: key.to_owned(), value, if_version: None };
        scene.does("agent:planner", Command::SetContext(context));
    }
}

/// Two editions of a text, of which one is gone, as they are recorded.
fn artifacts(scene: &Scene) {
    for number in 1..=2 {
        let id = ArtifactId::from_random(number);
        let path = format!("sessions/x/artifacts/work_products/form-{id}.md");
        let wanted = RecordArtifact {
            lost: None,
            text: String::new(),
            id: Some(id),
            session_id: session(1),
            task_id: Some(task(6)),
            kind: "documentation".to_owned(),
            title: "The form | in words".to_owned(),
            summary: String::new(),
            storage: Storage::Stored,
            path: format!(".task_orchestrator/{path}"),
            size: 1_234 * number,
            hash: format!("{number}").repeat(64),
        };
        scene.does("agent:pixel", Command::RecordArtifact(wanted));
    }
    let checks =
        vec![ArtifactCheck { id: ArtifactId::from_random(1), state: ArtifactState::Missing }];
    scene.does("system", Command::NoteArtifacts { checks });
}

fn read(scene: &Scene) -> SessionDocumentState {
    scene.peer.readers.read(|reader| state::read(reader, session(1))).unwrap()
}

fn render(state: &SessionDocumentState) -> Vec<Rendered> {
    Renderer::new(Path::new("/nonexistent")).render(state)
}

#[test]
fn the_documents_of_a_session() {
    let scene = rich();
    for document in render(&read(&scene)) {
        let name = document.path.split_once('/').unwrap().1.replace('/', "__");
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(format!("documents__{name}"), document.text);
        });
    }
}

#[test]
fn of_many_artifacts_the_newest_are_shown() {
    let scene = rich();
    let all = scene.peer.readers.read(|reader| documents::artifacts(reader, session(1), 9));
    let newest = scene.peer.readers.read(|reader| documents::artifacts(reader, session(1), 1));
    let editions = |rows: Vec<ArtifactRow>| -> Vec<u32> {
        rows.into_iter().filter_map(|row| row.edition).collect()
    };
    assert_eq!((editions(all.unwrap()), editions(newest.unwrap())), (vec![1, 2], vec![2]));
    let told = |state: &SessionDocumentState| {
        let documents = render(state).into_iter();
        let mut artifacts = documents.filter(|one| one.kind == DocumentKind::Artifacts);
        artifacts.next().unwrap().text
    };
    let mut state = read(&scene);
    assert!(!told(&state).contains("more have no room here"));
    state.artifacts_beyond = 7;
    assert!(told(&state).contains("7 more have no room here"));
}

#[test]
fn a_document_changes_only_when_something_in_it_did() {
    let scene = rich();
    let before = render(&read(&scene));
    scene.clock.advance_ms(3 * DAY_MS);
    assert_eq!(render(&read(&scene)), before);
    scene.does("human", status(task(7), Status::Active));
    let after = render(&read(&scene));
    let changed: Vec<DocumentKind> = before
        .iter()
        .zip(&after)
        .filter(|(before, after)| before != after)
        .map(|(before, _)| before.kind)
        .collect();
    let expected = [DocumentKind::ActiveTasks, DocumentKind::Activity, DocumentKind::Assignments];
    assert_eq!(changed, expected);
}

#[test]
fn the_state_of_a_large_session_is_read_through_indexes() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("callboard.db");
    let board: Board = bulk::fill(&database, 2_000).unwrap();
    let (state, efforts) =
        effort::of(&database, |reader| state::read(reader, board.session)).unwrap();
    assert_eq!(state.tasks.len(), 2_000);
    for effort in efforts {
        let plan = effort.plan.join("; ");
        assert!(!plan.contains("TEMP B-TREE") && !plan.contains("SCAN"), "{plan}: {}", effort.sql);
    }
}

#[test]
fn a_renamed_session_keeps_its_directory_and_its_group_files() {
    let scene = rich();
    let before = read(&scene);
    let notes = render(&before)
        .into_iter()
        .map(|document| DocumentNote::Written {
            orders: String::new(),
            path: document.path,
            session_id: session(1),
            kind: document.kind,
            rendered: document.text.clone(),
            agreed: document.text,
            agreed_hash: String::new(),
        })
        .collect();
    scene.does("system", Command::NoteDocuments { notes });
    scene.does(
        "human",
        Command::UpdateSession(UpdateSession {
            id: session(1),
            name: Some("Renamed".to_owned()),
            goal: None,
            if_version: None,
        }),
    );
    scene.does(
        "human",
        Command::UpdateGroup(UpdateGroup {
            id: group(2),
            name: Some("Interface".to_owned()),
            description: None,
            role: None,
            if_version: None,
        }),
    );
    let after = read(&scene);
    assert_eq!((after.session.name.as_str(), &after.layout), ("Renamed", &before.layout));
}
