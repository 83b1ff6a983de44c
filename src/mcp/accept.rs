//! Generous input: arguments are brought into the form that a tool's schema asks for.
//!
//! Models send numbers as strings, one value where a list is meant, lists as JSON in a string,
//! camel-cased names and nulls. All of that is understood here, once for all tools, guided by the
//! schema; what cannot be understood is refused with its name, what was sent and what is meant.

mod scalar;

use rmcp::model::JsonObject;
use serde_json::{Map, Value, json};

use crate::domain::refusal::{Code, Refusal, closest};
use scalar::wrong;

/// Deepest nesting that is followed.
const DEPTH_MAX: usize = 16;
/// Most characters of a wrong value that are shown again.
const SHOWN_MAX: usize = 60;
/// Unknown names that are told.
const NOTES_MAX: usize = 3;

/// What earlier clients may ask for and nothing here does: that is told.
const NO_EFFECT: [&str; 2] = ["compression_level", "sort_order"];
/// What makes a write conditional: where it is not known, ignoring it would overwrite.
const GUARDS: [&str; 2] = ["if_version", "on_clash"];

/// Arguments in the form of the schema.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) arguments: JsonObject,
    /// What was sent and has no meaning here, as sentences.
    pub(super) notes: Vec<String>,
}

/// Brings arguments into the form of a schema.
///
/// # Errors
///
/// [`Code::InvalidValue`] naming what is missing or cannot be read.
pub(super) fn accept(schema: &Value, arguments: JsonObject) -> Result<Accepted, Refusal> {
    let mut reading = Reading { root: schema, notes: Vec::new(), untold: 0 };
    let arguments = reading.object(schema, "", arguments, 0)?;
    let mut notes = reading.notes;
    if 0 < reading.untold {
        notes.push(format!("and {} more unknown parameters", reading.untold));
    }
    Ok(Accepted { arguments, notes })
}

struct Reading<'a> {
    root: &'a Value,
    notes: Vec<String>,
    /// Unknown names beyond those that are told.
    untold: usize,
}

type Read = Result<Value, Refusal>;

impl<'a> Reading<'a> {
    fn value(&mut self, schema: &'a Value, path: &str, value: Value, depth: usize) -> Read {
        let schema = self.resolve(schema);
        if DEPTH_MAX < depth {
            let message = format!("{path} is nested more than {DEPTH_MAX} deep");
            return Err(Refusal::new(Code::TooMuch, message));
        }
        match schema.get("type").and_then(Value::as_str) {
            Some("integer") => scalar::integer(schema, path, &value),
            Some("number") => scalar::number(path, &value),
            Some("boolean") => scalar::boolean(path, &value),
            Some("string") => scalar::string(schema, path, value),
            Some("array") => self.array(schema, path, value, depth),
            Some("object") => {
                let fields = as_object(path, value)?;
                self.object(schema, path, fields, depth).map(Value::Object)
            }
            Some(_) | None => Ok(value),
        }
    }

    fn array(&mut self, schema: &'a Value, path: &str, value: Value, depth: usize) -> Read {
        static ANYTHING: Value = Value::Bool(true);
        let item = self.resolve(schema.get("items").unwrap_or(&ANYTHING));
        let words = item.get("type").and_then(Value::as_str) == Some("string");
        let items = match value {
            Value::Array(items) => items,
            Value::String(text) => match serde_json::from_str(&text) {
                Ok(Value::Array(items)) => items,
                Ok(_) | Err(_) if words => text
                    .split([',', '\n'])
                    .map(str::trim)
                    .filter(|word| !word.is_empty())
                    .map(Value::from)
                    .collect(),
                Ok(Value::Object(one)) => vec![Value::Object(one)],
                Ok(_) | Err(_) => return Err(wrong(path, "a list", &Value::String(text))),
            },
            one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => vec![one],
        };
        items
            .into_iter()
            .enumerate()
            .map(|(index, one)| self.value(item, &format!("{path}[{index}]"), one, depth + 1))
            .collect::<Result<Vec<_>, _>>()
            .map(Value::Array)
    }

    fn object(
        &mut self,
        schema: &'a Value,
        path: &str,
        fields: JsonObject,
        depth: usize,
    ) -> Result<JsonObject, Refusal> {
        let Some(Value::Object(properties)) = schema.get("properties") else {
            return Ok(fields);
        };
        let mut known = Map::new();
        for (name, value) in fields.into_iter().filter(|(_, value)| !value.is_null()) {
            let Some((name, property)) = find(properties, &name) else {
                self.stray(schema, path, (name, value), &mut known)?;
                continue;
            };
            if is_blank(self.resolve(property), &value) {
                continue;
            }
            let inner = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            let value = self.value(property, &inner, value, depth + 1)?;
            known.entry(name.to_owned()).or_insert(value);
        }
        complete(schema, path, &known)?;
        Ok(known)
    }

    /// A field that the schema does not name: kept where it allows any, else told.
    fn stray(
        &mut self,
        schema: &Value,
        path: &str,
        (name, value): (String, Value),
        known: &mut JsonObject,
    ) -> Result<(), Refusal> {
        if GUARDS.contains(&name.as_str()) {
            let message = format!("{name} is not taken here; nothing was changed");
            return Err(Refusal::new(Code::InvalidValue, message)
                .with("parameter", name)
                .suggest("read what you are about to change, and send the call without it"));
        }
        if schema.get("additionalProperties").is_some_and(|open| *open != json!(false)) {
            known.insert(name, value);
        } else if !says(schema, "accepts", &name) {
            self.note(schema, path, &name);
        } else if NO_EFFECT.contains(&name.as_str()) && self.notes.len() < NOTES_MAX {
            self.notes.push(format!("parameter {name:?} has no effect here"));
        }
        Ok(())
    }

    fn note(&mut self, schema: &Value, path: &str, name: &str) {
        if self.notes.len() < NOTES_MAX {
            let properties = schema.get("properties").and_then(Value::as_object);
            self.notes.push(unknown(properties, path, name));
        } else {
            self.untold += 1;
        }
    }

    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { return schema };
        self.root.pointer(reference.trim_start_matches('#')).unwrap_or(schema)
    }
}

/// Finds a property by its name, another of its names, or a camel-cased spelling.
fn find<'a>(properties: &'a Map<String, Value>, name: &str) -> Option<(&'a str, &'a Value)> {
    let snake = snake_case(name);
    properties
        .get_key_value(name)
        .or_else(|| properties.get_key_value(&snake))
        .or_else(|| properties.iter().find(|(_, property)| says(property, "aliases", &snake)))
        .map(|(name, property)| (name.as_str(), property))
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for character in name.trim().chars() {
        if character.is_ascii_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(if character == '-' { '_' } else { character.to_ascii_lowercase() });
    }
    snake
}

fn says(schema: &Value, keyword: &str, name: &str) -> bool {
    schema
        .get(keyword)
        .and_then(Value::as_array)
        .is_some_and(|names| names.iter().any(|one| one == name))
}

fn as_object(path: &str, value: Value) -> Result<JsonObject, Refusal> {
    let parsed = match value {
        Value::Object(fields) => return Ok(fields),
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => value,
    };
    match parsed {
        Value::Object(fields) => Ok(fields),
        wrong_one @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)) => Err(wrong(path, "an object", &wrong_one)),
    }
}

fn unknown(properties: Option<&Map<String, Value>>, path: &str, name: &str) -> String {
    let shown: String = name.chars().take(SHOWN_MAX).collect();
    let place = if path.is_empty() { String::new() } else { format!(" of {path}") };
    let names = properties.into_iter().flat_map(Map::keys).map(String::as_str);
    match closest(name, names) {
        Some(meant) => {
            format!("parameter {shown:?}{place} is unknown and was ignored; did you mean {meant}?")
        }
        None => format!("parameter {shown:?}{place} is unknown and was ignored"),
    }
}

/// An empty text where something else than free text is asked for says nothing.
fn is_blank(schema: &Value, value: &Value) -> bool {
    let free =
        schema.get("type").is_some_and(|kind| kind == "string") && schema.get("enum").is_none();
    !free
        && schema.get("type").is_some()
        && value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn complete(schema: &Value, path: &str, known: &Map<String, Value>) -> Result<(), Refusal> {
    let required = schema.get("required").and_then(Value::as_array);
    let missing: Vec<&str> = required
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter(|name| !known.contains_key(*name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let place = if path.is_empty() { String::new() } else { format!(" in {path}") };
    let verb = if missing.len() == 1 { "is" } else { "are" };
    let message = format!("{} {verb} missing{place}", missing.join(", "));
    Err(Refusal::new(Code::InvalidValue, message)
        .with("missing", &missing)
        .suggest("send the call again with what is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object",
            "accepts": ["initial_backup"],
            "properties": {
                "task_id": { "type": "string", "aliases": ["id"] },
                "limit": { "type": "integer", "minimum": 1, "maximum": 200 },
                "estimate": { "type": "integer", "format": "minutes" },
                "force": { "type": "boolean" },
                "tags": { "type": "array", "items": { "type": "string" } },
                "status": { "type": "string", "format": "word", "enum": ["pending", "active"] },
                "detail": { "type": "string", "enum": ["brief", "full"] },
                "tasks": { "type": "array", "items": { "$ref": "#/$defs/New" } },
            },
            "required": ["task_id"],
            "$defs": { "New": { "type": "object", "required": ["title"], "properties": {
                "title": { "type": "string" },
                "children": { "type": "array", "items": { "$ref": "#/$defs/New" } } } } },
        })
    }

    fn check(given: Value, expected: &Value) {
        let Value::Object(given) = given else { panic!("an object") };
        let found = match accept(&schema(), given) {
            Ok(accepted) => json!([accepted.arguments, accepted.notes]),
            Err(refusal) => json!(refusal.message),
        };
        assert_eq!(&found, expected);
    }

    #[test]
    fn what_is_meant_is_understood() {
        for (given, meant) in [
            (json!({ "id": "t-1", "limit": "20" }), json!({ "task_id": "t-1", "limit": 20 })),
            (json!({ "taskId": 7, "limit": 20.0 }), json!({ "task_id": "7", "limit": 20 })),
            (
                json!({ "task_id": "t", "estimate": "2h" }),
                json!({ "task_id": "t", "estimate": 120 }),
            ),
            (json!({ "task_id": "t", "force": "Yes" }), json!({ "task_id": "t", "force": true })),
            (
                json!({ "task_id": "t", "tags": "a, b" }),
                json!({ "task_id": "t", "tags": ["a", "b"] }),
            ),
            (
                json!({ "task_id": "t", "tags": "[\"a\"]" }),
                json!({ "task_id": "t", "tags": ["a"] }),
            ),
            (
                json!({ "task_id": "t", "tags": null, "status": "", "limit": "" }),
                json!({ "task_id": "t" }),
            ),
            (
                json!({ "task_id": "t", "tasks": { "title": "x", "children": [{ "title": 1 }] } }),
                json!({ "task_id": "t", "tasks": [{ "title": "x", "children": [{ "title": "1" }] }] }),
            ),
            (json!({ "task_id": "t", "initial_backup": true }), json!({ "task_id": "t" })),
            (
                json!({ "task_id": "t", "status": "to do", "detail": " Full" }),
                json!({ "task_id": "t", "status": "to do", "detail": "full" }),
            ),
        ] {
            check(given, &json!([meant, []]));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        for (given, message) in [
            (json!({}), "task_id is missing"),
            (
                json!({ "task_id": "t", "limit": "many" }),
                "limit is a whole number from 1 to 200, not \"many\"",
            ),
            (json!({ "task_id": "t", "limit": 0 }), "limit is a whole number from 1 to 200, not 0"),
            (json!({ "task_id": ["t"] }), "task_id is text, not [\"t\"]"),
            (json!({ "task_id": "t", "force": 2 }), "force is true or false, not 2"),
            (json!({ "task_id": "t", "tasks": [{}] }), "title is missing in tasks[0]"),
            (
                json!({ "task_id": "t", "detail": "all" }),
                "detail cannot be \"all\"; it is one of brief, full",
            ),
            (
                json!({ "task_id": "t", "if_version": 2 }),
                "if_version is not taken here; nothing was changed",
            ),
        ] {
            check(given, &json!(message));
        }
    }

    #[test]
    fn an_unknown_name_is_told_with_the_closest() {
        check(
            json!({ "task_id": "t", "limt": 3 }),
            &json!([
                { "task_id": "t" },
                ["parameter \"limt\" is unknown and was ignored; did you mean limit?"]
            ]),
        );
    }

    #[test]
    fn of_many_unknown_names_some_are_told_and_the_others_counted() {
        let many = (0..NOTES_MAX + 3).map(|index| (format!("zz{index:02}zz"), json!(1)));
        let given = many.chain([("task_id".to_owned(), json!("t"))]).collect();
        let notes = accept(&schema(), given).unwrap().notes;
        assert_eq!(notes.len(), NOTES_MAX + 1);
        assert_eq!(notes.last().unwrap(), "and 3 more unknown parameters");
    }

    #[test]
    fn what_is_taken_without_effect_is_told_where_it_asks_for_something() {
        let schema = json!({
            "type": "object",
            "accepts": ["sort_order", "initial_backup"],
            "properties": { "days": { "type": "integer", "format": "uint32", "minimum": 0 } },
        });
        let given = json!({ "sort_order": "asc", "initial_backup": true, "days": 3 });
        let Value::Object(given) = given else { panic!("an object") };
        let accepted = accept(&schema, given).unwrap();
        assert_eq!(accepted.notes, ["parameter \"sort_order\" has no effect here"]);
        let Value::Object(given) = json!({ "days": 1_000_000_000_000_u64 }) else {
            panic!("it is")
        };
        let refusal = accept(&schema, given).unwrap_err();
        assert_eq!(
            refusal.message,
            "days is a whole number from 0 to 4294967295, not 1000000000000"
        );
    }
}
