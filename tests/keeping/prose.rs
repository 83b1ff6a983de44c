//! Long texts: descriptions, goals, notes.

use callboard_engine::domain::command::{Command, SetContext, UpdateSession};
use callboard_engine::domain::conflict::{Choice, ResolveConflict};
use callboard_engine::domain::record::RecordKey;
use callboard_engine::query::sessions;

use super::desk::{ACTIVE, BACKEND, Desk, SESSION};

impl Desk {
    fn said(&self, title: &str) -> String {
        self.scene.task(self.id(title)).description
    }

    fn note(&self, key: &str, value: &str) {
        let set = SetContext {
            session_id: self.session,
            key: key.to_owned(),
            value: value.into(),
            if_version: None,
        };
        self.scene.does("agent:codex", Command::SetContext(set));
    }

    fn noted(&self, key: &str) -> String {
        let RecordKey::Context(session, key) = RecordKey::Context(self.session, key.to_owned())
        else {
            panic!()
        };
        let look = |reader: &_| sessions::context(reader, session);
        let all = self.scene.peer.readers.read(look).unwrap();
        let found = all.into_iter().find(|entry| entry.key == key);
        found.map(|entry| entry.value.as_str().unwrap_or_default().to_owned()).unwrap_or_default()
    }

    fn goal(&self) -> String {
        self.scene.peer.readers.read(|reader| sessions::get(reader, self.session)).unwrap().goal
    }
}

const FIVE: &str = "One.\nTwo.\nThree.\nFour.\nFive.";

#[test]
fn a_description_is_read_merged_by_lines_and_cleared() {
    let desk = Desk::board();
    let line = desk.line(BACKEND, "] api");
    desk.edit(BACKEND, |text| {
        text.replace(
            &line,
            &format!("{line}  > One.\n  > Two.\n  > Three.\n  > Four.\n  > Five.\n"),
        )
    });
    assert_eq!(desk.said("api"), FIVE);
    desk.all_in_step();
    // Both sides, in different lines.
    desk.describe(desk.id("api"), &FIVE.replace("One.", "One, by an agent."));
    desk.edit(BACKEND, |text| text.replace("> Five.", "> Five, by a person."));
    let both = "One, by an agent.\nTwo.\nThree.\nFour.\nFive, by a person.";
    assert_eq!(desk.said("api"), both);
    assert!(desk.read(BACKEND).contains("  > One, by an agent.\n"));
    desk.all_in_step();
    // Gone from the document.
    desk.edit(BACKEND, |text| {
        text.split_inclusive('\n').filter(|line| !line.trim_start().starts_with('>')).collect()
    });
    assert_eq!(desk.said("api"), "");
    assert_eq!(desk.open(), "");
    desk.all_in_step();
}

#[test]
fn a_line_that_both_wrote_is_a_conflict_that_can_be_decided_in_between() {
    for (choice, value, said) in [
        (Choice::Ours, None, "By the agent.\nTwo."),
        (Choice::Theirs, None, "By the person.\nTwo."),
        (Choice::Merged, Some("By both.\nTwo."), "By both.\nTwo."),
    ] {
        let desk = Desk::board();
        desk.describe(desk.id("api"), "One.\nTwo.");
        desk.sync();
        desk.describe(desk.id("api"), "By the agent.\nTwo.");
        desk.edit(BACKEND, |text| text.replace("> One.", "> By the person."));
        assert_eq!(desk.open(), "description of api");
        assert_eq!(desk.said("api"), "By the agent.\nTwo.");
        assert!(desk.read(BACKEND).contains("> By the person.\n"), "{}", desk.read(BACKEND));
        desk.all_in_step();
        let wanted = ResolveConflict {
            id: desk.all_conflicts()[0].id,
            choice,
            value: value.map(Into::into),
            remark: None,
            if_version: None,
        };
        desk.scene.does("human", Command::ResolveConflict(wanted));
        desk.sync();
        assert_eq!(desk.said("api"), said);
        assert_eq!(desk.open(), "");
        for line in said.lines() {
            assert!(
                desk.read(BACKEND).contains(&format!("  > {line}\n")),
                "{}",
                desk.read(BACKEND)
            );
        }
        desk.all_in_step();
    }
}

#[test]
fn a_description_holds_whatever_markdown_there_is() {
    let long = "A line that is as long as lines are, and then some.\n".repeat(1_240);
    for text in [
        "- [ ] its own check list\n- [x] done <!-- t-0000000a 123456 -->",
        "```\n- [ ] code\n```",
        "# A heading\n\n> a quote\n\n| a | b |\n|---|---|",
        "<!-- a comment that is not closed",
        "---\n\nAfter a rule.",
        "  indented\n\ttabbed",
        "ends in blank lines\n\n\nand goes on",
        long.trim_end(),
    ] {
        let desk = Desk::board();
        desk.describe(desk.id("api"), text);
        desk.sync();
        desk.all_in_step();
        let seq = desk.scene.latest();
        desk.edit(BACKEND, |all| all.replace("] store", "] store !high"));
        assert_eq!(desk.said("api"), text);
        assert_eq!(desk.scene.latest(), seq + 1, "one field was changed: {text:.60}");
        assert_eq!(desk.shown(), "Backend: api, store !high; Design: form, logo; -: note");
        assert_eq!(desk.open(), "");
        desk.all_in_step();
    }
}

#[test]
fn notes_of_a_session_are_read_merged_and_asked_about() {
    let desk = Desk::board();
    desk.note("decisions", FIVE);
    desk.sync();
    desk.note("decisions", &FIVE.replace("One.", "One, by an agent."));
    desk.edit(SESSION, |text| text.replace("Five.", "Five, by a person."));
    let both = "One, by an agent.\nTwo.\nThree.\nFour.\nFive, by a person.";
    assert_eq!(desk.noted("decisions"), both);
    desk.all_in_step();
    desk.note("decisions", &both.replace("Two.", "Two, by an agent."));
    desk.edit(SESSION, |text| text.replace("Two.", "Two, by a person."));
    let open = desk.all_conflicts();
    assert_eq!((open.len(), open[0].field.as_str()), (1, "value"));
    assert!(desk.read(SESSION).contains("Two, by a person."));
    desk.all_in_step();
    desk.resolve(&open[0], Choice::Theirs);
    desk.sync();
    assert_eq!(desk.noted("decisions"), both.replace("Two.", "Two, by a person."));
    desk.all_in_step();
    // A section that is new, and one that goes.
    desk.edit(SESSION, |text| format!("{text}\n## Next <!-- ctx:next -->\n\nRest.\n"));
    assert_eq!(desk.noted("next"), "Rest.");
    desk.all_in_step();
    let text = desk.read(SESSION);
    let at = text.find("## Next").unwrap();
    desk.edit(SESSION, |text| text[..at].to_owned());
    assert_eq!(desk.all_conflicts()[0].record, format!("{}/next", desk.session));
    desk.resolve(&desk.all_conflicts()[0], Choice::Theirs);
    desk.sync();
    assert_eq!(desk.noted("next"), "");
    desk.all_in_step();
}

#[test]
fn the_goal_and_the_name_of_a_session_are_read() {
    let desk = Desk::board();
    let title = desk.line(SESSION, "# Work");
    desk.edit(SESSION, |text| {
        text.replace(
            &title,
            &format!("{}\n> Be done.\n>\n> And rest.\n", title.replace("Work", "The work")),
        )
    });
    assert_eq!(desk.goal(), "Be done.\n\nAnd rest.");
    let name = |desk: &Desk| {
        desk.scene.peer.readers.read(|reader| sessions::get(reader, desk.session)).unwrap().name
    };
    assert_eq!(name(&desk), "The work");
    desk.all_in_step();
    let update = UpdateSession {
        id: desk.session,
        name: None,
        goal: Some("Be done.\n\nAnd sleep.".to_owned()),
        if_version: None,
    };
    desk.scene.does("agent:codex", Command::UpdateSession(update));
    desk.edit(SESSION, |text| text.replace("Be done.", "Be done soon."));
    assert_eq!(desk.goal(), "Be done soon.\n\nAnd sleep.");
    assert_eq!(desk.open(), "");
    desk.all_in_step();
}

#[test]
fn the_description_of_a_group_is_read_in_both_documents_that_show_it() {
    let desk = Desk::board();
    let described = |desk: &Desk| {
        let look = |reader: &_| callboard_engine::sync::state::read(reader, desk.session);
        let state = desk.scene.peer.readers.read(look).unwrap();
        state.groups[0].group.description.clone()
    };
    for (name, sign) in [(ACTIVE, "##"), (BACKEND, "#")] {
        let heading = desk.line(name, &format!("{sign} Backend"));
        let old = described(&desk);
        desk.edit(name, |text| {
            if old.is_empty() {
                text.replace(&heading, &format!("{heading}\n> What answers.\n"))
            } else {
                text.replace("> What answers.", "> What answers quickly.")
            }
        });
        let expected = if old.is_empty() { "What answers." } else { "What answers quickly." };
        assert_eq!(described(&desk), expected, "{name}");
        for other in [ACTIVE, BACKEND] {
            assert!(desk.read(other).contains(&format!("> {expected}\n")), "{}", desk.read(other));
        }
        desk.all_in_step();
    }
}
