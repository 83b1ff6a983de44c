//! The documents of a session on the screen, and the texts that were kept of them.

use std::fs;

use callboard::app::documents::Keeping;
use callboard::app::{Effect, Pane};
use callboard_engine::domain::command::Command;
use callboard_engine::domain::document::{DocumentKind, DocumentNote};
use callboard_engine::domain::draft::Problem;
use callboard_engine::domain::time::{MINUTE_MS, Timestamp};
use callboard_engine::sync::edits::{EditBackup, Edits};
use callboard_engine::sync::keeper::SyncStatus;
use insta::assert_snapshot;

use super::stage::Stage;

/// Documents of the session: in step, with problems, pending, held.
fn documents(stage: &Stage) {
    let session_id = stage.model.session_id().unwrap();
    let path = |name: &str| format!("sessions/ship-the-checkout-{session_id}/{name}");
    let written = |name: &str, kind| DocumentNote::Written {
        orders: String::new(),
        path: path(name),
        session_id,
        kind,
        rendered: "text".to_owned(),
        agreed: "text".to_owned(),
        agreed_hash: "hash".to_owned(),
    };
    let active = path("tasks/active_tasks.md");
    let problem = |line, message: &str| Problem { line, message: message.to_owned() };
    let notes = vec![
        written("session.md", DocumentKind::Session),
        written("tasks/active_tasks.md", DocumentKind::ActiveTasks),
        written("tasks/completed_tasks.md", DocumentKind::CompletedTasks),
        DocumentNote::Problems {
            path: active,
            held: Vec::new(),
            problems: vec![
                problem(7, "“!urgnt” is no priority; critical, high, normal, low and someday are."),
                problem(12, "t-00000000 names no task."),
            ],
        },
        DocumentNote::Held {
            path: path("tasks/completed_tasks.md"),
            reason: "every item is gone from it".to_owned(),
        },
        DocumentNote::Intended {
            path: path("artifacts/session_artifacts.md"),
            session_id,
            kind: DocumentKind::Artifacts,
            intent: "hash".to_owned(),
        },
    ];
    stage.does("system", Command::NoteDocuments { notes });
}

#[test]
fn the_documents_of_a_session_are_shown_with_what_is_wrong_in_them() {
    for (width, height) in [(160, 48), (80, 24)] {
        let mut stage = Stage::busy(width, height);
        documents(&stage);
        stage.read();
        stage.press("D G");
        assert_snapshot!(format!("held_{width}x{height}"), stage.screen());
        stage.press("k");
        assert_snapshot!(format!("problems_{width}x{height}"), stage.screen());
    }
}

#[test]
fn a_held_document_is_restored_by_one_key() {
    let mut stage = Stage::busy(110, 34);
    documents(&stage);
    stage.read();
    stage.press("D R");
    assert!(stage.screen().contains("is not held"), "{}", stage.screen());
    stage.press("G R");
    let held = stage.model.documents.rows.iter().filter(|row| row.reason.is_some()).count();
    assert_eq!(held, 0);
}

fn edits(stage: &Stage) -> Edits {
    Edits::in_directory(stage.peer.paths.edit_backups())
}

/// A stage with documents, and with three kept texts: two of the tasks, one of the session.
fn stage_with_edits(width: u16, height: u16) -> Stage {
    let mut stage = Stage::busy(width, height);
    documents(&stage);
    stage.read();
    let session = stage.model.session_id().unwrap();
    let path = |name: &str| format!("sessions/ship-the-checkout-{session}/{name}");
    let active = "# Active tasks\n\n- [ ] Card form !high <!-- t-7k3q9xwb 5n8x2c -->\n    > With a \
        long description that does not fit into a narrow pane and is therefore broken at a word.\n\
        \n- [ ] Typed by hand\n";
    let kept = [
        (path("session.md"), "---\ngoal: ship\n", "the document was rewritten", 300),
        (path("tasks/active_tasks.md"), active, "saved into a file that was just replaced", 12),
        (path("tasks/active_tasks.md"), "- [ ] Newest\n", "an edit of something computed", 1),
    ];
    for (path, text, reason, minutes) in kept {
        let at = stage.model.now.plus_ms(-minutes * MINUTE_MS);
        edits(&stage).keep(&path, text.as_bytes(), reason, at).unwrap();
    }
    stage
}

#[test]
fn the_kept_texts_of_a_document_are_listed_with_what_they_say() {
    for (width, height) in [(160, 48), (80, 24), (60, 16)] {
        let mut stage = stage_with_edits(width, height);
        stage.press("D j j b j");
        assert_snapshot!(format!("edits_{width}x{height}"), stage.screen());
        stage.press("b");
        assert_snapshot!(format!("edits_of_all_{width}x{height}"), stage.screen());
    }
}

#[test]
fn the_accessible_list_of_kept_texts_has_no_boxes() {
    let mut stage = stage_with_edits(80, 24);
    stage.model.place.accessible = true;
    stage.press("D j j b j");
    assert_snapshot!(stage.screen());
}

#[test]
fn where_nothing_was_kept_the_list_says_what_it_is() {
    let mut stage = Stage::busy(80, 24);
    documents(&stage);
    stage.read();
    stage.press("D b");
    assert!(stage.screen().contains("Nothing was so far."), "{}", stage.screen());
    stage.press("R");
    assert!(stage.screen().contains("no kept text is under the cursor"), "{}", stage.screen());
    stage.press("Esc");
    assert_eq!(stage.model.focus, Pane::Documents);
    assert!(stage.model.edits().is_none());
}

fn names(edits: &Edits) -> Vec<String> {
    edits.list().unwrap().into_iter().map(|backup| backup.name).collect()
}

#[test]
fn a_kept_text_is_put_back_by_one_key_and_what_stood_there_is_kept_first() {
    let mut stage = stage_with_edits(110, 34);
    let before = names(&edits(&stage));
    let oldest = edits(&stage).list().unwrap().pop().unwrap();
    let file = stage.peer.paths.task_orchestrator().join(&oldest.document);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "what a person just wrote").unwrap();
    stage.press("D b b j j R");
    assert_eq!(fs::read_to_string(&file).unwrap(), "---\ngoal: ship\n");
    assert!(stage.screen().contains("session.md again; read as an edit"), "{}", stage.screen());
    let now = edits(&stage).list().unwrap();
    let new: Vec<&EditBackup> = now.iter().filter(|it| !before.contains(&it.name)).collect();
    let [stood] = new.as_slice() else { panic!("{new:?}") };
    assert_eq!(edits(&stage).text(&stood.name).unwrap(), b"what a person just wrote");
    assert_eq!(stage.model.edits().unwrap().total(), 4, "the list shows it at once");
    assert_eq!(
        stage.model.edits().unwrap().selected().unwrap().name,
        oldest.name,
        "the cursor stays on what was put back"
    );
}

#[test]
fn a_text_that_cannot_be_put_back_says_why_and_changes_nothing() {
    let mut stage = stage_with_edits(110, 34);
    let oldest = edits(&stage).list().unwrap().pop().unwrap();
    let file = stage.peer.paths.task_orchestrator().join(&oldest.document);
    fs::create_dir_all(&file).unwrap();
    stage.press("D b b j j R");
    assert!(stage.screen().contains("session.md is as it was:"), "{}", stage.screen());
    assert!(file.is_dir());
}

#[test]
fn a_kept_text_is_copied_whole_and_its_document_opened() {
    let mut stage = stage_with_edits(110, 34);
    stage.press("D j j b j");
    let row = stage.model.edits().unwrap().selected().unwrap().clone();
    stage.press("Y y E");
    let text = String::from_utf8(edits(&stage).text(&row.name).unwrap()).unwrap();
    let copies = |effect: &Effect| {
        let Effect::Copy { text, .. } = effect else { return None };
        Some(text.clone())
    };
    let copied: Vec<String> = stage.effects.iter().filter_map(copies).collect();
    assert_eq!(copied, [text, row.name]);
    let opened = Effect::OpenDocument { path: row.document, line: None };
    assert_eq!(stage.effects.last(), Some(&opened));
}

#[test]
fn a_text_that_is_kept_meanwhile_comes_on_top_and_the_cursor_stays() {
    let mut stage = stage_with_edits(110, 34);
    stage.press("D j j b j");
    let here = |stage: &Stage| stage.model.edits().unwrap().selected().unwrap().clone();
    let before = here(&stage);
    let at = stage.model.now;
    edits(&stage).keep(&before.document, b"new", "the document was rewritten", at).unwrap();
    stage.send(callboard::app::Message::Changed);
    assert_eq!(stage.model.edits().unwrap().rows().count(), 3);
    assert_eq!(here(&stage), before);
}

/// The first line of the screen.
fn header(stage: &Stage) -> String {
    stage.screen().lines().next().unwrap_or_default().to_owned()
}

#[test]
fn the_header_says_in_a_word_how_the_documents_stand() {
    let check = |keeping: Keeping, (wide, small): (&str, &str)| {
        for (width, told) in [(140, wide), (80, small)] {
            let mut stage = Stage::busy(width, 24);
            stage.model.documents.keeping = keeping.clone();
            let header = header(&stage);
            let is_quiet = !header.contains("doc");
            assert_eq!(is_quiet, told.is_empty(), "{header}");
            assert!(header.contains(told), "{header}");
            assert!(header.contains("Ship the"), "{header}");
            assert!(header.contains("2 agents"), "{header}");
        }
    };
    let known = |status| Keeping::Known(status);
    check(Keeping::Unknown, ("", ""));
    check(known(SyncStatus { keeps: true, ..SyncStatus::default() }), ("", ""));
    let elsewhere = Some("process 7".to_owned());
    check(known(SyncStatus { elsewhere, ..SyncStatus::default() }), ("", ""));
    check(Keeping::Nobody, ("nobody keeps the documents", "docs not kept"));
    let paused = Some("a merge".to_owned());
    check(
        known(SyncStatus { paused, ..SyncStatus::default() }),
        ("documents wait for a merge", "docs paused"),
    );
    let failures = vec![("a.md".to_owned(), "it is read-only".to_owned())];
    check(
        known(SyncStatus { failures, ..SyncStatus::default() }),
        ("1 document failed", "1 doc failed"),
    );
}

#[test]
fn the_header_tells_of_documents_that_are_held_and_of_those_that_stay_pending() {
    let mut stage = Stage::busy(140, 24);
    let counts = |stage: &mut Stage, held, since: Option<Timestamp>| {
        let counts = &mut stage.model.documents.counts;
        (counts.in_step, counts.held, counts.pending_since) = (4, held, since);
        header(stage)
    };
    assert!(counts(&mut stage, 0, None).contains("documents in step"));
    let now = stage.model.now;
    let moment_ago = counts(&mut stage, 0, Some(now.plus_ms(-500)));
    assert!(moment_ago.contains("documents in step"), "{moment_ago}");
    let long_ago = counts(&mut stage, 0, Some(now.plus_ms(-5_000)));
    assert!(long_ago.contains("documents pending"), "{long_ago}");
    let held = counts(&mut stage, 2, Some(now.plus_ms(-5_000)));
    assert!(held.contains("2 documents held"), "{held}");
}
