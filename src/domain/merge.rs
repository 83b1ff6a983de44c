//! Merging one record's fields three ways: base, ours (the database), theirs (a document).
//!
//! Which fields merge, and how each kind of field does, is one table.

use serde_json::Value;

use super::id::TaskId;
use super::record::{Fields, Record, same};
use super::task::Task;

/// How a field merges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldRule {
    /// One side equals the base: the other; else a conflict.
    Scalar,
    /// What both kept, and what either added.
    Set,
    /// By lines; overlapping changes are a conflict.
    Text,
}

/// The mergeable fields of each kind of record, by their names in the feed.
const SESSION: &[(&str, FieldRule)] = &[("name", FieldRule::Scalar), ("goal", FieldRule::Text)];
const GROUP: &[(&str, FieldRule)] = &[
    ("name", FieldRule::Scalar),
    ("description", FieldRule::Text),
    ("role", FieldRule::Scalar),
    ("parent_id", FieldRule::Scalar),
];
const TASK: &[(&str, FieldRule)] = &[
    ("title", FieldRule::Scalar),
    ("description", FieldRule::Text),
    ("status", FieldRule::Scalar),
    ("priority", FieldRule::Scalar),
    ("role", FieldRule::Scalar),
    ("group_id", FieldRule::Scalar),
    ("parent_id", FieldRule::Scalar),
    ("estimate_minutes", FieldRule::Scalar),
    ("tags", FieldRule::Set),
    ("due", FieldRule::Scalar),
    ("assignee", FieldRule::Scalar),
    ("depends_on", FieldRule::Set),
];
const CONTEXT: &[(&str, FieldRule)] = &[("value", FieldRule::Text)];

/// The mergeable fields of a record's kind, with their rules; none for edges and conflicts.
pub fn rules_of(record: &Record) -> &'static [(&'static str, FieldRule)] {
    match record {
        Record::Session(_) => SESSION,
        Record::Group(_) => GROUP,
        Record::Task(_) => TASK,
        Record::Context(_) => CONTEXT,
        Record::Dependency(_) | Record::Conflict(_) | Record::Artifact(_) => &[],
    }
}

/// How a field merges, by its name, which means the same in every kind of record.
pub fn rule_of(field: &str) -> FieldRule {
    if field == "result_summary" {
        return FieldRule::Text;
    }
    let mut all = [SESSION, GROUP, TASK, CONTEXT].into_iter().flatten();
    all.find(|(name, _)| *name == field).map_or(FieldRule::Scalar, |(_, rule)| *rule)
}

/// The mergeable fields of a record, over which its mark is made. `depends_on` is the task's.
pub fn mergeable(record: &Record, depends_on: &[TaskId]) -> Fields {
    if let Record::Task(task) = record {
        return mergeable_task(task, depends_on);
    }
    let mut all = record.fields();
    let rules = rules_of(record);
    all.retain(|name, _| rules.iter().any(|(known, _)| known == name));
    all
}

/// The mergeable fields of a task. Taken one by one and not through all its fields: documents ask
/// for those of thousands of tasks.
pub fn mergeable_task(task: &Task, depends_on: &[TaskId]) -> Fields {
    let mut names: Vec<String> = depends_on.iter().map(TaskId::to_string).collect();
    names.sort();
    let values: [(&str, Value); 12] = [
        ("title", Value::from(task.title.as_str())),
        ("description", Value::from(task.description.as_str())),
        ("status", Value::from(task.status.as_str())),
        ("priority", Value::from(task.priority.as_str())),
        ("role", Value::from(task.role.as_deref())),
        ("group_id", Value::from(task.group_id.map(|id| id.to_string()))),
        ("parent_id", Value::from(task.parent_id.map(|id| id.to_string()))),
        ("estimate_minutes", Value::from(task.estimate_minutes)),
        ("tags", Value::from(task.tags.as_slice())),
        ("due", Value::from(task.due.as_deref())),
        ("assignee", Value::from(task.assignee.as_deref())),
        ("depends_on", Value::from(names)),
    ];
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What a three-way merge of one field comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Merged {
    /// Ours stays.
    Keep,
    /// This value is to be written.
    Take(Value),
    /// Both changed it differently.
    Conflict,
}

/// Merges one field.
pub fn merge(rule: FieldRule, base: &Value, ours: &Value, theirs: &Value) -> Merged {
    if alike(rule, ours, theirs) || alike(rule, base, theirs) {
        return Merged::Keep;
    }
    if alike(rule, base, ours) {
        return Merged::Take(theirs.clone());
    }
    match rule {
        FieldRule::Scalar => Merged::Conflict,
        FieldRule::Set => merge_sets(base, ours, theirs),
        FieldRule::Text => merge_texts(base, ours, theirs),
    }
}

/// Tells whether two values say the same. A text is the same with or without blank lines around it:
/// a document does not show those.
fn alike(rule: FieldRule, left: &Value, right: &Value) -> bool {
    match (rule, left.as_str(), right.as_str()) {
        (FieldRule::Text, Some(left), Some(right)) => trimmed(left) == trimmed(right),
        (FieldRule::Text | FieldRule::Scalar, _, _) => same(Some(left), Some(right)),
        (FieldRule::Set, _, _) => {
            let (mut left, mut right) = (items(left), items(right));
            left.sort();
            right.sort();
            left == right
        }
    }
}

fn trimmed(text: &str) -> String {
    text.replace("\r\n", "\n").trim_matches('\n').trim_end().to_owned()
}

fn merge_sets(base: &Value, ours: &Value, theirs: &Value) -> Merged {
    let [base, left, right] = [base, ours, theirs].map(items);
    let kept = base.iter().filter(|item| left.contains(item) && right.contains(item));
    let added = left.iter().chain(&right).filter(|item| !base.contains(item));
    let mut merged: Vec<String> = kept.chain(added).cloned().collect();
    merged.sort();
    merged.dedup();
    let merged = Value::from(merged);
    if merged == *ours { Merged::Keep } else { Merged::Take(merged) }
}

fn items(value: &Value) -> Vec<String> {
    let texts = value.as_array().into_iter().flatten();
    texts.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Merges by lines, never by words; hunks that touch are a conflict.
fn merge_texts(base: &Value, ours: &Value, theirs: &Value) -> Merged {
    let (Some(base), Some(ours), Some(theirs)) = (base.as_str(), ours.as_str(), theirs.as_str())
    else {
        return Merged::Conflict;
    };
    match diffy::merge(&ended(base), &ended(ours), &ended(theirs)) {
        Ok(merged) => {
            // The line ending that was lent to the last line is taken back.
            let lent = [ours, theirs].iter().all(|text| !text.ends_with('\n'));
            let merged = if lent { merged.trim_end_matches('\n') } else { &merged };
            if merged == ours { Merged::Keep } else { Merged::Take(Value::from(merged)) }
        }
        Err(_) => Merged::Conflict,
    }
}

fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(rule: FieldRule, cases: &[(Value, Value, Value, Merged)]) {
        for (base, ours, theirs, expected) in cases {
            let found = merge(rule, base, ours, theirs);
            assert_eq!(found, *expected, "{rule:?} {base} {ours} {theirs}");
        }
    }

    #[test]
    fn the_fields_of_a_task_are_those_of_its_record() {
        let task: Task = serde_json::from_value(json!({
            "id": "t-00000001", "session_id": "s-00000001", "group_id": "g-00000001",
            "parent_id": "t-00000002", "title": "a", "description": "b", "status": "review",
            "priority": "low", "complexity": "simple", "role": "tester", "position": 1.0,
            "estimate_minutes": 90, "tags": ["x", "y"], "due": "2026-12-01", "progress": 0,
            "created_by": "human", "created_at": 1, "updated_at": 1, "version": 1,
        }))
        .unwrap();
        let record = Record::Task(Box::new(task.clone()));
        let mut fields = record.fields();
        fields.retain(|name, _| TASK.iter().any(|(known, _)| known == name));
        fields.insert("depends_on".to_owned(), json!(["t-00000003", "t-00000004"]));
        let waits = ["t-00000004", "t-00000003"].map(|id| id.parse().unwrap());
        assert_eq!(mergeable_task(&task, &waits), fields);
        assert_eq!(fields.len(), TASK.len());
    }

    #[test]
    fn a_scalar_takes_the_side_that_changed() {
        check(
            FieldRule::Scalar,
            &[
                (json!("a"), json!("a"), json!("a"), Merged::Keep),
                (json!("a"), json!("b"), json!("a"), Merged::Keep),
                (json!("a"), json!("a"), json!("b"), Merged::Take(json!("b"))),
                (json!("a"), json!("b"), json!("b"), Merged::Keep),
                (json!("a"), json!("b"), json!("c"), Merged::Conflict),
                (json!(null), json!(null), json!(5), Merged::Take(json!(5))),
            ],
        );
    }

    #[test]
    fn a_set_keeps_what_both_kept_and_gains_what_either_added() {
        check(
            FieldRule::Set,
            &[
                (
                    json!(["a", "b"]),
                    json!(["b", "c"]),
                    json!(["a", "d"]),
                    Merged::Take(json!(["c", "d"])),
                ),
                (json!(["a"]), json!(["a", "b"]), json!([]), Merged::Take(json!(["b"]))),
                (json!([]), json!(["a", "b"]), json!(["a"]), Merged::Keep),
            ],
        );
    }

    #[test]
    fn a_text_merges_by_lines() {
        let take = |text: &str| Merged::Take(json!(text));
        check(
            FieldRule::Text,
            &[
                (
                    json!("1\n2\n3\n4\n5"),
                    json!("1a\n2\n3\n4\n5"),
                    json!("1\n2\n3\n4\n5b"),
                    take("1a\n2\n3\n4\n5b"),
                ),
                (json!("1"), json!("1a"), json!("1b"), Merged::Conflict),
                (json!(""), json!("ours"), json!("theirs"), Merged::Conflict),
            ],
        );
    }
}
