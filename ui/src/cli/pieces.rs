//! A line of differently styled parts, cut where the terminal ends.

use callboard_engine::domain::text::visible_line;
use ratatui::style::Style;

use super::output::Output;
use crate::theme::Meaning;
use crate::widgets::fit::{fit, width};

/// Texts with their styles, one after the other.
#[derive(Debug, Default)]
pub(super) struct Pieces(Vec<(String, Style)>);

impl Pieces {
    /// Adds a text in a style, with what a terminal would act on made visible.
    pub(super) fn add(&mut self, text: &str, style: Style) {
        self.0.push((visible_line(text), style));
    }

    /// The same with a text more, in the look of a meaning.
    pub(super) fn with(mut self, output: &Output, text: &str, meaning: Meaning) -> Self {
        self.add(text, output.theme().style(meaning));
        self
    }

    /// The same with a text more, in a style of the theme.
    pub(super) fn styled(mut self, text: &str, style: Style) -> Self {
        self.add(text, style);
        self
    }

    pub(super) fn columns(&self) -> usize {
        self.0.iter().map(|(text, _)| width(text)).sum()
    }

    /// The line in colors, no wider than the terminal.
    pub(super) fn paint(&self, output: &Output) -> String {
        let ellipsis = output.icons().ellipsis;
        let mut room = output.columns();
        let mut line = String::new();
        for (text, style) in &self.0 {
            let shown = fit(text, room, ellipsis);
            line.push_str(&output.paint_in(&shown, *style));
            if shown.len() < text.len() {
                break;
            }
            room -= width(text);
        }
        line
    }
}
