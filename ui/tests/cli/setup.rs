//! Setting up: init, config, completions, and where a project is looked for.

use std::fs;

use super::program::Program;

#[test]
fn init_prepares_a_project_and_overwrites_nothing() {
    let program = Program::bare();
    let folder = program.path().join(".task_orchestrator");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(".gitignore"), "mine\n").unwrap();
    assert!(program.done(&["init"]).contains("is a project now"));
    program.done(&["session", "create", "Kept"]);
    assert!(program.done(&["init"]).contains("nothing was changed"));
    assert_eq!(program.json(&["init"])["created"], false);
    assert_eq!(fs::read_to_string(folder.join(".gitignore")).unwrap(), "mine\n");
    assert_eq!(program.json(&["status"])["session"]["session"]["name"], "Kept");
}

#[test]
fn a_project_is_found_from_a_folder_below_it_and_by_name() {
    let program = Program::planned();
    let below = program.path().join("src/deep");
    fs::create_dir_all(&below).unwrap();
    let mut command = program.command(&["status", "--json"]);
    assert!(command.current_dir(&below).status().unwrap().success());
    let elsewhere = Program::bare();
    let root = program.path().to_str().unwrap();
    assert!(elsewhere.done(&["list", "--project", root]).contains("Design the login"));
    let mut command = elsewhere.command(&["list"]);
    let named = command.env("CALLBOARD_PROJECT", root).output().unwrap();
    assert!(String::from_utf8(named.stdout).unwrap().contains("Design the login"));
}

#[test]
fn completions_are_made_for_every_shell() {
    let program = Program::bare();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = program.done(&["completions", shell]);
        for verb in ["status", "connect", "session", "undo", "demo"] {
            assert!(script.contains(verb), "{shell}: {verb}");
        }
    }
    assert!(program.refused(2, &["completions", "cmd"]).contains("possible values"));
}

#[test]
fn the_configuration_is_shown_with_its_sources() {
    let program = Program::project();
    let folder = program.home().join(".config/callboard");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.yaml"), "theme: light\n").unwrap();
    let config = program.json(&["config"]);
    assert_eq!(config["theme"]["value"], "light");
    assert_eq!(config["port"]["source"], "default");
    fs::write(folder.join("config.yaml"), "thme: light\n").unwrap();
    assert!(program.refused(2, &["config"]).contains("did you mean \"theme\"?"));
}

#[test]
fn help_names_every_verb_and_the_exit_codes() {
    let program = Program::bare();
    let help = program.done(&["--help"]);
    for word in ["init", "mcp", "serve", "connect", "demo", "undo", "Exit codes: 0 done"] {
        assert!(help.contains(word), "{word}");
    }
}
