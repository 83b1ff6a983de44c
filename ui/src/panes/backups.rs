//! The backups: the list, and what is in the one under the cursor.

mod details;

use callboard_engine::domain::backup::{Backup, Integrity};
use callboard_engine::domain::time::age;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chrome::{pane, select, span, title};
use crate::action::Action;
use crate::app::backups::Work;
use crate::app::{Model, Pane};
use crate::backups::{bytes, integrity, sessions};
use crate::theme::Meaning;
use crate::widgets::{fit, gauge, wrap};

pub(super) use details::details;

/// The list.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let own = Some(Pane::Main);
    let rows = &model.backups.rows;
    let size = rows.iter().fold(0_u64, |sum, row| sum.saturating_add(row.size));
    let about =
        if rows.is_empty() { String::new() } else { format!("{} {}", rows.len(), bytes(size)) };
    let mut inner = pane(model, frame, area, title(model, "Backups", about, own), own);
    if let Some(work) = &model.backups.work {
        let place = Rect { height: inner.height.min(1), ..inner };
        frame.render_widget(working(model, work, place.width), place);
        inner = Rect { y: inner.y + place.height, height: inner.height - place.height, ..inner };
    }
    if rows.is_empty() {
        return nothing(model, frame, inner);
    }
    let (cursor, offset) =
        (model.backups.index(), model.backups.scrolled(usize::from(inner.height)));
    for (place, (index, row)) in inner.rows().zip(rows.iter().enumerate().skip(offset)) {
        let selected = index == cursor;
        if selected {
            select(model, frame, (place, Pane::Main));
        }
        let marker = if selected && model.place.accessible { ">" } else { " " };
        frame.render_widget(line(model, row, (marker, place.width)), place);
    }
}

/// What is listed here, where nothing is.
fn nothing(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let text = match &model.backups.problem {
        Some(problem) => problem.clone(),
        None if !model.backups.is_listed => "Looking for backups…".to_owned(),
        None => format!(
            "There is no backup yet. {} makes one; Callboard makes one a day by itself while work goes on, and one of each session that is completed.",
            model.keymap.shown(Action::CreateBackup)
        ),
    };
    let columns = usize::from(area.width).max(8);
    let wrapped = wrap::wrap_text(&text, columns, model.theme.style(Meaning::Dim));
    for (place, spans) in area.rows().zip(wrapped) {
        frame.render_widget(Line::from(spans), place);
    }
}

/// How far the work is.
fn working(model: &Model, work: &Work, width: u16) -> Line<'static> {
    let theme = &model.theme;
    if work.is_ending() {
        return Line::from(span(theme, format!(" {}: calling it off", work.what), Meaning::Warn));
    }
    let mut spans = vec![span(theme, format!(" {}", work.what), Meaning::Accent)];
    if let Some(progress) = work.progress {
        let percent = progress.done.saturating_mul(100).checked_div(progress.total);
        spans.push(span(theme, format!(": {} ", progress.stage), Meaning::Text));
        match percent {
            Some(percent) => {
                let percent = u8::try_from(percent.min(100)).unwrap_or(100);
                if 60 <= width {
                    spans.extend(gauge::bar(percent, 12, theme));
                }
                spans.push(span(theme, format!(" {percent} %"), Meaning::Dim));
            }
            None => spans.push(span(theme, format!("{} files", progress.done), Meaning::Dim)),
        }
    }
    let key = model.keymap.shown(Action::StopBackup);
    spans.push(span(theme, format!("  {key} calls it off"), Meaning::Dim));
    Line::from(spans)
}

/// How an archive stands, as a sign and a look.
fn state(model: &Model, row: &Backup) -> (&'static str, Meaning) {
    let icons = model.theme.icons();
    match row.integrity {
        Integrity::Valid => (icons.good, Meaning::Good),
        Integrity::Corrupted => (icons.bad, Meaning::Bad),
        Integrity::Unknown => (icons.unselected, Meaning::Dim),
    }
}

fn line(model: &Model, row: &Backup, (marker, width): (&'static str, u16)) -> Line<'static> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let (icon, meaning) = state(model, row);
    let old = age(model.now.since_ms(row.created_at));
    let right = match width {
        76.. => format!(" {:<9} {:<14} {:>9} {old:>4} ", row.scope, row.reason, bytes(row.size)),
        50.. => format!(" {:<9} {:>9} {old:>4} ", row.scope, bytes(row.size)),
        _ => format!(" {old:>4} "),
    };
    let word =
        if 40 <= width { format!("{icon} {:<10} ", integrity(row)) } else { format!("{icon} ") };
    let taken = fit::width(marker) + fit::width(&word) + fit::width(&right);
    let room = usize::from(width).saturating_sub(taken);
    let inside =
        if 110 <= width { format!("{}  {}", row.name, sessions(row)) } else { row.name.clone() };
    Line::from(vec![
        Span::raw(marker),
        span(theme, word, meaning),
        span(theme, fit::left(&inside, room, icons.ellipsis), Meaning::Text),
        span(theme, right, Meaning::Dim),
    ])
}
