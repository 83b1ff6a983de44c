//! Records and texts made at random: anything legal, and above all what breaks documents.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::domain::draft::Stamp;
use crate::domain::id::TaskId;
use crate::domain::mark::Mark;
use crate::domain::record::Fields;
use crate::domain::task::{MINUTES_MAX, Priority, Status};
use crate::domain::text::{TITLE_MAX, one_line};

/// What documents are made of, and what breaks them.
const PIECES: &[&str] = &[
    "- [ ] ",
    "* [x] ",
    "+ [X] ",
    "1. [ ] ",
    "[ ]",
    "[",
    "]",
    "- ",
    "# ",
    "## ",
    "### ",
    "#",
    "> ",
    ">",
    "```",
    "~~~",
    "```\n",
    "<!--",
    "-->",
    "--",
    "<div>",
    "</div>",
    "<script>",
    "<?",
    "---",
    "===",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "  ",
    "    ",
    "      ",
    "\\",
    "`",
    "*",
    "_",
    "!",
    "@",
    "#a",
    "!high",
    "!urgnt",
    "~2h",
    "due:2026-12-01",
    "due:x",
    "after:t-00000001",
    "for:bob",
    "@dev",
    "<!-- t-00000001 5n8x2c -->",
    " <!-- t-00000002 -->",
    "t-00000001",
    "<!-- g-00000001 5n8x2c -->",
    "<!-- s-00000001 -->",
    "<!-- ctx:a 5n8x2c -->",
    "<!-- no-group -->",
    "^t-00000001",
    "<!-- t-0000 -->",
    "\\#1",
    "%20",
    "%",
    "/",
    " / ",
    "a",
    "b",
    "word",
    "é",
    "日本",
    "\u{2028}",
    "\u{a0}",
    "\u{feff}",
    "\0",
    "\u{85}",
    "[x]: /u",
    "| a |",
    "<<<<<<< HEAD",
    "=======",
    "&amp;",
    "-->-->",
    "<!-->",
    ":",
    ".",
    ",",
    "(",
    ")",
];

pub(super) fn soup(max: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        12 => proptest::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    vec(piece, 0..max).prop_map(|pieces| pieces.concat())
}

pub(super) fn line(max: usize) -> impl Strategy<Value = String> {
    prop_oneof![4 => soup(12), 1 => any::<String>()].prop_filter_map("not one line", move |text| {
        let text: String = text.chars().filter(|it| !it.is_control()).collect();
        one_line("title", &text, max).ok()
    })
}

pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => soup(30), 1 => any::<String>()]
        .prop_map(|text| text.replace("\r\n", "\n").replace(['\r', '\0'], "\n"))
}

fn word() -> impl Strategy<Value = String> {
    line(64)
}

fn tag() -> impl Strategy<Value = String> {
    line(64).prop_filter_map("not a tag", |text| {
        let text: String = text.chars().filter(|it| !it.is_whitespace() && *it != ',').collect();
        one_line("tag", text.trim_start_matches('#'), 64).ok()
    })
}

fn ids() -> impl Strategy<Value = Vec<String>> {
    vec(any::<u64>().prop_map(|number| TaskId::from_random(number).to_string()), 0..4)
        .prop_map(sorted)
}

fn sorted(mut items: Vec<String>) -> Vec<String> {
    items.sort();
    items.dedup();
    items
}

pub(super) fn fields() -> impl Strategy<Value = Fields> {
    let words = (line(TITLE_MAX), option::of(word()), option::of(word()), vec(tag(), 0..4));
    let rest = (
        proptest::sample::select(Status::ALL),
        proptest::sample::select(Priority::ALL),
        option::of(0..=MINUTES_MAX),
        option::of((1..=9999_u32, 1..=12_u32, 1..=28_u32)),
        ids(),
    );
    (words, rest).prop_map(
        |((title, role, assignee, tags), (status, priority, estimate, due, ids))| {
            let due = due.map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
            let value = json!({
                "title": title, "status": status, "priority": priority, "role": role,
                "tags": sorted(tags), "estimate_minutes": estimate, "due": due,
                "assignee": assignee, "depends_on": ids,
            });
            let Value::Object(fields) = value else { unreachable!("an object") };
            fields
        },
    )
}

pub(super) fn stamp() -> impl Strategy<Value = Option<Stamp>> {
    let mark = option::of(any::<u32>().prop_map(|seed| {
        let mut fields = Fields::new();
        fields.insert("seed".to_owned(), seed.into());
        Mark::of(&fields)
    }));
    option::of((any::<u64>(), mark)).prop_map(|stamp| {
        stamp.map(|(number, mark)| Stamp { record: TaskId::from_random(number).to_string(), mark })
    })
}

/// A task of a document: depth, fields, stamp, description.
pub(super) type Task = (usize, Fields, Option<Stamp>, String);

pub(super) fn tasks() -> impl Strategy<Value = Vec<Task>> {
    vec((0..4_usize, fields(), stamp(), text()), 1..6).prop_map(|mut tasks| {
        let mut deepest = 0;
        for task in &mut tasks {
            task.0 = task.0.min(deepest);
            deepest = task.0 + 1;
        }
        tasks
    })
}
