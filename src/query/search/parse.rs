//! What a person or an agent types, read: words, phrases, alternatives, exclusions and filters.
//!
//! `login "sign in" form* -draft api OR rest status:active role:tester in:title by:agent:codex`
//!
//! Every text has a reading; what is not understood is told beside it and left out.

use super::filter::{Field, Filter};
use super::words::folded;

/// Characters of a query that are read.
pub const TEXT_MAX: usize = 500;
/// Words, phrases and filters that are read.
const PARTS_MAX: usize = 16;
/// Words of a phrase.
const PHRASE_MAX: usize = 12;

/// One word or phrase that is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    /// Folded; several are a phrase.
    pub(super) words: Vec<String>,
    /// Whether the last word may go on.
    pub(super) begins: bool,
    /// Whether it must stand in one field.
    pub(super) field: Option<Field>,
}

/// A query as it was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Parsed {
    /// All of these must be found, of each one of the alternatives.
    pub(super) clauses: Vec<Vec<Term>>,
    pub(super) without: Vec<Term>,
    pub(super) filter: Filter,
    /// What was not understood, as sentences without an end.
    pub(super) problems: Vec<String>,
}

impl Parsed {
    /// Every term that is searched for.
    pub(super) fn terms(&self) -> impl Iterator<Item = &Term> {
        self.clauses.iter().flatten()
    }
}

/// How words are taken where nothing else is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// As they are.
    Whole,
    /// Each may be a beginning.
    Beginnings,
}

/// Reads a query; what its filters say comes on top of the one given.
pub(super) fn parse(text: &str, words: Words, filter: Filter) -> Parsed {
    let text: String = text.chars().take(TEXT_MAX).collect();
    let mut parsed = Parsed { filter, ..Parsed::default() };
    let mut parts = parts(&text);
    if PARTS_MAX < parts.len() {
        parsed.problems.push(format!("only the first {PARTS_MAX} words are searched for"));
        parts.truncate(PARTS_MAX);
    }
    let mut joins = false;
    let mut negates = false;
    for part in parts {
        if !part.quoted && !part.negated {
            match part.text.as_str() {
                "OR" | "|" | "||" => {
                    joins = !parsed.clauses.is_empty();
                    continue;
                }
                "AND" | "&" | "&&" => continue,
                "NOT" => {
                    negates = true;
                    continue;
                }
                _ => {}
            }
        }
        let without = part.negated || std::mem::take(&mut negates);
        let joined = std::mem::take(&mut joins);
        take(&mut parsed, &part, words, (without, joined));
    }
    if let Some(field) = parsed.filter.within {
        let terms = parsed.clauses.iter_mut().flatten();
        terms.filter(|term| term.field.is_none()).for_each(|term| term.field = Some(field));
    }
    parsed
}

/// Takes one part: a filter, or a term that is wanted, wanted instead of another, or excluded.
fn take(parsed: &mut Parsed, part: &Part, words: Words, (without, joined): (bool, bool)) {
    let mut field = None;
    if let Some(name) = &part.field {
        if let Some(named) = Field::of(name) {
            field = Some(named);
        } else {
            if without {
                parsed.problems.push(format!("{name}: cannot be excluded"));
            } else if let Err(problem) = parsed.filter.set(name, &part.text) {
                parsed.problems.push(problem);
            }
            return;
        }
    }
    let mut term = folded(&part.text, PHRASE_MAX);
    term.truncate(PHRASE_MAX);
    if term.is_empty() {
        return;
    }
    let begins = part.star || (words == Words::Beginnings && !part.quoted);
    let term = Term { words: term, begins, field };
    match parsed.clauses.last_mut().filter(|_| joined) {
        _ if without => parsed.without.push(term),
        Some(alternatives) => alternatives.push(term),
        None => parsed.clauses.push(vec![term]),
    }
}

/// A piece between spaces, or between quotation marks.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a sign of its own")]
struct Part {
    text: String,
    field: Option<String>,
    quoted: bool,
    negated: bool,
    star: bool,
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (part, left) = part(rest);
        parts.push(part);
        rest = left.trim_start();
    }
    parts
}

/// The first part of a text, and what is left.
fn part(text: &str) -> (Part, &str) {
    let mut part = Part::default();
    let mut rest = text;
    if let Some(after) = rest.strip_prefix('-').filter(|after| after.starts_with(is_beginning)) {
        part.negated = true;
        rest = after;
    }
    if let Some((name, value)) = field(rest) {
        part.field = Some(name.to_ascii_lowercase());
        rest = value;
    }
    if let Some(inside) = rest.strip_prefix('"') {
        let (phrase, after) = inside.split_once('"').unwrap_or((inside, ""));
        part.quoted = true;
        phrase.clone_into(&mut part.text);
        let after = after.strip_prefix('*').inspect(|_| part.star = true).unwrap_or(after);
        return (part, after);
    }
    let end = rest.find(|character: char| character.is_whitespace() || character == '"');
    let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
    part.star = word.ends_with('*');
    word.trim_end_matches('*').clone_into(&mut part.text);
    (part, after)
}

fn is_beginning(character: char) -> bool {
    character.is_alphanumeric() || character == '"'
}

/// The name and the rest of `name:rest`, where the name is one of ours.
fn field(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once(':')?;
    (Field::of(name).is_some() || Filter::knows(name)).then_some((name, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let parsed = parse(text, Words::Whole, Filter::default());
        let term = |term: &Term| {
            let field = term.field.map(|field| format!("{field}:")).unwrap_or_default();
            format!("{field}{}{}", term.words.join("+"), if term.begins { "*" } else { "" })
        };
        let clause = |terms: &Vec<Term>| terms.iter().map(term).collect::<Vec<_>>().join("|");
        let mut shown: Vec<String> = parsed.clauses.iter().map(clause).collect();
        shown.extend(parsed.without.iter().map(|one| format!("-{}", term(one))));
        shown.extend(parsed.problems.iter().map(|problem| format!("!{problem}")));
        shown.join(" ")
    }

    #[test]
    fn what_is_typed_is_read_as_it_is_meant() {
        for (text, expected) in [
            ("Login Form", "login form"),
            ("\"sign in\" form*", "sign+in form*"),
            ("api OR rest cache", "api|rest cache"),
            ("login -draft -\"old form\" NOT beta", "login -draft -old+form -beta"),
            ("title:login tests", "title:login tests"),
            ("in:title login tests", "title:login title:tests"),
            ("login-form e.g. foo:bar", "login+form e+g foo+bar"),
            ("- -- \" *", ""),
            ("a AND b OR", "a b"),
            ("\"never closed", "never+closed"),
            ("OR OR x", "x"),
            ("x\"y z\"", "x y+z"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_told() {
        assert_eq!(
            shown("login status:blue"),
            "login !status: \"blue\" is none of pending, active, blocked, review, completed, cancelled, failed, open, closed"
        );
        let many = "x ".repeat(20);
        assert!(shown(&many).ends_with("!only the first 16 words are searched for"));
    }
}
