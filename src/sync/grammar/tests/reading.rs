//! What each line of the grammar says.

use super::{active, check, group_kind, problem_lines, read, session_id, shown};
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
    check(r"- [ ] Fix \#1 #bug", &[r##"task title="Fix #1" tags=["bug"]"##], &[]);
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

#[test]
fn tasks_stand_in_the_section_of_their_heading() {
    let text = "\
# Active tasks

- [ ] a

## Backend / API <!-- g-00000001 5n8x2c -->

> Says
> much.

> Progress: 1 of 2

- [ ] b

### New

- [ ] c

## Notes

Text.

## Ungrouped <!-- no-group -->

- [ ] d

Other / Thing
---

- [ ] e
";
    check(
        text,
        &[
            r#"task title="a""#,
            r#"group g-00000001 5n8x2c name="API" path=["Backend"] description="Says\nmuch.""#,
            r#"task title="b" in 1"#,
            r#"group name="New""#,
            r#"task title="c" in 3"#,
            r#"task title="d" in none"#,
            r#"group name="Thing" path=["Other"]"#,
            r#"task title="e" in 6"#,
        ],
        &[],
    );
}

#[test]
fn a_group_file_is_about_its_group_whatever_its_headings() {
    let text = "# Backend <!-- g-00000001 -->\n> D\n\n## Open\n- [ ] a\n## Done ##\n- [x] b\n# Else\n- [ ] c\n";
    assert_eq!(
        shown(&read(text, group_kind())),
        [
            r#"group g-00000001 name="Backend" description="D""#,
            r#"task title="a" in 0"#,
            r#"task title="b" status="completed" in 0"#,
            r#"task title="c""#,
        ]
    );
    let records = shown(&read("## X\n\n- [x] b\n", DocumentKind::CompletedTasks));
    assert_eq!(records, [r#"task title="b" status="completed""#]);
}

#[test]
fn a_session_has_a_name_a_goal_and_notes() {
    let text = "\
---
callboard: session
---
# The / name <!-- s-00000007 5n8x2c -->

> To be
> done.

## Groups

- [ ] computed

## Decisions <!-- ctx:decisions 5n8x2c -->


First.

### Detail

- [x] said

## Empty <!-- ctx:a%20b/c -->
# End
";
    let session = session_id();
    assert_eq!(
        shown(&read(text, DocumentKind::Session)),
        [
            r#"session s-00000007 5n8x2c name="The / name" goal="To be\ndone.""#.to_owned(),
            format!(
                r####"context {session}/decisions 5n8x2c value="First.\n\n### Detail\n\n- [x] said""####
            ),
            format!(r#"context {session}/a b/c value="""#),
        ]
    );
    assert_eq!(problem_lines(&active("## D <!-- ctx:d -->\n")), [1]);
}
