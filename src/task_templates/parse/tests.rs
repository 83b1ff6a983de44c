//! Templates as they are written, and what is told of them.

use super::*;
use crate::task_templates::library::BUILT_IN;

/// The problems of a text, a line each.
fn told(text: &str) -> String {
    let (_, problems) = parse("mine", text);
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

fn check(text: &str, expected: &[&str]) {
    let found = told(text);
    let found: Vec<&str> = found.lines().collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn what_is_built_in_has_no_problems() {
    for (name, text) in BUILT_IN {
        assert_eq!(parse(name, text).1, [], "{name}");
    }
}

#[test]
fn the_shape_of_a_template_is_told_with_places() {
    check(
        "- a\n",
        &[
            "1:1: a template is a map of `name`, `title`, `description`, `parameters`, `groups`, `tasks`, not a list",
        ],
    );
    check("title: A\n", &["1:1: `tasks` is missing (a template has at least one task)"]);
    check("title: A\ntasks: []\n", &["2:8: a template has at least one task"]);
    check(
        "title: 7\ntasks: x\n",
        &[
            "1:8: `title` is a text, not a number (put it in quotes)",
            "2:8: `tasks` is a list, not a text (begin each entry with `- `)",
        ],
    );
    check(
        "titel: A\ntasks:\n  - title: B\n",
        &[
            "1:1: a template has no `titel` (did you mean `title`?)",
            "1:1: `title` of a template is missing",
        ],
    );
    check(
        "title: A\ntitle: B\nname: yours\ntasks:\n  - title: {{ a }}\n",
        &[
            "2:1: `title` stands here twice (keep one of them)",
            "3:7: the name is \"yours\", but the file is mine.yaml (leave `name` out, or give it and the file the same one)",
            "5:12: `title` is a text, not a map (put `{{ … }}` in quotes)",
        ],
    );
}

#[test]
fn every_mistake_in_parameters_is_told() {
    let text = "\
title: A
parameters:
  Name:
  item:
  count: { type: integr, default: 3 }
  number: { type: integer }
  range: { required: 1 }
  range2: { type: integer, min: 3, max: 1, default: 9 }
  way: { type: choice, default: 1.10 }
  word: { choices: [a], max: 3, max_length: 1000 }
  code: { pattern: \"(a\", default: \"\" }
  plate: { pattern: \"[A-Z]+\", default: abc, descripton: x }
  word: { type: text, pattern: a }
tasks:
  - title: B
";
    check(
        text,
        &[
            "3:3: a parameter cannot be called \"Name\" (use lower-case letters, digits and `_`, 40 at most)",
            "4:3: `item` means something else in expressions (take another name)",
            "5:18: type cannot be \"integr\"; it is one of string, text, integer, boolean, choice, list (use \"integer\")",
            "5:35: `default` is a text, not a number (put it in quotes)",
            "6:3: nothing says what number is when it is not given (give it a `default`, or `required: true`)",
            "7:3: `range` means something else in expressions (take another name)",
            "7:22: `required` is true or false, not a number",
            "8:11: `min` 3 is more than `max` 1",
            "8:53: the default is no good: it is 3 to 1, not 9",
            "9:8: a choice needs `choices` (list them: `choices: [a, b]`)",
            "9:33: `default` is a text, not a number (put it in quotes)",
            "10:20: a parameter of type string has no `choices` (make it `type: choice`)",
            "10:30: a parameter of type string has no `max` (leave it out)",
            "10:45: `max_length` is 1 to 255, not 1000",
            "11:20: the pattern is wrong: `(` is not closed",
            "12:40: the default is no good: \"abc\" does not match the pattern [A-Z]+",
            "12:45: a parameter has no `descripton` (did you mean `description`?)",
            "13:3: there are two parameters \"word\" (rename one of them)",
            "13:32: a parameter of type text has no `pattern` (leave it out)",
        ],
    );
}

#[test]
fn every_mistake_in_tasks_is_told() {
    let text = "\
title: A
groups:
  - name: One
    grups: []
  - name: One
tasks:
  - id: a
    title: First
    priority: urgnt
    complexity: hard
    estimate: soon
    depends_on: [bb, a]
  - id: b
    title: Second
    depend_on: [a]
    tags: [1]
    children:
      - id: a
        titel: Third
        group: One
        depends_on: b
  - id: not good
    title: \" \"
    when: \"{% if x %}\"
";
    check(
        text,
        &[
            "4:5: a group has no `grups` (did you mean `groups`?)",
            "5:11: there are two groups \"One\" (give each an `id` of its own)",
            "7:5: \"a\" waits for itself (leave the dependency out)",
            "9:15: priority cannot be \"urgnt\"; it is one of critical, high, normal, low, someday",
            "10:17: complexity cannot be \"hard\"; it is one of trivial, simple, moderate, complex, very_complex",
            "11:15: `estimate` is a span of work such as 90m, 2h or 3d, not a text",
            "12:18: no task has the id \"bb\" (did you mean \"b\"?)",
            "15:5: a task has no `depend_on` (did you mean `depends_on`?)",
            "16:12: `tags` is a text, not a number (put it in quotes)",
            "18:9: `title` of a task is missing",
            "18:9: \"a\" and \"b\" contain one another, so neither can wait for the other (leave the dependency out)",
            "18:13: there are two tasks with the id \"a\" (rename one of them)",
            "19:9: a task has no `titel` (did you mean `title`?)",
            "20:16: a task below another is in that one's group (give the outermost task the group)",
            "22:9: a task cannot have the id \"not good\" (use letters, digits, `_` and `-`, 40 at most)",
            "23:12: `title` is empty",
            "24:11: `when` is one expression (such as `with_tests and kind == \"bug\"`)",
        ],
    );
}

#[test]
fn a_circle_is_told_with_its_path() {
    let text = "\
title: A
tasks:
  - { id: a, title: A, depends_on: c }
  - { id: b, title: B, depends_on: a }
  - { id: c, title: C, depends_on: [b] }
";
    check(text, &["3:5: these wait for each other: a → c → b → a (leave one of them out)"]);
}

#[test]
fn expressions_are_compiled_and_their_variables_known() {
    let text = "\
title: A
parameters:
  name: { type: string, required: true }
  many: { type: list }
tasks:
  - id: a
    title: \"{{ nme }}\"
    description: |
      Fine: {{ name | upper }}

      {{ item }} and {% for one in many %}{{ one }}{% endfor %}
      {% if name %}
    when: nam and
  - title: \"{{ item }} {{ index }} {{ many | length }}\"
    for_each: manny
  - title: \"{{ item }}\"
    for_each: name
    tags: [\"{% include 'x' %}\", \"{{ name | nosuch }}\"]
    children:
      - title: \"{{ item }} {{ unknown.thing }}\"
  - title: \"{{ item }}\"
";
    check(
        text,
        &[
            "7:12: there is no parameter \"nme\" (did you mean name?)",
            "13:7: the expression is wrong: Unexpected end of input",
            "13:11: the expression is wrong: Found `%}` but expected one of: integer, float, string, bool, ident, `-`, `not`, `<`, `{`, `[` or `(`",
            "14:5: `for_each` names a parameter of type list, not \"manny\" (did you mean many?)",
            "16:5: `for_each` names name, which is of type string (make it `type: list`)",
            "18:12: the expression is wrong: `include` has no place in a template, which stands alone",
            "18:33: the expression is wrong: Unknown filter `nosuch`",
            "20:16: there is no parameter \"unknown\" (add it to `parameters`)",
            "21:12: there is no parameter \"item\" (`item` is known in tasks with `for_each`)",
        ],
    );
}

#[test]
fn what_expressions_make_themselves_is_known() {
    let text = "\
title: A
parameters:
  many: { type: list }
tasks:
  - title: x
    description: |
      {% set count = many | length %}{{ count }}
      {% for one in many %}{{ loop.index }} {{ one }}{% set_global last = one %}{% endfor %}
      {{ nothing | default(value=\"x\") }} {% if count is defined %}{% endif %}
      {{ last }}
";
    check(text, &["9:7: there is no parameter \"nothing\" (add it to `parameters`)"]);
}

#[test]
fn bounds_are_told_where_they_are_passed() {
    let many = (0..600).map(|number| format!("  - title: t{number}\n")).collect::<String>();
    check(
        &format!("title: A\ntasks:\n{many}"),
        &["503:5: a template has at most 500 tasks (make two of it)"],
    );
    let mut deep = "title: A\ntasks:\n".to_owned();
    for level in 0..10 {
        let indent = "  ".repeat(level * 2 + 1);
        deep.push_str(&[&indent, "- title: t\n", &indent, "  children:\n"].concat());
    }
    deep.push_str(&["  ".repeat(21), "- title: t\n".to_owned()].concat());
    check(&deep, &["19:35: tasks nest at most 8 deep (move them up)"]);
    let faulty = "  - titel: x\n".repeat(200);
    assert!(told(&format!("title: A\ntasks:\n{faulty}")).ends_with("and 300 more problems\n"));
}
