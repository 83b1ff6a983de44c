//! Numbers, truths and texts, in whatever form models send them.

use serde_json::{Number, Value};

use super::{Read, SHOWN_MAX};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::parse_minutes;

pub(super) fn integer(schema: &Value, path: &str, value: &Value) -> Read {
    let minutes = schema.get("format").is_some_and(|format| format == "minutes");
    let read = match value {
        Value::Number(number) => whole(number),
        Value::String(text) if minutes => parse_minutes(text).map(i64::from),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let bound = |keyword| schema.get(keyword).and_then(Value::as_i64);
    // What is read into fewer bits is told by its bound, not by who reads it.
    let bits = match schema.get("format").and_then(Value::as_str) {
        Some("uint8") => Some(i64::from(u8::MAX)),
        Some("uint16") => Some(i64::from(u16::MAX)),
        Some("uint32") => Some(i64::from(u32::MAX)),
        Some(_) | None => None,
    };
    let (least, most) = (bound("minimum"), bound("maximum").or(bits));
    let fits = |number: &i64| {
        least.is_none_or(|least| least <= *number) && most.is_none_or(|most| *number <= most)
    };
    let wanted = match (least, most) {
        (Some(least), Some(most)) => format!("a whole number from {least} to {most}"),
        (Some(least), None) => format!("a whole number, {least} or more"),
        (None, Some(most)) => format!("a whole number, {most} or less"),
        (None, None) => "a whole number".to_owned(),
    };
    read.filter(fits).map(Value::from).ok_or_else(|| wrong(path, &wanted, value))
}

#[expect(clippy::cast_possible_truncation, reason = "checked against the bounds of exact integers")]
fn whole(number: &Number) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    number.as_i64().or_else(|| {
        number
            .as_f64()
            .filter(|real| real.fract() == 0.0 && real.abs() <= EXACT)
            .map(|real| real as i64)
    })
}

pub(super) fn number(path: &str, value: &Value) -> Read {
    match value {
        Value::Number(_) => Ok(value.clone()),
        Value::String(text) => text
            .trim()
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map(Value::Number)
            .ok_or_else(|| wrong(path, "a number", value)),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(wrong(path, "a number", value))
        }
    }
}

pub(super) fn boolean(path: &str, value: &Value) -> Read {
    let text = match value {
        Value::Bool(_) => return Ok(value.clone()),
        Value::String(text) => text.trim().to_ascii_lowercase(),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    match text.as_str() {
        "true" | "yes" | "on" | "1" => Ok(Value::Bool(true)),
        "false" | "no" | "off" | "0" => Ok(Value::Bool(false)),
        _ => Err(wrong(path, "true or false", value)),
    }
}

pub(super) fn string(schema: &Value, path: &str, value: Value) -> Read {
    let format = schema.get("format").and_then(Value::as_str);
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Array(_) | Value::Object(_) if format == Some("json") => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            return Err(wrong(path, "text", &value));
        }
    };
    match schema.get("enum").and_then(Value::as_array) {
        // Words of the domain are read where they are used, with all that they are called.
        Some(words) if format != Some("word") => one_of(words, path, &text),
        Some(_) | None => Ok(Value::String(text)),
    }
}

fn one_of(words: &[Value], path: &str, text: &str) -> Read {
    let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
    let meant = text.trim().replace([' ', '-'], "_");
    match words.iter().find(|word| word.eq_ignore_ascii_case(&meant)) {
        Some(word) => Ok(Value::from(*word)),
        None => Err(Refusal::invalid_value(path, text, &words)),
    }
}

pub(super) fn wrong(path: &str, wanted: &str, given: &Value) -> Refusal {
    let text = given.to_string();
    let shown: String = text.chars().take(SHOWN_MAX).collect();
    let cut = if shown.len() < text.len() { "…" } else { "" };
    Refusal::new(Code::InvalidValue, format!("{path} is {wanted}, not {shown}{cut}"))
        .with("parameter", path)
        .with("wanted", wanted)
        .suggest(format!("send {path} as {wanted}"))
}
