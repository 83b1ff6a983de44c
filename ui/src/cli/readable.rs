//! JSON for scripts: what rows hold, with moments as RFC 3339 instead of numbers.

use callboard_engine::domain::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

/// Names of fields that hold moments.
const MOMENTS: [&str; 11] = [
    "at",
    "from",
    "hour",
    "modified",
    "since",
    "until",
    "claim_until",
    "state_since",
    "last_activity",
    "first_seen",
    "last_seen",
];

/// A value as scripts read it.
pub(super) fn readable(value: impl Serialize) -> Value {
    fields(serde_json::to_value(value).unwrap_or(Value::Null))
}

fn fields(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.into_iter().map(field).collect::<Map<_, _>>()),
        Value::Array(items) => items.into_iter().map(fields).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

fn field((name, value): (String, Value)) -> (String, Value) {
    let is_moment = MOMENTS.contains(&name.as_str()) || name.ends_with("_at");
    match value.as_i64().filter(|_| is_moment) {
        Some(moment) => (name, Timestamp(moment).to_string().into()),
        // What people and agents left is theirs, whatever its fields are called.
        None if name == "value" => (name, value),
        None => (name, fields(value)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moments_are_written_out_and_other_numbers_stay() {
        assert_eq!(
            readable(
                json!({ "created_at": 1000, "seq": 7, "claim": { "until": 0 }, "value": { "at": 1 } })
            ),
            json!({ "created_at": "1970-01-01T00:00:01Z", "seq": 7,
                "claim": { "until": "1970-01-01T00:00:00Z" }, "value": { "at": 1 } })
        );
    }
}
