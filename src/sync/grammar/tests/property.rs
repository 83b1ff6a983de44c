//! Properties: reading never fails, and what is printed is read back, whatever is in it.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::decode::decode;
use super::super::health::hold_reason;
use super::super::line::{description, group_heading, heading, parse_task_head, prose, task_line};
use super::made::{Task, fields, line, soup, stamp, tasks, text};
use super::{active, group_kind, read, session_id};
use crate::domain::document::DocumentKind;
use crate::domain::draft::{Draft, RecordKind, Stamp};
use crate::domain::record::Fields;
use crate::domain::text::NAME_MAX;

fn printed(tasks: &[Task]) -> String {
    let each = tasks.iter().map(|(depth, fields, stamp, text)| {
        let line = task_line(fields, stamp.as_ref());
        let indent = depth * 2;
        format!("{}{line}\n{}", " ".repeat(indent), description(text, indent + 2))
    });
    each.collect()
}

fn expected(tasks: &[Task]) -> Vec<(Fields, Option<Stamp>, Option<usize>)> {
    let mut open: Vec<usize> = Vec::new();
    let each = tasks.iter().enumerate().map(|(place, (depth, fields, stamp, text))| {
        open.truncate(*depth);
        let parent = open.last().copied();
        open.push(place);
        let mut fields = fields.clone();
        if !text.is_empty() {
            fields.insert("description".to_owned(), text.as_str().into());
        }
        (fields, stamp.clone(), parent)
    });
    each.collect()
}

fn said(draft: &Draft) -> Vec<(Fields, Option<Stamp>, Option<usize>)> {
    let of_task = draft.records.iter().filter(|record| record.kind == RecordKind::Task);
    of_task.map(|record| (record.fields.clone(), record.stamp.clone(), record.parent)).collect()
}

proptest! {
    #[test]
    fn any_text_is_read(text in prop_oneof![4 => soup(60), 1 => any::<String>()]) {
        for kind in [
            DocumentKind::Session, DocumentKind::ActiveTasks, DocumentKind::CompletedTasks, group_kind(),
        ] {
            let draft = read(&text, kind);
            hold_reason(&text, &draft, &Draft::default());
            hold_reason("", &Draft::default(), &draft);
            hold_reason(&text, &Draft::default(), &draft);
        }
        parse_task_head(&text);
    }

    #[test]
    fn any_bytes_are_text_or_not(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(decoded) = decode(&bytes) {
            prop_assert_eq!(decoded.encode(&decoded.text), bytes);
            active(&decoded.text);
        }
    }

    #[test]
    fn a_printed_line_is_read_back(fields in fields(), stamp in stamp()) {
        let line = task_line(&fields, stamp.as_ref());
        let head = parse_task_head(&line).unwrap();
        prop_assert_eq!(&head.fields, &fields, "{}", line);
        prop_assert_eq!(&head.stamp, &stamp, "{}", line);
        prop_assert!(head.problems.is_empty(), "{}: {:?}", line, head.problems);
        prop_assert_eq!(head.stamp_span.is_empty(), stamp.is_none());
        let stamped = task_line(&head.fields, stamp.as_ref());
        prop_assert_eq!(stamped, line);
    }

    #[test]
    fn printed_tasks_are_read_back_and_nothing_else(tasks in tasks()) {
        let text = printed(&tasks);
        let draft = active(&text);
        prop_assert_eq!(said(&draft), expected(&tasks), "{}", text);
        prop_assert!(draft.problems.is_empty(), "{}: {:?}", text, draft.problems);
        let windows = text.replace('\n', "\r\n");
        prop_assert_eq!(said(&active(&windows)), expected(&tasks), "{}", windows);
    }

    #[test]
    fn a_printed_heading_is_read_back(
        path in vec(line(NAME_MAX), 1..4), about in text(), after in fields(), stamped in any::<bool>(),
    ) {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let stamp = Stamp { record: "g-00000001".to_owned(), mark: None };
        let head = group_heading(2, &names, stamped.then_some(&stamp));
        let text = format!("{head}\n{}\n{}\n", description(&about, 0), task_line(&after, None));
        let draft = active(&text);
        prop_assert_eq!(draft.records.len(), 2, "{}", text);
        let group = &draft.records[0];
        prop_assert_eq!(group.stamp.is_some(), stamped);
        let (name, parents) = path.split_last().unwrap();
        prop_assert_eq!(&group.fields["name"], name, "{}", text);
        prop_assert_eq!(&group.fields["path"], &json!(parents), "{}", text);
        let read = group.fields.get("description").and_then(Value::as_str).unwrap_or_default();
        prop_assert_eq!(read, about, "{}", text);
        prop_assert!(draft.problems.is_empty(), "{}: {:?}", text, draft.problems);
    }

    #[test]
    fn a_session_and_its_prose_are_read_back(
        name in line(NAME_MAX), goal in text(), value in text(), key in line(40),
    ) {
        let Some(lines) = prose(&value, 2) else { return Ok(()) };
        let session = session_id();
        let own = Stamp { record: session.to_string(), mark: None };
        let context = Stamp { record: format!("{session}/{key}"), mark: None };
        let text = format!(
            "---\ncallboard: session\n---\n{}\n\n{}\n{}\n\n{}\n## More\n\n- [ ] x\n",
            heading(1, &name, Some(&own)), description(&goal, 0), heading(2, &key, Some(&context)),
            lines,
        );
        let draft = read(&text, DocumentKind::Session);
        prop_assert_eq!(draft.records.len(), 2, "{}", text);
        prop_assert_eq!(&draft.records[0].fields["name"], &name, "{}", text);
        let read = draft.records[0].fields.get("goal").and_then(Value::as_str).unwrap_or_default();
        prop_assert_eq!(read, goal, "{}", text);
        prop_assert_eq!(draft.records[1].stamp.as_ref(), Some(&context));
        prop_assert_eq!(&draft.records[1].fields["value"], &value, "{}", text);
    }
}
