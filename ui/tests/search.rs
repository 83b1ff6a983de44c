//! The search: what is typed, what is found, where Enter leads.

use callboard::app::{Effect, Pane, View};
use callboard::overlay::Overlay;
use callboard_engine::domain::command::{Command, SetContext};

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
    stage.press("9 \"cart\" Tab j");
    assert_eq!(
        (stage.model.focus, stage.model.search.input.text()),
        (Pane::Details, "cart".into())
    );
    stage.press("BackTab \"x\"");
    assert_eq!((stage.model.focus, stage.model.search.input.text()), (Pane::Main, "cartx".into()));
}

#[test]
fn what_changes_while_it_is_shown_is_found_anew() {
    let mut stage = Stage::busy(100, 30);
    stage.press("9 \"zebra\"");
    assert_eq!(titles(&stage), [""; 0]);
    let session = stage.model.session_id().unwrap();
    stage.tasks(session, None, &["Feed the zebra"]);
    stage.send(callboard::app::Message::Changed);
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
