//! The mode under the cursor in full: what is wrong with it, what it demands, its roles, what was
//! kept of it, and what was in force before.

use callboard_engine::domain::count::counted;
use callboard_engine::domain::mode::{Bound, Mode, Role};
use callboard_engine::modes::folder::{ListedMode, ModeFileState};
use callboard_engine::modes::{ModeProblem, Severity};
use ratatui::text::Line;

use super::page::Page;
use crate::action::Action;
use crate::app::Model;
use crate::app::modes::Shown;
use crate::modes::words;
use crate::panes::activity::{actor_name, actor_style};
use crate::panes::chrome::moment;
use crate::theme::Meaning;
use crate::widgets::wrap::{self, Piece};

/// Backups that are listed; the list for restoring has them all.
const BACKUPS_SHOWN: usize = 5;
/// Bindings that are listed.
const HISTORY_SHOWN: usize = 10;

/// The mode under the cursor.
pub(in crate::panes) fn details(model: &Model, width: u16) -> Vec<Line<'static>> {
    let Some(row) = model.modes.selected() else { return Vec::new() };
    let mut page = Page { model, columns: usize::from(width).max(8), lines: Vec::new() };
    head(&mut page, row);
    let is_bound = model.mode() == Some(row.name.as_str());
    if is_bound {
        recovery(&mut page);
    }
    offer(&mut page, row);
    // A file that another one goes before is not what would be read by its name.
    let shown = model.modes.shown().filter(|_| row.state != ModeFileState::Unreadable);
    let read = shown.and_then(|shown| shown.reading.as_ref().ok());
    match shown.map(|shown| &shown.reading) {
        Some(Ok(reading)) => problems(&mut page, &reading.problems, shown),
        Some(Err(problem)) => page.text(problem, Meaning::Bad),
        None => {
            if let Some(problem) = &row.problem {
                page.text(problem, Meaning::Bad);
            }
        }
    }
    if let Some(shown) = shown {
        strays(&mut page, shown);
    }
    let in_force = model.modes.in_force.as_ref().filter(|_| is_bound);
    let mode = read.and_then(|reading| reading.mode.as_ref()).or(in_force);
    if let Some(mode) = mode {
        rules(&mut page, mode);
    }
    backups(&mut page, row);
    history(&mut page);
    if let Some(mode) = mode {
        roles(&mut page, mode);
    }
    page.lines
}

fn head(page: &mut Page<'_>, row: &ListedMode) {
    let name = if row.title.is_empty() { &row.name } else { &row.title };
    page.text(name, Meaning::Heading);
    let (icon, word, meaning) = super::state(page.model, row);
    let place = row.file.clone().unwrap_or_else(|| "selecting it makes a file".to_owned());
    let (dim, state) = (page.style(Meaning::Dim), page.style(meaning));
    let mut facts = vec![
        vec![Piece::new(format!("{icon} {}", word.trim()), state)],
        vec![Piece::new(place, dim)],
    ];
    if !row.version.is_empty() {
        facts.push(vec![Piece::new(format!("version {}", row.version), dim)]);
    }
    let facts = wrap::keep_together(&facts, page.columns);
    page.lines.extend(facts.into_iter().map(Line::from));
    if !row.description.is_empty() {
        page.lines.push(Line::default());
        page.text(row.description.trim(), Meaning::Text);
    }
}

/// What is in force in the place of the bound file, and what was tried.
fn recovery(page: &mut Page<'_>) {
    let session = page.model.session.as_ref();
    let Some(binding) = session.and_then(|row| row.session.binding.clone()) else { return };
    let Some(problem) = &binding.problem else { return };
    page.heading("Recovered");
    let file = binding.file.as_deref().unwrap_or("the file");
    let text = format!(
        "{file} is not in force: {problem}. In its place: {}.",
        words::source(binding.source)
    );
    page.text(&text, Meaning::Warn);
    for attempt in &binding.attempts {
        page.listed(attempt);
    }
    let keys = &page.model.keymap;
    let text = format!(
        "Mended it is in force again at once: {} opens it, {} repairs it, {} restores a backup.",
        keys.shown(Action::EditMode),
        keys.shown(Action::RepairMode),
        keys.shown(Action::RestoreMode)
    );
    page.text(&text, Meaning::Dim);
}

fn offer(page: &mut Page<'_>, row: &ListedMode) {
    let Some(offer) = page.model.modes.offer(&row.name) else { return };
    let key = page.model.keymap.shown(Action::TakeNewerMode);
    let own = if offer.is_changed { " Yours was changed, and is kept as a backup." } else { "" };
    let text = format!("A newer file is built in; {key} takes it or declines.{own}");
    page.lines.push(Line::default());
    page.text(&text, Meaning::Accent);
}

/// Everything that is wrong, with its place and what to do about it.
fn problems(page: &mut Page<'_>, problems: &[ModeProblem], shown: Option<&Shown>) {
    if problems.is_empty() {
        return;
    }
    page.heading("Problems");
    for problem in problems {
        let (word, meaning) = match problem.severity {
            Severity::Error => ("error", Meaning::Bad),
            Severity::Warning => ("warning", Meaning::Warn),
        };
        let place = format!("{}:{}:{} ", problem.file, problem.line, problem.column);
        let mut pieces = vec![
            Piece::new(place, page.style(Meaning::Dim)),
            Piece::new(format!("{word}: "), page.style(meaning)),
            Piece::new(&problem.message, page.style(Meaning::Text)),
        ];
        if let Some(suggestion) = &problem.suggestion {
            let arrow = page.model.theme.icons().arrow_right;
            let text = format!("\n{arrow} {suggestion}");
            pieces.push(Piece::new(text, page.style(Meaning::Accent)));
        }
        page.item(&pieces);
    }
    let keys = &page.model.keymap;
    let mends = shown.is_some_and(|shown| shown.mends);
    let opens = format!("{} opens the file.", keys.shown(Action::EditMode));
    let text = if mends {
        format!("{} repairs what is mechanical, {opens}", keys.shown(Action::RepairMode))
    } else {
        opens
    };
    page.text(&text, Meaning::Dim);
}

fn strays(page: &mut Page<'_>, shown: &Shown) {
    if shown.strays.is_empty() {
        return;
    }
    page.heading("Roles that tasks have and it has not");
    for stray in &shown.strays {
        let tasks = counted(stray.tasks, "task");
        let first: Vec<String> = stray.first.iter().map(ToString::to_string).collect();
        let pieces = [
            Piece::new(format!("{} ", stray.role), page.style(Meaning::Warn)),
            Piece::new(format!("{tasks} "), page.style(Meaning::Text)),
            Piece::new(first.join(" "), page.style(Meaning::Dim)),
        ];
        page.item(&pieces);
    }
}

/// Gates, routing and settings.
fn rules(page: &mut Page<'_>, mode: &Mode) {
    page.heading("Gates");
    for gate in &mode.gates {
        page.listed(&words::gate(gate));
    }
    if mode.gates.is_empty() {
        page.text("None: a task may be completed as it is.", Meaning::Dim);
    }
    if !mode.routing.is_empty() {
        page.heading("Which role a task gets that has none");
    }
    for rule in &mode.routing {
        let pieces = [
            Piece::new(format!("{} ", rule.role), page.style(Meaning::Accent)),
            Piece::new(format!("by {}: ", rule.name), page.style(Meaning::Dim)),
            Piece::new(words::rule(rule), page.style(Meaning::Text)),
        ];
        page.item(&pieces);
    }
    page.heading("Work");
    page.text(&words::settings(&mode.settings), Meaning::Text);
}

fn backups(page: &mut Page<'_>, row: &ListedMode) {
    let model = page.model;
    let count = model.modes.backups_of(&row.name).count();
    if count == 0 {
        return;
    }
    page.heading("Backups");
    for backup in model.modes.backups_of(&row.name).take(BACKUPS_SHOWN) {
        let at = format!("{} ", moment(model, backup.created_at));
        let pieces = [
            Piece::new(at, page.style(Meaning::Dim)),
            Piece::new(&backup.name, page.style(Meaning::Text)),
        ];
        page.item(&pieces);
    }
    let key = model.keymap.shown(Action::RestoreMode);
    let more = count.saturating_sub(BACKUPS_SHOWN);
    let text = match more {
        0 => format!("{key} restores one."),
        more => format!("and {more} more; {key} lists them."),
    };
    page.text(&text, Meaning::Dim);
}

/// What the session was bound to, and by whom.
fn history(page: &mut Page<'_>) {
    let model = page.model;
    if model.modes.history.is_empty() {
        return;
    }
    page.heading("What was put in force, the newest first");
    for bound in model.modes.history.iter().take(HISTORY_SHOWN) {
        let pieces = binding(page, bound);
        page.item(&pieces);
    }
    let more = model.modes.history.len().saturating_sub(HISTORY_SHOWN);
    if 0 < more {
        page.text(
            &format!("and {more} before; callboard mode history has them all."),
            Meaning::Dim,
        );
    }
}

fn binding(page: &Page<'_>, bound: &Bound) -> Vec<Piece> {
    let model = page.model;
    let dim = page.style(Meaning::Dim);
    let recovered = bound.binding.as_ref().filter(|binding| binding.problem.is_some());
    let mut pieces = vec![
        Piece::new(format!("{} ", moment(model, bound.at)), dim),
        Piece::new(format!("{} ", bound.to), page.style(Meaning::Strong)),
        Piece::new(actor_name(&bound.actor), actor_style(model, &bound.actor)),
    ];
    if let Some(binding) = recovered {
        let text = format!(" recovered from {}", words::source(binding.source));
        pieces.push(Piece::new(text, page.style(Meaning::Warn)));
    }
    if let Some(reason) = &bound.reason {
        pieces.push(Piece::new(format!(" ({reason})"), dim));
    }
    pieces
}

/// The roles with their text, as agents get it.
fn roles(page: &mut Page<'_>, mode: &Mode) {
    for role in mode.orchestrator.iter().chain(&mode.roles) {
        self::role(page, role);
    }
}

fn role(page: &mut Page<'_>, role: &Role) {
    page.lines.push(Line::default());
    let pieces = [
        Piece::new(format!("{} ", role.name), page.style(Meaning::Heading)),
        Piece::new(&role.about, page.style(Meaning::Dim)),
    ];
    page.pieces(&pieces);
    page.text(role.role_definition.trim(), Meaning::Text);
    for (label, items) in [("Knows", &role.expertise), ("Works so", &role.approach)] {
        if !items.is_empty() {
            page.text(label, Meaning::Accent);
        }
        for item in items {
            page.listed(item);
        }
    }
    if !role.output_format.trim().is_empty() {
        page.text("Hands in", Meaning::Accent);
        page.text(role.output_format.trim(), Meaning::Text);
    }
}
