//! Cutting answers to the size that a model can afford, and saying what was cut.

use std::fmt;

use serde_json::Value;

/// A text is not cut shorter than this.
const TEXT_LEAST: usize = 100;
/// Cuts that are named.
const CUTS_NAMED: usize = 5;

/// How many values from the first on fit into so many bytes.
pub(super) fn fitting(values: &[Value], bytes: usize) -> usize {
    let mut used = 0;
    values
        .iter()
        .take_while(|value| {
            used += value.to_string().len() + 1;
            used <= bytes
        })
        .count()
}

/// A value whose text, or whose JSON as text, is cut to so many bytes.
pub(super) fn clip_value(value: &Value, bytes: usize) -> Value {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if text.len() <= bytes { value.clone() } else { Value::String(clip(&text, bytes)) }
}

/// The text cut to so many bytes, saying so.
pub(super) fn clip(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let mark = format!("… (cut: {} bytes in all)", text.len());
    let mut kept = String::with_capacity(bytes);
    for character in text.chars() {
        if bytes < kept.len() + character.len_utf8() + mark.len() {
            break;
        }
        kept.push(character);
    }
    kept + &mark
}

/// The last resort against answers that are too large: cuts the longest texts, then the largest
/// lists, until the value fits, and says what was cut.
pub(super) fn shrink(value: &mut Value, bytes: usize) -> Vec<String> {
    if size(value) <= bytes {
        return Vec::new();
    }
    let whole = value.clone();
    let mut longest = bytes;
    let mut cut = Vec::new();
    while bytes < size(value) && TEXT_LEAST < longest {
        longest = (longest - longest / 4).max(TEXT_LEAST);
        cut.clear();
        // From the whole again, so that what is said of it stays true.
        *value = whole.clone();
        clip_all(value, "", longest, &mut cut);
    }
    while bytes < size(value) {
        let Some(pointer) = largest(value) else { break };
        let Some(target) = value.pointer_mut(&pointer) else { break };
        let kept = halve(target);
        let all = whole.pointer(&pointer).map_or(kept, entries);
        cut.retain(|known: &Cut| {
            known.pointer != pointer && value.pointer(&known.pointer).is_some()
        });
        cut.insert(0, Cut { pointer, what: format!("the first {kept} of {all} entries") });
    }
    let more = cut.len().saturating_sub(CUTS_NAMED);
    cut.truncate(CUTS_NAMED);
    let mut named: Vec<String> = cut.iter().map(Cut::to_string).collect();
    if 0 < more {
        named.push(format!("and {more} more"));
    }
    named
}

/// Something that was cut, and what is left of it.
struct Cut {
    pointer: String,
    what: String,
}

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.pointer.trim_start_matches('/').replace('/', ".");
        write!(formatter, "{name}: {}", self.what)
    }
}

fn size(value: &Value) -> usize {
    value.to_string().len()
}

/// Cuts every text to so many bytes.
fn clip_all(value: &mut Value, pointer: &str, longest: usize, cut: &mut Vec<Cut>) {
    match value {
        Value::String(text) if longest < text.len() => {
            let what = format!("{longest} of {} bytes", text.len());
            cut.push(Cut { pointer: pointer.to_owned(), what });
            *text = clip(text, longest);
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                clip_all(item, &format!("{pointer}/{index}"), longest, cut);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                clip_all(field, &format!("{pointer}/{}", escaped(name)), longest, cut);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Points at the largest list or object of several entries inside a value.
fn largest(value: &Value) -> Option<String> {
    let mut found = Vec::new();
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                containers(field, &format!("/{}", escaped(name)), &mut found);
            }
        }
        Value::Array(_) => containers(value, "", &mut found),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    found.into_iter().max_by_key(|(weight, _)| *weight).map(|(_, pointer)| pointer)
}

fn containers(value: &Value, pointer: &str, found: &mut Vec<(usize, String)>) {
    match value {
        Value::Array(items) => {
            if 1 < items.len() {
                found.push((size(value), pointer.to_owned()));
            }
            for (index, item) in items.iter().enumerate() {
                containers(item, &format!("{pointer}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            if 1 < fields.len() {
                found.push((size(value), pointer.to_owned()));
            }
            for (name, field) in fields {
                containers(field, &format!("{pointer}/{}", escaped(name)), found);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Drops the second half of the entries; says how many are left.
fn halve(value: &mut Value) -> usize {
    let half = entries(value) / 2;
    match value {
        Value::Array(items) => items.truncate(half),
        Value::Object(fields) => {
            let dropped: Vec<String> = fields.keys().skip(half).cloned().collect();
            for name in dropped {
                fields.remove(&name);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    half
}

fn entries(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::Object(fields) => fields.len(),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BYTES: usize = 8 * 1024;

    fn check(mut value: Value, named: &str) {
        let cut = shrink(&mut value, BYTES);
        assert!(size(&value) <= BYTES, "{}", size(&value));
        assert!(cut.iter().any(|cut| cut.contains(named)), "{cut:?}");
    }

    #[test]
    fn an_answer_that_is_too_large_says_what_was_cut() {
        check(json!({ "title": "t", "description": "é".repeat(30_000) }), "of 60000 bytes");
        check(json!({ "items": (0..20_000).collect::<Vec<_>>() }), "items: the first ");
        let many: Value = (0..300).map(|key| (key.to_string(), json!("x".repeat(300)))).collect();
        check(json!({ "context": many }), "context: the first ");
    }

    #[test]
    fn what_is_cut_again_and_again_is_still_told_of_the_whole() {
        let texts: Vec<String> = (0..8).map(|_| "x".repeat(30_000)).collect();
        let mut value = json!({ "texts": texts });
        let cut = shrink(&mut value, BYTES);
        assert!(cut[0].ends_with("of 30000 bytes"), "{cut:?}");
        assert!(value.to_string().contains("(cut: 30000 bytes in all)"), "{value}");
        check(json!({ "items": (0..20_000).collect::<Vec<_>>() }), "of 20000 entries");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(clip("é".repeat(30).as_str(), 60), "é".repeat(30));
        let cut = clip(&"é".repeat(60), 61);
        assert!(cut.len() <= 61 && cut.ends_with("… (cut: 120 bytes in all)"), "{cut}");
    }
}
