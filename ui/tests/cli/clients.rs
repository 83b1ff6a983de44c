//! Connecting clients, and agents that really speak with the program.

use std::fs;

use serde_json::{Value, json};

use super::program::Program;

const CLIENTS: [&str; 6] = ["claude-code", "codex", "cursor", "vscode", "gemini", "zed"];

fn file(program: &Program, client: &str) -> std::path::PathBuf {
    program.json(&["connect", client])["file"].as_str().unwrap().into()
}

#[test]
fn every_client_is_shown_its_command_or_its_lines() {
    let program = Program::project();
    let root = program.path().canonicalize().unwrap();
    for client in CLIENTS {
        let shown = program.done(&["connect", client]);
        assert!(shown.contains("--project"), "{client}: {shown}");
        assert!(shown.contains(root.to_str().unwrap()), "{client}: {shown}");
        assert!(!file(&program, client).exists(), "{client}: nothing was written");
    }
    assert!(program.done(&["connect", "claude-code"]).contains("claude mcp add callboard -- "));
    assert!(program.done(&["connect", "codex"]).contains("codex mcp add callboard -- "));
}

#[test]
fn a_dry_run_shows_the_change_and_writes_nothing() {
    let program = Program::project();
    for client in CLIENTS {
        let path = file(&program, client);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let before = if client == "codex" { "model = \"x\"\n" } else { "{\n  \"mine\": 1\n}\n" };
        fs::write(&path, before).unwrap();
        let shown = program.done(&["connect", client, "--install", "--dry-run"]);
        assert!(shown.contains("Would change") && shown.contains("\n+ "), "{client}: {shown}");
        assert_eq!(fs::read_to_string(&path).unwrap(), before, "{client}");
    }
}

#[test]
fn installing_keeps_what_is_there_and_removing_brings_it_back() {
    let program = Program::project();
    for client in CLIENTS {
        let path = file(&program, client);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let before = match client {
            "codex" => "# mine\nmodel = \"x\"\n\n[mcp_servers.other]\ncommand = \"y\"\n",
            "vscode" => "{\n\t// mine\n\t\"servers\": {\n\t\t\"other\": {}\n\t}\n}\n",
            "zed" => "{\n  // mine\n  \"context_servers\": { \"other\": {} }\n}\n",
            _ => "{\n  \"z\": 1,\n  \"mcpServers\": {\n    \"other\": {}\n  },\n  \"a\": 2\n}\n",
        };
        fs::write(&path, before).unwrap();
        assert!(program.done(&["connect", client, "--install"]).contains("Changed"), "{client}");
        let after = fs::read_to_string(&path).unwrap();
        assert!(after.contains("other") && after.contains("--project"), "{client}: {after}");
        let again = program.json(&["connect", client, "--install"]);
        assert_eq!(again["changes"], false, "{client}");
        program.done(&["connect", client, "--remove"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), before, "{client}");
    }
}

#[test]
fn what_is_not_understood_or_is_somebody_elses_is_left_alone() {
    let program = Program::project();
    for client in CLIENTS {
        let path = file(&program, client);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let broken = if client == "codex" { "t = \"\"\"\nopen\n" } else { "{ \"a\": 1, oops }" };
        fs::write(&path, broken).unwrap();
        let said = program.refused(1, &["connect", client, "--install"]);
        assert!(said.contains("was left alone"), "{client}: {said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), broken, "{client}");
        fs::remove_file(&path).unwrap();
        program.done(&["connect", client, "--install"]);
        let own = fs::read_to_string(&path).unwrap();
        fs::write(&path, own.replace("--project", "--other")).unwrap();
        let said = program.refused(1, &["connect", client, "--install"]);
        assert!(said.contains("--replace"), "{client}: {said}");
        program.done(&["connect", client, "--install", "--replace"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), own, "{client}");
    }
}

#[test]
fn over_http_the_address_and_the_token_are_told() {
    let program = Program::project();
    assert!(program.refused(2, &["connect", "cursor", "--http"]).contains("callboard serve"));
    let run = program.path().join(".task_orchestrator/run");
    let endpoint = json!({ "url": "http://127.0.0.1:7420/mcp", "pid": null, "version": "0" });
    fs::write(run.join("endpoint.json"), endpoint.to_string()).unwrap();
    fs::write(run.join("token"), "secret\n").unwrap();
    let told = program.json(&["connect", "cursor", "--http"]);
    let snippet: Value = serde_json::from_str(told["snippet"].as_str().unwrap()).unwrap();
    assert_eq!(
        snippet["mcpServers"]["callboard"],
        json!({ "url": "http://127.0.0.1:7420/mcp", "headers": { "Authorization": "Bearer secret" } })
    );
    let installed = program.done(&["connect", "cursor", "--http", "--install"]);
    assert!(installed.contains("keep it out of version control"));
}

#[test]
fn agents_of_the_demo_speak_mcp_and_nothing_is_left_of_it() {
    let program = Program::bare();
    let temporary = program.path().to_str().unwrap();
    let mut command =
        program.command(&["demo", "--no-ui", "--seconds", "6", "--speed", "200", "--seed", "7"]);
    let ran = super::program::Ran::of(command.env("TMPDIR", temporary).output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    for part in ["claude-code", "codex", "task.claimed", "task.completed", "context.set"] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    assert_eq!(fs::read_dir(program.path()).unwrap().count(), 0, "the folder is gone");
}

#[test]
fn a_demo_in_a_named_folder_stays_there() {
    let program = Program::bare();
    program.done(&["demo", "--no-ui", "--seconds", "0", "--agents", "0", "--dir", "here"]);
    let root = program.path().join("here");
    let status = program.json(&["status", "--project", root.to_str().unwrap()]);
    assert_eq!(status["session"]["session"]["name"], "Skerry 1.0");
    let sessions = program.json(&["session", "list", "--project", root.to_str().unwrap()]);
    assert_eq!(sessions["items"].as_array().unwrap().len(), 2);
}
