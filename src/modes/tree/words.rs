//! What the parser complains of, in words for people who do not know YAML by heart.

use serde_yaml::granit_parser::{ErrorKind, ScanError};

use super::Flaw;
use crate::modes::problem::Place;

pub(super) fn flaw(error: &ScanError, place: Place) -> Flaw {
    let (message, suggestion) = in_words(error.kind());
    Flaw {
        place,
        message: message.map_or_else(|| error.info(), str::to_owned),
        suggestion: suggestion.map(str::to_owned),
        is_final: false,
    }
}

/// A text that begins with a star without being meant as an alias.
pub(super) fn no_anchor(name: &str, place: Place) -> Flaw {
    let shown: String = name.chars().take(40).collect();
    Flaw {
        place,
        message: format!("*{shown} repeats what is marked by &{shown}, and there is no such mark"),
        suggestion: Some("put the text in quotes".to_owned()),
        is_final: false,
    }
}

type Words = (Option<&'static str>, Option<&'static str>);

#[expect(clippy::wildcard_enum_match_arm, reason = "the parser's words do for what is rare")]
fn in_words(kind: &ErrorKind) -> Words {
    use ErrorKind as Kind;
    const QUOTE: &str = "put the text in quotes, as in key: \"one: two\"";
    let (message, suggestion) = match kind {
        Kind::MappingValueNotAllowed | Kind::InvalidColonPlacement => {
            ("a colon is not allowed here", QUOTE)
        }
        Kind::TabInIndentation
        | Kind::TabInBlockIndentation
        | Kind::TabNotAllowed
        | Kind::TabAtBlockScalarStart
        | Kind::TabInPlainScalar => ("a tab stands where only spaces may", "use spaces"),
        Kind::UnclosedQuotedScalar => ("a quote is opened and not closed", "close the quote"),
        Kind::SimpleKeyExpected => ("a key without a colon", "write it as key: value"),
        Kind::ExpectedBlockMappingKey | Kind::InvalidIndentation => (
            "this line fits no line above it",
            "indent it as far as the keys or items that it belongs to",
        ),
        Kind::ExpectedBlockSequenceEntry => {
            ("an item of the list is missing its dash", "write it as - item")
        }
        Kind::UnclosedFlowCollection { .. }
        | Kind::UnexpectedEofFlowSequence
        | Kind::UnexpectedEofFlowMapping
        | Kind::UnexpectedEofImplicitFlowMapping => {
            ("a bracket is opened and not closed", "close it")
        }
        Kind::MisplacedFlowCollectionEnd | Kind::MismatchedFlowCollectionEnd { .. } => {
            ("a bracket is closed that is not open", "remove it, or put the text in quotes")
        }
        Kind::UnexpectedCharacter { .. } => {
            ("a value cannot begin with this character", "put the text in quotes")
        }
        Kind::RecursionLimitExceeded => return (Some(TOO_DEEP), Some("nest it less")),
        Kind::DirectiveDisallowed => ("a line that begins with % is not read", "remove it"),
        Kind::UnknownQuotedScalarEscape => {
            ("this backslash means nothing in double quotes", "double it, or use single quotes")
        }
        _ => return (None, None),
    };
    (Some(message), Some(suggestion))
}

const TOO_DEEP: &str = "the file nests too deeply here";
