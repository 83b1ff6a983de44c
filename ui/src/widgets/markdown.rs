//! Markdown drawn as styled lines, wrapped to a width.
//!
//! The text comes from agents and files: whatever a terminal would act on is made visible first.

mod fences;
mod table;

use callboard_engine::domain::text::visible;
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span, Text};
use unicode_width::UnicodeWidthStr as _;

use super::wrap::{Piece, wrap};
use super::{code, fit};
use crate::theme::{Meaning, Theme};
pub use fences::Fences;
use table::Table;

/// Renders at most so many lines; a longer text ends with a line that says so.
const LINES_MAX: usize = 5_000;

const OPTIONS: Options =
    Options::ENABLE_TABLES.union(Options::ENABLE_TASKLISTS).union(Options::ENABLE_STRIKETHROUGH);

/// Renders markdown for a width; code in it is plain.
pub fn render(text: &str, width: u16, theme: &Theme) -> Text<'static> {
    render_with(text, width, (theme, &Fences::default()))
}

/// Renders markdown for a width, with the code in it that was worked out before.
pub fn render_with(text: &str, width: u16, (theme, fences): (&Theme, &Fences)) -> Text<'static> {
    let text = visible(text);
    let mut page = Page::new(usize::from(width.max(8)), (theme, fences));
    for event in Parser::new_ext(&text, OPTIONS) {
        page.take(event);
        if LINES_MAX <= page.lines.len() {
            page.flush();
            page.lines.push(Line::styled("The rest is not shown.", theme.style(Meaning::Dim)));
            break;
        }
    }
    page.flush();
    while page.lines.last().is_some_and(|line| line.width() == 0) {
        page.lines.pop();
    }
    Text::from(page.lines)
}

/// What stands before each line of a quote or a list item.
struct Margin {
    /// Before the first line, until that is written.
    first: Option<Span<'static>>,
    rest: Span<'static>,
}

struct Page<'a> {
    theme: &'a Theme,
    fences: &'a Fences,
    width: usize,
    lines: Vec<Line<'static>>,
    inline: Vec<Piece>,
    styles: Vec<Style>,
    margins: Vec<Margin>,
    /// Open lists; numbered ones with their next number.
    lists: Vec<Option<u64>>,
    /// Code that is open, after its language.
    code: Option<(String, String)>,
    table: Option<Table>,
    links: Vec<String>,
}

impl<'a> Page<'a> {
    fn new(width: usize, (theme, fences): (&'a Theme, &'a Fences)) -> Self {
        Self {
            theme,
            fences,
            width,
            lines: Vec::new(),
            inline: Vec::new(),
            styles: vec![theme.style(Meaning::Text)],
            margins: Vec::new(),
            lists: Vec::new(),
            code: None,
            table: None,
            links: Vec::new(),
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some((_, code)) => code.push_str(&text),
                None => self.say(&text),
            },
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                let style = self.style().patch(self.theme.style(Meaning::Code));
                self.say_in(&text, style);
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                let style = self.style().patch(self.theme.style(Meaning::Dim));
                self.say_in(&text, style);
            }
            Event::SoftBreak => self.say(" "),
            Event::HardBreak => self.say("\n"),
            Event::Rule => {
                self.block();
                let rule = self.theme.icons().line.repeat(self.room());
                self.write(vec![Span::styled(rule, self.theme.style(Meaning::Border))]);
            }
            Event::TaskListMarker(done) => self.mark(done),
            Event::FootnoteReference(name) => self.say(&format!("[{name}]")),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.block(),
            Tag::Heading { .. } => {
                self.block();
                self.push(self.theme.style(Meaning::Heading));
            }
            Tag::BlockQuote(_) => {
                self.block();
                let bar = format!("{} ", self.theme.icons().quote);
                let bar = Span::styled(bar, self.theme.style(Meaning::Quote));
                self.margins.push(Margin { first: None, rest: bar });
                self.push(self.theme.style(Meaning::Quote));
            }
            Tag::CodeBlock(kind) => self.start_code(&kind),
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block();
                } else {
                    self.flush();
                }
                self.lists.push(first);
            }
            Tag::Item => self.start_item(),
            Tag::Emphasis => self.push(Style::new().add_modifier(Modifier::ITALIC)),
            Tag::Strong => self.push(Style::new().add_modifier(Modifier::BOLD)),
            Tag::Strikethrough => self.push(Style::new().add_modifier(Modifier::CROSSED_OUT)),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push(dest_url.into_string());
                self.push(self.theme.style(Meaning::Link));
            }
            Tag::Table(alignments) => {
                self.block();
                self.table = Some(Table::new(alignments));
            }
            Tag::TableHead => self.push(self.theme.style(Meaning::Strong)),
            Tag::TableRow
            | Tag::TableCell
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.flush(),
            TagEnd::Heading(_) => {
                self.flush();
                self.styles.pop();
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.styles.pop();
                self.margins.pop();
            }
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Item => {
                self.flush();
                self.margins.pop();
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.styles.pop();
            }
            TagEnd::Link | TagEnd::Image => self.end_link(),
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.inline);
                if let Some(table) = &mut self.table {
                    table.cell(cell);
                }
            }
            TagEnd::TableHead => {
                self.styles.pop();
                if let Some(table) = &mut self.table {
                    table.end_row();
                }
            }
            TagEnd::TableRow => {
                if let Some(table) = &mut self.table {
                    table.end_row();
                }
            }
            TagEnd::Table => {
                let table = self.table.take();
                let rows = table.map(|table| table.lines(self.room(), self.theme));
                for row in rows.into_iter().flatten() {
                    self.write(row);
                }
            }
            TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    fn start_item(&mut self) {
        self.flush();
        let bullet = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", number.saturating_sub(1))
            }
            Some(None) | None => format!("{} ", self.theme.icons().bullet),
        };
        let blanks = " ".repeat(bullet.width());
        let first = Some(Span::styled(bullet, self.theme.style(Meaning::Accent)));
        self.margins.push(Margin { first, rest: Span::raw(blanks) });
    }

    fn mark(&mut self, done: bool) {
        let icons = self.theme.icons();
        let (icon, meaning) =
            if done { (icons.checked, Meaning::Good) } else { (icons.unchecked, Meaning::Dim) };
        self.say_in(&format!("{icon} "), self.theme.style(meaning));
    }

    fn start_code(&mut self, kind: &CodeBlockKind<'_>) {
        self.block();
        let language = match kind {
            CodeBlockKind::Fenced(language) => language.to_string(),
            CodeBlockKind::Indented => String::new(),
        };
        if !language.is_empty() {
            self.write(vec![Span::styled(language.clone(), self.theme.style(Meaning::Dim))]);
        }
        self.code = Some((language, String::new()));
    }

    fn end_code(&mut self) {
        let (language, code) = self.code.take().unwrap_or_default();
        let room = self.room().saturating_sub(2);
        if let Some(lines) = self.fences.lines(&language, &code) {
            for pieces in lines.iter().take(LINES_MAX) {
                let mut spans = vec![Span::raw("  ")];
                spans.extend(code::line(pieces, room, (Meaning::Code, self.theme)));
                self.write(spans);
            }
            return;
        }
        let style = self.theme.style(Meaning::Code);
        for line in code.lines().take(LINES_MAX) {
            let line = line.replace('\t', "    ");
            let cut = fit::fit(&line, room, self.theme.icons().ellipsis);
            self.write(vec![Span::styled(format!("  {cut}"), style)]);
        }
    }

    /// Shows where a link leads, unless its text already says so.
    fn end_link(&mut self) {
        self.styles.pop();
        let target = self.links.pop().unwrap_or_default();
        let shown = self.inline.last().is_some_and(|piece| target.ends_with(piece.text.trim()));
        if !shown && !target.is_empty() {
            self.say_in(&format!(" ({target})"), self.theme.style(Meaning::Dim));
        }
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or_default()
    }

    fn push(&mut self, style: Style) {
        self.styles.push(self.style().patch(style));
    }

    fn say(&mut self, text: &str) {
        self.say_in(text, self.style());
    }

    fn say_in(&mut self, text: &str, style: Style) {
        self.inline.push(Piece::new(text, style));
    }

    /// Columns left beside the margins.
    fn room(&self) -> usize {
        let margins: usize = self.margins.iter().map(|margin| margin.rest.width()).sum();
        self.width.saturating_sub(margins).max(4)
    }

    /// Ends what is open and leaves a blank line before the next block.
    fn block(&mut self) {
        self.flush();
        let is_item_start = self.margins.last().is_some_and(|margin| margin.first.is_some());
        let has_line = self.lines.last().is_some_and(|line| line.width() != 0);
        if has_line && !is_item_start {
            let quotes = self.margins.iter().map(|margin| margin.rest.clone());
            let blank: Vec<Span<'static>> = quotes.collect();
            let is_blank = blank.iter().all(|span| span.content.trim().is_empty());
            self.lines.push(if is_blank { Line::default() } else { Line::from(blank) });
        }
    }

    /// Writes the paragraph that is open.
    fn flush(&mut self) {
        let inline = std::mem::take(&mut self.inline);
        if inline.is_empty() {
            return;
        }
        for line in wrap(&inline, self.room()) {
            self.write(line);
        }
    }

    /// Writes one line behind the margins.
    fn write(&mut self, spans: Vec<Span<'static>>) {
        let mut line: Vec<Span<'static>> = Vec::with_capacity(spans.len() + self.margins.len());
        for margin in &mut self.margins {
            line.push(margin.first.take().unwrap_or_else(|| margin.rest.clone()));
        }
        line.extend(spans);
        self.lines.push(Line::from(line));
    }
}

#[cfg(test)]
mod tests;
