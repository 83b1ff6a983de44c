//! Reading mode files: every problem at its place, and all of them at once.

use std::time::{Duration, Instant};

use callboard_engine::domain::gate::{Gate, Need};
use callboard_engine::domain::mode::{Mode, PathOverlap};
use callboard_engine::domain::task::{Complexity, Status};
use callboard_engine::modes::built_in::{BuiltIn, FILES, compiled_in};
use callboard_engine::modes::{MODE_FILE_MAX, Others, Source, read};

use proptest::prelude::*;

use super::first_generation;

/// Mode files in memory, over those that are built in.
struct Shelf(Vec<(&'static str, &'static str)>);

impl Others for Shelf {
    fn find(&self, name: &str) -> Option<Source> {
        let found = self.0.iter().find(|(file, _)| *file == name);
        found.map_or_else(
            || BuiltIn.find(name),
            |(name, text)| {
                Some(Source { file: format!("roles/{name}.yaml"), bytes: text.as_bytes().to_vec() })
            },
        )
    }

    fn names(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| (*name).to_owned()).chain(BuiltIn.names()).collect()
    }
}

fn problems(text: impl AsRef<[u8]>) -> Vec<String> {
    told(text.as_ref(), &BuiltIn)
}

fn told(text: &[u8], others: &dyn Others) -> Vec<String> {
    let reading = read("x.yaml", text, others);
    let has_error = reading.problems.iter().any(|problem| problem.severity.as_str() == "error");
    assert_eq!(reading.is_valid(), !has_error);
    let shown = reading.problems.iter();
    shown.map(|problem| format!("{} {}", problem.severity, &problem.to_string()[7..])).collect()
}

fn mode(text: &str) -> Mode {
    let reading = read("roles/custom_modes/team.yaml", text.as_bytes(), &BuiltIn);
    reading.mode.unwrap_or_else(|| panic!("{:#?}", reading.problems))
}

/// The body of a role, for tests that are about something else.
const R: &str = "{role_definition: You work.}";

#[test]
fn built_in_files_have_no_problems() {
    for file in FILES {
        let reading = read(file.name, file.text.as_bytes(), &BuiltIn);
        assert_eq!(reading.problems, Vec::new(), "{}", file.name);
        let mode = reading.mode.unwrap();
        for role in mode.roles.iter().chain(&mode.orchestrator) {
            let is_full = !role.about.is_empty() && !role.output_format.is_empty();
            assert!(is_full && 3 <= role.expertise.len() && 4 <= role.approach.len(), "{role:?}");
        }
    }
    assert_eq!(compiled_in().gates, Vec::new());
    assert_eq!(compiled_in().roles.len(), 7);
}

#[test]
fn the_projects_file_as_it_is_made_is_the_default_roles() {
    let text = include_str!("../../templates/roles/project_roles.yaml");
    let reading = read("project_roles.yaml", text.as_bytes(), &BuiltIn);
    assert_eq!(reading.problems, Vec::new());
    assert_eq!(reading.mode.unwrap().roles, compiled_in().roles);
}

#[test]
fn flaws_of_syntax_are_told_of_every_block_at_once() {
    let text = "\
a: {role_definition: x}
b:
  role_definition: one: two
  approach:
    - x: y: z
c: [1
d:
  role_definition: \"open
  output_format: x
e:
\trole_definition: y
f:
  role_definition: @x
  expertise:
    - a b
   - c
g:
  role_definition: *nowhere
";
    assert_eq!(
        problems(text),
        [
            "error 3:23: a colon is not allowed here; put the text in quotes, as in key: \"one: two\"",
            "error 5:11: a colon is not allowed here; put the text in quotes, as in key: \"one: two\"",
            "error 6:4: a bracket is opened and not closed; close it",
            "error 8:20: a quote is opened and not closed; close the quote",
            "error 11:1: the line is indented by a tab; indent by two spaces instead",
            "error 13:20: a value cannot begin with this character; put the text in quotes",
            "error 16:4: this line fits no line above it; indent it as far as the keys or items that it belongs to",
            "error 18:20: *nowhere repeats what is marked by &nowhere, and there is no such mark; put the text in quotes",
        ]
    );
}

#[test]
fn flaws_do_not_hide_what_is_wrong_elsewhere_nor_make_more_of_it() {
    let text = "\
task_orchestrator:
  role_definition: You plan.
  specialist_roles: {builder: Builds, other: Does}
builder:
  role_definition: a: b
other:
  expertse: [x]
task_routing_rules:
  x_tasks: {required_specialist: builder}
  y_tasks: {required_specialist: nobody}
";
    assert_eq!(
        problems(text),
        [
            "error 5:21: a colon is not allowed here; put the text in quotes, as in key: \"one: two\"",
            "warning 6:1: other has no role_definition; its one line stands in for it; say in it who the agent is and what it answers for",
            "warning 7:3: \"expertse\" is not a key of the role other, and is not read; did you mean expertise?",
            "error 10:34: the rule \"y_tasks\" names the role \"nobody\", which is not there",
        ]
    );
}

#[test]
fn what_is_no_text_is_told_as_such() {
    let table: &[(&[u8], &[&str])] = &[
        (b"", &["error 1:1: the file is empty; begin with extends: default_roles, or with a role"]),
        (
            b"# only\n---\n",
            &["error 1:1: the file is empty; begin with extends: default_roles, or with a role"],
        ),
        (
            b"a: {role_definition: x}\nb: \xff\n",
            &[
                "error 2:4: this byte is not UTF-8; save the file with the encoding UTF-8",
                "warning 2:1: \"b\" is neither a role nor a block, and is not read; a role is a map with role_definition, expertise, approach, output_format",
            ],
        ),
        (
            b"a: {role_definition: x}\n# \0\n",
            &["error 2:3: the file holds a zero byte; remove it; is this a text file?"],
        ),
        (
            b"just a text",
            &[
                "error 1:1: a mode file is a text; it must be a map; write key: value below it, indented",
            ],
        ),
        (
            b"- a\n- b\n",
            &[
                "error 1:1: a mode file is a list; it must be a map; write key: value below it, indented",
            ],
        ),
        (b"\xEF\xBB\xBFa: {role_definition: x}\r\nb: {role_definition: y}\r\n", &[]),
        (
            b"a: {role_definition: x}\n---\nb: {role_definition: y}\n",
            &[
                "error 2:1: the file holds several documents; only the first is read; remove the line ---, or make it a file of its own",
            ],
        ),
        (
            b"%TAG ! x\n---\na: {role_definition: x}\n",
            &["error 1:1: a line that begins with % is not read; remove it"],
        ),
    ];
    for (bytes, expected) in table {
        let mut found = problems(bytes);
        found.sort();
        let mut expected: Vec<&str> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{}", String::from_utf8_lossy(bytes));
    }
    let huge = format!("a: {{role_definition: x}}\n# {}", "x".repeat(MODE_FILE_MAX));
    assert_eq!(
        problems(&huge),
        [
            "error 1:1: the file has 262170 bytes; at most 262144 are read; split it, and join the parts by extends"
        ]
    );
}

#[test]
fn every_mistake_of_sense_is_told_at_its_place_with_what_to_do() {
    let a = format!("a: {R}\n");
    let table: Vec<(String, &str)> = vec![
        (
            format!("{a}a: {R}\n"),
            "error 2:1: \"a\" is there twice; it is in line 1 as well; remove one of them, or put them together",
        ),
        (
            format!("{a}b c: {R}\n"),
            "error 2:1: a role cannot be named \"b c\"; letters, digits and _ make its name; name it b_c",
        ),
        (
            format!("{a}bé: {R}\n"),
            "error 2:1: a role cannot be named \"bé\"; letters, digits and _ make its name; name it b_",
        ),
        (
            format!("{a}b: {{expertise: [x]}}\n"),
            "error 2:1: b has no role_definition; say in it who the agent is and what it answers for",
        ),
        (
            format!("{a}b: {{role_definition: [x]}}\n"),
            "error 2:22: role_definition of b is a list; it must be a text",
        ),
        (
            format!("{a}tester: well\n"),
            "error 2:9: the role tester is a text; it must be a map; write key: value below it, indented",
        ),
        (
            format!("{a}b:\n  role_definition: x\n  approach: {{y: z}}\n"),
            "error 4:13: approach of b is a map; it must be a list; write each item as - item",
        ),
        (
            format!("{a}b:\n  role_definition: x\n  approach:\n    - First: look\n"),
            "error 5:7: an item of approach of b is a map; it must be a text; put it in quotes, as it has a colon in it",
        ),
        (
            format!("{a}b:\n  role_definition: x\n  aproach: [y]\n"),
            "warning 4:3: \"aproach\" is not a key of the role b, and is not read; did you mean approach?",
        ),
        (format!("{a}[x, y]: {R}\n"), "error 2:1: a key must be a word"),
        (
            format!("{a}mode_metdata: {{name: x}}\n"),
            "warning 2:1: \"mode_metdata\" is neither a role nor a block, and is not read; did you mean mode_metadata?",
        ),
        (
            format!("{a}version: 2\n"),
            "warning 2:1: \"version\" is neither a role nor a block, and is not read; put version below mode_metadata, indented",
        ),
        (
            format!("{a}claim_minutes: 2\n"),
            "warning 2:1: \"claim_minutes\" is neither a role nor a block, and is not read; put claim_minutes below mode_configuration, indented",
        ),
        (
            format!("{a}mode_metadata: {{nam: x}}\n"),
            "warning 2:17: \"nam\" is not a key of mode_metadata, and is not read; did you mean name?",
        ),
        (
            format!("{a}mode_metadata: [x]\n"),
            "error 2:16: mode_metadata is a list; it must be a map; write key: value below it, indented",
        ),
        (
            format!("{a}mode_configuration: {{default_complexity: moderat}}\n"),
            "error 2:42: default_complexity cannot be \"moderat\"; it is one of trivial, simple, moderate, complex, very_complex; did you mean moderate?",
        ),
        (
            format!("{a}mode_configuration: {{auto_task_routing: maybe}}\n"),
            "error 2:41: auto_task_routing is \"maybe\"; it must be true or false",
        ),
        (
            format!("{a}mode_configuration: {{max_subtask_depth: 9}}\n"),
            "error 2:41: max_subtask_depth is \"9\"; it must be a number from 1 to 8",
        ),
        (
            format!("{a}mode_configuration: {{claim_minutes: 0.5}}\n"),
            "error 2:37: claim_minutes is \"0.5\"; it must be a number from 1 to 1440",
        ),
        (
            format!("{a}mode_configuration: {{path_overlap: refused}}\n"),
            "error 2:36: path_overlap cannot be \"refused\"; it is one of warn, refuse; did you mean refuse?",
        ),
        (
            format!("{a}mode_configuration: {{progress_aggregation: sum}}\n"),
            "warning 2:44: progress_aggregation has no effect: progress is weighted by estimates; write weighted, or remove it",
        ),
        (
            format!("{a}mode_configuration: {{task_distribution: even}}\n"),
            "warning 2:22: task_distribution has no effect: agents take what is ready",
        ),
        (
            format!("{a}task_routing_rules: {{x_tasks: {{required_specialist: aa}}}}\n"),
            "error 2:53: the rule \"x_tasks\" names the role \"aa\", which is not there; did you mean a?",
        ),
        (
            format!(
                "{a}task_routing_rules: {{x_tasks: {{role: a, secondary_review: [a, zebra]}}}}\n"
            ),
            "error 2:63: the rule \"x_tasks\" names the role \"zebra\", which is not there",
        ),
        (
            format!("{a}task_routing_rules:\n  x_tasks:\n    words: [x]\n"),
            "error 3:3: the rule \"x_tasks\" gives no role; add required_specialist: and the name of a role",
        ),
        (
            format!("{a}task_routing_rules:\n  x_tasks: {{role: a, wrods: [x]}}\n"),
            "warning 3:22: \"wrods\" is not a key of the rule \"x_tasks\", and is not read; did you mean words?",
        ),
        (
            format!("{a}gates: {{complete_it: {{summary: true}}}}\n"),
            "error 2:9: \"complete_it\" is not a status; it is one of pending, active, blocked, review, completed, cancelled, failed; did you mean completed?",
        ),
        (
            format!("{a}gates:\n  review:\n    approval: true\n"),
            "error 4:5: a person approves only what is completed, not review; move approval to the gate of completed",
        ),
        (
            format!("{a}gates:\n  completed:\n    roles: [b]\n    summary: 10\n"),
            "error 4:13: the gate of completed names the role \"b\", which is not there; did you mean a?",
        ),
        (
            format!("{a}gates:\n  completed:\n    tags: [x]\n"),
            "warning 4:5: the gate of completed demands nothing; add summary, artifacts, checklist or approval, or remove the gate",
        ),
        (
            format!("{a}gates:\n  completed:\n    sumary: true\n    checklist: true\n"),
            "warning 4:5: \"sumary\" is not a key of the gate of completed, and is not read; did you mean summary?",
        ),
        (
            format!("{a}gates: {{completed: {{summary: 99999}}}}\n"),
            "error 2:30: summary is \"99999\"; it must be a number from 0 to 4096",
        ),
        (
            format!("{a}validation_rules: {{required_roles: [b]}}\n"),
            "error 2:37: the role \"b\" is required, and is not there; did you mean a?",
        ),
        (
            format!("{a}validation_rules: {{minimum_specialist_count: 2}}\n"),
            "error 2:46: the mode has 1 roles, and asks for at least 2; add roles, or lower minimum_specialist_count",
        ),
        (
            format!("{a}validation_rules: {{maximum_specialist_count: 0}}\n"),
            "error 2:46: the mode has 1 roles, and asks for at most 0; remove roles, or raise maximum_specialist_count",
        ),
        (
            format!("{a}task_orchestrator: {{role_definition: x}}\n"),
            "warning 2:1: task_orchestrator has no specialist_roles; list each role with one line that says what it is for",
        ),
        (
            format!("{a}task_orchestrator: {{role_definition: x, specialist_roles: {{}}}}\n"),
            "warning 1:1: a is not in task_orchestrator.specialist_roles; add a there with one line",
        ),
        (
            format!(
                "{a}task_orchestrator:\n  specialist_roles:\n    a: It works\n    b: It tests\n"
            ),
            "warning 5:5: b is listed, but has no block; its line stands in for one; add a block b: with role_definition",
        ),
        (
            format!("{a}task_orchestrator:\n  specialist_roles:\n    a: It works\n    b:\n"),
            "error 5:5: b is listed, and says nowhere what it is; did you mean a?",
        ),
        (
            "mode_metadata: {name: x}\n".to_owned(),
            "error 1:1: the file has no role; begin with extends: default_roles, or with a role",
        ),
        (
            format!("{a}extends: default_rols\n"),
            "error 2:10: there is no mode \"default_rols\" to extend; did you mean default_roles?",
        ),
        (
            format!("{a}extends: x.yaml\n"),
            "error 2:10: a mode cannot extend itself; remove extends",
        ),
        (
            format!("{a}b: !ruby/object {R}\n"),
            "warning 2:17: the tag \"!ruby/object\" has no meaning here; remove it",
        ),
        (
            "a: &a\n  role_definition: x\n  approach: [*a]\n".to_owned(),
            "error 3:14: this alias repeats what it stands in",
        ),
    ];
    let found: Vec<String> = table.iter().map(|(text, _)| problems(text).join("\n")).collect();
    let expected: Vec<&str> = table.iter().map(|(_, expected)| *expected).collect();
    assert_eq!(found, expected);
}

#[test]
fn aliases_repeat_what_is_small_and_no_more() {
    let text = format!(
        "base: &base\n  role_definition: You work.\n  approach: [one]\nother:\n  <<: *base\n  approach: [two]\nthird: *base\n"
    );
    let mode = mode(&text);
    assert_eq!(mode.role("other").unwrap().approach, ["two"]);
    assert_eq!(mode.role("other").unwrap().role_definition, "You work.");
    assert_eq!(mode.role("third").unwrap().approach, ["one"]);
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = level - 1;
        let items = vec![format!("*a{below}"); 10].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    let found = problems(&bomb);
    assert!(
        found
            .iter()
            .any(|told| told
                .contains("the file grows beyond 50000 values here; repeat less by aliases")),
        "{found:?}"
    );
    let long = "x".repeat(60_000);
    let bomb = format!(
        "a: &a\n  role_definition: {long}\n{}",
        (0..40).map(|n| format!("b{n}: *a\n")).collect::<String>()
    );
    let found = problems(&bomb);
    assert!(found.iter().any(|told| told.contains("the file grows beyond")), "{found:?}");
}

#[test]
fn deep_nesting_and_many_problems_are_bounded() {
    let deep = format!("a: {}", "[".repeat(10_000));
    let found = problems(&deep);
    assert!(found[0].ends_with("the file nests too deeply here; nest it less"), "{found:?}");
    let many: String = (0..5_000).map(|n| format!("key {n}: {R}\n")).collect();
    let found = problems(&many);
    assert_eq!(found.len(), 101);
    assert_eq!(found[100], "error 100:1: there are 4900 more problems; solve these first");
}

#[test]
fn all_that_a_file_can_say_is_read() {
    let mode = mode(
        "mode_metadata: {name: The team, description: Works., version: 2.0, created_by: me}
mode_configuration:
  default_complexity: Complex
  auto_task_routing: yes
  max_subtask_depth: 3
  progress_aggregation: weighted
  claim_minutes: 15
  path_overlap: refuse
builder:
  description: Builds
  role_definition: You build.
  expertise: building
  approach: [Look, Build]
  output_format: A thing
judge:
  role_definition: You judge. You are fair.
task_routing_rules:
  security_tasks: {required_specialist: judge, secondary_review: builder, complexity_boost: 1, parallel_execution: false}
  glass_tasks: {role: builder, words: [Glass, Pane], tags: [windows]}
  wood_work_tasks: builder
  general_tasks: {required_specialist: builder}
gates:
  review: {artifacts: test, checklist: true}
  done:
    - {summary: true, roles: judge}
    - {summary: 20, approval: true, tags: [release]}
",
    );
    assert_eq!(
        (mode.name.as_str(), mode.title.as_str(), mode.version.as_str()),
        ("team", "The team", "2.0")
    );
    let settings = mode.settings;
    assert_eq!(settings.default_complexity, Complexity::Complex);
    assert_eq!((settings.max_subtask_depth, settings.claim_minutes), (3, 15));
    assert_eq!(settings.path_overlap, PathOverlap::Refuse);
    assert_eq!(mode.roles[0].expertise, ["building"]);
    assert_eq!(mode.roles[1].about, "You judge");
    assert!(mode.routing[0].complexity_boost && mode.routing[0].words.contains(&"auth".to_owned()));
    assert_eq!(mode.routing[0].second_review, ["builder"]);
    assert_eq!(mode.routing[1].words, ["glass", "pane"]);
    assert_eq!(mode.routing[2].words, ["wood work"]);
    assert!(mode.routing[3].is_general);
    let gate = |to, roles: &[&str], tags: &[&str], needs: Vec<Need>| Gate {
        to,
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        needs,
    };
    assert_eq!(
        mode.gates,
        [
            gate(
                Status::Review,
                &[],
                &[],
                vec![Need::Artifact("test".to_owned()), Need::Checklist]
            ),
            gate(Status::Completed, &["judge"], &[], vec![Need::Summary(1)]),
            gate(Status::Completed, &[], &["release"], vec![Need::Summary(20), Need::Approval]),
        ]
    );
}

#[test]
fn a_mode_takes_over_what_it_does_not_say_itself() {
    let shelf = Shelf(vec![
        (
            "base",
            "mode_configuration: {claim_minutes: 5, max_subtask_depth: 2}
a: {role_definition: base a, approach: [base]}
b: {role_definition: base b}
task_routing_rules: {x_tasks: a, y_tasks: a}
gates: {completed: {summary: true}, review: {checklist: true}}
",
        ),
        ("side", "a: {role_definition: side a, output_format: side}\n"),
    ]);
    let text = "extends: [base, side]
mode_configuration: {claim_minutes: 7}
a: {expertise: [own]}
c: {role_definition: own c}
task_routing_rules: {x_tasks: c}
gates: {completed: }
";
    let reading = read("x.yaml", text.as_bytes(), &shelf);
    assert_eq!(reading.problems, Vec::new());
    let mode = reading.mode.unwrap();
    let names: Vec<&str> = mode.roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
    let a = mode.role("a").unwrap();
    assert_eq!((a.role_definition.as_str(), a.output_format.as_str()), ("side a", "side"));
    assert_eq!(
        (a.expertise.as_slice(), a.approach.as_slice()),
        (&["own".to_owned()][..], &["base".to_owned()][..])
    );
    assert_eq!((mode.settings.claim_minutes, mode.settings.max_subtask_depth), (7, 2));
    let rules: Vec<(&str, &str)> =
        mode.routing.iter().map(|rule| (rule.name.as_str(), rule.role.as_str())).collect();
    assert_eq!(rules, [("x_tasks", "c"), ("y_tasks", "a")]);
    assert_eq!(mode.gates.iter().map(|gate| gate.to).collect::<Vec<_>>(), [Status::Review]);
}

#[test]
fn circles_and_broken_parents_are_told_where_extends_stands() {
    let shelf = Shelf(vec![
        ("one", "extends: two\n"),
        ("two", "extends: x\n"),
        ("broken", "a: {role_definition: [x]}\n"),
    ]);
    assert_eq!(
        told(b"extends: one\n", &shelf),
        [
            "error 1:10: one, which is extended, has an error: roles/one.yaml:1:10: two, which is extended, has an error: roles/two.yaml:1:10: these modes extend each other: x → one → two → x; remove extends from one of them; mend roles/two.yaml first; mend roles/one.yaml first"
        ]
    );
    assert_eq!(
        told(b"extends: broken\n", &shelf),
        [
            "error 1:10: broken, which is extended, has an error: roles/broken.yaml:1:22: role_definition of a is a list; it must be a text; mend roles/broken.yaml first"
        ]
    );
}

#[test]
fn files_of_the_first_generation_load_unchanged() {
    for (name, text, roles) in first_generation::FILES {
        let reading = read(name, text.as_bytes(), &BuiltIn);
        let mode = reading.mode.unwrap_or_else(|| panic!("{name}: {:#?}", reading.problems));
        let names: Vec<&str> = mode.roles.iter().map(|role| role.name.as_str()).collect();
        assert_eq!(names, *roles, "{name}");
        assert!(mode.roles.iter().all(|role| !role.role_definition.is_empty()), "{name}");
    }
}

/// The longest that reading a file may take.
const READING_MAX: Duration = Duration::from_millis(50);

/// How long reading takes at its fastest, as other programs run on the machine as well.
fn fastest(bytes: &[u8]) -> Duration {
    let time = |_| {
        let start = Instant::now();
        let _ = read("x.yaml", bytes, &BuiltIn);
        start.elapsed()
    };
    (0..4).map(time).min().unwrap()
}

#[test]
fn no_file_takes_long_however_odd_it_is() {
    let filled = |piece: &str| piece.repeat(MODE_FILE_MAX / piece.len());
    let mut texts: Vec<(&str, String)> = vec![
        ("brackets", filled("[")),
        ("pairs", filled("[]")),
        ("braces", filled("{a: ")),
        ("colons", filled(": ")),
        ("dashes", filled("- ")),
        ("items", filled("- a\n")),
        ("keys", filled("a:\n")),
        ("flaws", filled("a: b: c\n")),
        ("quotes", filled("a: \"\n")),
        ("anchors", filled("&a ")),
        ("aliases", filled("a: *b\n")),
        ("tabs", filled("\t")),
        ("tabbed", filled("\ta\n")),
        ("questions", filled("? ")),
        ("bangs", filled("!a ")),
        ("spaces", filled(" ")),
        ("comments", filled("#\n")),
        ("documents", filled("---\n")),
        ("breaks", filled("\n")),
        ("bars", filled("|\n")),
        ("word", filled("x")),
        ("words", filled("word ")),
    ];
    let numbered = |line: fn(usize) -> String| (0..9_000).map(line).collect::<String>();
    texts.push(("roles", numbered(|n| format!("role_{n}: {{role_definition: x}}\n"))));
    texts.push(("bad names", numbered(|n| format!("role {n}: {{role_definition: x}}\n"))));
    texts.push(("unknown keys", format!("a:\n{}", numbered(|n| format!("  aproach{n}: x\n")))));
    texts.push(("deeper", (0..700).map(|n| format!("{}a:\n", " ".repeat(n))).collect()));
    texts.push((
        "rules",
        format!(
            "a: {{role_definition: x}}\ntask_routing_rules:\n{}",
            numbered(|n| format!("  r{n}: b{n}\n"))
        ),
    ));
    texts.push(("reviews", format!("a: {{role_definition: x}}\ntask_routing_rules:\n  r:\n    role: a\n    secondary_review:\n{}", numbered(|n| format!("    - b{n}\n")))));
    texts.push((
        "listed",
        format!(
            "task_orchestrator:\n  specialist_roles:\n{}",
            numbered(|n| format!("    b{n}: does\n"))
        ),
    ));
    texts
        .push(("parents", format!("extends:\n{}", numbered(|_| "  - default_roles\n".to_owned()))));
    let slow: Vec<(&str, Duration)> = texts
        .iter()
        .map(|(name, text)| {
            let end = text.floor_char_boundary(MODE_FILE_MAX);
            (*name, fastest(text[..end].as_bytes()))
        })
        .filter(|(_, took)| READING_MAX < *took)
        .collect();
    assert_eq!(slow, []);
}

pub(super) fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b_c",
        "implementer",
        "role_definition",
        "approach",
        "gates",
        "completed",
        "extends",
        "task_routing_rules",
        "task_orchestrator",
        "specialist_roles",
        "mode_configuration",
        "summary",
        "true",
        ": ",
        ":",
        "\n",
        "\n  ",
        "\n    ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "\"",
        "'",
        "|",
        ">",
        "&x ",
        "*x",
        "!t ",
        "<<",
        "#",
        " ",
        "\t",
        "\r\n",
        "---\n",
        "%",
        "@",
        "~",
        "é",
        "\u{FEFF}",
        "\u{0}",
        "\u{2028}",
        "7",
    ]);
    prop::collection::vec(piece, 0..200).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_are_read_without_panic_and_in_time(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..2_000),
            pieces().prop_map(String::into_bytes),
        ]
    ) {
        let reading = read("x.yaml", &bytes, &BuiltIn);
        let lines = bytes.iter().filter(|byte| **byte == b'\n' || **byte == b'\r').count() + 1;
        for problem in &reading.problems {
            prop_assert!(1 <= problem.line && problem.line <= lines + 1, "{problem}");
            prop_assert!(1 <= problem.column, "{problem}");
        }
        prop_assert!(reading.is_valid() || !reading.problems.is_empty());
        prop_assert!(fastest(&bytes) < READING_MAX);
    }
}
