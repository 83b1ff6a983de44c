//! Cursors: where a page ended, as one opaque word.
//!
//! A cursor holds the sort key of the last item, so a page continues where it ended even when
//! items came or went meanwhile.

use crate::domain::refusal::{Code, Refusal};

/// Writes the parts of a sort key.
pub(super) fn write(parts: &[String]) -> String {
    parts.join("~").bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a sort key of a known number of parts.
///
/// # Errors
///
/// [`Code::InvalidValue`] when the word is not a cursor of this list.
pub(super) fn read(cursor: &str, parts: usize) -> Result<Vec<String>, Refusal> {
    let bytes: Option<Vec<u8>> = (0..cursor.len())
        .step_by(2)
        .map(|at| cursor.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let found: Vec<String> = text.splitn(parts, '~').map(str::to_owned).collect();
    if found.len() == parts && !text.is_empty() {
        return Ok(found);
    }
    let shown: String = cursor.chars().take(40).collect();
    Err(Refusal::new(Code::InvalidValue, format!("cursor {shown:?} does not belong to this list"))
        .suggest("use the cursor of the last answer unchanged, or leave it out to start again"))
}

/// Reads one part as a number.
pub(super) fn number<T: std::str::FromStr>(part: Option<&String>) -> Result<T, Refusal> {
    part.and_then(|text| text.parse().ok())
        .ok_or_else(|| Refusal::new(Code::InvalidValue, "the cursor does not belong to this list"))
}
