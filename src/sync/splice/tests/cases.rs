//! Single edits and changes, and the document that comes of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::super::{Orders, Source, Sources, splice};
use super::board::{Board, draft};

/// A board of two tasks in one group.
fn two() -> Board {
    let mut board = Board::default();
    board.new_group(0);
    let group = board.groups.first().map(|group| group.key.clone());
    board.new_task(group.clone(), None, 0);
    board.new_task(group, None, 0);
    board
}

const FIRST: &str = "t-00000002";
const SECOND: &str = "t-00000003";

fn spliced(last: &str, next: &str, file: &str, orders: &Orders) -> String {
    let [last_draft, next_draft, file_draft] = [last, next, file].map(draft);
    let sources = Sources {
        last: Source { text: last, draft: &last_draft },
        next: Source { text: next, draft: &next_draft },
        file: Source { text: file, draft: &file_draft },
    };
    splice(&sources, orders)
}

/// The lines that only one of two texts has: of the first with `-`, of the second with `+`.
fn difference(one: &str, other: &str) -> Vec<String> {
    let all = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let only = |sign: &str, here: &[String], there: &[String]| {
        let lines = here.iter().filter(|line| !there.contains(line));
        lines.map(|line| format!("{sign}{line}")).collect::<Vec<_>>()
    };
    let (one, other) = (all(one), all(other));
    [only("-", &one, &other), only("+", &other, &one)].concat()
}

fn line(text: &str, id: &str) -> String {
    text.lines().find(|line| line.contains(id)).unwrap_or_default().to_owned()
}

#[test]
fn a_removal_that_is_asked_about_is_not_written_back() {
    let mut board = two();
    let last = board.render();
    let file = last.replace(&format!("{}\n", line(&last, FIRST)), "");
    board.set(1, "title", json!("Changed"));
    let next = board.render();
    let absent = BTreeSet::from([FIRST.to_owned()]);
    let orders = Orders { absent, ..Orders::default() };
    let result = spliced(&last, &next, &file, &orders);
    assert_eq!(line(&result, FIRST), "");
    assert_eq!(line(&result, SECOND), line(&next, SECOND));
    assert_eq!(spliced(&last, &next, &file, &Orders::default()), next, "else it comes back");
}

#[test]
fn a_token_that_is_not_understood_stays_on_its_line() {
    let mut board = two();
    let last = board.render();
    let odd = line(&last, FIRST).replace(" <!--", " !urgnt due:soon <!--");
    let file = last.replace(&line(&last, FIRST), &odd);
    assert_eq!(spliced(&last, &last, &file, &Orders::default()), file);
    board.set(0, "status", json!("active"));
    board.set(0, "tags", json!(["api"]));
    let result = spliced(&last, &board.render(), &file, &Orders::default());
    let found = line(&result, FIRST);
    assert!(found.starts_with("- [/] Write the handler 2 #api !urgnt due:soon <!--"), "{found}");
}

#[test]
fn a_held_line_takes_what_is_not_held_and_keeps_its_old_stamp() {
    let mut board = two();
    let last = board.render();
    let file = last.replace("Write the handler 2", "Write my handler");
    board.set(0, "title", json!("Write their handler"));
    board.set(0, "status", json!("active"));
    let held = BTreeSet::from(["title".to_owned()]);
    let held = BTreeMap::from([(FIRST.to_owned(), held)]);
    let orders = Orders { held, ..Orders::default() };
    let result = spliced(&last, &board.render(), &file, &orders);
    let expected = line(&file, FIRST).replace("[ ]", "[/]");
    assert_eq!(line(&result, FIRST), expected);
}

#[test]
fn a_record_that_is_held_whole_stays_as_it_is_though_it_is_gone() {
    let mut board = two();
    let last = board.render();
    let file = last.replace("Write the handler 2", "Write my handler");
    board.tasks.remove(0);
    let held = BTreeMap::from([(FIRST.to_owned(), BTreeSet::from([String::new()]))]);
    let orders = Orders { held, ..Orders::default() };
    let next = board.render();
    let result = spliced(&last, &next, &file, &orders);
    assert_eq!(line(&result, FIRST), line(&file, FIRST));
    let gone = spliced(&last, &next, &file, &Orders::default());
    assert_eq!(line(&gone, FIRST), "", "else it goes");
}

#[test]
fn an_item_that_became_no_record_is_kept_as_words() {
    let mut board = two();
    let last = board.render();
    let file = last.replace("\n## Legend", "- [ ] Refused\n  > with a text\n\n## Legend");
    board.set(0, "title", json!("Changed"));
    let result = spliced(&last, &board.render(), &file, &Orders::default());
    assert!(result.contains("- [ ] Refused\n  > with a text\n"), "{result}");
}

#[test]
fn of_two_copies_the_one_that_says_what_is_true_is_the_record_and_the_other_is_kept_as_words() {
    let mut board = two();
    let last = board.render();
    let own = line(&last, FIRST);
    let copy = own.replace("Write the handler 2", "Another");
    let file = last.replace(&own, &format!("{copy}\n{own}"));
    board.set(1, "title", json!("Changed"));
    let next = board.render();
    let result = spliced(&last, &next, &file, &Orders::default());
    assert_eq!(result, next.replace(&own, &format!("{copy}\n{own}")));
}

#[test]
fn a_block_id_gets_a_mark_and_a_mistyped_stamp_a_good_one() {
    let board = two();
    let last = board.render();
    let own = line(&last, FIRST);
    let words = own.split(" <!--").next().unwrap_or_default();
    let short = last.replace(&own, &format!("{words} ^{FIRST}"));
    assert_eq!(spliced(&last, &last, &short, &Orders::default()), last);
    let bare = last.replace(&own, words);
    let orders = Orders { adopted: BTreeMap::from([(1, FIRST.to_owned())]), ..Orders::default() };
    assert_eq!(spliced(&last, &last, &bare, &orders), last);
}

#[test]
fn line_endings_and_the_end_of_the_file_stay() {
    let mut board = two();
    let last = board.render();
    board.set(0, "title", json!("Changed"));
    board.new_task(None, None, 0);
    let next = board.render();
    for (file, expected) in [
        (last.replace('\n', "\r\n"), next.replace('\n', "\r\n")),
        (last.trim_end().to_owned(), next.trim_end().to_owned()),
        (format!("{}\r\n", last.trim_end()), format!("{}\r\n", next.trim_end())),
    ] {
        let result = spliced(&last, &next, &file, &Orders::default());
        assert_eq!(result, expected, "{:?}", difference(&expected, &result));
    }
}

#[test]
fn order_of_the_file_stays_where_the_template_did_not_change_it() {
    let mut board = two();
    let last = board.render();
    let (first, second) = (line(&last, FIRST), line(&last, SECOND));
    let file = last.replace(&format!("{first}\n{second}"), &format!("{second}\n{first}"));
    board.set(0, "title", json!("Changed"));
    let next = board.render();
    let result = spliced(&last, &next, &file, &Orders::default());
    assert_eq!(result, file.replace(&first, &line(&next, FIRST)));
    board.tasks.swap(0, 1);
    let turned = board.render();
    assert_eq!(spliced(&last, &turned, &last, &Orders::default()), turned);
}

#[test]
fn front_matter_of_the_persons_own_stays() {
    let mut board = two();
    let last = board.render();
    let file = last.replacen("\n---\n", "\naliases: [work]\n---\n", 1);
    board.new_task(None, None, 0);
    let next = board.render();
    let result = spliced(&last, &next, &file, &Orders::default());
    assert_eq!(result, next.replacen("\n---\n", "\naliases: [work]\n---\n", 1));
}
