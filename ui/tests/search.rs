//! The search: what is typed, what is found, where Enter leads.

use callboard::app::search::step_to;
use callboard::app::{Effect, Message, Pane, View, update};
use callboard::overlay::Overlay;
use callboard_engine::domain::command::{Command, SetContext};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::stage::Stage;
use super::terminal::{Screen, project};

fn titles(stage: &Stage) -> Vec<&str> {
    stage.model.search.hits().iter().map(|hit| hit.title.text.as_str()).collect()
}

#[test]
fn letters_go_into_the_line_and_find_at_once() {
    let mut stage = Stage::busy(100, 30);
    stage.press("9 \"cart q19?\" Backspace Backspace Backspace Backspace Backspace");
    assert_eq!(stage.model.view, View::Search);
    assert_eq!(stage.model.search.input.text(), "cart");
    assert_eq!(titles(&stage), ["Cart table", "Cart API", "Empty cart 空のカート 🛒"]);
    stage.press("\" table\"");
    assert_eq!(titles(&stage), ["Cart table"]);
    let preview = stage.model.search.shown().unwrap();
    assert!(preview.text.contains("with an index on owner"), "{preview:?}");
}

#[test]
fn enter_goes_to_the_record_in_its_view() {
    let mut stage = Stage::busy(100, 30);
    stage.press("2 Ctrl-f \"webhooks\" Enter");
    assert_eq!(stage.model.view, View::Board);
    assert_eq!(stage.model.board.selected_task().unwrap().title, "Webhooks");
    stage.press("Ctrl-f Ctrl-u \"payments type:group\" Enter");
    assert_eq!(stage.model.view, View::Board);
    let group = stage.model.board.groups.iter().find(|row| row.group.name == "Payments").unwrap();
    let here = callboard::app::board::RowKey::Group(Some(group.group.id));
    assert_eq!(stage.model.board.cursor, Some(here));
    stage.press("Ctrl-f Ctrl-u \"type:session ship\" Enter");
    assert_eq!(stage.model.view, View::Sessions);
}

#[test]
fn escape_leads_back_and_the_text_stays_for_the_next_time() {
    let mut stage = Stage::busy(100, 30);
    stage.press("5 9 \"cart\" Down Esc");
    assert_eq!(stage.model.view, View::Agents);
    stage.press("Ctrl-f");
    assert_eq!(stage.model.search.input.text(), "cart");
    stage.press("Ctrl-u");
    assert_eq!(stage.model.search.history, ["cart"]);
    stage.press("Enter");
    assert_eq!(titles(&stage).len(), 3);
    stage.press("Ctrl-u \"stock\" Esc 9 Alt-Up Alt-Up");
    assert_eq!(stage.model.search.input.text(), "cart");
}

#[test]
fn a_filter_can_be_chosen_by_its_key() {
    let mut stage = Stage::busy(100, 30);
    stage.press("9 \"cart\" F2");
    assert!(matches!(stage.model.overlay, Some(Overlay::Menu(_))));
    stage.press("d");
    assert_eq!(stage.model.search.input.text(), "cart status:completed ");
    assert_eq!(titles(&stage), ["Cart table"]);
}

#[test]
fn the_preview_takes_the_focus_and_gives_it_back() {
    let mut stage = Stage::busy(100, 30);
    stage.press("9 \"cart\" Tab Down");
    let state = |stage: &Stage| (stage.model.focus, stage.model.search.input.text());
    assert_eq!(state(&stage), (Pane::Details, "cart".into()));
    stage.press("BackTab \"x\"");
    assert_eq!(state(&stage), (Pane::Main, "cartx".into()));
}

#[test]
fn letters_are_typed_whatever_has_the_focus_in_the_search() {
    let mut stage = Stage::busy(100, 30);
    stage.press("9 \"cart\" Tab \" sp1q\"");
    assert_eq!(stage.model.view, View::Search);
    assert!(stage.model.overlay.is_none());
    assert_eq!(stage.model.search.input.text(), "cart sp1q");
    assert_eq!(stage.model.focus, Pane::Main);
    let session = stage.model.session.as_ref().unwrap();
    assert_eq!(session.session.state.to_string(), "active");
    stage.press("Tab");
    assert!(stage.screen().contains("Esc to the line"), "{}", stage.screen());
}

#[test]
fn help_in_the_search_names_only_keys_that_work_there() {
    let mut stage = Stage::busy(100, 30);
    stage.press("9 F1");
    let Some(Overlay::Finder(finder)) = &stage.model.overlay else { panic!("no help") };
    let labels: Vec<&str> = finder.entries.iter().map(|entry| entry.label.as_str()).collect();
    assert!(labels.iter().any(|label| label.starts_with("F2 ")), "{labels:?}");
    assert!(labels.iter().any(|label| label.starts_with("Alt-Up ")), "{labels:?}");
    assert!(labels.iter().any(|label| label.starts_with("Down ")), "j is a letter: {labels:?}");
    assert!(labels.iter().all(|label| !label.contains("Undo")), "{labels:?}");
}

#[test]
fn what_is_pasted_begins_anew_and_alt_down_keeps_what_is_typed() {
    let mut stage = Stage::busy(100, 30);
    stage.press("9 \"cart\" Esc 9");
    stage.send(Message::Paste("stock".to_owned()));
    assert_eq!(stage.model.search.input.text(), "stock");
    stage.press("Alt-Down");
    assert_eq!(stage.model.search.input.text(), "stock");
}

#[test]
fn what_changes_while_it_is_shown_is_found_anew() {
    let mut stage = Stage::busy(100, 30);
    stage.press("9 \"zebra\"");
    assert_eq!(titles(&stage), [""; 0]);
    let session = stage.model.session_id().unwrap();
    stage.tasks(session, None, &["Feed the zebra"]);
    stage.send(Message::Changed);
    assert_eq!(titles(&stage), ["Feed the zebra"]);
}

#[test]
fn a_note_is_opened_where_it_was_written_and_context_with_its_session() {
    let mut stage = Stage::busy(100, 30);
    let context = SetContext {
        session_id: stage.model.session_id().unwrap(),
        key: "decision".to_owned(),
        value: "Prices are in cents.".into(),
        if_version: None,
    };
    stage.does("human", Command::SetContext(context));
    stage.press("9 \"cents\"");
    assert_eq!(stage.model.search.shown().unwrap().text, "Prices are in cents.");
    stage.press("Enter");
    assert_eq!(stage.model.view, View::Sessions);
    assert!(!stage.effects.iter().any(|effect| matches!(effect, Effect::OpenDocument { .. })));
}

#[test]
fn the_search_is_drawn() {
    for (name, (width, height)) in
        [("160x48", (160, 48)), ("80x24", (80, 24)), ("60x20", (60, 20)), ("40x12", (40, 12))]
    {
        let mut stage = Stage::busy(width, height);
        stage.press("9");
        insta::assert_snapshot!(format!("empty_{name}"), stage.screen());
        stage.press("\"cart index\"");
        insta::assert_snapshot!(format!("found_{name}"), stage.screen());
        stage.press("Ctrl-u \"cattt status:blue\"");
        insta::assert_snapshot!(format!("nothing_{name}"), stage.screen());
    }
}

#[test]
fn typing_finds_and_enter_jumps_in_a_real_terminal() {
    let project = project();
    let board = |arguments: &[&str]| {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_callboard"))
            .args(arguments)
            .current_dir(project.path())
            .env("HOME", project.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    board(&["init"]);
    board(&["session", "create", "Zoo"]);
    board(&["add", "Feed the zebra"]);
    board(&["add", "Wash the elephant"]);
    let mut screen = Screen::open(project.path(), &[]);
    screen.shows("Feed the zebra");
    screen.press("9");
    screen.shows("Type to find");
    screen.press("eleph");
    screen.shows("1 found");
    screen.press("\r");
    screen.shows("Tasks");
    screen.shows("Details t-");
    screen.press("q");
}

/// What was asked for with the last key; it is not answered yet.
fn asked(stage: &mut Stage, text: &str) -> Effect {
    let key = |letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE);
    let effects = text.chars().map(|letter| update(&mut stage.model, Message::Key(key(letter))));
    effects.last().unwrap().into_iter().next().unwrap()
}

#[test]
fn enter_waits_for_the_answer_to_what_is_typed() {
    let mut stage = Stage::busy(100, 30);
    stage.press("9 \"cart\"");
    let effect = asked(&mut stage, " api");
    assert!(stage.screen().contains("searching…"), "{}", stage.screen());
    stage.press("Enter");
    assert_eq!(stage.model.view, View::Search, "what is listed is of an earlier text");
    let answer = stage.answer(&effect).unwrap();
    stage.send(answer);
    assert_eq!(stage.model.view, View::Board);
    assert_eq!(stage.model.board.selected_task().unwrap().title, "Cart API");
}

#[test]
fn changes_stop_no_search_and_are_searched_for_after_it() {
    let mut stage = Stage::busy(100, 30);
    stage.press("9");
    let effect = asked(&mut stage, "zebra");
    let session = stage.model.session_id().unwrap();
    let answer = stage.answer(&effect).unwrap();
    stage.tasks(session, None, &["Feed the zebra"]);
    let is_search = |effect: &Effect| matches!(effect, Effect::Search(_));
    assert!(!update(&mut stage.model, Message::Changed).iter().any(is_search));
    stage.send(answer);
    assert_eq!(titles(&stage), ["Feed the zebra"]);
}

#[test]
fn a_change_leaves_the_cursor_on_its_hit() {
    let mut stage = Stage::busy(100, 30);
    let session = stage.model.session_id().unwrap();
    stage.press("9 \"cart\"");
    assert_eq!(stage.model.search.selected().unwrap().title.text, "Cart table");
    stage.tasks(session, None, &["Cart", "Cart cart"]);
    stage.send(Message::Changed);
    assert_ne!(titles(&stage)[0], "Cart table", "a better one is there");
    assert_eq!(stage.model.search.selected().unwrap().title.text, "Cart table");
}

#[test]
fn a_preview_that_comes_late_is_not_taken_for_another_hit() {
    let mut stage = Stage::busy(100, 30);
    stage.press("9 \"cart\"");
    let looks = [0, 1].map(|index| step_to(&mut stage.model, index).remove(0));
    let [first, second] = looks.map(|look| stage.answer(&look).unwrap());
    stage.send(second);
    stage.send(first);
    assert!(stage.model.search.shown().is_some(), "that of the second stands");
    assert!(stage.screen().contains("Some text with code"), "{}", stage.screen());
}
