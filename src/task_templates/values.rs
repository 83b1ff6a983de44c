//! What is filled in for the parameters: read generously, held to their types and limits.

use serde_json::{Map, Value};

use super::model::{Parameter, ParameterKind};
use super::problem::{Fault, shown};
use crate::domain::refusal::{Refusal, closest};
use crate::domain::text::{DESCRIPTION_MAX, TITLE_MAX, many_lines, one_line};

/// Most characters of a text.
const TEXT_MAX: usize = 16_000;
/// Most lines of a list.
const LIST_MAX: usize = 100;
/// Unknown parameters that are told.
const UNKNOWN_MAX: usize = 10;

/// The most that `max_length` can allow.
pub(super) fn length_max(kind: ParameterKind) -> usize {
    match kind {
        ParameterKind::String => TITLE_MAX,
        ParameterKind::Text => TEXT_MAX,
        ParameterKind::List => LIST_MAX,
        ParameterKind::Integer | ParameterKind::Boolean | ParameterKind::Choice => 0,
    }
}

/// The values of all parameters, and what is wrong with those given. Where one is wrong or
/// missing, something stands in for it, so that the rest can be shown.
pub(super) fn all(
    parameters: &[Parameter],
    given: &Map<String, Value>,
) -> (Map<String, Value>, Vec<Fault>) {
    let mut faults = unknown(parameters, given);
    let mut values = Map::new();
    for parameter in parameters {
        let said = given.get(&parameter.name).filter(|value| !is_nothing(parameter, value));
        let value = match (said, &parameter.default) {
            (Some(said), _) => one(parameter, said),
            (None, Some(default)) if !parameter.required => Ok(default.clone()),
            (None, _) if parameter.required => Err(missing(parameter)),
            (None, _) => Ok(empty(parameter)),
        };
        let value = value.unwrap_or_else(|fault| {
            faults.push(fault);
            stand_in(parameter)
        });
        values.insert(parameter.name.clone(), value);
    }
    (values, faults)
}

/// An empty text says nothing where it cannot be meant.
fn is_nothing(parameter: &Parameter, value: &Value) -> bool {
    let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
    let takes_blank = match parameter.kind {
        ParameterKind::String | ParameterKind::Text | ParameterKind::List => !parameter.required,
        ParameterKind::Integer | ParameterKind::Boolean | ParameterKind::Choice => false,
    };
    let is_empty = value.as_array().is_some_and(Vec::is_empty) && parameter.required;
    value.is_null() || is_empty || is_blank && !takes_blank
}

fn missing(parameter: &Parameter) -> Fault {
    let fault = Fault::of_parameter(&parameter.name, "it is missing");
    if parameter.description.is_empty() {
        return fault;
    }
    fault.suggest(shown(&parameter.description))
}

fn unknown(parameters: &[Parameter], given: &Map<String, Value>) -> Vec<Fault> {
    let is_known = |name: &str| parameters.iter().any(|known| known.name == name);
    let strange = given.keys().filter(|name| !is_known(name));
    let faults = strange.take(UNKNOWN_MAX).map(|name| {
        let names = || parameters.iter().map(|known| known.name.as_str());
        let fault = Fault::of_parameter(name, "the template has no such parameter");
        match closest(name, names()) {
            Some(near) => fault.suggest(format!("did you mean {near}?")),
            None if parameters.is_empty() => fault.suggest("it has none"),
            None => fault.suggest(format!("it has {}", names().collect::<Vec<_>>().join(", "))),
        }
    });
    faults.collect()
}

/// Reads one value.
pub(super) fn one(parameter: &Parameter, given: &Value) -> Result<Value, Fault> {
    match parameter.kind {
        ParameterKind::String => line(parameter, given).map(Value::from),
        ParameterKind::Text => text(parameter, given),
        ParameterKind::Integer => integer(parameter, given),
        ParameterKind::Boolean => boolean(parameter, given),
        ParameterKind::Choice => choice(parameter, given),
        ParameterKind::List => list(parameter, given),
    }
}

/// What a parameter is where nothing is given.
fn empty(parameter: &Parameter) -> Value {
    match parameter.kind {
        ParameterKind::String | ParameterKind::Text | ParameterKind::Choice => Value::from(""),
        ParameterKind::Integer => Value::from(0),
        ParameterKind::Boolean => Value::from(false),
        ParameterKind::List => Value::Array(Vec::new()),
    }
}

/// What is shown in the place of a value that is wrong or missing.
fn stand_in(parameter: &Parameter) -> Value {
    let name = || Value::from(format!("‹{}›", parameter.name));
    match (&parameter.default, parameter.kind) {
        (Some(default), _) => default.clone(),
        (None, ParameterKind::String | ParameterKind::Text) => name(),
        (None, ParameterKind::List) => Value::Array(vec![name()]),
        (None, ParameterKind::Choice) => {
            parameter.choices.first().map_or_else(name, |choice| Value::from(choice.as_str()))
        }
        (None, ParameterKind::Integer) => Value::from(parameter.min.unwrap_or(0)),
        (None, ParameterKind::Boolean) => Value::from(false),
    }
}

fn wrong(parameter: &Parameter, meant: &str, given: &Value) -> Fault {
    let found = match given {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            shown(&given.to_string())
        }
    };
    Fault::of_parameter(&parameter.name, format!("it is {meant}, not {found}"))
}

/// A refusal of the domain's, as a fault of a parameter.
fn refused(parameter: &Parameter, refusal: Refusal) -> Fault {
    let fault = Fault::of_parameter(&parameter.name, refusal.message);
    match refusal.suggested_action {
        Some(advice) => fault.suggest(advice),
        None => fault,
    }
}

/// A single value as text; numbers are read as they stand.
fn as_text(given: &Value) -> Option<String> {
    match given {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn line(parameter: &Parameter, given: &Value) -> Result<String, Fault> {
    let text = as_text(given).ok_or_else(|| wrong(parameter, "one line of text", given))?;
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    let most = match parameter.kind {
        ParameterKind::String => parameter.max_length.unwrap_or(TITLE_MAX),
        ParameterKind::Text
        | ParameterKind::Integer
        | ParameterKind::Boolean
        | ParameterKind::Choice
        | ParameterKind::List => TITLE_MAX,
    };
    let line = one_line("it", &text, most).map_err(|refusal| refused(parameter, refusal))?;
    match &parameter.pattern {
        Some(pattern) if !pattern.fits(&line) => {
            let message = format!("{:?} does not match {pattern}", shown(&line));
            let fault = Fault::of_parameter(&parameter.name, message);
            Err(if parameter.description.is_empty() {
                fault
            } else {
                fault.suggest(shown(&parameter.description))
            })
        }
        Some(_) | None => Ok(line),
    }
}

fn text(parameter: &Parameter, given: &Value) -> Result<Value, Fault> {
    let text = as_text(given).ok_or_else(|| wrong(parameter, "text", given))?;
    let text = many_lines("it", &text, DESCRIPTION_MAX).map_err(|one| refused(parameter, one))?;
    let (length, most) = (text.chars().count(), parameter.max_length.unwrap_or(TEXT_MAX));
    if most < length {
        let message = format!("it is {length} characters long; the limit is {most}");
        return Err(Fault::of_parameter(&parameter.name, message).suggest("shorten it"));
    }
    Ok(Value::from(text))
}

fn integer(parameter: &Parameter, given: &Value) -> Result<Value, Fault> {
    let number = match given {
        Value::Number(number) => whole(number),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let number = number.ok_or_else(|| wrong(parameter, "a whole number", given))?;
    let (min, max) = (parameter.min.unwrap_or(i64::MIN), parameter.max.unwrap_or(i64::MAX));
    if (min..=max).contains(&number) {
        return Ok(Value::from(number));
    }
    let range = match (parameter.min, parameter.max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, _) => format!("at most {max}"),
    };
    Err(Fault::of_parameter(&parameter.name, format!("it is {range}, not {number}")))
}

/// Clients send `3.0` for 3.
fn whole(number: &serde_json::Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let text = number.to_string();
        text.strip_suffix(".0").and_then(|text| text.parse().ok())
    })
}

fn boolean(parameter: &Parameter, given: &Value) -> Result<Value, Fault> {
    let word = as_text(given).unwrap_or_default().trim().to_lowercase();
    match word.as_str() {
        "true" | "yes" | "on" | "y" | "1" => Ok(Value::Bool(true)),
        "false" | "no" | "off" | "n" | "0" => Ok(Value::Bool(false)),
        _ => Err(wrong(parameter, "true or false", given)),
    }
}

fn choice(parameter: &Parameter, given: &Value) -> Result<Value, Fault> {
    let choices = || parameter.choices.iter().map(String::as_str);
    let word = as_text(given).ok_or_else(|| wrong(parameter, "one of its choices", given))?;
    let word = word.trim();
    let same = |choice: &&str| choice.to_lowercase() == word.to_lowercase();
    let found = choices().find(|choice| *choice == word).or_else(|| choices().find(same));
    found.map(Value::from).ok_or_else(|| {
        let listed = choices().collect::<Vec<_>>().join(", ");
        let fault = wrong(parameter, &format!("one of {listed}"), given);
        match closest(word, choices()) {
            Some(near) => fault.suggest(format!("did you mean {near}?")),
            None => fault,
        }
    })
}

fn list(parameter: &Parameter, given: &Value) -> Result<Value, Fault> {
    let items = match given {
        Value::Array(items) => items.clone(),
        Value::String(text) => split(text),
        Value::Bool(_) | Value::Number(_) => vec![given.clone()],
        Value::Null | Value::Object(_) => return Err(wrong(parameter, "a list", given)),
    };
    let most = parameter.max_length.unwrap_or(LIST_MAX);
    if most < items.len() {
        let message = format!("it has {} entries; the limit is {most}", items.len());
        return Err(Fault::of_parameter(&parameter.name, message));
    }
    let lines = items.iter().map(|item| line(parameter, item));
    let lines: Vec<String> = lines.collect::<Result<_, _>>()?;
    Ok(lines.into_iter().filter(|line| !line.is_empty()).collect())
}

/// A list as JSON, in lines, or between commas.
fn split(text: &str) -> Vec<Value> {
    if let Ok(Value::Array(items)) = serde_json::from_str(text) {
        return items;
    }
    let separator = if text.trim().contains('\n') { '\n' } else { ',' };
    text.split(separator).map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect()
}
