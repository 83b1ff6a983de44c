//! The backups: the list, and what is in the one under the cursor.

mod details;

use callboard_engine::domain::backup::{Backup, Integrity};
use callboard_engine::domain::count::counted;
use callboard_engine::domain::time::age;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chrome::{pane, select, span, title};
use crate::action::Action;
use crate::app::backups::Work;
use crate::app::work::Ends;
use crate::app::{Model, Pane};
use crate::backups::{integrity, reason, sessions};
use crate::sizes::bytes;
use crate::theme::Meaning;
use crate::widgets::{fit, gauge, wrap};

pub(super) use details::details;

/// Columns of a name that other things make room for.
const NAME_MAX: usize = 40;

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
    let room = room(rows, inner.width);
    for (place, (index, row)) in inner.rows().zip(rows.iter().enumerate().skip(offset)) {
        let selected = index == cursor;
        if selected {
            select(model, frame, (place, Pane::Main));
        }
        let marker = if selected && model.place.accessible { ">" } else { " " };
        frame.render_widget(line(model, row, (marker, place.width, room)), place);
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
            None => spans.push(span(theme, counted(progress.done, "file"), Meaning::Dim)),
        }
    }
    if work.ends == Ends::WhenCalledOff {
        let key = model.keymap.shown(Action::StopBackup);
        spans.push(span(theme, format!("  {key} calls it off"), Meaning::Dim));
    }
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

/// What a row has room for beside a name.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "one for each column")]
struct Room {
    /// How it stands, in a word.
    word: bool,
    scope: bool,
    reason: bool,
    size: bool,
}

/// What rows of a width have room for, so that names are not cut where they differ: the richest
/// that leaves room for the longest name.
fn room(rows: &[Backup], width: u16) -> Room {
    let longest = rows.iter().map(|row| fit::width(&row.name)).max().unwrap_or(0).min(NAME_MAX);
    let all = [
        Room { word: true, scope: true, reason: true, size: true },
        Room { word: true, scope: true, reason: false, size: true },
        Room { word: false, scope: true, reason: false, size: true },
        Room { word: false, scope: false, reason: false, size: true },
    ];
    let least = Room { word: false, scope: false, reason: false, size: false };
    let fits = |room: &Room| longest + room.taken() <= usize::from(width);
    all.into_iter().find(fits).unwrap_or(least)
}

impl Room {
    /// Columns that are not the name's.
    fn taken(self) -> usize {
        let optional = [(self.word, 11), (self.scope, 10), (self.reason, 15), (self.size, 10)];
        let taken = optional.into_iter().filter(|(is_there, _)| *is_there);
        // The marker, the sign and the age.
        taken.map(|(_, columns)| columns).sum::<usize>() + 3 + 6
    }
}

fn line(
    model: &Model,
    row: &Backup,
    (marker, width, room): (&'static str, u16, Room),
) -> Line<'static> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let (icon, meaning) = state(model, row);
    let right: String = [
        room.scope.then(|| format!(" {:<9}", row.scope)),
        room.reason.then(|| format!(" {:<14}", reason(row.reason))),
        room.size.then(|| format!(" {:>9}", bytes(row.size))),
        Some(format!(" {:>4} ", age(model.now.since_ms(row.created_at)))),
    ]
    .into_iter()
    .flatten()
    .collect();
    let word =
        if room.word { format!("{icon} {:<10} ", integrity(row)) } else { format!("{icon} ") };
    let taken = fit::width(marker) + fit::width(&word) + fit::width(&right);
    let left = usize::from(width).saturating_sub(taken);
    let inside =
        if 110 <= width { format!("{}  {}", row.name, sessions(row)) } else { row.name.clone() };
    Line::from(vec![
        Span::raw(marker),
        span(theme, word, meaning),
        span(theme, fit::left(&inside, left, icons.ellipsis), Meaning::Text),
        span(theme, right, Meaning::Dim),
    ])
}
