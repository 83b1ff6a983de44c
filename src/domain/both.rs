//! Taking both sides of a conflict: what either has, with nothing lost.

use diffy::{ConflictStyle, MergeOptions};
use serde_json::Value;

use super::merge::{FieldRule, rule_of};
use super::record::same;

/// The length of the marks that are put around overlapping changes for a moment.
const MARK: usize = 97;

/// The value that holds both sides of a field: of texts the lines of either, the database's first
/// where they overlap; of sets the items of either. `None` where a field can hold only one.
pub fn both(field: &str, base: &Value, ours: &Value, theirs: &Value) -> Option<Value> {
    if same(Some(ours), Some(theirs)) {
        return Some(ours.clone());
    }
    match rule_of(field) {
        FieldRule::Scalar => None,
        FieldRule::Set => Some(all_items(ours, theirs)),
        FieldRule::Text => {
            let text = |value: &Value| match value {
                Value::Null => Some(String::new()),
                Value::String(text) => Some(text.clone()),
                Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
            };
            let (base, ours, theirs) = (text(base)?, text(ours)?, text(theirs)?);
            Some(all_lines(&base, &ours, &theirs).into())
        }
    }
}

fn all_items(ours: &Value, theirs: &Value) -> Value {
    let sides = [ours, theirs].into_iter().filter_map(Value::as_array).flatten();
    let mut items: Vec<String> =
        sides.filter_map(|item| item.as_str().map(str::to_owned)).collect();
    items.sort();
    items.dedup();
    items.into()
}

fn all_lines(base: &str, ours: &str, theirs: &str) -> String {
    let ended = |text: &str| {
        if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
    };
    let mut options = MergeOptions::new();
    options.set_conflict_marker_length(MARK).set_conflict_style(ConflictStyle::Merge);
    let (Ok(merged) | Err(merged)) = options.merge(&ended(base), &ended(ours), &ended(theirs));
    let marks = ['<', '=', '>'].map(|sign| sign.to_string().repeat(MARK));
    let is_mark = |line: &str| marks.iter().any(|mark| line.starts_with(mark));
    let kept: String = merged.split_inclusive('\n').filter(|line| !is_mark(line)).collect();
    let lent = [ours, theirs].iter().all(|text| !text.ends_with('\n'));
    if lent { kept.trim_end_matches('\n').to_owned() } else { kept }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_sides_of_a_text_are_kept_where_they_overlap() {
        let check = |base: &str, ours: &str, theirs: &str, expected: &str| {
            let found = both("description", &json!(base), &json!(ours), &json!(theirs));
            assert_eq!(found, Some(json!(expected)), "{base:?} {ours:?} {theirs:?}");
        };
        check("1", "1a", "1b", "1a\n1b");
        check("", "ours", "theirs", "ours\ntheirs");
        check("1\n2\n3", "1\n2a\n3", "1\n2b\n3\n4", "1\n2a\n2b\n3\n4");
        check("1\n2\n3\n4\n5", "1a\n2\n3\n4\n5", "1\n2\n3\n4\n5b", "1a\n2\n3\n4\n5b");
        check("=======\n1", "=======\n1a", "=======\n1b", "=======\n1a\n1b");
    }

    #[test]
    fn both_sides_of_a_set_are_all_items_and_a_scalar_has_one_value_only() {
        let set = both("tags", &json!(["a"]), &json!(["a", "c"]), &json!(["b"]));
        assert_eq!(set, Some(json!(["a", "b", "c"])));
        assert_eq!(both("title", &json!("a"), &json!("b"), &json!("c")), None);
        assert_eq!(both("unknown", &json!("a"), &json!("b"), &json!("c")), None);
    }
}
