//! Documents are read back as what they were made of, and overrides are used only where that holds.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::domain::draft::Draft;
use crate::domain::task::Status;
use crate::sync::grammar;
use crate::sync::state::TaskState;

mod random;

fn built_in() -> Renderer {
    Renderer::new(Path::new("/nonexistent"))
}

fn read(document: &Rendered, state: &SessionDocumentState) -> Draft {
    grammar::draft(&document.text, document.kind, state.session.id)
}

fn keys(draft: &Draft) -> BTreeSet<String> {
    draft.records.iter().filter_map(|record| Some(record.stamp.as_ref()?.record.clone())).collect()
}

/// The records that a document has to hold.
fn expected(kind: DocumentKind, state: &SessionDocumentState) -> BTreeSet<String> {
    let tasks = |shown: &dyn Fn(&TaskState) -> bool| -> BTreeSet<String> {
        let shown = state.tasks.iter().filter(|one| shown(one));
        shown.map(|one| one.task.id.to_string()).collect()
    };
    let is_open = |one: &TaskState| one.task.status.is_open();
    match kind {
        DocumentKind::Session => std::iter::once(state.session.id.to_string())
            .chain(state.contexts.iter().filter_map(|entry| {
                grammar::line::prose(entry.value.as_str()?, 2)?;
                Some(format!("{}/{}", entry.session_id, entry.key))
            }))
            .collect(),
        DocumentKind::ActiveTasks => {
            let open = |one: &TaskState| is_open(one);
            let groups = state.groups.iter().filter(|row| {
                let has_open = state
                    .tasks
                    .iter()
                    .any(|one| one.task.group_id == Some(row.group.id) && is_open(one));
                has_open || row.tree.all() == 0
            });
            let groups: Vec<String> = groups.map(|row| row.group.id.to_string()).collect();
            tasks(&open).into_iter().chain(groups).collect()
        }
        DocumentKind::CompletedTasks => tasks(&|one| !is_open(one)),
        DocumentKind::Group(id) => {
            let own = tasks(&|one| one.task.group_id == Some(id));
            own.into_iter().chain([id.to_string()]).collect()
        }
        DocumentKind::Activity
        | DocumentKind::Assignments
        | DocumentKind::Performance
        | DocumentKind::Artifacts => BTreeSet::new(),
    }
}

/// Every document is read back as what it was made of.
fn check(state: &SessionDocumentState) {
    let known = lint::known(state);
    for document in built_in().render(state) {
        if !document.kind.is_read() {
            continue;
        }
        let draft = read(&document, state);
        let text = &document.text;
        assert_eq!(lint::difference(&draft, document.kind, &known), None, "{text}");
        assert_eq!(keys(&draft), expected(document.kind, state), "{text}");
    }
}

#[test]
fn every_built_in_template_is_fit() {
    for template in TEMPLATES {
        assert_eq!(super::check(template, template.text), Ok(()), "{}", template.name);
    }
}

#[test]
fn documents_are_read_back_as_what_they_were_made_of() {
    check(&sample::nasty());
    check(&sample::empty());
}

#[test]
fn the_same_state_gives_the_same_bytes() {
    let state = sample::nasty();
    let first = built_in().render(&state);
    assert_eq!(first.len(), 10);
    assert_eq!(built_in().render(&state), first);
    for document in &first {
        assert!(document.text.ends_with('\n') && !document.text.ends_with("\n\n"), "{document:?}");
        assert!(!document.text.contains("\n\n\n\n"), "{}", document.text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_state_is_read_back_from_its_documents(state in random::state()) {
        check(&state);
    }
}

/// A project's folder of overrides with one of them.
fn overriding(name: &str, text: &str) -> (TempDir, Renderer) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), text).unwrap();
    let renderer = Renderer::new(folder.path());
    (folder, renderer)
}

/// Where and how an override is refused; `None` where it is used.
fn refusal(name: &str, text: &str) -> Option<(usize, String)> {
    let (_folder, renderer) = overriding(name, text);
    let problem = renderer.problems().into_iter().next();
    assert_eq!(renderer.overridden().is_empty(), problem.is_some());
    problem.map(|problem| (problem.line, problem.message))
}

const TASKS: &str = "active_tasks.md.tera";

/// A template of tasks that prints each by some text.
fn each(text: &str) -> String {
    format!(
        "# Mine\n{{% for section in sections %}}\n{{% if section.group -%}}\n\
         {{{{ record_heading(record=section.group) }}}}\n{{% else -%}}\n## Rest <!-- no-group -->\n\
         {{% endif %}}\n{{% for task in section.tasks -%}}\n{text}\n{{% endfor -%}}\n{{% endfor -%}}\n"
    )
}

#[test]
fn overrides_that_keep_records_whole_are_used() {
    for text in [
        each("{{ task_line(task=task) }}"),
        each("{{ task_line(task=task) }}\n{{ description(record=task) -}}"),
        each("{% if task.priority == \"high\" %}{{ task_line(task=task) }}{% endif %}"),
        // A table and a list without boxes hold no records.
        each("| {{ task.title | plain }} | {{ task.status }} |"),
        each("* {{ task.title | plain | upper }}"),
        "Nothing at all.\n".to_owned(),
        String::new(),
    ] {
        assert_eq!(refusal(TASKS, &text), None, "{text}");
    }
}

#[test]
fn overrides_that_break_records_are_told_with_their_line() {
    for (text, word) in [
        (each("{{ task_line(task=task) | upper }}"), ""),
        (each("{{ task_line(task=task) | truncate(length=24) }}"), "new task"),
        (each("- [ ] {{ task.title }}"), ""),
        (each("{{ task_line(task=task) }}\n{{ task_line(task=task) }}"), "twice"),
        (each("{{ task_line(task=task) | replace(from=\"Write\", to=\"Read\") }}"), "title"),
        (each("{{ task_line(task=task) | trim }}"), "parent"),
    ] {
        let (line, message) = refusal(TASKS, &text).unwrap_or_else(|| panic!("used: {text}"));
        // Text of the template itself is told with the line of the tag before it.
        assert!((8..=10).contains(&line), "{line} {message}");
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn broken_overrides_are_told_with_their_line() {
    for (text, line, word) in [
        ("\n{{ sesion.name }}", 2, "sesion"),
        ("\n\n{{ session.nam }}", 3, "nam"),
        ("\n{% if session %}", 2, ""),
        ("\n{{ session.name | shout }}", 2, "shout"),
        ("\n{{ shout(at=1) }}", 2, "shout"),
        ("\n{{ task_line(task=session) }}", 2, "needs a task"),
        ("\n{% include \"x\" %}", 2, "include"),
    ] {
        let (found, message) = refusal("session.md.tera", text).unwrap();
        assert_eq!(found, line, "{message}");
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn endless_and_exploding_overrides_end() {
    let nested = |depth: usize| {
        let open = "{% for i in range(end=9999) %}".repeat(depth);
        format!("{open}{}", "{% endfor %}".repeat(depth))
    };
    let doubled = "{% set_global a = a ~ a %}\n".repeat(40);
    for (text, word) in [
        (nested(4), "loops"),
        (
            format!("{{% for i in range(end=9999) %}}{}{{% endfor %}}", "long ".repeat(1000)),
            "bytes",
        ),
        (format!("{{% set_global a = \"abc\" %}}\n{doubled}"), "larger"),
        (
            "{% set a = \"aaaaaaaaaa\" %}".to_owned()
                + &"{% set_global a = a | replace(from=\"a\", to=a) %}".repeat(30),
            "larger",
        ),
        ("{% set a = [1,2] %}".to_owned() + &"{% set_global a = [a, a, a] %}".repeat(30), "larger"),
        (
            "{% set a = [1] %}{% for i in range(end=9999) %}{% set_global a = [a] %}{% endfor %}"
                .to_owned(),
            "larger",
        ),
        ("{{ range(end=100000000) }}".to_owned(), "range"),
    ] {
        let (_, message) = refusal("performance.md.tera", &text).unwrap();
        // A machine that is slow enough comes to the bound of time before the other one.
        let is_bound = [word, "takes longer"].iter().any(|bound| message.contains(bound));
        assert!(is_bound, "{message}");
    }
}

#[test]
fn the_last_good_override_stays_in_use() {
    let (folder, mut renderer) = overriding("performance.md.tera", "first\n");
    let file = folder.path().join("performance.md.tera");
    let state = sample::empty();
    let text = |renderer: &mut Renderer| {
        renderer.render_one(&state, DocumentKind::Performance).unwrap().text
    };
    assert_eq!(text(&mut renderer), "first\n");
    assert!(!renderer.reload());
    fs::write(&file, "{{ broken").unwrap();
    assert!(!renderer.reload());
    assert_eq!(renderer.problems().len(), 1);
    assert_eq!(text(&mut renderer), "first\n");
    fs::write(&file, "second\n").unwrap();
    assert!(renderer.reload());
    assert_eq!(renderer.problems(), []);
    assert_eq!(text(&mut renderer), "second\n");
    fs::remove_file(&file).unwrap();
    assert!(renderer.reload());
    assert!(text(&mut renderer).starts_with("---\ncallboard: performance\n"));
}

#[test]
fn an_override_that_fails_on_a_session_gives_way_to_the_built_in_one() {
    let text = "{% if counts.all == 3 %}{{ throw(message=\"three\") }}{% endif %}mine\n";
    let (_folder, mut renderer) = overriding("performance.md.tera", text);
    assert_eq!(renderer.problems(), []);
    let mut state = sample::empty();
    state.counts.pending = 3;
    let document = renderer.render_one(&state, DocumentKind::Performance).unwrap();
    assert!(document.text.starts_with("---\n"));
    assert_eq!(renderer.problems().len(), 1);
    state.counts.pending = 4;
    assert_eq!(renderer.render(&state)[5].text, "mine\n");
    assert_eq!(renderer.problems(), []);
}

#[test]
fn a_document_is_cut_where_it_would_grow_too_large() {
    let mut state = sample::empty();
    let task = sample::nasty().tasks[0].task.clone();
    let task = crate::domain::task::Task { description: String::new(), ..task };
    let many = (0..12_000_u64).map(|number| {
        let id = crate::domain::id::TaskId::from_random(number);
        let title = format!("{number} {}", "x".repeat(100));
        let (group_id, parent_id, status) = (None, None, Status::Pending);
        TaskState::new(
            crate::domain::task::Task { id, group_id, parent_id, title, status, ..task.clone() },
            Vec::new(),
        )
    });
    state.tasks = many.collect();
    state.counts.pending = 12_000;
    let document = built_in().render_one(&state, DocumentKind::ActiveTasks).unwrap();
    assert!(document.text.len() < crate::domain::document::DOCUMENT_MAX);
    let shown = keys(&read(&document, &state)).len();
    assert!(5_000 < shown && shown < 10_001, "{shown}");
    assert!(document.text.contains(&format!("{} more have no room here", 12_000 - shown)));
}

#[test]
fn where_a_session_stood_is_told_while_it_is_laid_aside_and_not_while_it_is_at_work() {
    use crate::domain::session::{CHECKPOINT_KEY, ContextEntry, SessionState};
    let mut state = sample::empty();
    state.contexts.push(ContextEntry {
        session_id: state.session.id,
        key: CHECKPOINT_KEY.to_owned(),
        value: serde_json::json!({ "interrupted": [] }),
        updated_at: state.session.created_at,
        version: 1,
    });
    let mut told = |state_of_session| {
        state.session.state = state_of_session;
        let documents = built_in().render(&state);
        let overview = documents.iter().find(|one| one.kind == DocumentKind::Session);
        overview.unwrap().text.contains("## Checkpoint")
    };
    assert_eq!([SessionState::Active, SessionState::Suspended].map(&mut told), [false, true]);
}
