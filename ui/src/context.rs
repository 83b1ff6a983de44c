//! What was left for whoever continues, in words: people are not to read JSON.

use callboard_engine::domain::time::minutes_text;
use serde_json::{Map, Value};

/// What comes before everything else.
const FIRST: [&str; 4] = ["name", "title", "summary", "reason"];

/// A value in lines; what belongs to the line above begins with two blanks.
pub fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => {
            ordered(map).into_iter().flat_map(|(key, value)| line(key, value)).collect()
        }
        Value::Array(items) => items.iter().filter(|item| !is_nothing(item)).map(inline).collect(),
        Value::String(text) => text.lines().map(str::to_owned).collect(),
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Number(_) => vec![inline(value)],
    }
}

/// The same as markdown; a text is markdown already.
pub fn markdown(value: &Value) -> String {
    if let Value::String(text) = value {
        return text.clone();
    }
    let item = |line: String| match line.strip_prefix("  ") {
        Some(below) => format!("  - {below}\n"),
        None => format!("- {line}\n"),
    };
    lines(value).into_iter().map(item).collect()
}

/// The fields that say something, the telling ones first.
fn ordered(map: &Map<String, Value>) -> Vec<(&str, &Value)> {
    let mut fields: Vec<(&str, &Value)> = map
        .iter()
        .filter(|(_, value)| !is_nothing(value))
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    fields.sort_by_key(|(key, _)| rank(key));
    fields
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_nothing),
        Value::Object(map) => map.values().all(is_nothing),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn words(key: &str) -> String {
    key.strip_suffix("_minutes").unwrap_or(key).replace('_', " ")
}

/// A field in a line, with the records that it lists below.
fn line(key: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let below = items.iter().filter(|item| !is_nothing(item));
            let below = below.map(|item| format!("  {}", inline(item)));
            std::iter::once(words(key)).chain(below).collect()
        }
        Value::Array(_)
        | Value::Object(_)
        | Value::String(_)
        | Value::Bool(_)
        | Value::Number(_) => {
            vec![format!("{}: {}", words(key), valued(key, value))]
        }
        Value::Null => Vec::new(),
    }
}

fn valued(key: &str, value: &Value) -> String {
    let minutes = value.as_u64().filter(|_| key.ends_with("_minutes"));
    match minutes.and_then(|minutes| u32::try_from(minutes).ok()) {
        Some(minutes) => minutes_text(minutes),
        None => inline(value),
    }
}

/// A value within a line.
fn inline(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(is_so) => if *is_so { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Array(items) => {
            let items = items.iter().filter(|item| !is_nothing(item)).map(inline);
            items.collect::<Vec<_>>().join(", ")
        }
        Value::Object(map) => {
            let (mut name, mut facts) = (String::new(), Vec::new());
            for (key, value) in ordered(map) {
                match (key, value) {
                    ("name" | "title", Value::String(text)) if name.is_empty() => {
                        name.clone_from(text);
                    }
                    (_, Value::Number(number)) if number.as_i64() == Some(0) => {}
                    (_, Value::Number(_)) if !key.ends_with("_minutes") => {
                        facts.push(format!("{value} {}", words(key)));
                    }
                    (_, _) => facts.push(format!("{} {}", words(key), valued(key, value))),
                }
            }
            let facts = facts.join(", ");
            match (name.is_empty(), facts.is_empty()) {
                (true, _) => facts,
                (false, true) => name,
                (false, false) => format!("{name}: {facts}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_is_told_in_lines_without_what_is_empty() {
        let report = json!({
            "at": "2026-11-23T14:03:00Z",
            "by_agent": [{"name": "codex", "completed": 3, "failed": 0, "cycle_minutes": 90}],
            "by_role": [],
            "counts": {"completed": 3, "pending": 0, "failed": 1},
            "interrupted": [],
            "lasted_minutes": 150,
            "summary": "The checkout\nworks.",
            "cycle_minutes": null,
        });
        assert_eq!(
            lines(&report),
            [
                "summary: The checkout works.",
                "at: 2026-11-23T14:03:00Z",
                "by agent",
                &format!("  codex: 3 completed, cycle {}", minutes_text(90)),
                "counts: 3 completed, 1 failed",
                &format!("lasted: {}", minutes_text(150)),
            ]
        );
        assert!(markdown(&report).contains("- by agent\n  - codex: 3 completed"));
    }

    #[test]
    fn texts_and_lists_are_told_as_they_are() {
        assert_eq!(markdown(&json!("# Title\n\ntext")), "# Title\n\ntext");
        assert_eq!(lines(&json!(["a", "", "b"])), ["a", "b"]);
        assert_eq!(lines(&json!(true)), ["yes"]);
        assert_eq!(lines(&json!({"paths": ["a.rs", "b.rs"]})), ["paths: a.rs, b.rs"]);
    }
}
