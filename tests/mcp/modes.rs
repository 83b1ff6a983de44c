//! The mode tools: selecting, listing, checking, making, keeping; and what an agent may not do.

use std::fmt::Write as _;
use std::fs;

use callboard_engine::binding::{self, Selection};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::session::Session;
use callboard_engine::query;
use serde_json::{Value, json};

use super::client::Client;
use crate::scene::Scene;

/// A mode whose tasks a person approves.
pub(crate) const STRICT: &str =
    "extends: default_roles\ngates:\n  completed:\n    summary: true\n    approval: true\n";
/// A mode with one role and no gate.
pub(crate) const LAX: &str = "gardener:\n  role_definition: Waters what grows.\n";

/// Writes a mode file of the project, as a person does.
pub(crate) fn write(scene: &Scene, name: &str, text: &str) {
    let folder = scene.peer.paths.task_orchestrator().join("roles/custom_modes");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.yaml")), text).unwrap();
}

/// A person selects a mode.
pub(crate) async fn select(scene: &Scene, mode: &str) {
    let peer = scene.peer.clone();
    let selection = Selection { mode: mode.to_owned(), session: None, reason: None };
    let selected =
        tokio::task::spawn_blocking(move || binding::select(&peer, &Actor::Human, &selection));
    selected.await.unwrap().unwrap();
}

fn live(scene: &Scene) -> Session {
    scene.peer.readers.read(query::sessions::live).unwrap().unwrap()
}

/// An agent in a session whose mode is a strict one.
pub(crate) async fn strict(scene: &Scene) -> Client {
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    write(scene, "strict", STRICT);
    write(scene, "lax", LAX);
    select(scene, "strict").await;
    agent.call("session_status", json!({})).await;
    agent
}

#[tokio::test]
async fn a_mode_is_selected_and_the_answer_tells_what_it_brings_and_whose_role_is_gone() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    let tasks = json!([{ "title": "a", "role": "tester" }, { "title": "b", "role": "tester" }]);
    let made = agent.call("task_create", json!({ "tasks": tasks })).await;
    write(&scene, "lax", LAX);
    let call = json!({ "mode_file": "lax.yaml", "validate_first": true, "reason": "spring" });
    let selected = agent.call("mode_select", call).await;
    assert_eq!(selected["mode_activated"], "lax");
    assert_eq!(selected["previous_mode"], "project_roles");
    assert_eq!(selected["session_id"], json!(live(&scene).id));
    assert_eq!(selected["mode_details"]["specialist_roles"], json!(["gardener"]));
    assert_eq!(selected["mode_details"]["custom_roles"], json!(["gardener"]));
    assert!(selected["backup_location"].as_str().unwrap().starts_with("backups/modes/"));
    let stray = &selected["stray_tasks"]["roles"][0];
    assert_eq!(stray["role"], "tester");
    assert_eq!(stray["tasks"], 2);
    assert_eq!(stray["first"][0], made["created"][0]["task_id"], "{selected}");
    assert!(selected["inbox"].is_null(), "who changed it knows: {selected}");
    assert!(selected["ignored"].is_null(), "parameters of the plans are taken: {selected}");
    assert_eq!(live(&scene).mode, "lax");
    let refusal = agent.refused("mode_select", json!({ "mode": "laxx" })).await;
    assert_eq!(refusal["error_code"], "unknown_id");
    assert_eq!(refusal["details"]["closest"], "lax");
    for path in ["../lax", "/etc/passwd", "roles/lax"] {
        let refusal = agent.refused("mode_select", json!({ "mode": path })).await;
        assert_eq!(refusal["error_code"], "invalid_value", "{refusal}");
    }
}

#[tokio::test]
async fn modes_are_listed_and_broken_ones_when_asked_for() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    write(&scene, "lax", LAX);
    write(&scene, "broken", "gardener: [\n");
    let names = |listed: &Value| -> Vec<String> {
        let modes = listed["available_modes"].as_array().unwrap();
        modes.iter().map(|mode| mode["mode"].as_str().unwrap().to_owned()).collect()
    };
    let listed = agent.call("mode_list", json!({})).await;
    assert_eq!(listed["current_mode"], "project_roles");
    assert_eq!(listed["active_session"], json!(live(&scene).id));
    assert_eq!(listed["broken"], 1);
    let known = names(&listed);
    assert!(known.contains(&"lax".to_owned()) && known.contains(&"research".to_owned()));
    assert!(!known.contains(&"broken".to_owned()));
    let call = json!({ "include_invalid": "true", "show_details": true });
    let listed = agent.call("mode_list", call).await;
    let broken = listed["available_modes"].as_array().unwrap();
    let broken = broken.iter().find(|mode| mode["mode"] == "broken").unwrap();
    assert_eq!(broken["status"], "invalid");
    assert!(broken["error"].as_str().unwrap().contains("broken.yaml:"), "{broken}");
    assert!(listed["backups"].as_array().is_some(), "{listed}");
    let (mut all, mut call) = (Vec::new(), json!({ "limit": 3 }));
    loop {
        let page = agent.call("mode_list", call.clone()).await;
        all.extend(names(&page));
        if page["cursor"].is_null() {
            break;
        }
        call["cursor"] = page["cursor"].clone();
    }
    assert_eq!(all, known, "page by page");
}

#[tokio::test]
async fn a_file_is_checked_whole_and_mended_on_request_after_a_backup() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    write(
        &scene,
        "odd",
        "gardener:\n  role_defintion: Waters.\n  expertice: [plants]\nbad role:\n  x: 1\n",
    );
    let found = agent.call("mode_validate", json!({ "mode_file": "odd" })).await;
    assert!(2 <= found["problems"].as_u64().unwrap(), "{found}");
    let text = found.to_string();
    assert!(text.contains("odd.yaml:2:") && text.contains("role_definition"), "{found}");
    assert!(!found["repair_suggestions"].as_array().unwrap().is_empty(), "{found}");
    let call = json!({ "mode": "odd", "repair_if_possible": true });
    let mended = agent.call("mode_validate", call).await;
    assert!(!mended["repaired"].as_array().unwrap().is_empty(), "{mended}");
    assert!(mended["backup"].as_str().unwrap().contains("odd"), "{mended}");
    for (tool, call) in [
        ("mode_validate", json!({ "mode": "research", "repair": true })),
        ("mode_backup", json!({ "mode": "research" })),
    ] {
        let refusal = agent.refused(tool, call).await;
        assert_eq!(refusal["error_code"], "nothing_to_do", "built in: {refusal}");
    }
    let valid = agent.call("mode_validate", json!({})).await;
    assert_eq!((&valid["mode"], &valid["is_valid"]), (&json!("project_roles"), &json!(true)));
    assert_eq!(valid["specialist_roles"][0], "architect", "{valid}");
}

#[tokio::test]
async fn a_mode_is_made_kept_selected_and_restored() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    let call = json!({
        "mode_name": "garden",
        "template_source": "default_roles.yaml",
        "custom_roles": [{ "role_name": "gardener", "prompt": "You water: daily.", "description": "Waters" }],
        "mode_settings": { "default_complexity": "simple", "auto_task_routing": false, "task_distribution": "x" },
        "idempotency_key": "made",
    });
    let made = agent.call("mode_create", call.clone()).await;
    assert_eq!(made["mode_created"], "garden");
    assert_eq!(made["file_path"], "roles/custom_modes/garden.yaml");
    assert_eq!(made["mode_details"]["total_roles"], 8);
    assert_eq!(made["mode_details"]["custom_roles"], json!(["gardener"]));
    assert_eq!(made["mode_details"]["default_complexity"], "simple");
    assert_eq!(agent.call("mode_create", call).await, made, "the same key, the same answer");
    assert_eq!(live(&scene).mode, "project_roles", "nothing is in force that nobody selected");
    let again = agent.refused("mode_create", json!({ "name": "Garden" })).await;
    assert_eq!(again["error_code"], "name_taken");
    for name in ["../x", "a b", ""] {
        agent.refused("mode_create", json!({ "name": name })).await;
    }

    agent.call("mode_select", json!({ "mode": "garden" })).await;
    let kept = agent.call("mode_backup", json!({ "backup_name": "spring" })).await;
    assert_eq!(kept["backup_created"], true);
    assert_eq!(kept["backed_up_mode"], "garden");
    let path = kept["backup_path"].as_str().unwrap();
    assert!(scene.peer.paths.task_orchestrator().join(path).is_file());
    write(&scene, "garden", LAX);
    let call = json!({ "backup_file": path });
    let restored = agent.call("mode_restore", call).await;
    assert_eq!(restored["restored_mode"], "garden");
    assert_eq!(restored["mode_activated"], true, "it is the one in force");
    assert!(restored["replaced_backup"].is_string(), "{restored}");
    assert_eq!(restored["mode_details"]["total_roles"], 8);
    let refusal = agent.refused("mode_restore", json!({ "backup_file": "../../secret" })).await;
    assert_eq!(refusal["error_code"], "invalid_value");
}

#[tokio::test]
async fn no_tool_of_an_agent_weakens_a_gate() {
    let scene = Scene::new();
    let mut agent = strict(&scene).await;
    // What a person kept before the gate was written.
    write(&scene, "strict", LAX);
    let old = agent.call("mode_backup", json!({ "mode": "strict", "backup_name": "old" })).await;
    write(&scene, "strict", STRICT);
    let base = "extends: lax\ngates:\n  completed:\n    approval: true\n";
    write(&scene, "base", base);
    write(&scene, "on_base", "extends: base\n");
    write(&scene, "base_broken", "completed: [");
    let old = old["backup_path"].clone();
    let made = json!({ "name": "own", "template_source": "lax" });
    agent.call("mode_create", made).await;
    let ways = || {
        [
            ("mode_select", json!({ "mode": "lax" })),
            ("mode_select", json!({ "mode": "own" })),
            ("mode_restore", json!({ "backup_file": old })),
            ("mode_restore", json!({ "backup_file": old, "activate_after_restore": true })),
            ("session_create", json!({ "name": "B", "mode": "lax", "suspend_current": true })),
        ]
    };
    for (tool, call) in ways() {
        let refusal = agent.refused(tool, call.clone()).await;
        assert_eq!(refusal["error_code"], "human_only", "{tool} {call}: {refusal}");
        assert_eq!(live(&scene).mode, "strict", "{tool} {call}");
    }
    // Not while nobody looks, either.
    agent.call("session_suspend", json!({})).await;
    for (tool, call) in ways() {
        let refusal = agent.refused(tool, call.clone()).await;
        assert_eq!(refusal["error_code"], "human_only", "suspended: {tool} {call}: {refusal}");
    }
    let file = scene.peer.paths.task_orchestrator().join("roles/custom_modes/strict.yaml");
    assert_eq!(fs::read_to_string(&file).unwrap(), STRICT);
    // Nor by making the file anew that is missing.
    fs::remove_file(&file).unwrap();
    let call = json!({ "name": "strict", "template_source": "lax" });
    let refusal = agent.refused("mode_create", call).await;
    assert_eq!(refusal["error_code"], "human_only", "{refusal}");
    let resumed = agent.call("session_resume", json!({})).await;
    assert!(resumed["mode"]["gates"][0].as_str().unwrap().contains("approval"), "{resumed}");
}

#[tokio::test]
async fn a_file_that_others_extend_keeps_its_gates_too() {
    let scene = Scene::new();
    let mut agent = strict(&scene).await;
    write(&scene, "base", LAX);
    let old = agent.call("mode_backup", json!({ "mode": "base" })).await;
    write(&scene, "base", STRICT);
    write(&scene, "on_base", "extends: base\n");
    select(&scene, "on_base").await;
    let call = json!({ "backup_file": old["backup_path"] });
    let refusal = agent.refused("mode_restore", call.clone()).await;
    assert_eq!(refusal["error_code"], "human_only", "{refusal}");
    // A file with an error is no way around: a repair that loses the gate is refused, or keeps it.
    write(&scene, "base", &STRICT.replace("completed:", "completd:"));
    agent.result("mode_validate", json!({ "mode": "base", "repair": true })).await;
    agent.result("mode_restore", call).await;
    let status = agent.call("session_status", json!({})).await;
    assert!(status["mode"]["gates"][0].as_str().unwrap().contains("approval"), "{status}");
}

#[tokio::test]
async fn answers_stay_small_whatever_stands_in_the_files() {
    let scene = Scene::new();
    let mut agent = Client::named(&scene.peer, "codex").await;
    agent.call("session_create", json!({ "name": "Work" })).await;
    let (mut large, mut wrong) = (String::new(), String::new());
    for number in 0..60 {
        let text = "long \u{200b}words ".repeat(60);
        writeln!(large, "{}_{number}:\n  role_definition: \"{text}\"", "r".repeat(50)).unwrap();
        writeln!(wrong, "{}_{number}:\n  role_defnition: \"{text}\"", "r".repeat(50)).unwrap();
    }
    for number in 0..12 {
        write(&scene, &format!("large_{number}"), &large);
    }
    write(&scene, "wrong", &wrong);
    for (tool, call) in [
        ("mode_list", json!({})),
        ("mode_list", json!({ "limit": 200, "include_invalid": true })),
        ("mode_validate", json!({ "mode": "large_1" })),
        ("mode_validate", json!({ "mode": "wrong" })),
        ("mode_select", json!({ "mode": "large_1" })),
        ("session_status", json!({})),
        ("mode_create", json!({ "name": "more", "template_source": "large_1" })),
        ("mode_restore", json!({ "backup_file": "large_1" })),
    ] {
        let result = agent.result(tool, call.clone()).await;
        let size = result["structuredContent"].to_string().len();
        assert!(size <= 8 * 1024, "{tool} {call}: {size}");
    }
    let full = agent.call("mode_list", json!({ "detail": "full", "limit": 200 })).await;
    assert!(full.to_string().len() <= 40 * 1024);
    assert!(!full.to_string().contains('\u{200b}'));
}
