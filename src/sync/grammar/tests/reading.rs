//! What each line of the grammar says.

use super::{active, check, read};
use crate::domain::document::DocumentKind;
use crate::domain::draft::LINE_FIELDS;

#[test]
fn a_line_says_all_that_it_holds() {
    check(
        "- [/] Write the login handler !high @implementer #web #auth ~2h due:2026-12-01 after:t-3f9k2m1p for:bob <!-- t-7k3q9xwb 5n8x2c -->\n",
        &[
            r#"task t-7k3q9xwb 5n8x2c title="Write the login handler" status="active" priority="high" role="implementer" tags=["auth","web"] estimate_minutes=120 due="2026-12-01" assignee="bob" depends_on=["t-3f9k2m1p"]"#,
        ],
        &[],
    );
}

#[test]
fn a_bare_line_says_that_its_fields_are_at_rest() {
    let draft = active("- [ ] a");
    let names: Vec<&str> = draft.records[0].fields.keys().map(String::as_str).collect();
    let (mut said, mut all) = (names, LINE_FIELDS.to_vec());
    said.sort_unstable();
    all.sort_unstable();
    assert_eq!(said, all);
}

#[test]
fn every_box_is_a_status() {
    for (text, status) in [
        ("[/]", "active"),
        ("[x]", "completed"),
        ("[X]", "completed"),
        ("[!]", "blocked"),
        ("[?]", "review"),
        ("[-]", "cancelled"),
        ("[~]", "failed"),
        ("[ x ]", "completed"),
    ] {
        let record = format!("task title=\"a\" status=\"{status}\"");
        check(&format!("- {text} a\n"), &[record.as_str()], &[]);
    }
    for text in ["[ ]", "[]", "[  ]", "[\t]"] {
        check(&format!("- {text} a\n"), &[r#"task title="a""#], &[]);
    }
}

#[test]
fn any_bullet_and_odd_spacing_are_read() {
    for line in [
        "* [ ] a",
        "+ [ ] a",
        "1. [ ] a",
        "7) [ ] a",
        "-   [ ] a",
        "-\t[ ] a",
        "   - [ ]\ta  ",
        "- - [ ] a",
        "- [ ]   a   ",
        "-  [ ] a\t",
    ] {
        check(line, &[r#"task title="a""#], &[]);
    }
    check(
        "- [ ] a  b\tc   #x\t~2h",
        &[r#"task title="a  b c" tags=["x"] estimate_minutes=120"#],
        &[],
    );
}

#[test]
fn what_only_looks_like_an_item_is_text() {
    for text in [
        "[ ] a",
        "-[ ] a",
        "- [ ]a",
        "- [a](b) c",
        "- [link]: x",
        "- a [ ] b",
        "    - [ ] code",
        "-      [ ] code",
        "> - [ ] quoted",
        "- > - [ ] quoted",
        "```\n- [ ] code\n```",
        "<div>\n- [ ] html\n</div>",
        "<!--\n- [ ] gone\n-->",
        "\\- [ ] a",
        "- \\[ ] a",
        "- plain",
        "# [ ] a",
        "text\n    - [ ] lazy",
    ] {
        check(text, &[], &[]);
    }
    for text in ["- [ ] a", "- [x] a"] {
        assert!(read(text, DocumentKind::Session).records.is_empty());
        assert!(read(text, DocumentKind::Artifacts).records.is_empty());
    }
}

#[test]
fn only_trailing_words_are_tokens() {
    check("- [ ] Fix #1 in !high places", &[r#"task title="Fix #1 in !high places""#], &[]);
    check(r"- [ ] Fix \#1 #bug", &[r#"task title="Fix #1" tags=["bug"]"#], &[]);
    check("- [ ] #a #b", &[], &[1]);
    check(
        "- [ ] a <!-- t-00000001 --> #b !low",
        &[r#"task t-00000001 title="a" priority="low" tags=["b"]"#],
        &[],
    );
}

#[test]
fn values_that_cannot_be_are_reported_and_not_said() {
    for (line, record) in [
        ("- [ ] a !urgnt", r#"task title="a""#),
        ("- [ ] a due:soon #b", r#"task title="a" tags=["b"]"#),
        ("- [ ] a !low !high", r#"task title="a""#),
        ("- [ ] a #b #c%20d", r#"task title="a""#),
        ("- [v] a", r#"task title="a""#),
    ] {
        check(line, &[record], &[1]);
    }
    let draft = active("- [v] a !urgnt due:soon #b%20c");
    for field in ["status", "priority", "due", "tags"] {
        assert!(!draft.records[0].fields.contains_key(field), "{field}");
    }
    assert_eq!(draft.problems.len(), 4);
    let long = format!("- [ ] {} <!-- t-00000001 -->", "x".repeat(256));
    check(&long, &["task t-00000001"], &[1]);
}

#[test]
fn items_nest_and_text_under_them_describes_them() {
    let text = "\
- [ ] a
  > one
  >
  >   two
  - [ ] b
    text

    - plain
      - [ ] c
  - [ ] d
    > quote
    lazy

    more

- Notes
  - [ ] e
";
    check(
        text,
        &[
            r#"task title="a" description="one\n\n  two""#,
            r#"task title="b" description="text\n\n- plain" under 0"#,
            r#"task title="c" under 1"#,
            r#"task title="d" description="quote\nlazy\n\nmore" under 0"#,
            r#"task title="e""#,
        ],
        &[],
    );
}

#[test]
fn numbered_items_and_tabs_nest_as_markdown_does() {
    check(
        "1. [ ] a\n   > q\n2. [ ] b\n   - [ ] c\n3. [ ] d\n  - [ ] e\n",
        &[
            r#"task title="a" description="q""#,
            r#"task title="b""#,
            r#"task title="c" under 1"#,
            r#"task title="d""#,
            r#"task title="e""#,
        ],
        &[],
    );
    check(
        "- [ ] a\n\t> q\n\t- [ ] b\n\t\ttext\n\t\t\t\tcode\n\n\t\t- [ ] c\n",
        &[
            r#"task title="a" description="q""#,
            r#"task title="b" description="text\n\t\tcode" under 0"#,
            r#"task title="c" under 1"#,
        ],
        &[],
    );
}

#[test]
fn spans_are_of_the_lines_that_say_it() {
    let text = "# T\n\n- [ ] a #x <!-- t-00000001 -->  \n\n  > d\n\n\n- [ ] b\n";
    let draft = active(text);
    let record = &draft.records[0];
    assert_eq!(record.span.of(text), "- [ ] a #x <!-- t-00000001 -->  \n\n  > d\n");
    assert_eq!(record.head.of(text), "- [ ] a #x <!-- t-00000001 -->  ");
    assert_eq!(record.stamp_span.of(text), " <!-- t-00000001 -->");
    assert_eq!(record.text_span.of(text), "  > d\n");
    let record = &draft.records[1];
    assert_eq!((record.line, record.span.of(text)), (8, "- [ ] b\n"));
    assert_eq!((record.stamp_span.start, record.stamp_span.end), (text.len() - 1, text.len() - 1));
    assert_eq!((record.text_span.start, record.text_span.end), (text.len(), text.len()));
}
