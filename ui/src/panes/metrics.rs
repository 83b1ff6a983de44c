//! How the work goes over time: charts and tables, the log of errors, what was said to agents.

mod charts;
mod logs;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::chrome::{pane, title};
use crate::app::metrics::Page;
use crate::app::{Model, Pane};

/// The list of the view.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let own = Some(Pane::Main);
    let only = model.metrics.only.as_deref().map(|name| format!("only {name}"));
    let (name, about) = match model.metrics.page {
        Page::Charts => ("Metrics", charts::about(model)),
        Page::Errors => ("Errors", only.unwrap_or_else(|| "the newest first".to_owned())),
        Page::Said => ("Said to agents", "the newest first".to_owned()),
    };
    let inner = pane(model, frame, area, title(model, name, about, own), own);
    match model.metrics.page {
        Page::Charts => {
            let lines = charts::lines(model, inner.width);
            let most = lines.len().saturating_sub(usize::from(inner.height));
            let shown = lines.into_iter().skip(model.metrics.offset.min(most));
            for (place, line) in inner.rows().zip(shown) {
                frame.render_widget(line, place);
            }
            if model.metrics.offset < most && !model.place.accessible {
                super::side::more_mark(model, frame, area);
            }
        }
        Page::Errors => logs::errors(model, frame, inner),
        Page::Said => logs::said(model, frame, inner),
    }
}

/// About what is under its cursor.
pub(super) fn details(model: &Model, width: u16) -> Vec<Line<'static>> {
    match model.metrics.page {
        Page::Charts => charts::tables(model, width),
        Page::Errors => logs::error_details(model, width),
        Page::Said => logs::said_details(model, width),
    }
}

/// Rows of the charts that are out of sight.
pub(super) fn hidden(model: &Model, area: Rect) -> usize {
    let frame = if model.place.accessible { 1 } else { 2 };
    let width = area.width.saturating_sub(frame);
    let lines = charts::lines(model, width).len();
    lines.saturating_sub(usize::from(area.height.saturating_sub(frame)))
}
