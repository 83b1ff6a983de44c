//! The view of artifacts: the list, previews, editions, and what keys do.

use std::fs;

use callboard::app::{Effect, View};
use callboard::theme::Meaning;
use callboard_engine::artifacts::{Handed, NewArtifact, record};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::artifact::ArtifactState;
use insta::assert_snapshot;

use super::stage::Stage;

const DESIGN: &str = "# The checkout\n\nA cart becomes an **order**:\n\n- [x] table\n- [ ] form\n\n\
    | step | who |\n|---|---|\n| pay | customer |\n";
const CODE: &str = "/// Adds up.\npub fn total(prices: &[u32]) -> u32 {\n\tlet name = \"sum\";\n\t\
    prices.iter().sum() // 32 bits\n}\n";

fn add(stage: &Stage, (title, kind, task): (&str, &str, Option<&str>), handed: Handed) {
    let session = stage.model.session_id().unwrap();
    let new = NewArtifact {
        session,
        task: task.map(|title| stage.named(title)),
        kind: Some(kind.to_owned()),
        title: title.to_owned(),
        summary: String::new(),
        handed,
    };
    record(&stage.peer, Actor::agent("claude-code"), &new).unwrap();
}

fn text(text: &str) -> Handed {
    Handed::Text(text.to_owned())
}

/// The view, with a design of two editions, code in a file, and a picture.
fn view(width: u16, height: u16) -> Stage {
    let mut stage = Stage::busy(width, height);
    let root = stage.peer.paths.root.clone();
    fs::create_dir(root.join("src")).unwrap();
    fs::write(root.join("src/total.rs"), CODE).unwrap();
    fs::write(root.join("logo.png"), [0x89, 0, 1, 2]).unwrap();
    add(&stage, ("logo.png", "design", None), Handed::File("logo.png".to_owned()));
    add(
        &stage,
        ("src/total.rs", "code", Some("Card form")),
        Handed::File("src/total.rs".to_owned()),
    );
    add(&stage, ("Checkout design", "design", Some("Cart table")), text("# A draft"));
    add(&stage, ("Checkout design", "design", Some("Cart table")), text(DESIGN));
    stage.press("6");
    stage
}

#[test]
fn the_view_shows_the_list_and_what_a_file_says() {
    for (width, height) in [(160, 48), (110, 30), (80, 24), (60, 20), (40, 12)] {
        let stage = view(width, height);
        assert_snapshot!(format!("markdown_{width}x{height}"), stage.screen());
    }
    let mut stage = view(80, 24);
    stage.press("j");
    assert_snapshot!("code_80x24", stage.screen());
    stage.press("j");
    assert!(stage.screen().contains("It is no text"), "{}", stage.screen());
}

#[test]
fn an_empty_list_says_what_it_is_and_how_it_is_filled() {
    let mut stage = Stage::busy(80, 24);
    stage.press("6");
    assert_snapshot!("nothing_80x24", stage.screen());
}

#[test]
fn code_in_a_markdown_preview_has_the_looks_of_its_language() {
    let mut stage = Stage::busy(110, 30);
    let report = "# Report\n\n```rust\nlet total = 12; // cents\n```\n";
    add(&stage, ("Report", "docs", None), text(report));
    stage.press("6");
    let style = |stage: &Stage, piece: &str| {
        let buffer = stage.buffer();
        let row = |y: u16| -> String {
            (0..buffer.area.width).map(|x| buffer[(x, y)].symbol().to_owned()).collect()
        };
        let found = (0..buffer.area.height).find_map(|y| row(y).find(piece).map(|at| (at, y)));
        let (at, y) = found.unwrap_or_else(|| panic!("{piece}: {}", stage.screen()));
        let x = row(y)[..at].chars().count();
        buffer[(u16::try_from(x).unwrap(), y)].fg
    };
    let meant = |stage: &Stage, meaning| stage.model.theme.style(meaning).fg.unwrap();
    for (piece, meaning) in [("let total", Meaning::Accent), ("12;", Meaning::Warn)] {
        assert_eq!(style(&stage, piece), meant(&stage, meaning), "{piece}");
    }
    assert_ne!(style(&stage, "// cents"), meant(&stage, Meaning::Code));
}

#[test]
fn older_editions_are_looked_through() {
    let mut stage = view(160, 48);
    assert!(stage.screen().contains("A cart becomes an order"));
    stage.press("h");
    let screen = stage.screen();
    assert!(screen.contains("A draft") && screen.contains("v1 of 2"), "{screen}");
    stage.press("h");
    assert!(stage.screen().contains("this is the oldest edition"));
    stage.press("l");
    assert!(stage.screen().contains("A cart becomes an order"));
}

#[test]
fn a_file_is_looked_at_again_with_a_key() {
    let mut stage = view(80, 24);
    let root = stage.peer.paths.root.clone();
    stage.press("j c");
    assert!(stage.screen().contains("as it was recorded"), "{}", stage.screen());
    fs::remove_file(root.join("src/total.rs")).unwrap();
    stage.press("c");
    let state = |stage: &Stage| stage.model.artifacts.shown().unwrap().state;
    assert_eq!(state(&stage), ArtifactState::Missing);
    assert!(stage.screen().contains("the file is gone"), "{}", stage.screen());
    fs::write(root.join("src/total.rs"), CODE).unwrap();
    stage.press("A");
    assert_eq!(state(&stage), ArtifactState::Present);
}

#[test]
fn keys_copy_the_path_open_a_copy_and_lead_to_the_task() {
    let mut stage = view(80, 24);
    stage.press("j y E");
    let path = "src/total.rs";
    assert!(
        matches!(&stage.effects[..], [Effect::Copy { text, .. }, Effect::OpenArtifact(one)]
            if text == path && one.path == path),
        "{:?}",
        stage.effects
    );
    stage.press("t");
    assert_eq!(stage.model.view, View::Board);
    assert_eq!(stage.model.board.selected_task().unwrap().title, "Card form");
    stage.press("6 j t");
    assert_eq!(stage.model.view, View::Artifacts, "the picture belongs to no task");
}

#[test]
fn what_agents_record_does_not_move_the_cursor() {
    let mut stage = view(80, 24);
    stage.press("j");
    add(&stage, ("Another", "test", None), text("more"));
    stage.read();
    assert_eq!(stage.model.artifacts.shown().unwrap().title, "src/total.rs");
    assert_eq!(stage.model.artifacts.index(), 2);
}

#[test]
fn the_board_names_what_was_made_of_a_task() {
    let mut stage = view(160, 48);
    stage.press("1 g");
    let at = stage.model.board.rows.len();
    for _ in 0..at {
        if stage.model.board.selected_task().is_some_and(|task| task.title == "Card form") {
            break;
        }
        stage.press("j");
    }
    assert!(stage.screen().contains("src/total.rs"), "{}", stage.screen());
}

#[test]
fn an_older_edition_stays_on_the_screen_when_a_newer_one_is_recorded() {
    let mut stage = view(110, 30);
    stage.press("h");
    let shown = stage.model.artifacts.shown().unwrap().clone();
    stage.model.board.detail_scroll = 2;
    add(&stage, (&shown.title, "docs", None), text("Quite another one"));
    stage.read();
    assert_eq!(stage.model.artifacts.shown().unwrap().id, shown.id);
    assert_eq!(stage.model.artifacts.editions.len(), 3);
    assert_eq!(stage.model.board.detail_scroll, 2);
    stage.press("l l");
    assert!(stage.screen().contains("Quite another one"), "{}", stage.screen());
}

#[test]
fn files_of_windows_have_lines_like_all_others() {
    let mut stage = Stage::busy(110, 40);
    let file = "# Title\r\n\r\n```\r\nlet a = 1;\r\n```\r\n\r\nand *text* behind\r\n";
    fs::write(stage.peer.paths.root.join("win.md"), file).unwrap();
    fs::write(stage.peer.paths.root.join("win.rs"), "let a = 1;\r\nlet b = 2;\r\n").unwrap();
    add(&stage, ("Code", "code", None), Handed::File("win.rs".into()));
    add(&stage, ("Page", "docs", None), Handed::File("win.md".into()));
    stage.press("6");
    let screen = stage.screen();
    assert!(screen.contains("and text behind"), "the fence is closed: {screen}");
    stage.press("j");
    assert!(stage.screen().contains("let b = 2;"), "{}", stage.screen());
    assert!(!screen.contains('␍') && !stage.screen().contains('␍'), "{screen}");
}

#[test]
fn the_slash_finds_in_the_list_that_is_shown() {
    let mut stage = view(110, 30);
    let title = stage.model.artifacts.rows.last().unwrap().artifact.title.clone();
    stage.press(&format!("/ \"{title}\" Enter"));
    assert_eq!(stage.model.view, View::Artifacts);
    assert_eq!(stage.model.artifacts.selected().unwrap().artifact.title, title);
}

#[test]
fn artifacts_and_documents_of_an_archived_session_are_told_to_be_packed() {
    let mut stage = view(110, 30);
    stage.press("s f y s a y 6");
    let screen = stage.screen();
    assert!(screen.contains("packed"), "{screen}");
    stage.press("c");
    assert!(stage.model.log[0].text.starts_with("It is packed with its session"));
}

#[test]
fn the_search_previews_what_an_artifact_says() {
    let mut stage = view(160, 48);
    stage.press("9 \"checkout design\"");
    let preview = &stage.model.search.shown().unwrap().text;
    assert!(preview.contains("A cart becomes an **order**"), "{preview}");
    stage.press("Ctrl-u \"total.rs\"");
    let preview = &stage.model.search.shown().unwrap().text;
    assert!(preview.starts_with("```rs\n/// Adds up."), "{preview}");
    assert!(stage.screen().contains("pub fn total"), "{}", stage.screen());
}
