//! Where agents work: the paths that claims name, those that several work on first and marked.

use callboard_engine::query::rows::HotSpot;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::chrome::{pane, span, title};
use crate::app::Model;
use crate::theme::Meaning;
use crate::widgets::fit;

/// Columns of a title that is worth showing.
const TITLE_MIN: usize = 6;

pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let spots = &model.agents.hot_spots;
    let shared = spots.iter().filter(|spot| 1 < spot.holders()).count();
    let about = match shared {
        0 => format!("{}", spots.len()),
        1 => format!("{} · 1 shared", spots.len()),
        shared => format!("{} · {shared} shared", spots.len()),
    };
    let about = about.replace('·', model.theme.icons().separator);
    let inner = pane(model, frame, area, title(model, "Hot spots", about, None), None);
    for (place, spot) in inner.rows().zip(spots) {
        frame.render_widget(line(model, spot, place.width), place);
    }
    if usize::from(inner.height) < spots.len() && !model.place.accessible {
        super::side::more_mark(model, frame, area);
    }
}

/// A path, and who works there.
fn line(model: &Model, spot: &HotSpot, width: u16) -> Line<'static> {
    let (theme, icons) = (&model.theme, model.theme.icons());
    let is_shared = 1 < spot.holders();
    let (icon, meaning) =
        if is_shared { (icons.warn, Meaning::Warn) } else { (icons.held, Meaning::Dim) };
    let half = usize::from(width).saturating_sub(4) / 2;
    let path_style = if is_shared { Meaning::Warn } else { Meaning::Text };
    let mut spans = vec![
        span(theme, format!(" {icon} "), meaning),
        span(theme, fit::left(&spot.path, half, icons.ellipsis), path_style),
    ];
    // Each holder has its part of the room, so that none is crowded out by another's title.
    let room = usize::from(width).saturating_sub(half + 4);
    let part = room.checked_div(spot.tasks.len()).unwrap_or(room);
    for (_, task, holder) in &spot.tasks {
        let name = fit::fit(holder, part.saturating_sub(1), icons.ellipsis).into_owned();
        let left = part.saturating_sub(fit::width(&name) + 2);
        let task = if left < TITLE_MIN { String::new() } else { task.clone() };
        spans.push(Span::raw(" "));
        spans.push(Span::styled(name, model.agent_style(holder)));
        spans.push(span(
            theme,
            format!(" {}", fit::fit(&task, left, icons.ellipsis)),
            Meaning::Dim,
        ));
    }
    Line::from(spans)
}
