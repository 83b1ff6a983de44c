//! Code in the looks of the theme: which word means what, by the grammars of Sublime Text.
//!
//! Grammars are unpacked at the first use and never on the way to a frame; what a word means becomes
//! one of the theme's meanings, so that few colors, or none, are as good as many.

use std::sync::LazyLock;

use callboard_engine::domain::text::visible;
use syntect::parsing::{ParseState, ScopeStack, SyntaxReference, SyntaxSet};

use crate::theme::Meaning;

/// Lines that are looked at; further ones are plain.
const LINES_MAX: usize = 3_000;
/// Longest line that is looked at, in bytes: what is longer was made by a machine.
const LINE_MAX: usize = 2_000;

/// A line in pieces of one meaning each.
pub type CodeLine = Vec<(Meaning, String)>;

static GRAMMARS: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// What scopes mean; the first that fits the innermost one counts.
const MEANINGS: [(&str, Meaning); 12] = [
    ("comment", Meaning::Dim),
    ("punctuation.definition.comment", Meaning::Dim),
    ("string", Meaning::Good),
    ("punctuation.definition.string", Meaning::Good),
    ("constant", Meaning::Warn),
    ("keyword.operator", Meaning::Text),
    ("keyword", Meaning::Accent),
    ("storage", Meaning::Accent),
    ("entity.name", Meaning::Strong),
    ("support", Meaning::Strong),
    ("markup.heading", Meaning::Heading),
    ("invalid", Meaning::Bad),
];

/// A text in pieces, by the ending of its file's name; plain where nobody knows that.
pub fn code(name: &str, text: &str) -> Vec<CodeLine> {
    let text = visible(text);
    let ending = name.rsplit_once('.').map_or(name, |(_, ending)| ending);
    let first = text.lines().next().unwrap_or_default();
    let grammar = GRAMMARS
        .find_syntax_by_extension(ending)
        .or_else(|| GRAMMARS.find_syntax_by_extension(name))
        .or_else(|| GRAMMARS.find_syntax_by_first_line(first));
    match grammar {
        Some(grammar) => lines(grammar, &text),
        None => text.lines().map(plain).collect(),
    }
}

/// Code of a language by its name or ending, as fences name it, in pieces; `None` where nobody knows
/// the language.
pub fn language(name: &str, text: &str) -> Option<Vec<CodeLine>> {
    let grammar = GRAMMARS.find_syntax_by_token(name)?;
    Some(lines(grammar, &visible(text)))
}

fn plain(line: &str) -> CodeLine {
    vec![(Meaning::Text, line.to_owned())]
}

fn lines(grammar: &SyntaxReference, text: &str) -> Vec<CodeLine> {
    let mut state = ParseState::new(grammar);
    let mut scopes = ScopeStack::new();
    let mut is_lost = false;
    let mut found = Vec::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        is_lost |= LINES_MAX <= number || LINE_MAX < line.len();
        let pieces = if is_lost { None } else { pieces(&mut state, &mut scopes, line) };
        // A grammar that fails says nothing of what follows.
        is_lost |= pieces.is_none();
        found.push(pieces.unwrap_or_else(|| plain(line.trim_end_matches('\n'))));
    }
    found
}

fn pieces(state: &mut ParseState, scopes: &mut ScopeStack, line: &str) -> Option<CodeLine> {
    let changes = state.parse_line(line, &GRAMMARS).ok()?;
    let mut pieces: CodeLine = Vec::new();
    let mut from = 0;
    let mut add = |scopes: &ScopeStack, from: usize, to: usize| {
        let text = line.get(from..to).unwrap_or_default().trim_end_matches('\n');
        let meaning = meaning(scopes);
        match pieces.last_mut() {
            _ if text.is_empty() => {}
            Some((last, whole)) if *last == meaning => whole.push_str(text),
            Some(_) | None => pieces.push((meaning, text.to_owned())),
        }
    };
    for (at, change) in changes {
        add(scopes, from, at);
        from = at;
        scopes.apply(&change).ok()?;
    }
    add(scopes, from, line.len());
    Some(pieces)
}

/// What the innermost scope that says something means.
fn meaning(scopes: &ScopeStack) -> Meaning {
    let names = scopes.scopes.iter().rev().map(|scope| scope.build_string());
    let known = |name: &String| {
        let fits = |(start, _): &&(&str, Meaning)| {
            name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        MEANINGS.iter().find(fits).map(|(_, meaning)| *meaning)
    };
    names.take(6).find_map(|name| known(&name)).unwrap_or(Meaning::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, piece: &str, expected: Meaning) {
        let found = code(name, text);
        let of = found.iter().flatten().find(|(_, text)| text.contains(piece));
        assert_eq!(of.map(|(meaning, _)| *meaning), Some(expected), "{piece} in {found:?}");
    }

    #[test]
    fn words_of_many_languages_have_their_meanings() {
        check("a.rs", "fn main() { // why\n}", "// why", Meaning::Dim);
        check("a.rs", "let x = \"text\";", "text", Meaning::Good);
        check("a.py", "def run():\n    return 1", "return", Meaning::Accent);
        check("a.ts", "const a: number = 1;", "const", Meaning::Accent);
        check("a.toml", "key = 12", "12", Meaning::Warn);
        check("Dockerfile", "FROM scratch", "FROM", Meaning::Accent);
    }

    #[test]
    fn every_letter_is_kept_whatever_the_text_is() {
        for (name, text) in [
            ("a.rs", "fn a() {\n\n\t\"unclosed\n"),
            ("a.json", "{\"a\": [1, 2"),
            ("no-ending", "plain text"),
            ("a.unknown", "what\nis this"),
            ("a.html", "<b>日本語</b>"),
            ("a.js", &"x".repeat(LINE_MAX + 1)),
        ] {
            let whole: Vec<String> = code(name, text)
                .iter()
                .map(|line| line.iter().map(|(_, text)| text.as_str()).collect())
                .collect();
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(whole, lines, "{name}");
        }
    }

    #[test]
    fn what_a_terminal_would_act_on_is_made_visible() {
        check("a.txt", "a\u{1b}[31mb", "a\u{241b}[31mb", Meaning::Text);
    }
}
