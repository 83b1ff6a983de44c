//! What is in the backup under the cursor.

use callboard_engine::backup::DATABASE;
use callboard_engine::backup::manifest::Manifest;
use callboard_engine::domain::backup::Backup;
use ratatui::text::Line;

use crate::app::Model;
use crate::backups::{integrity, reason};
use crate::panes::activity::actor_name;
use crate::panes::chrome::{moment, span};
use crate::sizes::bytes;
use crate::theme::Meaning;
use crate::widgets::wrap::{self, Piece};

/// Sessions, tables, files and what is left out that are listed.
const LISTED: usize = 12;
/// Tables that say most of a board, in this order.
const TABLES: [(&str, &str); 5] = [
    ("tasks", "tasks"),
    ("task_groups", "groups"),
    ("changes", "changes"),
    ("conflicts", "conflicts"),
    ("artifacts", "artifacts"),
];

/// The backup under the cursor.
pub(in crate::panes) fn details(model: &Model, width: u16) -> Vec<Line<'static>> {
    let Some(row) = model.backups.selected() else { return Vec::new() };
    let mut page = Page { model, columns: usize::from(width).max(8), lines: Vec::new() };
    head(&mut page, row);
    if let Some(problem) = &row.problem {
        page.text(problem, Meaning::Bad);
    }
    match model.backups.shown() {
        Some(Ok(manifest)) => inside(&mut page, manifest),
        Some(Err(refusal)) if row.problem.is_none() => page.text(&refusal.message, Meaning::Bad),
        Some(Err(_)) => {}
        None => page.text("Reading what is in it…", Meaning::Dim),
    }
    page.lines
}

struct Page<'a> {
    model: &'a Model,
    columns: usize,
    lines: Vec<Line<'static>>,
}

impl Page<'_> {
    fn text(&mut self, text: &str, meaning: Meaning) {
        let style = self.model.theme.style(meaning);
        self.lines.extend(wrap::wrap_text(text, self.columns, style).into_iter().map(Line::from));
    }

    fn facts(&mut self, facts: Vec<String>, meaning: Meaning) {
        let style = self.model.theme.style(meaning);
        let facts: Vec<Vec<Piece>> =
            facts.into_iter().map(|fact| vec![Piece::new(fact, style)]).collect();
        let lines = wrap::keep_together(&facts, self.columns);
        self.lines.extend(lines.into_iter().map(Line::from));
    }

    fn heading(&mut self, text: &'static str) {
        self.lines.push(Line::default());
        self.lines.push(Line::from(span(&self.model.theme, text, Meaning::Heading)));
    }

    /// Some of the lines, and how many more there are.
    fn some(&mut self, all: usize, lines: impl Iterator<Item = String>) {
        lines.take(LISTED).for_each(|line| self.text(&line, Meaning::Text));
        if LISTED < all {
            self.text(&format!("and {} more", all - LISTED), Meaning::Dim);
        }
    }
}

fn head(page: &mut Page<'_>, row: &Backup) {
    page.text(&row.name, Meaning::Heading);
    let (icon, meaning) = super::state(page.model, row);
    let verified = match row.verified_at {
        Some(at) => format!("{icon} {} {}", integrity(row), moment(page.model, at)),
        None => format!("{icon} {}", integrity(row)),
    };
    page.facts(vec![verified], meaning);
    page.facts(
        vec![
            row.id.to_string(),
            moment(page.model, row.created_at),
            format!("{}, by {}", reason(row.reason), actor_name(&row.actor)),
            row.scope.to_string(),
            format!("{} of {}", bytes(row.size), bytes(row.unpacked)),
        ],
        Meaning::Dim,
    );
}

fn inside(page: &mut Page<'_>, manifest: &Manifest) {
    if !manifest.head.counts.is_empty() {
        page.heading("Records");
        let counts = &manifest.head.counts;
        let told = TABLES
            .iter()
            .filter_map(|(table, word)| counts.get(*table).map(|count| format!("{count} {word}")));
        let told = told.collect();
        page.facts(told, Meaning::Text);
    }
    let sessions = &manifest.head.sessions;
    if !sessions.is_empty() {
        page.heading("Sessions");
        let lines = sessions.iter().map(|session| {
            let without = if session.folder.is_none() { ", without documents" } else { "" };
            format!("{} {} ({}{without})", session.id, session.name, session.state)
        });
        page.some(sessions.len(), lines);
    }
    let files = manifest.files.iter().filter(|file| file.path.as_str() != DATABASE);
    let count = files.clone().count();
    if 0 < count {
        page.heading("Files");
        let short = |path: &str| path.strip_prefix("files/").unwrap_or(path).to_owned();
        let lines = files.map(|file| format!("{} {}", short(file.path.as_str()), bytes(file.size)));
        page.some(count, lines);
    }
    let left_out = &manifest.head.left_out;
    if !left_out.is_empty() {
        page.heading("Left out");
        page.some(
            left_out.len(),
            left_out.iter().map(|left| format!("{}: {}", left.path, left.why)),
        );
    }
}
