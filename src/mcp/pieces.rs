//! Long texts in pieces: each as large as an answer may be, with the call that gets the next.

use serde_json::{Map, Value, json};

use super::answer::{Answer, FULL_BYTES, Reply};
use super::params::Detail;
use crate::domain::refusal::{Code, Refusal};

/// Bytes of a piece as it is written in JSON; the rest of an answer needs some room beside it.
pub(super) const PIECE_BYTES: usize = FULL_BYTES - 4 * 1024;

/// Tells whether a text is longer than one piece.
pub(super) fn is_long(text: &str) -> bool {
    PIECE_BYTES < text.chars().map(written).sum()
}

/// A piece of a text as an answer, beside what is known of it, with the call that gets the next:
/// the arguments of this one from another offset.
///
/// # Errors
///
/// When the offset lies beyond the end.
pub(super) fn answer(
    (tool, arguments): (&str, &Value),
    known: Value,
    (text, offset): (&str, usize),
) -> Reply {
    let mut fields = piece(text, offset)?;
    if let (Some(next), Value::Object(arguments)) = (fields.get("next_offset"), arguments) {
        let mut arguments = arguments.clone();
        arguments.insert("offset".to_owned(), next.clone());
        fields.insert("next".to_owned(), json!(format!("{tool} {}", Value::Object(arguments))));
    }
    if let Value::Object(known) = known {
        fields.extend(known);
    }
    Ok(Answer::data(&fields).detail(Detail::Full))
}

/// The fields of an answer that hold the piece of a text from an offset in bytes on: `text`,
/// `offset`, `total_bytes`, and, unless it is the last, `next_offset`.
fn piece(text: &str, offset: usize) -> Result<Map<String, Value>, Refusal> {
    // An offset within a character means the character.
    let from = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    let rest = from.and_then(|from| text.get(from..)).filter(|_| offset <= text.len());
    let Some(rest) = rest else {
        let message =
            format!("offset {offset} is beyond the end; the text has {} bytes", text.len());
        return Err(Refusal::new(Code::InvalidValue, message)
            .with("total_bytes", text.len())
            .suggest("send the call without offset to begin again"));
    };
    let mut room = PIECE_BYTES;
    let end = rest.char_indices().find(|(_, character)| {
        let fits = written(*character) <= room;
        room = room.saturating_sub(written(*character));
        !fits
    });
    let end = end.map_or(rest.len(), |(at, _)| at);
    let from = from.unwrap_or(0);
    let next = from + end;
    let mut fields = Map::new();
    fields.insert("text".to_owned(), json!(rest.get(..end).unwrap_or_default()));
    fields.insert("offset".to_owned(), json!(from));
    fields.insert("total_bytes".to_owned(), json!(text.len()));
    if next < text.len() {
        fields.insert("next_offset".to_owned(), json!(next));
    }
    Ok(fields)
}

/// The bytes of a character in JSON.
fn written(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' => 2,
        '\0'..='\u{1f}' | '\u{7f}' => 6,
        _ => character.len_utf8().max(if character.is_ascii() { 1 } else { 3 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_a_text_are_the_text() {
        for text in ["é\"\n".repeat(20_000), "x".repeat(PIECE_BYTES), "x".repeat(PIECE_BYTES + 1)]
        {
            let (mut whole, mut offset) = (String::new(), Some(0));
            while let Some(from) = offset {
                let fields = piece(&text, from).unwrap();
                assert!(Value::Object(fields.clone()).to_string().len() <= FULL_BYTES);
                whole.push_str(fields["text"].as_str().unwrap());
                let next = fields.get("next_offset").and_then(Value::as_u64);
                offset = next.map(|next| usize::try_from(next).unwrap());
            }
            assert_eq!(whole, text);
            assert_eq!(
                is_long(&text),
                PIECE_BYTES < Value::from(text.as_str()).to_string().len() - 2
            );
        }
    }

    #[test]
    fn a_piece_begins_at_a_character_and_not_beyond_the_end() {
        assert_eq!(piece("aé", 2).unwrap()["text"], "é");
        assert_eq!(piece("aé", 3).unwrap()["text"], "");
        assert!(piece("aé", 4).is_err());
    }
}
