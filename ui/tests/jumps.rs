//! Where Enter leads from a hit of the search: to the very thing, whatever kind it is.

use callboard::app::board::RowKey;
use callboard::app::metrics::Page;
use callboard::app::{Effect, View};
use callboard_engine::artifacts::{Handed, NewArtifact, record};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{Command, MoveSession, SetContext};
use callboard_engine::domain::document::{DocumentKind, DocumentNote};
use callboard_engine::domain::session::SessionMove;

use super::stage::Stage;

fn say(stage: &Stage, text: &str) {
    let session_id = stage.model.session_id().unwrap();
    let message =
        Command::SendMessage { session_id, to: "codex".to_owned(), text: text.to_owned() };
    stage.does("human", message);
}

#[test]
fn a_message_is_gone_to_among_what_was_said() {
    for (width, height) in [(160, 48), (80, 24)] {
        let mut stage = Stage::busy(width, height);
        for text in ["Take the walrus first.", "Well done.", "Good night."] {
            say(&stage, text);
        }
        stage.press("9 \"walrus\" Enter");
        assert_eq!((stage.model.view, stage.model.metrics.page), (View::Metrics, Page::Said));
        assert_eq!(stage.model.metrics.index(), 2);
        assert_eq!(stage.model.metrics.message().unwrap().text, "Take the walrus first.");
        stage.press("k");
        assert_eq!(stage.model.metrics.message().unwrap().text, "Well done.");
    }
}

#[test]
fn a_message_beyond_all_that_is_listed_is_still_gone_to() {
    let mut stage = Stage::busy(110, 30);
    say(&stage, "The oldest.");
    say(&stage, "Take the walrus first.");
    let connection = rusqlite::Connection::open(stage.peer.paths.database()).unwrap();
    let many = "WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 1100)
        INSERT INTO session_user_interactions (session_id, at, actor, recipient, text)
        SELECT session_id, at, actor, recipient, 'noise' FROM counted, session_user_interactions
        WHERE text = 'The oldest.'";
    connection.execute_batch(many).unwrap();
    stage.press("9 \"walrus\" Enter");
    assert_eq!(stage.model.metrics.message().unwrap().text, "Take the walrus first.");
    stage.press("j");
    assert_eq!(stage.model.metrics.message().unwrap().text, "The oldest.");
}

#[test]
fn what_was_left_in_the_context_is_shown_whole_with_its_session() {
    let mut stage = Stage::busy(110, 40);
    let value: String = (1..=9).map(|line| format!("- point {line} of the plan\n")).collect();
    let context = SetContext {
        session_id: stage.model.session_id().unwrap(),
        key: "decision/walrus".to_owned(),
        value: value.into(),
        if_version: None,
    };
    stage.does("human", Command::SetContext(context));
    stage.press("9 \"walrus\" Enter");
    let screen = stage.screen();
    assert_eq!(stage.model.view, View::Sessions);
    assert!(screen.contains("Found: decision/walrus"), "{screen}");
    assert!(screen.contains("• point 9 of the plan"), "{screen}");
}

#[test]
fn a_task_of_another_session_is_shown_in_full_with_it_until_the_cursor_moves_on() {
    let mut stage = Stage::busy(110, 40);
    let earlier = stage.model.session_id().unwrap();
    let suspend = MoveSession::plain(earlier, SessionMove::Suspend);
    stage.does("human", Command::MoveSession(suspend));
    stage.session("Another");
    stage.read();
    stage.press("9 \"webhooks\" Enter");
    assert_eq!((stage.model.view, stage.model.sessions.cursor), (View::Sessions, Some(earlier)));
    let screen = stage.screen();
    assert!(screen.contains("Found: Webhooks") && screen.contains("• a list"), "{screen}");
    stage.press("k");
    assert!(!stage.screen().contains("Found:"), "{}", stage.screen());
}

#[test]
fn a_group_inside_a_folded_one_is_unfolded() {
    let mut stage = Stage::busy(100, 30);
    stage.press("g h");
    assert!(!stage.screen().contains("Payments"), "{}", stage.screen());
    stage.press("9 \"payments type:group\" Enter");
    let group = stage.model.board.groups.iter().find(|row| row.group.name == "Payments").unwrap();
    assert_eq!(stage.model.board.cursor, Some(RowKey::Group(Some(group.group.id))));
    assert!(stage.screen().contains("Card form"));
}

#[test]
fn an_older_edition_of_an_artifact_is_shown_as_that_edition() {
    let mut stage = Stage::busy(110, 30);
    for summary in ["the walrus draft", "the second", "the third"] {
        let new = NewArtifact {
            session: stage.model.session_id().unwrap(),
            task: None,
            kind: Some("design".to_owned()),
            title: "Design".to_owned(),
            summary: summary.to_owned(),
            handed: Handed::Text(format!("This is {summary}.")),
        };
        record(&stage.peer, Actor::Human, &new).unwrap();
    }
    stage.press("9 \"walrus\" Enter");
    assert_eq!(stage.model.view, View::Artifacts);
    assert_eq!(stage.model.artifacts.shown().unwrap().edition, 1);
    assert!(stage.screen().contains("This is the walrus draft."), "{}", stage.screen());
    stage.read();
    assert_eq!(stage.model.artifacts.shown().unwrap().edition, 1, "it stays there");
    stage.press("l");
    assert_eq!(stage.model.artifacts.shown().unwrap().edition, 2);
}

#[test]
fn a_note_is_opened_at_its_line() {
    let mut stage = Stage::busy(110, 30);
    let session_id = stage.model.session_id().unwrap();
    let path = format!("sessions/ship-the-checkout-{session_id}/session.md");
    let written = DocumentNote::Written {
        orders: String::new(),
        path: path.clone(),
        session_id,
        kind: DocumentKind::Session,
        rendered: "# Ship\n".to_owned(),
        agreed: "# Ship\n\nA walrus was here.\n".to_owned(),
        agreed_hash: "hash".to_owned(),
    };
    stage.does("system", Command::NoteDocuments { notes: vec![written] });
    stage.press("9 \"walrus\" Enter");
    let opened = Effect::OpenDocument { path, line: Some(3) };
    assert_eq!(stage.effects.last(), Some(&opened));
}
