//! What headings say, and what stands below them.

use super::{active, check, group_kind, problem_lines, read, session_id, shown};
use crate::domain::document::DocumentKind;

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
                r#"context {session}/decisions 5n8x2c value="First.\n\n### Detail\n\n- [x] said""#
            ),
            format!(r#"context {session}/a b/c value="""#),
        ]
    );
    assert_eq!(problem_lines(&active("## D <!-- ctx:d -->\n")), [1]);
}
