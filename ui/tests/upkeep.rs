//! Looking after the project from the terminal: long work, what it found, and clearing it.

use std::fs;

use callboard::app::upkeep::{Answer, Wish, ask};
use callboard::app::{Effect, Message};
use callboard::overlay::Overlay;
use callboard_engine::upkeep::Progress;

use super::stage::Stage;

/// A project with an empty folder of a session that nobody knows.
fn littered() -> Stage {
    let stage = Stage::busy(110, 30);
    let folder = stage.peer.paths.sessions().join("gone-s-7k3q9xwb");
    fs::create_dir_all(folder).unwrap();
    stage
}

fn is_there(stage: &Stage) -> bool {
    stage.peer.paths.sessions().join("gone-s-7k3q9xwb").exists()
}

#[test]
fn what_would_go_for_good_is_asked_about_with_no_as_the_answer() {
    let mut stage = littered();
    stage.press(": \"clean up…\" Enter");
    let Some(Overlay::Finder(_)) = &stage.model.overlay else { panic!("{}", stage.screen()) };
    stage.press("\"orphaned documents\" Enter");
    assert!(is_there(&stage), "Enter alone removes nothing");
    let Some(Overlay::Menu(menu)) = &stage.model.overlay else { panic!("{}", stage.screen()) };
    assert_eq!(menu.title, "Clear orphaned documents?");
    assert!(menu.text.contains("gone-s-7k3q9xwb"), "{}", menu.text);
    stage.press("Enter");
    assert!(is_there(&stage), "nor does Enter once more");
    stage.press(": \"clean up…\" Enter \"orphaned documents\" Enter y");
    assert!(!is_there(&stage));
    let told = &stage.model.log[0].text;
    assert_eq!(told, "1 cleared.", "a file is not taken back by undo");
}

#[test]
fn what_was_found_late_waits_until_the_person_has_written() {
    let mut stage = littered();
    let effects = ask(&mut stage.model, Wish::Look);
    stage.press("e \"x\"");
    let answer = stage.answer(&effects[0]).unwrap();
    stage.send(answer);
    assert!(stage.model.overlay.is_none(), "{}", stage.screen());
    assert!(stage.model.board.renaming.is_some());
    assert!(stage.model.log[0].text.contains("\"Clean up…\" shows it"), "{:?}", stage.model.log[0]);
    stage.press("Enter");
    let asked = ask(&mut stage.model, Wish::Look);
    assert!(asked.is_empty(), "it was looked already");
    assert!(matches!(stage.model.overlay, Some(Overlay::Finder(_))));
}

#[test]
fn long_work_tells_how_far_it_is_and_is_called_off() {
    let mut stage = Stage::busy(110, 30);
    let effects = ask(&mut stage.model, Wish::Check);
    let Some(Effect::Upkeep(_, stop)) = effects.first() else { panic!("{effects:?}") };
    let progress = Progress { done: 3, of: 12, what: "expired_claims".to_owned() };
    stage.send(Message::Upkeep(Answer::Goes(progress)));
    let screen = stage.screen();
    assert!(screen.contains("Checking the project: expired claims, 25 %"), "{screen}");
    assert!(screen.contains("X calls it off"), "{screen}");
    assert!(ask(&mut stage.model, Wish::Look).is_empty(), "one at a time");
    stage.press("q");
    let told = &stage.model.log[0].text;
    assert!(told.starts_with("Checking the project goes on, and is called off"), "{told}");
    assert!(!stage.effects.contains(&Effect::Quit));
    stage.press("X");
    assert!(stop.is_called_off());
    assert!(stage.screen().contains("calling it off"), "{}", stage.screen());
    let answer = stage.answer(&effects[0]).unwrap();
    stage.send(answer);
    assert_eq!(stage.model.log[0].text, "Called off; what was done before stays.");
    assert!(stage.model.upkeep.work.is_none());
}

#[test]
fn a_session_is_exported_by_a_key_by_the_palette_and_by_its_menu() {
    let mut stage = Stage::busy(110, 30);
    assert!(!stage_exports(&stage).exists());
    for (keys, count) in [("Ctrl-x m", 1), (": \"export the session\" Enter j", 2), ("s x m", 3)] {
        stage.press(keys);
        let found = fs::read_dir(stage_exports(&stage)).unwrap().count();
        assert_eq!(found, count, "{keys}: {}", stage.screen());
        let told = &stage.model.log[0].text;
        assert!(told.starts_with("Exported to .task_orchestrator/exports/"), "{told}");
    }
    stage.press("? \"export\"");
    assert!(stage.screen().contains("Ctrl-x"), "{}", stage.screen());
}

fn stage_exports(stage: &Stage) -> std::path::PathBuf {
    stage.peer.paths.root.join(".task_orchestrator/exports")
}

#[test]
fn help_is_read_in_full_on_a_wide_screen_and_its_sentence_below_on_a_narrow_one() {
    for view in ["1", "2", "3", "4", "5", "6", "7", "8"] {
        let mut stage = Stage::busy(160, 200);
        stage.press(view);
        stage.press("?");
        let screen = stage.screen();
        let help: Vec<&str> = screen.lines().filter(|line| line.contains('│')).collect();
        let cut = help.iter().find(|line| line.contains("….") || line.contains("… │"));
        let is_cut = |line: &&&str| line.trim_end().trim_end_matches(['│', ' ']).ends_with('…');
        assert_eq!(cut.or_else(|| help.iter().find(is_cut)), None, "{view}: {screen}");
    }
    let mut stage = Stage::busy(80, 24);
    stage.press("? \"half a page down\"");
    let screen = stage.screen();
    assert!(screen.contains("Ctrl-d PageDown"), "{screen}");
    stage.press("Esc ? \"approve\"");
    let screen = stage.screen();
    assert!(screen.contains("Space does it too."), "the whole sentence: {screen}");
}
