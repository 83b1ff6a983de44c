//! Identifiers: a letter and eight characters of Crockford base 32, drawn at random (40 bits).
//!
//! Random rather than counted, so that ids made on two branches or machines do not collide. The
//! alphabet is Douglas Crockford's (<https://www.crockford.com/base32.html>), in lower case:
//! `i` and `l` are read as `1`, `o` as `0`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters after the dash.
pub const ID_CHARS: usize = 8;

/// The number of distinct ids of one kind.
pub const ID_SPACE: u64 = 1 << 40;

/// What is wrong with a text that should be an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an id of the form {letter}-xxxxxxxx")]
pub struct IdError {
    pub text: String,
    pub letter: char,
}

/// Reads one Crockford digit, forgiving case and look-alikes.
fn digit(character: char) -> Option<u64> {
    let lower = match character.to_ascii_lowercase() {
        'i' | 'l' => '1',
        'o' => '0',
        other => other,
    };
    ALPHABET.iter().position(|&known| char::from(known) == lower).map(|position| position as u64)
}

/// Returns the canonical spelling of a full id or of a prefix of one (`T-7K` becomes `t-7k`).
///
/// `None` when the text cannot be the beginning of an id with that letter.
pub fn canonical_prefix(letter: char, text: &str) -> Option<String> {
    let mut characters = text.trim().chars();
    if characters.next()?.to_ascii_lowercase() != letter || characters.next()? != '-' {
        return None;
    }
    let mut canonical = format!("{letter}-");
    for character in characters {
        let value = usize::try_from(digit(character)?).ok()?;
        canonical.push(char::from(*ALPHABET.get(value)?));
    }
    (canonical.len() <= ID_CHARS + 2).then_some(canonical)
}

fn write_id(formatter: &mut fmt::Formatter<'_>, letter: char, number: u64) -> fmt::Result {
    write!(formatter, "{letter}-")?;
    for place in (0..ID_CHARS).rev() {
        let index = (number >> (place * 5)) & 31;
        let character = ALPHABET.get(index as usize).copied().unwrap_or(b'0');
        write!(formatter, "{}", char::from(character))?;
    }
    Ok(())
}

fn parse_id(letter: char, text: &str) -> Result<u64, IdError> {
    let refuse = || IdError { text: text.chars().take(40).collect(), letter };
    let canonical = canonical_prefix(letter, text).ok_or_else(refuse)?;
    if canonical.len() != ID_CHARS + 2 {
        return Err(refuse());
    }
    Ok(canonical.chars().skip(2).filter_map(digit).fold(0, |number, value| number << 5 | value))
}

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident = $letter:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// The letter that every id of this kind begins with.
            pub const LETTER: char = $letter;

            /// Makes an id of the low 40 bits of a random number.
            pub fn from_random(number: u64) -> Self {
                Self(number % ID_SPACE)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_id(formatter, Self::LETTER, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, formatter)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_id(Self::LETTER, text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

id_types! {
    /// Names a session.
    SessionId = 's';
    /// Names a task group.
    GroupId = 'g';
    /// Names a task.
    TaskId = 't';
    /// Names an artifact.
    ArtifactId = 'a';
    /// Names a conflict.
    ConflictId = 'c';
    /// Names a backup.
    BackupId = 'b';
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_as_it_was_written() {
        for number in [0, 1, 31, 32, 123_456_789_012, ID_SPACE - 1] {
            let id = TaskId::from_random(number);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
    }

    #[test]
    fn look_alikes_and_capitals_are_forgiven() {
        let id: TaskId = "T-OIL00000".parse().unwrap();
        assert_eq!(id.to_string(), "t-01100000");
    }

    #[test]
    fn other_letters_lengths_and_alphabets_are_refused() {
        for text in
            ["s-00000000", "t-0000000", "t-000000000", "t00000000", "t-0000000u", "", "t-", "é"]
        {
            assert!(text.parse::<TaskId>().is_err(), "{text:?}");
        }
    }
}
