//! The screens, as they are drawn.

use callboard::app::{Message, View, update};
use callboard::theme::{Meaning, Theme};
use insta::assert_snapshot;
use ratatui::layout::Size;
use ratatui::style::Color;

use super::stage::Stage;

#[test]
fn a_new_project_says_how_to_begin() {
    assert_snapshot!(Stage::empty(80, 24).screen());
}

#[test]
fn the_board_on_a_wide_screen() {
    assert_snapshot!(Stage::busy(160, 48).screen());
}

#[test]
fn the_board_on_a_small_screen() {
    assert_snapshot!(Stage::busy(80, 24).screen());
}

#[test]
fn the_board_on_the_smallest_screen() {
    assert_snapshot!(Stage::busy(60, 16).screen());
}

#[test]
fn below_the_smallest_screen_there_is_a_word_about_it() {
    assert_snapshot!(Stage::busy(40, 12).screen());
}

#[test]
fn sessions_and_agents_have_views_of_their_own() {
    let mut stage = Stage::busy(110, 30);
    stage.press("2");
    assert_snapshot!("sessions", stage.screen());
    stage.press("3");
    assert_snapshot!("agents", stage.screen());
}

#[test]
fn everything_can_be_drawn_with_ascii_alone() {
    let mut stage = Stage::busy(100, 24);
    stage.model.theme = Theme::built_in("dark").with_ascii(true);
    stage.press("j j j");
    let screen = stage.screen();
    let others: String = screen
        .chars()
        .filter(|character| !character.is_ascii() && !"空のカート🛒".contains(*character))
        .collect();
    assert_eq!(others, "");
}

#[test]
fn the_accessible_screen_has_no_boxes() {
    let mut stage = Stage::busy(80, 24);
    stage.model.place.accessible = true;
    assert_snapshot!(stage.screen());
    stage.press("t");
    assert_snapshot!("accessible_menu", stage.screen());
}

#[test]
fn no_size_of_the_screen_is_too_much() {
    let mut stage = Stage::busy(80, 24);
    let overlays =
        ["", "?", "Escape t", "Escape s", "Escape a", "Escape g j j o", "Escape !", "Escape z"];
    for (view, overlay) in overlays.iter().enumerate() {
        stage.press(overlay.replace("Escape", "Esc").as_str());
        stage.model.view = View::ALL[view % View::ALL.len()];
        for width in (1..220).step_by(7) {
            for height in (1..100).step_by(5) {
                update(&mut stage.model, Message::Resize(Size::new(width, height)));
                stage.screen();
            }
        }
        update(&mut stage.model, Message::Resize(Size::new(80, 24)));
    }
}

#[test]
fn marks_that_turn_text_around_are_seen_and_never_sent() {
    let mut stage = Stage::busy(160, 48);
    let session = stage.model.session_id().unwrap();
    stage.tasks(session, None, &["evil \u{202e}txt\u{202c} zero\u{200b}width"]);
    stage.read();
    stage.press("G");
    let screen = stage.screen();
    assert!(screen.contains("evil \u{fffd}txt\u{fffd} zero\u{fffd}width"), "{screen}");
    assert!(!screen.contains(['\u{202e}', '\u{202c}', '\u{200b}']), "{screen}");
}

#[test]
fn help_menu_form_and_needs_on_a_small_screen() {
    let mut stage = Stage::busy(80, 24);
    stage.press("?");
    assert_snapshot!("help", stage.screen());
    stage.press("Esc t");
    assert_snapshot!("status_menu", stage.screen());
    stage.press("Esc o");
    assert_snapshot!("form", stage.screen());
    stage.press("Esc i");
    assert_snapshot!("needs", stage.screen());
}

#[test]
fn the_board_on_a_very_wide_screen() {
    assert_snapshot!(Stage::busy(220, 60).screen());
}

#[test]
fn a_selected_title_is_in_the_color_of_the_selection_in_every_theme() {
    for name in ["dark", "light", "high-contrast", "colour-blind-safe"] {
        let mut stage = Stage::busy(80, 24);
        stage.model.theme = Theme::built_in(name);
        let selection = stage.model.theme.style(Meaning::Selection);
        let buffer = stage.buffer();
        let selected = buffer.content().iter().filter(|cell| Some(cell.bg) == selection.bg);
        let colors: Vec<Color> = selected.map(|cell| cell.fg).collect();
        assert!(!colors.is_empty(), "{name}");
        assert!(!colors.contains(&Color::Reset), "{name}");
    }
}
