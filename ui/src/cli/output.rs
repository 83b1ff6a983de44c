//! What verbs print: plain where nobody looks, in colors where somebody does, or JSON.

use std::io::{self, Write};

use callboard_engine::domain::text::{visible, visible_line};
use crossterm::style::ContentStyle;
use ratatui::backend::IntoCrossterm as _;
use ratatui::style::Style;
use serde::Serialize;
use serde_json::Value;

use super::environment::Environment;
use super::failure::Failure;
use super::options::{Options, When};
use crate::theme::{DEFAULT, DEFAULT_LIGHT, Depth, Icons, Meaning, Theme};
use crate::widgets::markdown;

/// Columns where the terminal does not tell how many it has.
const COLUMNS: u16 = 80;
/// Columns where there is no terminal: nothing is cut for a program that reads.
const UNBOUNDED: u16 = u16::MAX;
/// Widest text that is pleasant to read.
const PAGE: u16 = 100;

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Output {
    to: Box<dyn Write>,
    theme: Theme,
    json: bool,
    is_terminal: bool,
    colored: bool,
    columns: u16,
}

impl Output {
    pub(super) fn standard(options: &Options, environment: &Environment) -> Self {
        let to = Box::new(io::BufWriter::new(io::stdout()));
        Self::new(to, environment.stdout_is_terminal, (options, environment))
    }

    pub(super) fn errors(options: &Options, environment: &Environment) -> Self {
        Self::new(Box::new(io::stderr()), environment.stderr_is_terminal, (options, environment))
    }

    fn new(to: Box<dyn Write>, is_terminal: bool, scene: (&Options, &Environment)) -> Self {
        let (options, environment) = scene;
        let depth = match options.color {
            When::Auto if is_terminal => environment.depth(),
            When::Auto | When::Never => Depth::None,
            When::Always => match environment.depth() {
                Depth::None => Depth::Ansi,
                shown @ (Depth::Ansi | Depth::Indexed | Depth::True) => shown,
            },
        };
        let name = if environment.is_light() { DEFAULT_LIGHT } else { DEFAULT };
        let ascii = options.ascii || !environment.is_unicode();
        let theme = Theme::load(name, None, depth).unwrap_or_else(|_| Theme::plain());
        let columns = if is_terminal {
            crossterm::terminal::size().map_or(COLUMNS, |(columns, _)| columns.max(20))
        } else {
            UNBOUNDED
        };
        let colored = match options.color {
            When::Auto => is_terminal && depth != Depth::None,
            When::Always => true,
            When::Never => false,
        };
        Self {
            to,
            theme: theme.with_ascii(ascii),
            json: options.json,
            is_terminal,
            colored,
            columns,
        }
    }

    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// Tells whether a terminal shows it.
    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Columns of the terminal; very many where there is none.
    pub(super) fn columns(&self) -> usize {
        usize::from(self.columns)
    }

    pub(super) fn theme(&self) -> &Theme {
        &self.theme
    }

    pub(super) fn icons(&self) -> &'static Icons {
        self.theme.icons()
    }

    /// A text in the look of a meaning; what a terminal would act on is made visible.
    pub(super) fn paint(&self, text: &str, meaning: Meaning) -> String {
        self.paint_in(text, self.theme.style(meaning))
    }

    /// A text in a style of the theme.
    pub(super) fn paint_in(&self, text: &str, style: Style) -> String {
        let text = visible_line(text);
        if !self.colored {
            return text;
        }
        let style: ContentStyle = style.into_crossterm();
        style.apply(text).to_string()
    }

    /// Writes a line that is painted already.
    pub(super) fn line(&mut self, line: &str) -> Result<(), Failure> {
        writeln!(self.to, "{line}").map_err(Failure::Output)
    }

    /// Writes text of somebody else's as it is, with what a terminal would act on made visible.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.line(visible(text).trim_end())
    }

    /// Writes bytes as they are, which no terminal is to see.
    pub(super) fn copy(&mut self, mut from: impl io::Read) -> Result<(), Failure> {
        io::copy(&mut from, &mut self.to).map(drop).map_err(Failure::Output)
    }

    /// Writes markdown: laid out for a person, as it was written for a program.
    pub(super) fn markdown(&mut self, text: &str) -> Result<(), Failure> {
        if !self.is_terminal {
            return self.text(text);
        }
        let page = markdown::render(text, self.columns.min(PAGE), &self.theme);
        for line in page.lines {
            let painted: String =
                line.spans.iter().map(|span| self.paint_in(&span.content, span.style)).collect();
            self.line(&painted)?;
        }
        Ok(())
    }

    /// Writes a label and its text, if there is one.
    pub(super) fn field(&mut self, label: &str, text: &str) -> Result<(), Failure> {
        if text.is_empty() {
            return Ok(());
        }
        let label = self.paint(&format!("{label:<12}"), Meaning::Dim);
        self.line(&format!("{label} {text}"))
    }

    /// Writes a fact of a refusal.
    pub(super) fn fact(&mut self, name: &str, fact: &Value) -> Result<(), Failure> {
        let items = match fact {
            Value::Array(items) => items.clone(),
            only @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_)) => vec![only.clone()],
        };
        let name = self.paint(&format!("  {}:", name.replace('_', " ")), Meaning::Dim);
        for item in items.iter().take(10) {
            let text = match item {
                Value::String(text) => text.clone(),
                Value::Object(fields) => {
                    fields.values().filter_map(Value::as_str).collect::<Vec<_>>().join("  ")
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                    item.to_string()
                }
            };
            self.line(&format!("{name} {}", visible_line(&text)))?;
        }
        Ok(())
    }

    /// Writes a value as indented JSON.
    pub(super) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Failure::Output(io::Error::other(error)))?;
        self.line(&text)
    }

    /// Sends what is left.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        self.to.flush().map_err(Failure::Output)
    }
}
