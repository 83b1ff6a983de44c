//! The table: every open conflict of one record, a row each.

use callboard_engine::query::conflicts::ConflictRow;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::pick_span;
use crate::app::conflicts::draft::{Picked, result};
use crate::app::{Model, Pane};
use crate::conflict::{value, words};
use crate::panes::chrome::{clock, pane, span, title};
use crate::theme::Meaning;
use crate::widgets::fit;

/// Columns of what was decided.
const PICK: usize = 15;
/// Columns from which the base has a column of its own.
const WIDE: u16 = 90;

/// Rows that the table would like to have, its frame left out.
pub(super) fn rows(model: &Model) -> u16 {
    let proposals = model.conflicts.selected().map_or(0, |row| row.conflict.proposals.len().min(3));
    u16::try_from(model.conflicts.item().len() + 1 + proposals).unwrap_or(u16::MAX)
}

pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let own = Some(Pane::Main);
    let item = model.conflicts.item();
    let rows = model.conflicts.at(item.clone());
    let Some(first) = rows.first() else { return };
    let open = rows.iter().filter(|row| model.conflicts.is_undecided(row)).count();
    let count = format!("{open} of {} open", rows.len());
    let items = model.conflicts.items();
    let place = items.iter().position(|other| *other == item).unwrap_or(0) + 1;
    let group = first.group.as_ref().filter(|_| first.conflict.record.starts_with('t'));
    let mut about = vec![count];
    about.extend(group.map(|path| format!("in {path}")));
    about.push(format!("item {place} of {}", items.len()));
    let separator = format!(" {} ", model.theme.icons().separator);
    let room = usize::from(area.width).saturating_sub(8);
    let name = fit::fit(&first.title, room / 2, model.theme.icons().ellipsis).into_owned();
    let about = about.join(&separator);
    let left = room.saturating_sub(fit::width(&name) + 1);
    let about = fit::fit(&about, left, model.theme.icons().ellipsis).into_owned();
    let inner = pane(model, frame, area, title(model, name, about, own), own);
    let columns = Columns::of(model, inner.width, rows);
    let mut places = inner.rows();
    if let Some(place) = places.next() {
        frame.render_widget(columns.head(model, first), place);
    }
    let cursor = model.conflicts.index();
    let skipped = skipped(model, inner);
    // The rows come first: a place that is taken for no row would be missing to the proposals.
    for (index, (row, place)) in rows.iter().skip(skipped).zip(places.by_ref()).enumerate() {
        let selected = item.start + skipped + index == cursor;
        if selected {
            let meaning =
                if model.focus == Pane::Main { Meaning::Selection } else { Meaning::SelectionDim };
            frame.buffer_mut().set_style(place, model.theme.style(meaning));
            if model.place.accessible {
                frame.set_cursor_position((place.x, place.y));
            }
        }
        frame.render_widget(columns.line(model, row, selected), place);
    }
    let proposals = model.conflicts.selected().into_iter().flat_map(|row| proposals(model, row));
    for (place, line) in places.zip(proposals) {
        frame.render_widget(line, place);
    }
}

/// The place of the conflict at a place of the screen.
pub(super) fn hit(model: &Model, area: Rect, at: Position) -> Option<usize> {
    if !area.contains(at) {
        return None;
    }
    let inner = Rect { y: area.y + 1, height: area.height.saturating_sub(2), ..area };
    let row = usize::from(at.y.checked_sub(inner.y + 1)?) + skipped(model, inner);
    let item = model.conflicts.item();
    (row < item.len()).then_some(item.start + row)
}

/// Rows above the first that is drawn.
fn skipped(model: &Model, inner: Rect) -> usize {
    let item = model.conflicts.item();
    let fits = usize::from(inner.height.saturating_sub(1));
    let cursor = model.conflicts.index().saturating_sub(item.start);
    crate::app::scroll::offset(0, cursor, (fits, item.len()))
}

/// What agents would decide, the newest first.
fn proposals(model: &Model, row: &ConflictRow) -> Vec<Line<'static>> {
    let told = row.conflict.proposals.iter().rev().take(3).map(|proposal| {
        let merged = proposal.value.as_ref().map(|own| value::brief(row, own));
        let choice = words::choice(&row.conflict, proposal.choice);
        let choice = merged.map_or_else(|| choice.to_owned(), |own| format!("{choice}: {own}"));
        let remark = proposal.remark.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
        let who = proposal.by.name().to_owned();
        Line::from(vec![
            Span::styled(who.clone(), model.agent_style(&who)),
            span(&model.theme, format!(" proposes {choice}{remark}"), Meaning::Dim),
        ])
    });
    told.collect()
}

/// How wide the columns are.
struct Columns {
    field: usize,
    value: usize,
    has_base: bool,
    base_for_ours: bool,
}

impl Columns {
    fn of(model: &Model, width: u16, rows: &[ConflictRow]) -> Self {
        let names = rows.iter().map(|row| fit::width(&words::field(&row.conflict)));
        let field = names.max().unwrap_or(0).clamp(5, 14);
        let has_base = WIDE <= width;
        let values = if has_base { 4 } else { 3 };
        let room = usize::from(width).saturating_sub(field + PICK + 3 + values);
        let value = room.checked_div(values).unwrap_or(0);
        Self { field, value, has_base, base_for_ours: model.conflicts.base && !has_base }
    }

    fn head(&self, model: &Model, row: &ConflictRow) -> Line<'static> {
        let (theme, conflict) = (&model.theme, &row.conflict);
        let ellipsis = theme.icons().ellipsis;
        let side = |name: &str, actor, at| {
            let (who, time) = (words::who(actor), clock(model, at));
            let forms = [format!("{name} ({who} {time})"), format!("{name} ({who})")];
            let fits = forms.into_iter().find(|form| fit::width(form) <= self.value);
            fits.unwrap_or_else(|| name.to_owned())
        };
        let ours = if self.base_for_ours {
            "base".to_owned()
        } else {
            side("Database", &conflict.ours_by, conflict.ours_at)
        };
        let theirs = side(words::other_side(conflict), &conflict.theirs_by, conflict.theirs_at);
        let cell = |text: &str, width| format!("{} ", fit::left(text, width, ellipsis));
        let mut text = format!(" {}", cell("field", self.field));
        if self.has_base {
            text.push_str(&cell("base", self.value));
        }
        text.push_str(&cell(&ours, self.value));
        text.push_str(&cell(&theirs, self.value));
        text.push_str(&cell("pick", PICK));
        text.push_str("result");
        Line::from(span(theme, text, Meaning::Accent))
    }

    fn line(&self, model: &Model, row: &ConflictRow, selected: bool) -> Line<'static> {
        let (theme, conflict) = (&model.theme, &row.conflict);
        let ellipsis = theme.icons().ellipsis;
        let picked = model.conflicts.picked(row);
        let cell = |side: &serde_json::Value, meaning| {
            let text = value::brief(row, side);
            span(theme, format!("{} ", fit::left(&text, self.value, ellipsis)), meaning)
        };
        let marker = if selected && model.place.accessible { ">" } else { " " };
        let open = matches!(picked, Picked::Open | Picked::Changed);
        let name_meaning = if open { Meaning::Warn } else { Meaning::Text };
        let name = fit::left(&words::field(conflict), self.field, ellipsis);
        let mut spans = vec![Span::raw(marker), span(theme, format!("{name} "), name_meaning)];
        if self.has_base {
            spans.push(cell(&conflict.base, Meaning::Dim));
        }
        let (left, meaning) = if self.base_for_ours {
            (&conflict.base, Meaning::Dim)
        } else {
            (&conflict.ours, Meaning::Text)
        };
        spans.push(cell(left, meaning));
        spans.push(cell(&conflict.theirs, Meaning::Text));
        let pick = pick_span(model, conflict, picked);
        let blanks = PICK.saturating_sub(pick.width()) + 1;
        spans.extend([pick, Span::raw(" ".repeat(blanks))]);
        if let Some(result) = result(conflict, picked) {
            spans.push(cell(&result, Meaning::Strong));
        }
        Line::from(spans)
    }
}
