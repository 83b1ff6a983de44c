//! Splicing against an oracle: random boards, random edits by people, random changes by agents.

mod board;
mod cases;
mod edits;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use self::board::{Board, Op, board, draft};
use self::edits::edited;
use super::{Orders, Source, Sources, merged, splice};
use crate::domain::draft::{Draft, RecordKind, Section, Stamp};
use crate::domain::record::Fields;

fn check(last: &str, next: &str, file: &str, orders: &Orders) -> Result<String, TestCaseError> {
    let (last_draft, next_draft, file_draft) = (draft(last), draft(next), draft(file));
    let sources = Sources {
        last: Source { text: last, draft: &last_draft },
        next: Source { text: next, draft: &next_draft },
        file: Source { text: file, draft: &file_draft },
    };
    let result = splice(&sources, orders);
    let found = draft(&result);
    let shown = format!(
        "--- last\n{last}\n--- next\n{next}\n--- file\n{file}\n--- result\n{result}\n{orders:?}"
    );
    let (found_records, wanted) = (read(&found), read(&next_draft));
    let here = read(&file_draft);
    for (key, record) in &wanted {
        if orders.absent.contains(key) && !here.contains_key(key) {
            prop_assert!(!found_records.contains_key(key), "{key} is back\n{shown}");
            continue;
        }
        let Some(spliced) = found_records.get(key) else {
            return Err(TestCaseError::fail(format!("{key} is lost\n{shown}")));
        };
        let held = orders.held.get(key);
        let mut expected = record.clone();
        if let Some(held) = held {
            expected.stamp.clone_from(&here[key].stamp);
            for name in held {
                match here[key].fields.get(name) {
                    Some(value) => expected.fields.insert(name.clone(), value.clone()),
                    None => expected.fields.remove(name),
                };
            }
        }
        // What was not understood may stay.
        expected.fields.retain(|name, _| spliced.fields.contains_key(name));
        prop_assert_eq!(spliced, &expected, "{}\n{}", key, shown);
    }
    for key in found_records.keys() {
        let is_known = wanted.contains_key(key) || orders.held.contains_key(key);
        prop_assert!(is_known, "{key} is foreign\n{shown}");
    }
    let typed = |draft: &Draft, text: &str, adopted: &BTreeMap<usize, String>| -> Vec<String> {
        let unstamped = draft
            .records
            .iter()
            .enumerate()
            .filter(|(place, record)| record.stamp.is_none() && !adopted.contains_key(place));
        // What it is nested in, not how far, is what it says.
        let bare = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
        unstamped.map(|(_, record)| bare(record.span.of(text))).collect()
    };
    let refused = typed(&file_draft, file, &orders.adopted);
    prop_assert_eq!(
        sorted(typed(&found, &result, &BTreeMap::new())),
        sorted(refused.clone()),
        "{}",
        shown
    );
    prop_assert_eq!(found.records.len(), found_records.len() + refused.len(), "twice\n{}", shown);
    check_words(last, file, &file_draft, &result).map_err(|line| {
        TestCaseError::fail(format!("the person's line {line:?} is lost\n{shown}"))
    })?;
    let again = Sources {
        last: Source { text: next, draft: &next_draft },
        next: Source { text: next, draft: &next_draft },
        file: Source { text: &result, draft: &found },
    };
    let settled = Orders { adopted: BTreeMap::new(), ..orders.clone() };
    prop_assert_eq!(merged(&again, &settled), result.clone(), "not settled\n{}", shown);
    Ok(result)
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

#[derive(Debug, Clone, PartialEq)]
struct Record {
    fields: Fields,
    stamp: Option<Stamp>,
    parent: Option<String>,
    section: Option<String>,
}

fn read(draft: &Draft) -> BTreeMap<String, Record> {
    let key = |place: usize| draft.records[place].stamp.as_ref().map(|stamp| stamp.record.clone());
    let records = draft.records.iter().filter_map(|record| {
        let stamp = record.stamp.clone()?;
        let section = match record.section {
            Section::Unsaid | Section::NoGroup => None,
            Section::Group(place) => key(place),
        };
        let parent = record.parent.and_then(key);
        let fields = record.fields.clone();
        Some((stamp.record.clone(), Record { fields, stamp: Some(stamp), parent, section }))
    });
    records.collect()
}

/// The lines that only the file has and that are of no record stay, in order.
fn check_words(last: &str, file: &str, draft: &Draft, result: &str) -> Result<(), String> {
    let mut known: Vec<&str> = last.lines().map(str::trim).collect();
    let mut at = 0;
    let mut rest = result.lines().map(str::trim);
    for raw in file.split_inclusive('\n') {
        let (start, line) = (at, raw.trim());
        at += raw.len();
        let in_record =
            draft.records.iter().any(|it| it.span.start <= start && start < it.span.end);
        if in_record || line.is_empty() {
            continue;
        }
        if let Some(place) = known.iter().position(|known| *known == line) {
            known.remove(place);
            continue;
        }
        if !rest.any(|found| found == line) {
            return Err(line.to_owned());
        }
    }
    Ok(())
}

fn ops(most: usize) -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(any::<Op>(), 0..most)
}

proptest! {
    #[test]
    fn what_a_person_wrote_stays_and_what_agents_changed_comes(
        is_full: bool, made in ops(8), edits in ops(6), changes in ops(6), form: u8,
    ) {
        let before = board(is_full, &made);
        let last = before.render();
        let file = edited(&last, &edits, form);
        let (mut after, adopted) = before.read(&draft(&file));
        for op in &changes {
            after.change(*op);
        }
        let orders = Orders { adopted, ..Orders::default() };
        check(&last, &after.render(), &file, &orders)?;
    }

    #[test]
    fn what_became_no_record_stays_as_it_was_typed(
        is_full: bool, made in ops(8), edits in ops(6), changes in ops(6), which: u16, form: u8,
    ) {
        let before = board(is_full, &made);
        let last = before.render();
        let file = edited(&last, &edits, form);
        let read_file = draft(&file);
        let (mut after, mut adopted) = before.read(&read_file);
        // Any of those in which nothing is nested.
        let leaves: Vec<usize> = adopted.keys().copied().filter(|place| {
            let record = &read_file.records[*place];
            record.kind == RecordKind::Task
                && record.stamp.is_none()
                && read_file.records.iter().all(|other| other.parent != Some(*place))
        }).collect();
        for (at, place) in leaves.iter().enumerate() {
            if usize::from(which) >> (at % 16) & 1 == 0 {
                let key = adopted.remove(place).unwrap();
                after.tasks.retain(|task| task.key != key);
            }
        }
        for op in &changes {
            after.change(*op);
        }
        let orders = Orders { adopted, ..Orders::default() };
        check(&last, &after.render(), &file, &orders)?;
    }

    #[test]
    fn a_file_that_nobody_edited_becomes_what_the_template_gives(
        is_full: bool, made in ops(8), changes in ops(8),
    ) {
        let mut board = board(is_full, &made);
        let last = board.render();
        for op in &changes {
            board.change(*op);
        }
        let next = board.render();
        let (last_draft, next_draft) = (draft(&last), draft(&next));
        let last = Source { text: &last, draft: &last_draft };
        let next = Source { text: &next, draft: &next_draft };
        let sources = Sources { last, next, file: last };
        prop_assert_eq!(merged(&sources, &Orders::default()), next.text);
    }

    #[test]
    fn a_held_field_keeps_its_text_and_its_stamp(
        is_full: bool, made in ops(8), edits in ops(3), changes in ops(4), which: u16, form: u8,
    ) {
        let before = board(is_full, &made);
        let last = before.render();
        let file = edited(&last, &edits, form);
        let read_file = draft(&file);
        let (mut after, adopted) = before.read(&read_file);
        for op in &changes {
            after.change(*op);
        }
        let mut orders = Orders { adopted, ..Orders::default() };
        let here = read(&read_file);
        let stays: Vec<usize> = (0..after.tasks.len())
            .filter(|at| here.contains_key(&after.tasks[*at].key)).collect();
        if let Some(at) = stays.get(usize::from(which) % stays.len().max(1)) {
            let field = ["title", "priority", "status", "due", "tags"][usize::from(which) % 5];
            let other = match field {
                "tags" => json!(["theirs"]),
                "due" => json!("2027-01-01"),
                "status" => json!("blocked"),
                "priority" => json!("low"),
                _ => json!("Their title"),
            };
            after.set(*at, field, other);
            let held = BTreeSet::from([field.to_owned()]);
            orders.held.insert(after.tasks[*at].key.clone(), held);
        }
        check(&last, &after.render(), &file, &orders)?;
    }
}

#[test]
fn one_changed_field_changes_only_its_line() {
    let mut board = board(true, &[(0, 1, 1), (2, 1, 2), (2, 4, 3), (0, 3, 0)]);
    let last = board.render();
    let file =
        last.replace("_2 here._", "_2 here._\n\nMy own words.").replace("\n- [ ]", "\n* [ ]");
    board.set(3, "title", json!("Another title"));
    let result = check(&last, &board.render(), &file, &Orders::default()).unwrap();
    let changed: Vec<(&str, &str)> =
        file.lines().zip(result.lines()).filter(|(one, other)| one != other).collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert!(changed[0].1.starts_with("* [ ] Another title <!-- t-"), "{changed:?}");
    assert_eq!(file.lines().count(), result.lines().count());
}

#[test]
fn ten_thousand_records_are_spliced_at_once() {
    let mut board = Board { is_full: true, ..Board::default() };
    (0..100).for_each(|seed| board.new_group(seed));
    for place in 0..10_000 {
        let group = board.groups[place % 100].key.clone();
        board.new_task(Some(group), None, place);
    }
    let last = board.render();
    let file = format!("{last}\nMy words.\n");
    board.set(5_000, "title", json!("Another title"));
    let next = board.render();
    let [last_draft, next_draft, file_draft] = [&last, &next, &file].map(|text| draft(text));
    let sources = Sources {
        last: Source { text: &last, draft: &last_draft },
        next: Source { text: &next, draft: &next_draft },
        file: Source { text: &file, draft: &file_draft },
    };
    let began = std::time::Instant::now();
    let result = splice(&sources, &Orders::default());
    let took = began.elapsed();
    assert_eq!(result, format!("{next}\nMy words.\n"));
    assert!(took.as_secs() < 5, "{took:?}");
}
