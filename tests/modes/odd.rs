//! Files that nobody would write, and those that somebody writes to do harm.

use std::time::{Duration, Instant};

use callboard_engine::modes::built_in::BuiltIn;
use callboard_engine::modes::{MODE_FILE_MAX, read};
use proptest::prelude::*;

use super::reading::{R, mode, problems};

#[test]
fn aliases_repeat_what_is_small_and_no_more() {
    let text = "base: &base\n  role_definition: You work.\n  approach: [one]\nother:\n  <<: *base\n  approach: [two]\nthird: *base\n";
    let mode = mode(text);
    assert_eq!(mode.role("other").unwrap().approach, ["two"]);
    assert_eq!(mode.role("other").unwrap().role_definition, "You work.");
    assert_eq!(mode.role("third").unwrap().approach, ["one"]);
    let level = |level: usize| {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("a{level}: &a{level} [{items}]\n")
    };
    let levels: String = (1..12).map(level).collect();
    let bomb = format!("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{levels}");
    let found = problems(&bomb);
    assert!(
        found
            .iter()
            .any(|told| told
                .contains("the file grows beyond 10000 values here; repeat less by aliases")),
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
    let many: String = (0..150).map(|n| format!("key {n}: {R}\n")).collect();
    let found = problems(&many);
    assert_eq!(found.len(), 101);
    assert_eq!(found[100], "error 100:1: there are 50 more problems; solve these first");
}

/// The longest that reading a file may take; a program that is not optimized gets more.
const READING_MAX: Duration = Duration::from_millis(if cfg!(debug_assertions) { 250 } else { 50 });
/// The longest that reading a file may take that somebody would write.
pub(super) const USUAL_MAX: Duration = Duration::from_millis(50);

/// How long reading takes at its fastest, as other programs run on the machine as well.
pub(super) fn fastest(bytes: &[u8]) -> Duration {
    let time = |_| {
        let start = Instant::now();
        drop(read("x.yaml", bytes, &BuiltIn));
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
            (*name, fastest(text.as_bytes().get(..end).unwrap()))
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
