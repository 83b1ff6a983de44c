//! The view of modes, and switching between them by keyboard.

use std::fs;

use callboard::app::{Effect, View};
use callboard::overlay::Overlay;
use callboard_engine::binding::{self, Selection};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{ClaimTask, Command};
use callboard_engine::modes::ModesFolder;
use callboard_engine::modes::folder::Offer;
use callboard_engine::query;
use insta::assert_snapshot;

use super::stage::{Stage, claim};

/// A mode with gates, rules, and one role.
const REVIEWED: &str = "\
mode_metadata: {name: Reviewed work, description: Nothing is done before a person has seen it., version: '2'}
extends: default_roles
mode_configuration: {claim_minutes: 45, path_overlap: refuse}
task_routing_rules:
  security_tasks: {required_specialist: reviewer, secondary_review: architect, tags: [security]}
  general_tasks: {required_specialist: implementer}
gates:
  completed: {summary: true, artifacts: [test], checklist: true, approval: true, roles: [implementer]}
";

const BROKEN: &str = "\
mode_metadata: {name: Broken, description: It has a slip}
extends: default_rols
task_routing_rules:
  security_tasks: {required_specialst: reviewer}
gates:
  completed: {summary: many}
";

fn mode(stage: &Stage) -> String {
    stage.peer.readers.read(query::sessions::live).unwrap().unwrap().mode
}

fn file(stage: &Stage, name: &str) -> std::path::PathBuf {
    stage.peer.paths.task_orchestrator().join("roles/custom_modes").join(format!("{name}.yaml"))
}

fn put(stage: &Stage, name: &str, text: &str) {
    let file = file(stage, name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

/// The view, with the cursor on a mode of some files.
fn view(width: u16, height: u16, files: &[(&str, &str)], on: &str) -> Stage {
    let mut stage = Stage::busy(width, height);
    for (name, text) in files {
        put(&stage, name, text);
    }
    stage.press("3");
    go(&mut stage, on);
    stage
}

fn go(stage: &mut Stage, name: &str) {
    stage.press("g");
    let at = stage.model.modes.rows().iter().position(|row| row.name == name).unwrap();
    stage.press(&" j".repeat(at));
}

#[test]
fn the_view_shows_the_modes_and_one_in_full() {
    for (width, height) in [(160, 48), (110, 30), (80, 24), (60, 16)] {
        let stage = view(width, height, &[("reviewed", REVIEWED)], "reviewed");
        assert_snapshot!(format!("gates_{width}x{height}"), stage.screen());
    }
}

#[test]
fn a_broken_file_says_what_is_wrong_where_and_what_to_do() {
    for (width, height) in [(160, 48), (80, 24)] {
        let stage = view(width, height, &[("broken", BROKEN)], "broken");
        assert_snapshot!(format!("broken_{width}x{height}"), stage.screen());
    }
}

#[test]
fn the_mode_in_force_shows_its_roles_and_what_was_before() {
    let mut stage = view(110, 40, &[], "project_roles");
    stage.press("Tab j j j");
    assert_snapshot!("in_force", stage.screen());
    stage.press("G");
    assert!(stage.screen().contains("Hands in"), "{}", stage.screen());
}

#[test]
fn enter_asks_with_the_validation_and_selects() {
    let mut stage = view(110, 30, &[("reviewed", REVIEWED)], "reviewed");
    stage.press("Enter");
    assert_snapshot!("select", stage.screen());
    stage.press("y");
    assert_eq!(mode(&stage), "reviewed");
    assert!(stage.screen().contains("reviewed is in force"), "{}", stage.screen());
    stage.press("u");
    assert_eq!(mode(&stage), "project_roles", "undo takes it back");
}

#[test]
fn a_reason_for_a_mode_is_kept_in_its_history() {
    let mut stage = view(110, 30, &[("reviewed", REVIEWED)], "reviewed");
    stage.press("Space r \"the audit begins\" Enter");
    let session = stage.model.session_id().unwrap();
    let history = stage.peer.readers.read(|reader| query::modes::history(reader, session, 5));
    assert_eq!(history.unwrap()[0].reason.as_deref(), Some("the audit begins"));
    assert_eq!(stage.model.modes.history[0].to, "reviewed");
}

#[test]
fn m_offers_the_modes_from_anywhere_and_dims_those_that_are_broken() {
    let mut stage = Stage::busy(80, 24);
    put(&stage, "reviewed", REVIEWED);
    put(&stage, "broken", BROKEN);
    stage.press("m");
    assert_snapshot!("menu", stage.screen());
    let Some(Overlay::Menu(menu)) = &stage.model.overlay else { panic!("no menu") };
    let key = menu.items.iter().find(|item| item.label.starts_with("reviewed")).unwrap().key;
    let broken = menu.items.iter().find(|item| item.label.starts_with("broken")).unwrap();
    assert!(broken.closed.is_some());
    stage.press(&format!("{key}"));
    assert_eq!(mode(&stage), "reviewed");
    assert_eq!(stage.model.view, View::Board);
}

#[test]
fn a_broken_mode_cannot_be_selected_and_stays_as_it_is() {
    let mut stage = view(110, 30, &[("broken", BROKEN)], "broken");
    stage.press("Enter y");
    assert_eq!(mode(&stage), "project_roles");
    assert!(stage.model.overlay.is_some(), "the question stays");
    assert_eq!(fs::read_to_string(file(&stage, "broken")).unwrap(), BROKEN);
}

#[test]
fn repair_shows_what_it_will_change_and_keeps_the_file_first() {
    let slip =
        REVIEWED.replace("required_specialist: implementer", "required_specialst: implementer");
    let mut stage = view(110, 30, &[("slip", &slip)], "slip");
    stage.press("F");
    assert_snapshot!("repair", stage.screen());
    assert_eq!(fs::read_to_string(file(&stage, "slip")).unwrap(), slip);
    stage.press("y");
    let repaired = fs::read_to_string(file(&stage, "slip")).unwrap();
    assert!(repaired.contains("required_specialist: implementer"), "{repaired}");
    let folder = ModesFolder::of(&stage.peer.paths);
    let backup = folder.backups_of("slip").into_iter().next().unwrap();
    assert_eq!(folder.backed_up(&backup.name).unwrap().bytes, slip.as_bytes());
}

#[test]
fn a_mode_is_made_by_the_form_backed_up_and_restored() {
    let mut stage = view(110, 30, &[], "project_roles");
    stage.press("a \"night_shift\" Tab Tab \"Night shift\"");
    assert_snapshot!("create", stage.screen());
    stage.press("Ctrl-s");
    let selected = stage.model.modes.selected().unwrap();
    assert_eq!((selected.name.as_str(), selected.title.as_str()), ("night_shift", "Night shift"));
    stage.press("b");
    let before = fs::read_to_string(file(&stage, "night_shift")).unwrap();
    put(&stage, "night_shift", BROKEN);
    stage.press("R Enter y");
    assert_eq!(fs::read_to_string(file(&stage, "night_shift")).unwrap(), before);
}

#[test]
fn a_name_that_is_taken_gives_the_form_back() {
    let mut stage = view(110, 30, &[], "project_roles");
    stage.press("a \"default_roles\" Ctrl-s");
    let Some(Overlay::ModeForm(form)) = &stage.model.overlay else { panic!("no form") };
    assert_eq!(form.fields.contents("Name"), "default_roles");
}

#[test]
fn what_the_editor_saved_is_validated_and_told() {
    let mut stage = view(110, 30, &[("reviewed", REVIEWED)], "reviewed");
    stage.press("E");
    let opened = stage.effects.pop().unwrap();
    let file = "roles/custom_modes/reviewed.yaml".to_owned();
    assert_eq!(opened, Effect::EditMode { name: "reviewed".to_owned(), file });
    put(&stage, "reviewed", BROKEN);
    stage.press("v");
    assert!(stage.screen().contains("reviewed has"), "{}", stage.screen());
}

#[test]
fn a_mode_that_somebody_else_selects_is_told_and_named_on_the_board() {
    let mut stage = Stage::busy(160, 48);
    put(&stage, "strict", REVIEWED);
    let actor = Actor::Agent("codex".to_owned());
    let selection =
        Selection { mode: "strict".to_owned(), session: None, reason: Some("audit".to_owned()) };
    binding::select(&stage.peer, &actor, &selection).unwrap();
    stage.read();
    let screen = stage.screen();
    assert!(screen.contains("The mode is strict now, by codex (audit)"), "{screen}");
    assert!(screen.contains("mode strict"), "{screen}");
}

#[test]
fn a_file_that_breaks_is_marked_told_of_and_leads_to_its_view() {
    let mut stage = Stage::busy(160, 48);
    put(&stage, "reviewed", REVIEWED);
    stage.press("m");
    let Some(Overlay::Menu(menu)) = &stage.model.overlay else { panic!("no menu") };
    let key = menu.items.iter().find(|item| item.label.starts_with("reviewed")).unwrap().key;
    stage.press(&format!("{key}"));
    put(&stage, "reviewed", BROKEN);
    let follow = binding::follow(&stage.peer).unwrap();
    let mut status = follow.status();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let recovered = || {
        let session = stage.peer.readers.read(query::sessions::live).unwrap().unwrap();
        session.binding.is_some_and(|binding| binding.problem.is_some())
    };
    runtime.block_on(async {
        let wait = async {
            while !recovered() {
                status.changed().await.unwrap();
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), wait).await.unwrap();
    });
    stage.read();
    let screen = stage.screen();
    assert!(screen.contains("▲ mode reviewed"), "{screen}");
    assert!(screen.contains("need you"), "{screen}");
    stage.press("i k Enter");
    assert_eq!(stage.model.view, View::Modes);
    assert_snapshot!("recovered", stage.screen());
}

#[test]
fn what_cannot_be_followed_needs_you() {
    let mut stage = Stage::busy(110, 30);
    let problem = Some("modes/active_mode.yaml cannot be read".to_owned());
    stage.send(callboard::app::Message::Followed(problem));
    let screen = stage.screen();
    assert!(screen.contains("mode modes/active_mode.yaml"), "{screen}");
    stage.send(callboard::app::Message::Followed(None));
    assert!(!stage.screen().contains("active_mode.yaml"), "{}", stage.screen());
}

#[test]
fn without_a_session_the_next_one_begins_with_the_mode_that_is_chosen() {
    let mut stage = Stage::empty(80, 24);
    stage.press("3");
    assert_snapshot!("without_a_session", stage.screen());
    stage.press("g Enter y");
    let chosen = stage.model.modes.rows()[0].name.clone();
    stage.press("s c \"Begin\" Enter");
    assert_eq!(mode(&stage), chosen);
}

#[test]
fn the_accessible_view_has_no_boxes_and_marks_the_cursor() {
    let mut stage = view(80, 30, &[("reviewed", REVIEWED)], "reviewed");
    stage.model.place.accessible = true;
    assert_snapshot!("accessible", stage.screen());
}

#[test]
fn hot_spots_name_who_works_where_the_shared_ones_first() {
    let mut stage = Stage::busy(110, 30);
    let session = stage.model.session_id().unwrap();
    let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
    for (actor, title, paths) in [
        ("agent:claude-code", "Card form", paths(&["src/cards/form.rs", "docs/cards.md"])),
        ("agent:codex", "Checkout page", paths(&["src/cards/**"])),
    ] {
        let task = stage.named(title);
        let Command::ClaimTask(claim) = claim(session, task) else { panic!("no claim") };
        stage.does(actor, Command::ClaimTask(ClaimTask { paths, ..claim }));
    }
    stage.press("5");
    stage.read();
    assert_snapshot!("hot_spots", stage.screen());
}

#[test]
fn a_newer_built_in_file_is_offered_and_taken_or_declined() {
    let mut stage = view(110, 30, &[], "default_roles");
    let file = stage.peer.paths.task_orchestrator().join("roles/default_roles.yaml");
    let newest = fs::read_to_string(&file).unwrap();
    fs::write(&file, "implementer: {role_definition: As it was.}\n").unwrap();
    // The program's own files do not change while it is tested.
    let name = "default_roles".to_owned();
    let offer = Offer { name, file: "roles/default_roles.yaml".to_owned(), is_changed: true };
    let offered = |stage: &mut Stage| stage.model.modes.files.offers = vec![offer.clone()];
    offered(&mut stage);
    assert!(stage.screen().contains("A newer file is built in; A takes it"), "{}", stage.screen());
    stage.press("A n");
    assert_ne!(fs::read_to_string(&file).unwrap(), newest);
    offered(&mut stage);
    stage.press("A y");
    assert_eq!(fs::read_to_string(&file).unwrap(), newest);
    let folder = ModesFolder::of(&stage.peer.paths);
    let backups = folder.backups_of("default_roles");
    let mut kept = backups.iter().map(|backup| folder.backed_up(&backup.name).unwrap().bytes);
    assert!(kept.any(|bytes| bytes.starts_with(b"implementer: {role")), "what was there is kept");
}
