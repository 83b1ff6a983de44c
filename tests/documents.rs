//! The documents of a session as people see them, and the state they are made of.

use std::collections::BTreeMap;
use std::path::Path;

use callboard_engine::domain::command::{Command, NewSession, SetContext, TaskRef};
use callboard_engine::domain::command::{CreateTasks, NewTask};
use callboard_engine::domain::document::DocumentKind;
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::task::{Priority, Status};
use callboard_engine::sync::render::{Rendered, Renderer};
use callboard_engine::sync::state::{self, SessionDocumentState};
use serde_json::json;

use crate::scene::{Scene, claim, set_status, status};

/// A session of some days: groups, nested work, claims, results, notes.
fn rich() -> (Scene, SessionId) {
    let scene = Scene::new();
    let goal = "Replace the *old* login.\n\n- no passwords in logs\n- works offline";
    let new = NewSession {
        name: "Login & Sessions".to_owned(),
        goal: Some(goal.to_owned()),
        ..NewSession::default()
    };
    let Answer::Session(session) = scene.does("human", Command::CreateSession(new)) else {
        panic!()
    };
    let ids = plan(&scene, session.id);
    work(&scene, session.id, &ids);
    for (key, value) in [
        ("decisions", json!("Sessions live in SQLite, not in memory.\n\n### Why\n\nThey must survive a restart.")),
        ("next_steps", json!("Finish the form, then measure.")),
        ("focus", json!({"task": "the form", "since": "Monday"})),
    ] {
        scene.does("human", Command::SetContext(SetContext {
            session_id: session.id,
            key: key.to_owned(),
            value,
            if_version: None,
        }));
    }
    (scene, session.id)
}
