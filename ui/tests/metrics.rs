//! How the work goes, as the view of metrics shows it, and looking after the project from there.

use callboard::app::metrics::Page;
use callboard::app::{Effect, Pane};
use callboard::overlay::Overlay;
use callboard::theme::Theme;
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::Command;
use callboard_engine::domain::refusal::Code;
use callboard_engine::domain::task::Status;
use callboard_engine::peer::ToolCall;
use callboard_engine::query::metrics::Bucket;
use insta::assert_snapshot;

use super::stage::{Stage, status};

/// A project in the middle of its work, with calls of two agents, some of them refused.
fn measured(width: u16, height: u16) -> Stage {
    let mut stage = Stage::busy(width, height);
    let call = |agent: &str, tool: &'static str, elapsed_us, error: Option<&str>| ToolCall {
        agent: agent.to_owned(),
        tool,
        elapsed_us,
        error: error.map(|message| (Code::TaskHeld, message.to_owned())),
    };
    let telemetry = &stage.peer.telemetry;
    for elapsed in [900, 1_800, 2_700] {
        telemetry.called(call("claude-code", "orchestrator_task_claim", elapsed, None));
    }
    telemetry.called(call("codex", "orchestrator_task_get", 400, None));
    let held = "task t-aaaaaaaa (Card form) is held by agent:claude-code until 14:33";
    telemetry.called(call("codex", "orchestrator_task_claim", 3_000, Some(held)));
    let file = Actor::File("sessions/ship/session.md".to_owned());
    telemetry.failed(file, "sync", ("store_failed", "the disk is full"));
    let session = stage.model.session_id().unwrap();
    let message = |to: &str, text: &str| Command::SendMessage {
        session_id: session,
        to: to.to_owned(),
        text: text.to_owned(),
    };
    stage.does("human", message("codex", "Please look at the card form first."));
    stage.does("human", message("claude-code", "Well done."));
    stage.peer.telemetry.delivered(vec![2]);
    stage.settle();
    stage.press("7");
    stage
}

#[test]
fn charts_and_tables_fit_every_screen() {
    for (width, height) in [(160, 48), (80, 24), (60, 16)] {
        let stage = measured(width, height);
        assert_snapshot!(format!("charts_{width}x{height}"), stage.screen());
    }
    assert!(measured(40, 12).screen().contains("60"), "a word about the size");
}

#[test]
fn the_highest_value_of_a_chart_is_whole_beside_it_with_its_unit() {
    for (width, height) in [(60, 40), (80, 40), (100, 40), (131, 60)] {
        let mut stage = measured(width, height);
        for at in 0..60 {
            stage.peer.telemetry.called(ToolCall {
                agent: "codex".to_owned(),
                tool: "orchestrator_task_get",
                elapsed_us: 1_234_000_000 + at,
                error: None,
            });
        }
        stage.settle();
        stage.press("z");
        stage.read();
        let parts = &stage.model.metrics.summary.as_ref().unwrap().parts;
        let highest = parts.iter().map(Bucket::mean_us).max().unwrap();
        let label = format!(" {}.{} s", highest / 1_000_000, highest / 100_000 % 10);
        let screen = stage.screen();
        let mut below = screen.lines().skip_while(|line| !line.contains("Time of a call"));
        let bars = below.nth(1).unwrap().trim_end_matches(['│', ' ']);
        assert!(bars.ends_with(&label), "{label:?} at {width}\n{screen}");
    }
}

#[test]
fn the_log_of_errors_and_what_was_said_have_pages_of_their_own() {
    let mut stage = measured(110, 30);
    stage.press("v");
    assert_snapshot!("errors", stage.screen());
    stage.press("v");
    assert_snapshot!("said", stage.screen());
    stage.press("v");
    assert_eq!(stage.model.metrics.page, Page::Charts);
}

#[test]
fn everything_is_said_in_ascii_and_without_boxes_too() {
    let mut stage = measured(100, 40);
    stage.model.theme = Theme::built_in("dark").with_ascii(true);
    for _ in 0..3 {
        let screen = stage.screen();
        assert!(
            screen.chars().all(|one| one.is_ascii() || "空のカート🛒".contains(one)),
            "{screen}"
        );
        stage.press("v");
    }
    stage.model.place.accessible = true;
    assert_snapshot!("accessible", stage.screen());
}

#[test]
fn the_stretch_of_time_is_chosen_by_keys_and_has_ends() {
    let mut stage = measured(110, 30);
    let shown = |stage: &Stage| stage.model.metrics.summary.as_ref().unwrap().range.as_str();
    assert_eq!(shown(&stage), "24h");
    stage.press("l");
    assert_eq!(shown(&stage), "7d");
    stage.press("l l l");
    assert_eq!(shown(&stage), "all");
    stage.press("Left Left Left Left");
    assert_eq!(shown(&stage), "1h");
    let summary = stage.model.metrics.summary.as_ref().unwrap();
    assert_eq!((summary.finished, summary.calls, summary.errors), (1, 5, 1));
}

#[test]
fn enter_narrows_the_log_of_errors_and_escape_widens_it() {
    let mut stage = measured(110, 30);
    stage.press("v j Enter");
    assert_eq!(stage.model.metrics.only.as_deref(), Some("codex"));
    assert_eq!(stage.model.metrics.errors.len(), 1);
    stage.press("Esc");
    assert_eq!(stage.model.metrics.errors.len(), 2);
}

#[test]
fn what_failed_unseen_waits_for_a_person_until_the_log_was_looked_at() {
    let mut stage = measured(110, 30);
    stage.press("i k");
    let waits = |stage: &Stage| stage.model.needs.rows.iter().any(|row| row.title.contains("disk"));
    assert!(waits(&stage));
    stage.press("Enter");
    assert_eq!(stage.model.metrics.page, Page::Errors);
    assert!(!waits(&stage), "the log that is shown and what waits come of one look");
}

#[test]
fn the_palette_leads_to_the_log_of_errors() {
    let mut stage = measured(110, 30);
    stage.press("1 : \"log of errors\" Enter");
    assert_eq!(stage.model.metrics.page, Page::Errors);
    assert_eq!(stage.model.metrics.errors.len(), 2);
}

#[test]
fn what_lies_about_is_cleared_from_the_palette() {
    let mut stage = Stage::busy(110, 30);
    let id = stage.named("Write the changelog");
    stage.does("human", status(id, Status::Active, None));
    let database = stage.peer.paths.database();
    let connection = rusqlite::Connection::open(database).unwrap();
    connection.execute_batch("UPDATE tasks SET chain = 3").unwrap();
    stage.press(": \"check the project\" Enter");
    let Some(Overlay::Finder(finder)) = &stage.model.overlay else { panic!("nothing is shown") };
    assert!(finder.entries[0].label.starts_with("error: wrong counts"), "{:?}", finder.entries[0]);
    stage.press("Enter");
    assert!(stage.model.overlay.is_none());
    stage.press(": \"check the project\" Enter");
    let Some(Overlay::Finder(finder)) = &stage.model.overlay else { return };
    assert!(finder.entries.iter().all(|entry| !entry.label.starts_with("error")));
}

#[test]
fn a_finding_that_a_person_mends_gives_its_command() {
    let mut stage = Stage::busy(110, 30);
    let stray = stage.peer.paths.task_orchestrator().join("notes.txt");
    std::fs::write(stray, "mine").unwrap();
    stage.press(": \"check the project\" Enter \"notes\" Enter");
    let copied = stage.effects.iter().any(|effect| {
        matches!(effect, Effect::Copy { text, .. } if text == "rm .task_orchestrator/notes.txt")
    });
    assert!(copied, "{:?}", stage.effects);
}

#[test]
fn keys_that_do_nothing_on_a_page_are_closed_and_enter_leads_to_the_details() {
    let mut stage = measured(110, 30);
    stage.press("h h h");
    assert!(stage.model.log[0].text.contains("this is the shortest"), "{:?}", stage.model.log[0]);
    stage.press("Enter");
    assert_eq!(stage.model.focus, Pane::Details);
    stage.press("Esc v h");
    let told = &stage.model.log[0].text;
    assert!(told.contains("only the charts are of a stretch of time"), "{told}");
}
