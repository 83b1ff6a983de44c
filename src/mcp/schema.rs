//! Input schemas, cleaned once at start: what a model pays for, and what calls are held to.
//!
//! The generator writes for validators; a model needs less. Null types, integer formats, titles and
//! definitions used once go. Private keywords stay in the form that calls are held to and leave the
//! published one: `aliases` (other names of a property), `hidden` (a property that is understood but
//! not told), and `accepts` (properties of earlier versions that are taken and have no effect).

use std::collections::HashMap;
use std::sync::Arc;

use rmcp::model::JsonObject;
use serde_json::{Map, Value};

/// Names of integer formats that clients warn about.
const FORMATS: [&str; 8] =
    ["uint", "uint8", "uint16", "uint32", "uint64", "int32", "int64", "double"];
/// Keywords of ours that are not published.
const PRIVATE: [&str; 3] = ["aliases", "accepts", "format"];
/// What says nothing to whoever reads the schema: bounds of a type, and that an object is open.
const SELF_EVIDENT: [(&str, &str); 3] =
    [("minimum", "0"), ("maximum", "255"), ("additionalProperties", "true")];
/// Keywords that hold one schema, several in a list, or several by name.
const ONE: [&str; 2] = ["items", "additionalProperties"];
const LISTS: [&str; 3] = ["anyOf", "oneOf", "allOf"];
const MAPS: [&str; 2] = ["properties", "$defs"];

/// The two forms of one tool's input schema.
#[derive(Debug, Clone)]
pub(super) struct InputSchema {
    /// What calls are held to.
    pub(super) accepting: Value,
    /// What the list of tools shows.
    pub(super) published: Arc<JsonObject>,
}

/// Cleans a generated schema.
pub(super) fn clean(raw: &JsonObject) -> InputSchema {
    let mut schema = Value::Object(raw.clone());
    tidy(&mut schema);
    inline(&mut schema);
    let mut published = schema.clone();
    strip(&mut published);
    // What is used once, now that hidden properties are gone.
    inline(&mut published);
    let published = match published {
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            JsonObject::new()
        }
    };
    InputSchema { accepting: schema, published: Arc::new(published) }
}

/// Calls `visit` on every schema directly inside this one.
fn each_inner(node: &mut Map<String, Value>, visit: &mut dyn FnMut(&mut Value)) {
    for key in ONE {
        if let Some(inner) = node.get_mut(key) {
            visit(inner);
        }
    }
    for key in LISTS {
        if let Some(Value::Array(inner)) = node.get_mut(key) {
            inner.iter_mut().for_each(&mut *visit);
        }
    }
    for key in MAPS {
        if let Some(Value::Object(inner)) = node.get_mut(key) {
            inner.values_mut().for_each(&mut *visit);
        }
    }
}

fn tidy(schema: &mut Value) {
    let Value::Object(node) = schema else { return };
    node.remove("$schema");
    node.remove("title");
    if node.get("default").is_some_and(Value::is_null) {
        node.remove("default");
    }
    if node.get("format").and_then(Value::as_str).is_some_and(|name| FORMATS.contains(&name)) {
        node.remove("format");
    }
    if let Some(Value::String(text)) = node.get_mut("description") {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if node.get("description").is_some_and(|text| text == "") {
        node.remove("description");
    }
    without_null(node);
    each_inner(node, &mut tidy);
}

/// An absent value says what null would: the null forms go.
fn without_null(node: &mut Map<String, Value>) {
    if let Some(Value::Array(kinds)) = node.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [kind] = kinds.as_slice() {
            let kind = kind.clone();
            node.insert("type".to_owned(), kind);
        }
    }
    if let Some(Value::Array(words)) = node.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    for key in ["anyOf", "oneOf"] {
        let Some(Value::Array(forms)) = node.get_mut(key) else { continue };
        forms.retain(|form| form.get("type").is_none_or(|kind| kind != "null"));
        if let [Value::Object(form)] = forms.as_slice() {
            let form = form.clone();
            node.remove(key);
            merge(node, form);
        }
    }
}

/// Adds what the node does not say itself.
fn merge(node: &mut Map<String, Value>, form: Map<String, Value>) {
    for (key, value) in form {
        node.entry(key).or_insert(value);
    }
}

/// Puts definitions that are used once where they are used, until none is left: what goes may have
/// been the second use of another.
fn inline(schema: &mut Value) {
    loop {
        let Some(Value::Object(definitions)) = schema.get("$defs") else { return };
        let mut uses: HashMap<&str, usize> = HashMap::new();
        count(schema, &mut uses);
        let is_shared = |name: &str| 1 < uses.get(reference(name).as_str()).copied().unwrap_or(0);
        let once: Vec<String> =
            definitions.keys().filter(|name| !is_shared(name)).cloned().collect();
        if once.is_empty() {
            return;
        }
        for name in once {
            put(schema, &name);
        }
    }
}

/// Puts a definition where it is used, and takes it from the definitions.
fn put(schema: &mut Value, name: &str) {
    let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) else { return };
    let definition = definitions.remove(name);
    if definitions.is_empty()
        && let Some(root) = schema.as_object_mut()
    {
        root.remove("$defs");
    }
    if let Some(Value::Object(definition)) = definition {
        replace(schema, &reference(name), &definition);
    }
}

fn reference(name: &str) -> String {
    format!("#/$defs/{name}")
}

/// Counts how often each definition is used.
fn count<'a>(schema: &'a Value, uses: &mut HashMap<&'a str, usize>) {
    match schema {
        Value::Object(node) => {
            for (key, inner) in node {
                match inner {
                    Value::String(target) if key == "$ref" => *uses.entry(target).or_default() += 1,
                    inner => count(inner, uses),
                }
            }
        }
        Value::Array(inner) => inner.iter().for_each(|inner| count(inner, uses)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn replace(schema: &mut Value, target: &str, definition: &Map<String, Value>) {
    let Value::Object(node) = schema else { return };
    if node.get("$ref").is_some_and(|name| name == target) {
        node.remove("$ref");
        merge(node, definition.clone());
        return;
    }
    each_inner(node, &mut |inner| replace(inner, target, definition));
}

fn strip(schema: &mut Value) {
    let Value::Object(node) = schema else { return };
    for key in PRIVATE {
        node.remove(key);
    }
    if let Some(Value::Object(properties)) = node.get_mut("properties") {
        properties.retain(|_, property| property.get("hidden").is_none());
    }
    for (keyword, self_evident) in SELF_EVIDENT {
        let said = node.get(keyword).map(Value::to_string);
        if said.as_deref() == Some(self_evident) {
            node.remove(keyword);
        }
    }
    each_inner(node, &mut strip);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_generated_schema_loses_what_no_model_needs() {
        let Value::Object(raw) = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "title": { "type": ["string", "null"], "description": "One\nline.", "aliases": ["name"] },
                "limit": { "type": ["integer", "null"], "format": "uint32", "minimum": 0, "default": null },
                "priority": { "anyOf": [{ "$ref": "#/$defs/Priority" }, { "type": "null" }] },
            },
            "$defs": { "Priority": { "type": "string", "enum": ["high", "low"] } },
        }) else {
            panic!("an object")
        };
        let schema = clean(&raw);
        assert_eq!(
            Value::Object((*schema.published).clone()),
            json!({
                "type": "object",
                "properties": {
                    "title": { "type": "string", "description": "One line." },
                    "limit": { "type": "integer" },
                    "priority": { "type": "string", "enum": ["high", "low"] },
                },
            })
        );
        assert_eq!(schema.accepting["properties"]["title"]["aliases"], json!(["name"]));
    }

    #[test]
    fn a_definition_that_holds_itself_stays() {
        let Value::Object(raw) = json!({
            "type": "object",
            "properties": { "tasks": { "type": "array", "items": { "$ref": "#/$defs/New" } } },
            "$defs": { "New": { "type": "object", "properties": {
                "children": { "type": "array", "items": { "$ref": "#/$defs/New" } } } } },
        }) else {
            panic!("an object")
        };
        assert!(clean(&raw).published.contains_key("$defs"));
    }
}
