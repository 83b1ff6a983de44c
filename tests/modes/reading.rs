//! Reading mode files: every problem at its place, and all of them at once.

use callboard_engine::domain::gate::{Gate, Need};
use callboard_engine::domain::mode::{Mode, PathOverlap};
use callboard_engine::domain::task::{Complexity, Status};
use callboard_engine::modes::built_in::{BuiltIn, FILES, compiled_in};
use callboard_engine::modes::{MODE_FILE_MAX, Others, Source, read};

use super::first_generation;
use super::odd::{USUAL_MAX, fastest};

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

pub(super) fn problems(text: impl AsRef<[u8]>) -> Vec<String> {
    told(text.as_ref(), &BuiltIn)
}

fn told(text: &[u8], others: &dyn Others) -> Vec<String> {
    let reading = read("x.yaml", text, others);
    let has_error = reading.problems.iter().any(|problem| problem.severity.as_str() == "error");
    assert_eq!(reading.is_valid(), !has_error);
    let shown = reading.problems.iter();
    shown
        .map(|problem| {
            format!("{} {}", problem.severity, problem.to_string().replacen("x.yaml:", "", 1))
        })
        .collect()
}

pub(super) fn mode(text: &str) -> Mode {
    let reading = read("roles/custom_modes/team.yaml", text.as_bytes(), &BuiltIn);
    reading.mode.unwrap_or_else(|| panic!("{:#?}", reading.problems))
}

/// The body of a role, for tests that are about something else.
pub(super) const R: &str = "{role_definition: You work.}";

#[test]
fn built_in_files_have_no_problems() {
    for file in FILES {
        let reading = read(file.name, file.text.as_bytes(), &BuiltIn);
        assert_eq!(reading.problems, Vec::new(), "{}", file.name);
        assert!(fastest(file.text.as_bytes()) < USUAL_MAX, "{}", file.name);
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
