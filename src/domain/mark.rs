//! Content marks: six characters that name what a record said when a document was written.
//!
//! A mark is a hash of the record's mergeable fields, not a counter: documents also travel through
//! git between clones that each have a database of their own, where "version 13" means two things.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::record::Fields;

/// Characters of a mark, five bits each.
pub const MARK_CHARS: usize = 6;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The mark of one content: 30 bits of its BLAKE3 hash in Crockford's base 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(u32);

impl Mark {
    /// The mark of some fields. Fields that say nothing (null, empty) do not count, so that a field
    /// that is added to the format later changes no mark of old content.
    pub fn of(fields: &Fields) -> Self {
        let mut hasher = blake3::Hasher::new();
        let mut names: Vec<&String> = fields.keys().collect();
        names.sort();
        for name in names {
            let Some(value) = fields.get(name).filter(|value| says_something(value)) else {
                continue;
            };
            hasher.update(name.as_bytes());
            hasher.update(b"\0");
            hasher.update(canonical(value).as_bytes());
            hasher.update(b"\0");
        }
        let [first, second, third, fourth, ..] = *hasher.finalize().as_bytes();
        Self(u32::from_be_bytes([first, second, third, fourth]) >> 2)
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// The value as JSON with the keys of objects in order, whatever order they are kept in.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut parts: Vec<String> = fields
                .iter()
                .map(|(name, inner)| format!("{}:{}", Value::from(name.as_str()), canonical(inner)))
                .collect();
            parts.sort();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(items) => {
            let parts: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", parts.join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// What is wrong with a text that should be a mark.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a mark of six characters")]
pub struct MarkError(String);

impl fmt::Display for Mark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = (0..MARK_CHARS)
            .rev()
            .filter_map(|place| {
                let index = usize::try_from((self.0 >> (place * 5)) & 31).ok()?;
                ALPHABET.get(index).copied().map(char::from)
            })
            .collect();
        formatter.pad(&text)
    }
}

impl FromStr for Mark {
    type Err = MarkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || MarkError(text.chars().take(20).collect());
        if text.len() != MARK_CHARS {
            return Err(refuse());
        }
        text.bytes()
            .try_fold(0_u32, |number, byte| {
                let value =
                    ALPHABET.iter().position(|known| *known == byte.to_ascii_lowercase())?;
                Some(number << 5 | u32::try_from(value).ok()?)
            })
            .map(Self)
            .ok_or_else(refuse)
    }
}

impl Serialize for Mark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mark(value: Value) -> Mark {
        let Value::Object(fields) = value else { unreachable!("fields are given") };
        Mark::of(&fields)
    }

    #[test]
    fn a_mark_is_read_back_as_it_was_written() {
        for title in ["", "a", "Write the login handler", "é\n\0"] {
            let mark = mark(json!({"title": title}));
            assert_eq!(mark.to_string().parse(), Ok(mark));
            assert_eq!(mark.to_string().len(), MARK_CHARS);
        }
        assert!("12345".parse::<Mark>().is_err());
        assert!("12345u".parse::<Mark>().is_err());
    }

    #[test]
    fn a_mark_depends_on_what_is_said_and_on_nothing_else() {
        let said = mark(json!({"title": "a", "tags": ["x"], "role": null}));
        assert_eq!(said, mark(json!({"tags": ["x"], "title": "a"})));
        assert_eq!(said, mark(json!({"tags": ["x"], "title": "a", "due": "", "depends_on": []})));
        assert_ne!(said, mark(json!({"tags": ["x"], "title": "b"})));
        assert_ne!(mark(json!({"a": "bc"})), mark(json!({"ab": "c"})));
    }

    #[test]
    fn marks_of_old_documents_keep_their_meaning() {
        let fields = json!({"title": "Write", "status": "pending", "priority": "high"});
        assert_eq!(mark(fields).to_string(), "x59rah");
    }
}
