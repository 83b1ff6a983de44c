//! Escaping: backslashes as in markdown, and percent signs in words.

use std::fmt::Write as _;

/// Takes away the backslash before every ASCII punctuation character.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = characters.next_if(|next| character == '\\' && next.is_ascii_punctuation());
        plain.push(escaped.unwrap_or(character));
    }
    plain
}

/// Escapes what would be taken for an escape, or for the beginning or end of a comment.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for (at, character) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        let is_special = match character {
            '\\' => rest.chars().nth(1).is_none_or(|next| next.is_ascii_punctuation()),
            '<' => rest.starts_with("<!--"),
            '>' => text.get(..at).is_some_and(|before| before.ends_with("--")),
            _ => false,
        };
        if is_special {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Escapes all punctuation.
pub(super) fn escape_all(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if character.is_ascii_punctuation() {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Tells whether the character at a place has a backslash before it that escapes it.
pub(super) fn is_escaped(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    (before.len() - before.trim_end_matches('\\').len()) % 2 == 1
}

/// Writes every character that is not kept as `%` and two hexadecimal digits for each byte.
pub(super) fn percent(text: &str, mut keep: impl FnMut(char) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for character in text.chars() {
        if keep(character) {
            encoded.push(character);
            continue;
        }
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            // Writing to a string does not fail.
            write!(encoded, "%{byte:02X}").ok();
        }
    }
    encoded
}

/// Reads `%` and two hexadecimal digits as a byte; what gives no UTF-8 stays as it is.
pub(super) fn unpercent(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let digits = after.get(..2).filter(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = byte.and_then(|_| after.get(2..)).unwrap_or(after);
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_it_is_escaped() {
        for (plain, escaped) in [
            (r"C:\Users", r"C:\Users"),
            (r"a\*b", r"a\\*b"),
            (r"ends in \", r"ends in \\"),
            ("a <!-- b --> c", r"a \<!-- b --\> c"),
            ("<!-->", r"\<!--\>"),
            (r"\<!--", r"\\\<!--"),
        ] {
            assert_eq!(escape(plain), escaped);
            assert_eq!(unescape(escaped), plain);
            assert_eq!(unescape(&escape_all(plain)), plain);
        }
    }

    #[test]
    fn percent_signs_that_encode_nothing_stay() {
        assert_eq!(unpercent("100%"), "100%");
        assert_eq!(unpercent("a%20b%zz"), "a b%zz");
        assert_eq!(unpercent("50%ab"), "50%ab");
        assert_eq!(percent("a é", char::is_alphanumeric), "a%20é");
        assert_eq!(unpercent(&percent("a é%", |kept| kept.is_ascii_alphanumeric())), "a é%");
    }
}
