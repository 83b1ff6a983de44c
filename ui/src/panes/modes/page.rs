//! A page of headings, texts and lists, as wide as its pane.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::Model;
use crate::theme::Meaning;
use crate::widgets::wrap::{self, Piece};

/// Lines as they come together.
pub(super) struct Page<'a> {
    pub(super) model: &'a Model,
    pub(super) columns: usize,
    pub(super) lines: Vec<Line<'static>>,
}

impl Page<'_> {
    pub(super) fn style(&self, meaning: Meaning) -> Style {
        self.model.theme.style(meaning)
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.lines.push(Line::default());
        self.text(text, Meaning::Heading);
    }

    pub(super) fn text(&mut self, text: &str, meaning: Meaning) {
        let style = self.style(meaning);
        self.lines.extend(wrap::wrap_text(text, self.columns, style).into_iter().map(Line::from));
    }

    pub(super) fn pieces(&mut self, pieces: &[Piece]) {
        self.lines.extend(wrap::wrap(pieces, self.columns).into_iter().map(Line::from));
    }

    /// An item of a list, its further lines below its text.
    pub(super) fn item(&mut self, pieces: &[Piece]) {
        let bullet = self.model.theme.icons().bullet;
        let wrapped = wrap::wrap(pieces, self.columns.saturating_sub(2).max(8));
        let dim = self.style(Meaning::Dim);
        self.lines.extend(wrapped.into_iter().enumerate().map(|(index, spans)| {
            let head = if index == 0 { format!("{bullet} ") } else { "  ".to_owned() };
            std::iter::once(Span::styled(head, dim)).chain(spans).collect::<Line<'static>>()
        }));
    }

    pub(super) fn listed(&mut self, text: &str) {
        let style = self.style(Meaning::Text);
        self.item(&[Piece::new(text, style)]);
    }
}
