//! The fenced code of a text in the looks of its language, worked out beside the screen and kept
//! with the text: drawing only looks it up.

use std::sync::Arc;

use callboard_engine::domain::text::visible;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::OPTIONS;
use crate::highlight::{self, CodeLine};

/// Bytes of code that are worked out of one text; further code is plain.
const BYTES_MAX: usize = 128 * 1024;

/// Code in pieces, by its language and what it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fences(Arc<[Fence]>);

#[derive(Debug, PartialEq, Eq)]
struct Fence {
    /// As the fence names it, with whatever stands after that.
    language: String,
    code: String,
    lines: Vec<CodeLine>,
}

impl Fences {
    /// Works out the code of a markdown text; this may take a moment.
    pub fn of(text: &str) -> Self {
        let text = visible(text);
        let mut fences = Vec::new();
        let mut open: Option<(String, String)> = None;
        let mut left = BYTES_MAX;
        for event in Parser::new_ext(&text, OPTIONS) {
            if let Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) = &event {
                open = Some((language.to_string(), String::new()));
            } else if let (Event::Text(text), Some((_, code))) = (&event, &mut open) {
                code.push_str(text);
            } else if event == Event::End(TagEnd::CodeBlock)
                && let Some((language, code)) = open.take()
                && code.len() <= left
                && let Some(lines) = highlight::language(first_word(&language), &code)
            {
                left -= code.len();
                fences.push(Fence { language, code, lines });
            }
        }
        Self(fences.into())
    }

    /// Code of the text, line by line, if its language is known.
    pub(super) fn lines(&self, language: &str, code: &str) -> Option<&[CodeLine]> {
        let same = |fence: &&Fence| fence.language == language && fence.code == code;
        self.0.iter().find(same).map(|fence| fence.lines.as_slice())
    }
}

/// The language alone, of fences such as `rust,ignore` or `js {1,3}`.
fn first_word(language: &str) -> &str {
    let is_end = |letter: char| letter.is_whitespace() || matches!(letter, ',' | '{' | ':');
    language.split(is_end).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{render, render_with};
    use super::*;
    use crate::theme::{Meaning, Theme};

    const TEXT: &str = "Before\n\n> ```rust,ignore\n> let a = 1; // why\n> ```\n\n```python\nreturn 2\n```\n\n\
        ```nosuch\nlet b\n```\n\n    let c;\n\n```rust";

    #[test]
    fn code_of_a_known_language_has_its_looks_and_any_other_is_plain() {
        let theme = Theme::built_in("dark");
        let page = render_with(TEXT, 40, (&theme, &Fences::of(TEXT)));
        let style = |piece: &str| {
            let mut spans = page.lines.iter().flatten();
            spans.find(|span| span.content.contains(piece)).map(|span| span.style)
        };
        for (piece, meaning) in [
            ("// why", Meaning::Dim),
            ("let", Meaning::Accent),
            (" a ", Meaning::Code),
            ("return", Meaning::Accent),
            ("let b", Meaning::Code),
            ("let c", Meaning::Code),
        ] {
            assert_eq!(style(piece), Some(theme.style(meaning)), "{piece}");
        }
    }

    #[test]
    fn the_words_are_the_same_with_and_without_it() {
        let theme = Theme::built_in("dark");
        let wide = format!("{TEXT}\n\tindented 日本語\u{1b}[31m\n\n{}", "x".repeat(90));
        for width in 0..90 {
            let lines = |text: ratatui::text::Text<'_>| -> Vec<String> {
                text.lines.iter().map(|line| line.to_string().trim_end().to_owned()).collect()
            };
            let plain = lines(render(&wide, width, &theme));
            assert_eq!(lines(render_with(&wide, width, (&theme, &Fences::of(&wide)))), plain);
        }
    }
}
