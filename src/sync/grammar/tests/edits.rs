//! What people's edits do to a document, the nasty ones above all.

use super::super::health::{gone, hold_reason};
use super::{active, check, problem_lines, shown};
use crate::domain::document::lost_at_once;

const THREE: &str = "\
# Active tasks

## Backend <!-- g-00000001 5n8x2c -->

- [ ] a <!-- t-00000001 5n8x2c -->
  > about a
- [ ] b <!-- t-00000002 5n8x2c -->
  - [ ] c <!-- t-00000003 5n8x2c -->
";

#[test]
fn a_stamp_that_is_deleted_or_mistyped_leaves_the_task() {
    check("- [ ] a\n", &[r#"task title="a""#], &[]);
    check("- [ ] a <!-- t-0000000 5n8x2c -->\n", &[r#"task title="a""#], &[1]);
    check("- [ ] a <!-- t-00000001 5n8x2 -->\n", &[r#"task t-00000001 title="a""#], &[1]);
    check("- [ ] a <!-- t-00000001 5n8x2c --\n", &[r#"task t-00000001 5n8x2c title="a""#], &[1]);
    check("- [ ] a <-- t-00000001 5n8x2c -->\n", &[r#"task t-00000001 5n8x2c title="a""#], &[1]);
    check("- [ ] a <!-- g-00000001 5n8x2c -->\n", &[r#"task title="a""#], &[1]);
    check("- [ ] a ^t-00000001\n", &[r#"task t-00000001 title="a""#], &[]);
}

#[test]
fn an_unknown_mark_is_a_mark() {
    check("- [ ] a <!-- t-00000001 zzzzzz -->\n", &[r#"task t-00000001 zzzzzz title="a""#], &[]);
}

#[test]
fn a_stamp_inside_a_title_or_a_description_is_no_stamp() {
    check("- [ ] a <!-- t-00000001 5n8x2c --> b\n", &[], &[1]);
    check("- [ ] a <!-- t-00000001 --> b <!-- t-00000002 -->\n", &["task t-00000002"], &[1]);
    check(
        "- [ ] a\n  > - [ ] b <!-- t-00000002 5n8x2c -->\n",
        &[r#"task title="a" description="- [ ] b <!-- t-00000002 5n8x2c -->""#],
        &[],
    );
    check(
        "- [ ] a\n  text <!-- t-00000002 5n8x2c -->\n",
        &[r#"task title="a" description="text <!-- t-00000002 5n8x2c -->""#],
        &[],
    );
}

#[test]
fn a_stamp_that_stands_twice_is_in_the_draft_twice() {
    let text = "- [ ] a <!-- t-00000001 5n8x2c -->\n- [ ] b <!-- t-00000001 5n8x2c -->\n";
    let records = [r#"task t-00000001 5n8x2c title="a""#, r#"task t-00000001 5n8x2c title="b""#];
    check(text, &records, &[]);
}

#[test]
fn a_heading_that_is_renamed_keeps_its_stamp() {
    check(
        &THREE.replace("## Backend", "## Server / Core #"),
        &[
            r#"group g-00000001 5n8x2c name="Core" path=["Server"]"#,
            r#"task t-00000001 5n8x2c title="a" description="about a" in 0"#,
            r#"task t-00000002 5n8x2c title="b" in 0"#,
            r#"task t-00000003 5n8x2c title="c" in 0 under 2"#,
        ],
        &[],
    );
    let bare = active(&THREE.replace(" <!-- g-00000001 5n8x2c -->", ""));
    assert_eq!(shown(&bare)[0], r#"group name="Backend""#);
}

#[test]
fn an_item_without_a_title_is_no_task_yet() {
    check("- [ ] \n  - [ ] b\n", &[r#"task title="b""#], &[1]);
    check("- [ ]", &[], &[1]);
    check("- [ ] <!-- t-00000001 -->\n", &["task t-00000001"], &[1]);
}

fn held(text: &str) -> Option<String> {
    hold_reason(text, &active(text), &active(THREE))
}

#[test]
fn a_document_in_which_records_are_swallowed_is_held() {
    for opening in ["```\n", "~~~ text\n", "<!--\n", "<div>\n", "<script>\n", "<?php\n", "    "] {
        let text = THREE.replace("- [ ] b", &format!("\n{opening}- [ ] b"));
        let text =
            if opening == "    " { text.replace("  > about a", "end\n\n***\n") } else { text };
        let reason = held(&text).unwrap_or_else(|| panic!("{opening:?} swallows"));
        assert!(reason.contains("swallows records"), "{reason}");
        assert!(!problem_lines(&active(&text)).is_empty());
    }
    assert_eq!(held(&THREE.replace("## Backend", "```\ncode\n```\n\n<div>\n\n## Backend")), None);
    assert_eq!(held(&THREE.replace("  > about a", "  > ```\n  > <div>")), None);
}

#[test]
fn a_fence_inside_a_task_that_swallows_its_children_is_held() {
    assert!(held(&THREE.replace("  - [ ] c", "  ```\n  - [ ] c")).is_some());
}

#[test]
fn a_document_that_is_empty_or_holds_conflict_markers_is_held() {
    assert_eq!(held("").as_deref(), Some("The document is empty."));
    assert_eq!(held(" \n\n").as_deref(), Some("The document is empty."));
    assert_eq!(hold_reason("", &active(""), &active("")), None);
    let text = THREE.replace("- [ ] b", "<<<<<<< HEAD\n- [ ] b");
    assert_eq!(
        held(&text).as_deref(),
        Some("Line 7 is a conflict marker of git; settle the conflict and save the document.")
    );
    assert_eq!(problem_lines(&active(&text)), [7]);
    assert!(held(&THREE.replace("- [ ] b", "=======\n>>>>>>> branch\n- [ ] b")).is_some());
    assert_eq!(held(&THREE.replace("about a", "<<<<<<< HEAD")), None);
}

#[test]
fn a_document_that_lost_many_records_at_once_is_held() {
    let line = |at: usize| format!("- [ ] task {at} <!-- t-000000{at:02} 5n8x2c -->\n");
    let all: String = (10..30).map(line).collect();
    let agreed = active(&all);
    let reason = |text: &str| lost_at_once(gone(&active(text), &agreed).len(), 20);
    let some = |range: std::ops::Range<usize>| range.map(line).collect::<String>();
    assert_eq!(reason(&all), None);
    assert_eq!(reason(&some(14..30)), None, "four of twenty are a fifth");
    assert_eq!(
        reason(&some(15..30)).as_deref(),
        Some("5 of 20 records are gone at once; restore them, or confirm.")
    );
    assert!(reason(&all.replace(" 5n8x2c -->", "").replace("<!-- t-", "x")).is_some());
    let bare: String = (10..30).map(|at| format!("- [ ] task {at}\n")).collect();
    assert_eq!(reason(&bare), None, "they are told by their titles");
    assert_eq!(lost_at_once(3, 3), None, "as many may be gone however few there are");
    assert!(lost_at_once(4, 4).is_some());
    assert_eq!(hold_reason("x", &active("x"), &active("- [ ] a <!-- t-00000001 -->")), None);
}
