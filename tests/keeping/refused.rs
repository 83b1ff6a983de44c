//! Items that the rules refuse to make into records stay in the document as they were typed.

use callboard_engine::domain::document::DocumentState;

use super::desk::{ACTIVE, BACKEND, Desk};

/// Types something, lets an agent work around it, and corrects it: `(document, before, typed,
/// problem, wrong, right, becomes)`.
struct Case {
    name: &'static str,
    document: &'static str,
    /// The words before which it is typed.
    before: &'static str,
    typed: String,
    /// What is said about the first line of it.
    problem: &'static str,
    /// What is corrected.
    wrong: String,
    right: &'static str,
    becomes: &'static str,
}

fn long() -> String {
    "x".repeat(600)
}

fn cases() -> Vec<Case> {
    let case = Case {
        name: "a title that is too long",
        document: ACTIVE,
        before: "- [ ] store",
        typed: format!("* [ ] {}  !high  #tag\n  > with\n  > words\n", long()),
        problem: "title",
        wrong: long(),
        right: "short",
        becomes: "Backend: api, short !high #tag, store, more; Design: form, logo; -: note",
    };
    vec![
        Case {
            name: "in a group's own document",
            document: BACKEND,
            ..Case { typed: format!("- [ ] {}\n", long()), ..case.clone() }
        }
        .becoming("Backend: api, short, store, more; Design: form, logo; -: note"),
        Case { name: "the last of its section", before: "\n## Design", ..case.clone() }
            .becoming("Backend: api, store, more, short !high #tag; Design: form, logo; -: note"),
        Case {
            name: "the first of its section",
            before: "- [ ] api",
            typed: format!("- [ ] {}\n- [ ] after it\n", long()),
            ..case.clone()
        }
        .becoming("Backend: short, after it, api, store, more; Design: form, logo; -: note"),
        Case {
            name: "nested, with something nested in it",
            typed: format!("  - [ ] {}\n    - [ ] below\n", long()),
            ..case.clone()
        }
        .becoming("Backend: api, >below, short, store, more; Design: form, logo; -: note"),
        Case {
            name: "a group with tasks",
            before: "## Design",
            typed: format!("## {}\n\nSome words.\n\n- [ ] in it\n\n", long()),
            problem: "name",
            right: "New",
            ..case.clone()
        }
        .becoming("Backend: api, store, more; Design: form, logo; New: in it; -: note"),
        case,
    ]
}

impl Clone for Case {
    fn clone(&self) -> Self {
        Self { typed: self.typed.clone(), wrong: self.wrong.clone(), ..*self }
    }
}

impl Case {
    /// What is refused of it.
    fn stays(&self) -> &str {
        let legal = ["- [ ] after it", "    - [ ] below"].map(|item| self.typed.find(item));
        let end = legal.into_iter().flatten().min().unwrap_or(self.typed.len());
        &self.typed[..end]
    }

    fn becoming(self, becomes: &'static str) -> Self {
        Self { becomes, ..self }
    }
}

#[test]
fn a_refused_item_stays_as_it_was_typed_is_said_and_becomes_a_record_when_it_is_corrected() {
    for case in cases() {
        let name = case.name;
        let mut desk = Desk::board();
        let shown = desk.shown();
        let document = case.document;
        let typed =
            desk.read(document).replacen(case.before, &format!("{}{}", case.typed, case.before), 1);
        desk.write(document, &typed);
        desk.sync();
        // What is legal becomes a task all the same.
        let legal = ["after it, ", ">below, "];
        let rest = legal.iter().fold(desk.shown(), |shown, item| shown.replace(item, ""));
        assert_eq!(rest, shown, "{name}");
        // Nothing but marks that tell where things belong may change around it.
        assert!(desk.read(document).contains(case.stays()), "{name}\n{}", desk.read(document));
        let row = desk.ledger(document);
        let at = typed.find(&case.typed).unwrap();
        let line = typed[..at].matches('\n').count() + 1;
        let said = row.problems.iter().find(|problem| problem.line == line);
        assert!(said.is_some_and(|it| it.message.contains(case.problem)), "{name}: {row:?}");
        desk.all_in_step();

        // The database goes on.
        let backend = desk.scene.task(desk.id("api")).group_id;
        desk.task("more", backend);
        desk.retitle(desk.id("api"), "api again");
        desk.sync();
        desk.retitle(desk.id("api"), "api");
        desk.sync();
        let text = desk.read(document);
        assert!(text.contains(case.stays()), "{name}\n{text}");
        desk.all_in_step();

        // Another edit tries again, in vain.
        desk.edit(document, |text| format!("{text}\nMore words.\n"));
        assert!(desk.read(document).contains(case.stays()), "{name}");
        assert!(!desk.ledger(document).problems.is_empty(), "{name}");

        desk.edit(document, |text| text.replace(&case.wrong, case.right));
        assert_eq!(desk.shown(), case.becomes, "{name}\n{}", desk.read(document));
        let row = desk.ledger(document);
        assert!(row.problems.is_empty() && row.held.is_empty(), "{name}: {row:?}");
        assert_eq!(row.state, DocumentState::InStep);
        desk.all_in_step();
    }
}

#[test]
fn a_copy_that_is_refused_stays_beside_what_it_was_made_of() {
    let desk = Desk::board();
    let line = desk.line(ACTIVE, "store");
    let copy = line.replace("store", &long());
    desk.edit(ACTIVE, |text| text.replace(&line, &format!("{line}{copy}")));
    desk.retitle(desk.id("store"), "the store");
    desk.sync();
    let text = desk.read(ACTIVE);
    assert!(text.contains(&copy) && text.contains("- [ ] the store <!--"), "{text}");
    desk.all_in_step();
}

#[test]
fn an_item_of_another_clone_that_is_refused_keeps_its_stamp() {
    let desk = Desk::board();
    let line = format!("- [ ] {} <!-- t-7k3q9xwb 5n8x2c -->\n", long());
    desk.edit(ACTIVE, |text| text.replace("- [ ] store", &format!("{line}- [ ] store")));
    desk.retitle(desk.id("store"), "the store");
    desk.sync();
    assert!(desk.read(ACTIVE).contains(&line), "{}", desk.read(ACTIVE));
    desk.all_in_step();
    desk.edit(ACTIVE, |text| text.replace(&long(), "short"));
    assert!(desk.read(ACTIVE).contains("- [ ] short <!-- t-7k3q9xwb "), "{}", desk.read(ACTIVE));
    assert_eq!(desk.shown(), "Backend: api, short, the store; Design: form, logo; -: note");
    desk.all_in_step();
}

#[test]
fn what_waits_for_something_unknown_is_a_task_and_the_word_stays_until_it_is_known() {
    let desk = Desk::board();
    desk.edit(ACTIVE, |text| {
        text.replace("- [ ] store", "- [ ] later after:t-00000000\n- [ ] store")
    });
    assert_eq!(desk.shown(), "Backend: api, later, store; Design: form, logo; -: note");
    assert!(desk.line(ACTIVE, "later").starts_with("- [ ] later after:t-00000000 <!-- t-"));
    assert!(desk.ledger(ACTIVE).problems[0].message.contains("t-00000000"));
    desk.all_in_step();
    let api = desk.id("api").to_string();
    desk.edit(ACTIVE, |text| text.replace("t-00000000", &api));
    assert!(desk.ledger(ACTIVE).problems.is_empty());
    assert!(desk.shown().contains(&format!("later after:{api}")), "{}", desk.shown());
    desk.all_in_step();
}
