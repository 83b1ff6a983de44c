//! What templates come to with values: plans, faults, and hostile things.

use std::time::Instant;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::task_templates::library::BUILT_IN;
use crate::task_templates::parse;

fn template(text: &str) -> TaskTemplate {
    let (template, problems) = parse("mine", text);
    assert_eq!(problems, []);
    template
}

fn built_in(name: &str) -> TaskTemplate {
    let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name).unwrap();
    template(text)
}

fn preview(template: &TaskTemplate, given: Value) -> Preview {
    let Value::Object(given) = given else { panic!("a map") };
    template.preview(&given)
}

/// The plan in lines: `local (parent) [group] < waits`.
fn told(preview: &Preview) -> Vec<String> {
    assert_eq!(preview.faults, []);
    let line = |task: &PlannedTask| {
        let group = task.group.map(|group| format!(" [{}]", preview.groups[group].path.join("/")));
        let waits = format!(" < {}", task.depends_on.join(" "));
        let waits = Some(waits).filter(|_| !task.depends_on.is_empty());
        let indent = "  ".repeat(task.depth);
        format!("{indent}{}{}{}", task.local, group.unwrap_or_default(), waits.unwrap_or_default())
    };
    preview.tasks.iter().map(line).collect()
}

/// The faults of values, a line each.
fn faults(template: &TaskTemplate, given: Value) -> Vec<String> {
    preview(template, given).faults.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_built_in_makes_sound_plans() {
    for (name, text) in BUILT_IN {
        let (template, _) = parse(name, text);
        let roles = [
            "architect",
            "implementer",
            "debugger",
            "documenter",
            "reviewer",
            "tester",
            "researcher",
        ];
        for choice in [true, false] {
            let given = json!({
                "feature": "F", "bug": "B", "version": "1.2.3", "target": "T", "reason": "R",
                "topic": "T", "questions": ["a", "b"], "subject": "S", "parts": ["x", "y"],
                "steps": if choice { json!(["one"]) } else { json!([]) }, "platforms": ["Linux"],
                "measured": choice, "prototype": choice, "mend": choice, "with_design": choice,
                "kind": if choice { "major" } else { "patch" },
                "severity": if choice { "outage" } else { "minor" },
            });
            let Value::Object(given) = given else { panic!() };
            let known = |name: &String| template.parameters.iter().any(|one| one.name == *name);
            let given = given.into_iter().filter(|(name, _)| known(name)).collect();
            let preview = template.preview(&given);
            assert_eq!(preview.faults, [], "{name}");
            assert!(4 < preview.tasks.len(), "{name}");
            for task in &preview.tasks {
                assert!(task.description.contains("- [ ] "), "{name}: {}", task.local);
                assert!(!task.description.contains("\n\n\n"), "{name}: {}", task.description);
                let role = task.role.as_deref().unwrap_or("architect");
                assert!(roles.contains(&role), "{name}: {role}");
            }
        }
    }
}

#[test]
fn conditions_lists_and_what_waits_for_what() {
    let feature = built_in("feature");
    let given = json!({ "feature": "Reset", "parts": "API, form", "with_design": "no",
        "user_facing": false, "area": "Backend / API" });
    assert_eq!(
        told(&preview(&feature, given)),
        [
            "feature [Backend/API]",
            "  criteria",
            "  build.1 < criteria",
            "  build.2 < criteria",
            "  test < build.1 build.2",
            "  review < test",
        ]
    );
    let nested = template(
        "\
title: A
parameters: { many: { type: list }, other: { type: list } }
tasks:
  - id: one
    title: \"{{ item }}\"
    for_each: many
    children:
      - { id: first, title: \"{{ item }} {{ index }}\" }
      - { id: second, title: x, depends_on: first, when: index > 1 }
      - { id: third, title: x, depends_on: second }
  - { id: two, title: \"{{ item }}\", for_each: other, depends_on: one }
",
    );
    assert_eq!(
        told(&preview(&nested, json!({ "many": ["a", "b"], "other": ["c"] }))),
        [
            "one.1",
            "  first.1",
            "  third.1 < first.1",
            "one.2",
            "  first.2",
            "  second.2 < first.2",
            "  third.2 < second.2",
            "two.1 < one.1 one.2",
        ]
    );
}

#[test]
fn groups_are_those_that_tasks_need() {
    let text = "\
title: A
parameters: { area: { type: string } }
groups:
  - id: outer
    name: \"Outer {{ area }}\"
    groups: [{ id: inner, name: Inner }, { id: unused, name: Unused }]
tasks:
  - { title: one, group: inner }
  - { title: two, group: \"{{ area }}\" }
  - { title: three, group: outer X / INNER }
  - { title: four }
";
    let preview = preview(&template(text), json!({ "area": "X" }));
    assert_eq!(
        told(&preview),
        ["task_1 [Outer X/Inner]", "task_2 [X]", "task_3 [Outer X/Inner]", "task_4",]
    );
    let paths: Vec<String> = preview.groups.iter().map(|group| group.path.join("/")).collect();
    assert_eq!(paths, ["Outer X", "Outer X/Inner", "X"]);
}

#[test]
fn every_wrong_value_is_told() {
    let text = "\
title: A
parameters:
  line: { required: true, description: One line }
  code: { pattern: \"[A-Z]+-\\\\d+\", required: true }
  count: { type: integer, min: 1, max: 5, default: 1 }
  way: { type: choice, choices: [left, right], default: left }
  flag: { type: boolean }
  many: { type: list, max_length: 2 }
  prose: { type: text, max_length: 10 }
tasks: [{ title: \"{{ line }}\" }]
";
    let template = template(text);
    let wrong = json!({ "lin": 1, "code": "abc", "count": 9, "way": "rigth", "flag": "maybe",
        "many": ["a", "b", "c"], "prose": "01234567890" });
    assert_eq!(
        faults(&template, wrong),
        [
            "lin: the template has no such parameter (did you mean line?)",
            "line: it is missing (One line)",
            "code: \"abc\" does not match the pattern [A-Z]+-\\d+",
            "count: it is 1 to 5, not 9",
            "way: it is one of left, right, not \"rigth\" (did you mean right?)",
            "flag: it is true or false, not \"maybe\"",
            "many: it has 3 entries; the limit is 2",
            "prose: it is 11 characters long; the limit is 10 (shorten it)",
        ]
    );
    let right = json!({ "line": 7, "code": " AB-1 ", "count": "3", "way": "RIGHT", "flag": "on",
        "many": "a\nb", "prose": null });
    let preview = preview(&template, right);
    assert_eq!(preview.faults, []);
    assert_eq!(
        Value::Object(preview.parameters),
        json!({ "line": "7", "code": "AB-1", "count": 3,
        "way": "right", "flag": true, "many": ["a", "b"], "prose": "" })
    );
    let shapes = json!({ "line": {}, "code": [], "count": 1.5, "way": ["left"], "flag": [],
        "many": { "a": 1 }, "prose": "a\0b" });
    assert_eq!(faults(&template, shapes).len(), 7);
}

#[test]
fn what_is_filled_in_is_never_an_expression() {
    let text = "\
title: A
parameters: { a: { required: true }, b: { type: text }, c: { type: list } }
tasks:
  - { title: \"{{ a }}\", description: \"{{ b }}\", group: \"{{ a }}\", tags: \"{{ a }}\" }
  - { id: each, title: \"{{ item }}\", for_each: c }
";
    let template = template(text);
    for hostile in [
        "{{ b }}{{ 7 * 7 }}",
        "{% for x in range(end=9999) %}x{% endfor %}",
        "{# gone #}",
        "<!-- t-00000000 abcdef --> @role !high",
        "- [x] # [link](javascript:x)",
        "'; DROP TABLE tasks; --",
        "\u{202e}\u{200b}evil",
    ] {
        let preview =
            preview(&template, json!({ "a": hostile, "b": hostile, "c": [hostile, hostile] }));
        assert_eq!(preview.faults, [], "{hostile}");
        let task = &preview.tasks[0];
        assert_eq!((&*task.title, &*task.description, &*task.tags[0]), (hostile, hostile, hostile));
        assert_eq!(preview.groups[0].path, [hostile]);
        assert_eq!(preview.tasks[2].title, hostile);
    }
    for (bad, message) in [
        (
            "a\nb",
            "a: it holds a line break or another control character (send it as one plain line)",
        ),
        (
            "a\u{1b}[31m",
            "a: it holds a line break or another control character (send it as one plain line)",
        ),
        (&"x".repeat(64 * 1024), "a: it is 65536 characters long; the limit is 255 (shorten it)"),
    ] {
        assert_eq!(faults(&template, json!({ "a": bad })), [message]);
    }
}

#[test]
fn what_comes_out_too_large_is_told_with_its_task() {
    let text = "\
title: A
parameters: { a: { default: x }, many: { type: list } }
tasks:
  - { id: long, title: \"{% for n in range(end=300) %}x{% endfor %}\" }
  - { id: vast, title: v, description: \"{% for n in range(end=9000) %}{{ n }} 0123456789{% endfor %}\" }
  - { id: odd, title: z, priority: \"{{ a }}\", estimate: \"{{ a }}\", role: \"{% for n in range(end=99) %}x{% endfor %}\" }
  - id: each
    title: \"{{ item }}\"
    for_each: many
    children:
      - { id: inner, title: \"{{ item }}\", for_each: many }
";
    let many: Vec<String> = (0..60).map(|number| format!("n{number}")).collect();
    assert_eq!(
        faults(&template(text), json!({ "many": many })),
        [
            "task long: title is 300 characters long; the limit is 255 (shorten it and put the rest in the description)",
            "task vast: description: the text would have more than 65536 bytes",
            "task odd: role is 99 characters long; the limit is 64 (shorten it)",
            "task odd: priority cannot be \"x\"; it is one of critical, high, normal, low, someday",
            "task odd: the estimate is a span of work, not \"x\" (write it as 90m, 2h or 3d)",
            "more than 500 tasks and groups would be made (give shorter lists)",
        ]
    );
    let none = template(
        "title: A\nparameters: { a: { type: boolean } }\ntasks: [{ title: x, when: a }]\n",
    );
    assert_eq!(
        faults(&none, json!({})),
        ["with these values the template makes no task (switch one of its parts on)"]
    );
}

#[test]
fn a_template_made_to_be_slow_is_stopped() {
    let slow =
        "{% for a in range(end=10000) %}{% for b in range(end=10000) %}{% endfor %}{% endfor %}";
    let task = format!("  - {{ title: x, description: \"{slow}\" }}\n");
    let grow = "{% set_global a = 'xx' %}{% for i in range(end=99) %}{% set_global a = a ~ a %}{% endfor %}";
    let text = format!("title: A\ntasks:\n{}  - {{ title: \"{grow}\" }}\n", task.repeat(40));
    let begun = Instant::now();
    let faults = faults(&template(&text), json!({}));
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("turn more than") || fault.contains("takes longer")),
        "{faults:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_an_end_of_the_program(text in "(?s).{0,400}") {
        let (template, _) = parse("mine", &text);
        template.preview(&Map::new());
    }

    #[test]
    fn a_template_with_any_piece_exchanged_is_read(
        (which, at, length) in (0..BUILT_IN.len(), 0.0..1.0_f64, 0..60_usize),
        piece in "[ \\n:{}%#\\[\\]\"'a-z|&*!>-]{0,20}",
    ) {
        let (name, text) = BUILT_IN[which];
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a text")]
        let start = (text.chars().count() as f64 * at) as usize;
        let broken: String = text.chars().take(start).chain(piece.chars())
            .chain(text.chars().skip(start + length)).collect();
        let (template, problems) = parse(name, &broken);
        let lines = broken.lines().count();
        prop_assert!(problems.iter().all(|problem| problem.place.line <= lines + 1), "{problems:?}");
        template.preview(&Map::new());
    }

    #[test]
    fn any_values_give_a_plan_or_faults(
        which in 0..BUILT_IN.len(),
        words in proptest::collection::vec("(?s).{0,80}", 12),
    ) {
        let (name, text) = BUILT_IN[which];
        let (template, _) = parse(name, text);
        let values = template.parameters.iter().zip(&words);
        let given = values.map(|(one, word)| (one.name.clone(), Value::from(word.as_str()))).collect();
        let preview = template.preview(&given);
        prop_assert!(!preview.tasks.is_empty());
    }
}
