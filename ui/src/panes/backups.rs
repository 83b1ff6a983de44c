//! The backups, and what is in each.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::chrome::{pane, title};
use crate::app::{Model, Pane};

/// The list of the view.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let own = Some(Pane::Main);
    pane(model, frame, area, title(model, "Backups", "", own), own);
}

/// About what is under its cursor.
pub(super) fn details(_model: &Model, _width: u16) -> Vec<Line<'static>> {
    Vec::new()
}
