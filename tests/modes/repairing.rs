//! Repair: what is mechanical is mended, and nothing else is touched.

use callboard_engine::modes::built_in::{BuiltIn, FILES};
use callboard_engine::modes::repair;

fn check(text: &str, expected: &str, repairs: &[&str]) {
    let repaired = repair("x.yaml", text.as_bytes(), &BuiltIn).unwrap();
    let done: Vec<String> =
        repaired.repairs.iter().map(|repair| format!("{}: {}", repair.line, repair.what)).collect();
    assert_eq!(
        (repaired.text.as_str(), done),
        (expected, repairs.iter().map(|&done| done.to_owned()).collect()),
        "{text}"
    );
    assert!(repaired.reading.is_valid(), "{:#?}", repaired.reading.problems);
}

#[test]
fn what_editors_leave_in_a_text_is_removed() {
    check(
        "\u{FEFF}a:\r\n\trole_definition: x\r\n",
        "a:\n  role_definition: x\n",
        &[
            "1: removed the byte order mark",
            "1: made the line ends plain",
            "2: indented by spaces, not by tabs",
        ],
    );
}

/// A text, the same repaired, and what is told of it.
const FLAWS: &[(&str, &str, &str)] = &[
    (
        "a:\n  role_definition: one: two\n",
        "a:\n  role_definition: \"one: two\"\n",
        "2: put the text in quotes",
    ),
    (
        "a:\n  role_definition: do this:\n",
        "a:\n  role_definition: \"do this:\"\n",
        "2: put the text in quotes",
    ),
    (
        "a:\n  role_definition:: x\n",
        "a:\n  role_definition: x\n",
        "2: role_definition: is now role_definition",
    ),
    ("a:\n  role_definition: @x\n", "a:\n  role_definition: \"@x\"\n", "2: put the text in quotes"),
    (
        "a:\n  role_definition: *bold* move\n",
        "a:\n  role_definition: \"*bold* move\"\n",
        "2: put the text in quotes",
    ),
    (
        "a:\n  role_definition: \"x\n  output_format: y\n",
        "a:\n  role_definition: \"x\"\n  output_format: y\n",
        "2: closed what was opened",
    ),
    (
        "a:\n  role_definition: x\n  expertise: [y, z\n",
        "a:\n  role_definition: x\n  expertise: [y, z]\n",
        "3: closed what was opened",
    ),
    (
        "a:\n  role_definition x\n  output_format: y\n",
        "a:\n  role_definition: x\n  output_format: y\n",
        "2: added a missing colon",
    ),
    (
        "a:\n  role_definition:x\n  output_format: y\n",
        "a:\n  role_definition: x\n  output_format: y\n",
        "2: put a space behind the colon",
    ),
    (
        "a:\n  role_definition: x\n  approach:\n    - y\n   - z\n",
        "a:\n  role_definition: x\n  approach:\n    - y\n    - z\n",
        "5: indented like the lines above",
    ),
    (
        "a:\n  role_definition: x\n  approach:\n    - y: z: q\n",
        "a:\n  role_definition: x\n  approach:\n    - \"y: z: q\"\n",
        "4: put in quotes a text with a colon in it",
    ),
    (
        "a:\n  role_definition: x\n  approach:\n    - First: look # so\n    - z\n",
        "a:\n  role_definition: x\n  approach:\n    - \"First: look\" # so\n    - z\n",
        "4: put in quotes a text with a colon in it",
    ),
    (
        "a:\n  role_defintion: x\n",
        "a:\n  role_definition: x\n",
        "2: role_defintion is now role_definition",
    ),
    (
        "a: {role_definition: x}\nmode_metdata:\n  name: y\n",
        "a: {role_definition: x}\nmode_metadata:\n  name: y\n",
        "2: mode_metdata is now mode_metadata",
    ),
    (
        "task_orchestrator:\n  specialist_roles:\n    poet: Writes verse\n",
        "task_orchestrator:\n  specialist_roles:\n    poet: Writes verse\n\npoet:\n  role_definition: \"Writes verse.\"\n",
        "3: added a block for the listed role poet",
    ),
];

#[test]
fn what_the_parser_stumbles_over_is_mended_where_it_is_beyond_doubt() {
    for (text, expected, repair) in FLAWS {
        check(text, expected, &[repair]);
    }
}

#[test]
fn several_flaws_are_mended_in_one_go() {
    check(
        "a:\n  role_definition: one: two\n  aproach:\n    - y: z\nb:\n\trole_definition: \"x\n",
        "a:\n  role_definition: \"one: two\"\n  approach:\n    - \"y: z\"\nb:\n  role_definition: \"x\"\n",
        &[
            "6: indented by spaces, not by tabs",
            "2: put the text in quotes",
            "6: closed what was opened",
            "3: aproach is now approach",
            "4: put in quotes a text with a colon in it",
        ],
    );
}

#[test]
fn a_file_without_problems_is_left_as_it_is() {
    for file in FILES {
        check(file.text, file.text, &[]);
    }
}

#[test]
fn what_is_in_doubt_is_left_alone() {
    for text in [
        "a: {role_definition: [x]}\n",
        "a: {}\nb: {role_definition: x}\n",
        "]]]\n",
        "extends: nobody\n",
    ] {
        let repaired = repair("x.yaml", text.as_bytes(), &BuiltIn).unwrap();
        assert!(!repaired.reading.is_valid(), "{text}");
    }
    assert_eq!(repair("x.yaml", b"a: \xff\n", &BuiltIn), None);
}

proptest::proptest! {
    #[test]
    fn repair_never_makes_more_errors(text in super::odd::pieces()) {
        let errors = |reading: &callboard_engine::modes::Reading| {
            reading.problems.iter().filter(|problem| problem.severity.as_str() == "error").count()
        };
        let before = callboard_engine::modes::read("x.yaml", text.as_bytes(), &BuiltIn);
        let repaired = repair("x.yaml", text.as_bytes(), &BuiltIn).unwrap();
        proptest::prop_assert!(!before.is_valid() || errors(&repaired.reading) == 0, "{text:?} {repaired:#?}");
        let again = repair("x.yaml", repaired.text.as_bytes(), &BuiltIn).unwrap();
        proptest::prop_assert!(!repaired.reading.is_valid() || again.reading.is_valid());
    }
}
