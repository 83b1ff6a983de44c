//! Every mistake of sense that a mode file may have, at its place.

use super::reading::{R, problems};

/// What stands in a file, where `+` is a first line with a role `a`; and what is told of it.
const TABLE: &[(&str, &str)] = &[
    (
        "+a: {role_definition: You work.}\n",
        "error 2:1: \"a\" is there twice; it is in line 1 as well; remove one of them, or put them together",
    ),
    (
        "+b c: {role_definition: You work.}\n",
        "error 2:1: a role cannot be named \"b c\"; letters, digits and _ make its name; name it b_c",
    ),
    (
        "+bé: {role_definition: You work.}\n",
        "error 2:1: a role cannot be named \"bé\"; letters, digits and _ make its name; name it b_",
    ),
    (
        "+b: {expertise: [x]}\n",
        "error 2:1: b has no role_definition; say in it who the agent is and what it answers for",
    ),
    (
        "+b: {role_definition: [x]}\n",
        "error 2:22: role_definition of b is a list; it must be a text",
    ),
    (
        "+tester: well\n",
        "error 2:9: the role tester is a text; it must be a map; write key: value below it, indented",
    ),
    (
        "+b:\n  role_definition: x\n  approach: {y: z}\n",
        "error 4:13: approach of b is a map; it must be a list; write each item as - item",
    ),
    (
        "+b:\n  role_definition: x\n  approach:\n    - First: look\n",
        "error 5:7: an item of approach of b is a map; it must be a text; put it in quotes, as it has a colon in it",
    ),
    (
        "+b:\n  role_definition: x\n  aproach: [y]\n",
        "warning 4:3: \"aproach\" is not a key of the role b, and is not read; did you mean approach?",
    ),
    ("+[x, y]: {role_definition: You work.}\n", "error 2:1: a key must be a word"),
    (
        "+mode_metdata: {name: x}\n",
        "warning 2:1: \"mode_metdata\" is neither a role nor a block, and is not read; did you mean mode_metadata?",
    ),
    (
        "+version: 2\n",
        "warning 2:1: \"version\" is neither a role nor a block, and is not read; put version below mode_metadata, indented",
    ),
    (
        "+claim_minutes: 2\n",
        "warning 2:1: \"claim_minutes\" is neither a role nor a block, and is not read; put claim_minutes below mode_configuration, indented",
    ),
    (
        "+mode_metadata: {nam: x}\n",
        "warning 2:17: \"nam\" is not a key of mode_metadata, and is not read; did you mean name?",
    ),
    (
        "+mode_metadata: [x]\n",
        "error 2:16: mode_metadata is a list; it must be a map; write key: value below it, indented",
    ),
    (
        "+mode_configuration: {default_complexity: moderat}\n",
        "error 2:42: default_complexity cannot be \"moderat\"; it is one of trivial, simple, moderate, complex, very_complex; did you mean moderate?",
    ),
    (
        "+mode_configuration: {auto_task_routing: maybe}\n",
        "error 2:41: auto_task_routing is \"maybe\"; it must be true or false",
    ),
    (
        "+mode_configuration: {max_subtask_depth: 9}\n",
        "error 2:41: max_subtask_depth is \"9\"; it must be a number from 1 to 8",
    ),
    (
        "+mode_configuration: {claim_minutes: 0.5}\n",
        "error 2:37: claim_minutes is \"0.5\"; it must be a number from 1 to 1440",
    ),
    (
        "+mode_configuration: {path_overlap: refused}\n",
        "error 2:36: path_overlap cannot be \"refused\"; it is one of warn, refuse; did you mean refuse?",
    ),
    (
        "+mode_configuration: {progress_aggregation: sum}\n",
        "warning 2:44: progress_aggregation has no effect: progress is weighted by estimates; write weighted, or remove it",
    ),
    (
        "+mode_configuration: {task_distribution: even}\n",
        "warning 2:22: task_distribution has no effect: agents take what is ready",
    ),
    (
        "+task_routing_rules: {x_tasks: {required_specialist: aa}}\n",
        "error 2:53: the rule \"x_tasks\" names the role \"aa\", which is not there; did you mean a?",
    ),
    (
        "+task_routing_rules: {x_tasks: {role: a, secondary_review: [a, zebra]}}\n",
        "error 2:63: the rule \"x_tasks\" names the role \"zebra\", which is not there",
    ),
    (
        "+task_routing_rules:\n  x_tasks:\n    words: [x]\n",
        "error 3:3: the rule \"x_tasks\" gives no role; add required_specialist: and the name of a role",
    ),
    (
        "+task_routing_rules:\n  x_tasks: {role: a, wrods: [x]}\n",
        "warning 3:22: \"wrods\" is not a key of the rule \"x_tasks\", and is not read; did you mean words?",
    ),
    (
        "+gates: {complete_it: {summary: true}}\n",
        "error 2:9: \"complete_it\" is not a status; it is one of pending, active, blocked, review, completed, cancelled, failed; did you mean completed?",
    ),
    (
        "+gates:\n  review:\n    approval: true\n",
        "error 4:5: a person approves only what is completed, not review; move approval to the gate of completed",
    ),
    (
        "+gates:\n  completed:\n    roles: [b]\n    summary: 10\n",
        "error 4:13: the gate of completed names the role \"b\", which is not there; did you mean a?",
    ),
    (
        "+gates:\n  completed:\n    tags: [x]\n",
        "warning 4:5: the gate of completed demands nothing; add summary, artifacts, checklist or approval, or remove the gate",
    ),
    (
        "+gates:\n  completed:\n    sumary: true\n    checklist: true\n",
        "warning 4:5: \"sumary\" is not a key of the gate of completed, and is not read; did you mean summary?",
    ),
    (
        "+gates: {completed: {summary: 99999}}\n",
        "error 2:30: summary is \"99999\"; it must be a number from 0 to 4096",
    ),
    (
        "+validation_rules: {required_roles: [b]}\n",
        "error 2:37: the role \"b\" is required, and is not there; did you mean a?",
    ),
    (
        "+validation_rules: {minimum_specialist_count: 2}\n",
        "error 2:46: the mode has 1 role, and asks for at least 2; add roles, or lower minimum_specialist_count",
    ),
    (
        "+validation_rules: {maximum_specialist_count: 0}\n",
        "error 2:46: the mode has 1 role, and asks for at most 0; remove roles, or raise maximum_specialist_count",
    ),
    (
        "+task_orchestrator: {role_definition: x}\n",
        "warning 2:1: task_orchestrator has no specialist_roles; list each role with one line that says what it is for",
    ),
    (
        "+task_orchestrator: {role_definition: x, specialist_roles: {}}\n",
        "warning 1:1: a is not in task_orchestrator.specialist_roles; add a there with one line",
    ),
    (
        "+task_orchestrator:\n  specialist_roles:\n    a: It works\n    b: It tests\n",
        "warning 5:5: b is listed, but has no block; its line stands in for one; add a block b: with role_definition",
    ),
    (
        "+task_orchestrator:\n  specialist_roles:\n    a: It works\n    b:\n",
        "error 5:5: b is listed, and says nowhere what it is; did you mean a?",
    ),
    (
        "mode_metadata: {name: x}\n",
        "error 1:1: the file has no role; begin with extends: default_roles, or with a role",
    ),
    (
        "+extends: default_rols\n",
        "error 2:10: there is no mode \"default_rols\" to extend; did you mean default_roles?",
    ),
    ("+extends: x.yaml\n", "error 2:10: a mode cannot extend itself; remove extends"),
    (
        "+b: !ruby/object {role_definition: You work.}\n",
        "warning 2:17: the tag \"!ruby/object\" has no meaning here; remove it",
    ),
    (
        "a: &a\n  role_definition: x\n  approach: [*a]\n",
        "error 3:14: this alias repeats what it stands in",
    ),
];

#[test]
fn every_mistake_of_sense_is_told_at_its_place_with_what_to_do() {
    let role = format!("a: {R}\n");
    let text = |row: &&(&str, &str)| row.0.replacen('+', &role, 1);
    let found: Vec<String> = TABLE.iter().map(|row| problems(text(&row)).join("\n")).collect();
    let expected: Vec<&str> = TABLE.iter().map(|(_, expected)| *expected).collect();
    assert_eq!(found, expected);
}
