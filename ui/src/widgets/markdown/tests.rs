//! What markdown looks like.

use super::*;

fn check(text: &str, width: u16, expected: &str) {
    let theme = Theme::built_in("dark");
    let found: Vec<String> = render(text, width, &theme)
        .lines
        .iter()
        .map(|line| line.to_string().trim_end().to_owned())
        .collect();
    assert_eq!(found.join("\n"), expected, "{text}");
}

#[test]
fn blocks_are_drawn_one_below_the_other() {
    check("# Goal\nSome *plain* text.\n\nMore.", 40, "Goal\n\nSome plain text.\n\nMore.");
    check("a\n***\nb", 10, "a\n\n──────────\n\nb");
    check("> quoted text\n> goes on", 12, "▎ quoted\n▎ text goes\n▎ on");
    check("```rust\nlet x = 1;\n\tindented\n```", 40, "rust\n  let x = 1;\n      indented");
}

#[test]
fn lists_hang_below_their_bullets() {
    check("- one two three\n- four", 10, "• one two\n  three\n• four");
    check("1. a\n2. b\n   - c", 20, "1. a\n2. b\n   • c");
    check("- [x] done\n- [ ] open", 20, "• ☑ done\n• ☐ open");
    check("text\n\n- a\n\n  b", 20, "text\n\n• a\n\n  b");
}

#[test]
fn links_say_where_they_lead() {
    check("[docs](https://a.b/c)", 60, "docs (https://a.b/c)");
    check("<https://a.b/c>", 60, "https://a.b/c");
}

#[test]
fn tables_have_columns() {
    check(
        "| name | n |\n|---|--:|\n| alpha | 1 |\n| b | 20 |",
        40,
        "name  │  n\n──────┼───\nalpha │  1\nb     │ 20",
    );
}

#[test]
fn escape_sequences_in_the_text_are_shown_and_not_sent() {
    check("a\u{1b}[31mred\u{202e}", 40, "a␛[31mred\u{fffd}");
}

#[test]
fn no_width_and_no_text_makes_it_fail() {
    let text = "# H\n\n| a | b |\n|---|---|\n| `x` | **日本語** |\n\n> - q\n>   1. r\n\n```\ncode\n```\n<b>";
    for width in 0..90 {
        render(text, width, &Theme::built_in("dark"));
    }
}
