//! Line endings, front matter, depth and size do not change what a document says.

use std::time::Instant;

use super::super::decode::decode;
use super::super::draft;
use super::super::health::hold_reason;
use super::{active, group_kind, session_id, shown};
use crate::domain::document::{DOCUMENT_MAX, DocumentKind};
use crate::domain::id::TaskId;

const TEXT: &str = "\
---
callboard: active_tasks
---
# Active

## Backend <!-- g-00000001 5n8x2c -->

> About it.
>
> ```
> - [ ] no

- [ ] a <!-- t-00000001 5n8x2c -->
  > one
  >
  > two
  - [ ] b

## New
- [x] c";

#[test]
fn any_line_ending_and_byte_order_mark_says_the_same() {
    let expected = shown(&active(TEXT));
    assert_eq!(expected.len(), 5);
    for ending in ["\r\n", "\r"] {
        let text = TEXT.replace('\n', ending);
        assert_eq!(shown(&active(&text)), expected, "{ending:?}");
        assert_eq!(shown(&active(&format!("\u{feff}{text}"))), expected);
        let bytes = format!("\u{feff}{text}").into_bytes();
        assert_eq!(shown(&active(&decode(&bytes).unwrap().text)), expected);
    }
    let mixed: String = TEXT
        .split('\n')
        .zip(["\n", "\r\n", "\r"].iter().cycle())
        .map(|(line, ending)| format!("{line}{ending}"))
        .collect();
    assert_eq!(shown(&active(&mixed)), expected);
    assert_eq!(shown(&active(&format!("{TEXT}\n\n"))), expected);
}

#[test]
fn front_matter_is_no_heading_and_holds_no_record() {
    assert!(active("---\na: b\n---\n").records.is_empty());
    assert_eq!(shown(&active("---\na: b\n- [ ] a\n---\n")), [r#"task title="a""#]);
}

#[test]
fn deep_nesting_is_read_to_its_depth() {
    let text: String =
        (0..60).map(|depth| format!("{}- [ ] d{depth}\n", "  ".repeat(depth))).collect();
    let draft = active(&text);
    assert_eq!(draft.records.len(), 60);
    assert_eq!(draft.records[59].parent, Some(58));
    for unit in ["> ", "- ", "* [ ] ", "  ", "[", "<!-- ", "`", "**a", "\t"] {
        active(&unit.repeat(5_000));
    }
}

#[test]
fn ten_thousand_records_are_read_in_little_time() {
    let task = |at: u64| {
        let id = TaskId::from_random(at * 7_919);
        let indent = "  ".repeat(usize::from(!at.is_multiple_of(4)));
        format!(
            "{indent}- [/] Write the handler number {at} !high @implementer #auth ~2h \
             due:2026-12-01 <!-- {id} 5n8x2c -->\n{indent}  > Says *what* is to be done.\n"
        )
    };
    let tasks: String = (0..10_000).map(task).collect();
    let text = format!("# Backend <!-- g-00000001 5n8x2c -->\n\n{tasks}");
    let started = Instant::now();
    let draft = draft(&text, group_kind(), session_id());
    let elapsed = started.elapsed();
    assert_eq!(draft.records.len(), 10_001);
    assert!(elapsed.as_secs() < 5, "{elapsed:?}");
}

#[test]
fn big_documents_of_anything_are_read_in_bounded_time() {
    for unit in HOSTILE {
        // All of it takes seconds in a debug build; what is quadratic takes minutes at once.
        let text = unit.repeat(DOCUMENT_MAX / 8 / unit.len());
        let started = Instant::now();
        let draft = draft(&text, DocumentKind::ActiveTasks, session_id());
        hold_reason(&text, &draft, &draft);
        let elapsed = started.elapsed();
        assert!(elapsed.as_secs() < 10, "{unit:?}: {elapsed:?}");
    }
}

/// What takes long where something is read again and again.
const HOSTILE: &[&str] = &[
    "> ",
    "- ",
    "* [ ] ",
    " ",
    "\t",
    "[",
    "<!-- ",
    "<!--",
    "-->",
    "\\",
    "`",
    "**a",
    "#a ",
    "\n",
    "- [ ] a\n",
    "- [ ] a\n  > b\n\n",
    "# a <!-- ctx:a -->\n",
    "## a\n",
    "> a\n\n",
    "```\n",
    "<div>\n\n",
    "- [ ] <!-- t-00000001 -->\n",
    "a\n",
    "\r",
];
