//! What is drawn, and where. Drawing reads the model and nothing else.

mod activity;
mod agents;
mod artifacts;
mod backups;
mod board;
mod chrome;
mod conflicts;
mod details;
mod documents;
mod edits;
mod header;
mod hints;
mod hot_spots;
mod metrics;
mod modes;
mod overlays;
mod search;
mod sessions;
mod side;
mod welcome;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};

use crate::app::{Model, Pane, View};
use crate::theme::Meaning;
use crate::widgets::toast;

pub use chrome::tab_at;
pub use overlays::Hit;

/// The narrowest and lowest screen that everything is drawn on.
pub const COLUMNS_MIN: u16 = 60;
/// See [`COLUMNS_MIN`].
pub const ROWS_MIN: u16 = 16;

/// Where everything stands; what is not shown has no size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Frames {
    pub header: Rect,
    pub tabs: Rect,
    /// The states of the session as one line.
    pub strip: Rect,
    /// The states of the session as a list.
    pub lifecycle: Rect,
    /// Who is connected, beside the board.
    pub agents: Rect,
    pub needs: Rect,
    pub main: Rect,
    pub details: Rect,
    pub activity: Rect,
    /// The documents of a session.
    pub documents: Rect,
    /// Where agents work, below them.
    pub hot_spots: Rect,
    pub footer: Rect,
}

/// Tells whether the screen is too small for anything but a word about it.
pub fn is_too_small(model: &Model) -> bool {
    model.size.width < COLUMNS_MIN || model.size.height < ROWS_MIN
}

/// Tells whether there is room for columns on both sides. A screen reader reads rows: what stands
/// side by side would be read as one.
fn is_wide(model: &Model) -> bool {
    130 <= model.size.width && 30 <= model.size.height && !model.place.accessible
}

/// Divides the screen.
pub fn frames(model: &Model) -> Frames {
    if is_too_small(model) {
        return Frames::default();
    }
    let screen = Rect::new(0, 0, model.size.width, model.size.height);
    let plain = model.place.accessible;
    let wide = is_wide(model);
    let line = Constraint::Length(1);
    let strip = u16::from(!wide && model.session.is_some());
    let rows = [line, line, Constraint::Length(strip), Constraint::Min(1), line];
    let [header, tabs, strip, body, footer] = Layout::vertical(rows).areas(screen);
    let bars = Frames { header, tabs, strip, footer, ..Frames::default() };
    if model.loaded && model.session.is_none() && model.view == View::Board {
        return Frames { main: body, ..bars };
    }
    if model.view == View::Conflicts {
        return Frames { main: body, ..bars };
    }
    if model.zoomed {
        return zoomed(model, bars, body);
    }
    let is_read = matches!(model.view, View::Modes | View::Artifacts);
    if is_read && 100 <= screen.width && !plain {
        return modes::frames(model, bars, body);
    }
    let frames = match screen.width {
        _ if plain => one_column(model, bars, body),
        130.. if wide => three_columns(model, bars, body),
        100.. => two_columns(model, bars, body),
        _ => one_column(model, bars, body),
    };
    with_hot_spots(model, with_documents(model, frames))
}

/// Gives the documents of a session the lower part of its list, where there is room.
fn with_documents(model: &Model, frames: Frames) -> Frames {
    let shown =
        model.view == View::Sessions && model.edits().is_none() && !model.documents.rows.is_empty();
    if !shown || frames.main.height < 12 || !frames.documents.is_empty() {
        return frames;
    }
    let list = u16::try_from(model.sessions.rows.len() + 2).unwrap_or(u16::MAX);
    let list = list.clamp(5, frames.main.height / 2);
    let parts = [Constraint::Length(list), Constraint::Min(1)];
    let [main, documents] = Layout::vertical(parts).areas(frames.main);
    Frames { main, documents, ..frames }
}

/// Gives the hot spots the lower part of the list of agents, where there are any and room.
fn with_hot_spots(model: &Model, frames: Frames) -> Frames {
    let count = model.agents.hot_spots.len();
    if model.view != View::Agents || count == 0 || frames.main.height < 8 {
        return frames;
    }
    let rows = u16::try_from(count + 2).unwrap_or(u16::MAX).min(frames.main.height / 2);
    let parts = [Constraint::Min(4), Constraint::Length(rows)];
    let [main, hot_spots] = Layout::vertical(parts).areas(frames.main);
    Frames { main, hot_spots, ..frames }
}

fn zoomed(model: &Model, bars: Frames, body: Rect) -> Frames {
    match model.focus {
        Pane::Main => Frames { main: body, ..bars },
        Pane::Details => Frames { details: body, ..bars },
        Pane::Activity => Frames { activity: body, ..bars },
        Pane::Needs => Frames { needs: body, ..bars },
        Pane::Documents => Frames { documents: body, ..bars },
    }
}

/// Columns of a side pane, as the person set them.
fn side_width(model: &Model, usual: u16) -> u16 {
    usual.saturating_add_signed(model.side).clamp(20, model.size.width / 2)
}

/// Rows of the pane of what waits for a person.
fn needs_rows(model: &Model, width: u16, most: u16) -> u16 {
    u16::try_from(side::needs_rows(model, width)).unwrap_or(most).min(most)
}

fn three_columns(model: &Model, bars: Frames, body: Rect) -> Frames {
    let left = if model.session.is_some() { 27 } else { 0 };
    let right = side_width(model, if 200 <= body.width { 52 } else { 44 });
    let columns = [Constraint::Length(left), Constraint::Min(40), Constraint::Length(right)];
    let [left, center, right] = Layout::horizontal(columns).areas(body);
    let [lifecycle, agents] =
        Layout::vertical([Constraint::Length(15), Constraint::Min(3)]).areas(left);
    let (main, details) = if 106 <= center.width {
        // On a very wide screen the details stand beside the list and take what it does not need.
        let list = (center.width * 3 / 5).clamp(72, 96);
        let parts = [Constraint::Length(list), Constraint::Min(34)];
        let [main, details] = Layout::horizontal(parts).areas(center);
        (main, details)
    } else {
        let rows = (body.height * 2 / 5).clamp(9, 26);
        let [main, details] =
            Layout::vertical([Constraint::Min(8), Constraint::Length(rows)]).areas(center);
        (main, details)
    };
    let needs = Constraint::Length(needs_rows(model, right.width, 12));
    let [needs, activity] = Layout::vertical([needs, Constraint::Min(5)]).areas(right);
    Frames { lifecycle, agents, needs, main, details, activity, ..bars }
}

fn two_columns(model: &Model, bars: Frames, body: Rect) -> Frames {
    let right = side_width(model, 42);
    let columns = [Constraint::Min(40), Constraint::Length(right)];
    let [main, right] = Layout::horizontal(columns).areas(body);
    let needs = Constraint::Length(needs_rows(model, right.width, 7));
    let parts = [needs, Constraint::Fill(3), Constraint::Fill(2)];
    let [needs, details, activity] = Layout::vertical(parts).areas(right);
    Frames { needs, main, details, activity, ..bars }
}

fn one_column(model: &Model, bars: Frames, body: Rect) -> Frames {
    // A kept text, a mode or an artifact is what one comes for; the list only leads to it.
    let is_read = matches!(model.view, View::Modes | View::Artifacts | View::Backups);
    let low = if model.edits().is_some() || is_read {
        (body.height * 3 / 5).max(4)
    } else {
        (body.height * 2 / 5).clamp(4, 12)
    };
    let [main, low] = Layout::vertical([Constraint::Min(6), Constraint::Length(low)]).areas(body);
    match model.focus {
        Pane::Activity => Frames { main, activity: low, ..bars },
        Pane::Needs => Frames { main, needs: low, ..bars },
        Pane::Documents => Frames { main, documents: low, ..bars },
        Pane::Main | Pane::Details => Frames { main, details: low, ..bars },
    }
}

/// Rows of the details that are out of sight.
pub fn details_hidden(model: &Model) -> usize {
    details::hidden(model, frames(model).details)
}

/// Sessions or agents that fit into their list.
pub fn list_rows(model: &Model) -> usize {
    let rows = if model.place.accessible { 1 } else { 2 };
    let rows = usize::from(frames(model).main.height.saturating_sub(rows));
    let rows = rows.saturating_sub(backups_head(model));
    match model.view {
        View::Agents => (rows / 2).max(1),
        View::Board
        | View::Sessions
        | View::Modes
        | View::Conflicts
        | View::Artifacts
        | View::Metrics
        | View::Backups
        | View::Search => rows,
    }
}

/// Rows above the list of backups: one that tells how far the work is, while some goes on.
pub fn backups_head(model: &Model) -> usize {
    usize::from(model.view == View::Backups && model.backups.work.is_some())
}

/// Rows of the search above its list.
pub const SEARCH_HEAD: usize = search::HEAD_ROWS as usize;

/// Hits that fit into their list.
pub fn search_rows(model: &Model) -> usize {
    let frame = if model.place.accessible { 1 } else { 2 };
    usize::from(frames(model).main.height.saturating_sub(frame)).saturating_sub(SEARCH_HEAD)
}

/// Rows that the filter takes above the tree.
pub fn filter_rows(model: &Model) -> usize {
    usize::from(model.board.filtering || !model.board.filter.is_empty())
}

/// What waits for a person at a row of its pane.
pub fn need_at(model: &Model, area: Rect, row: usize) -> Option<usize> {
    side::need_at(model, area, row)
}

/// Rows of the texts of a conflict that are out of sight.
pub fn conflict_hidden(model: &Model) -> usize {
    conflicts::hidden(model, frames(model).main)
}

/// The place of the conflict that is at a place of the screen.
pub fn conflict_at(model: &Model, at: Position) -> Option<usize> {
    conflicts::hit(model, frames(model).main, at)
}

/// Documents that fit into their list.
pub fn document_rows(model: &Model) -> usize {
    documents::fits(model, frames(model).documents)
}

/// Rows of the charts that are out of sight.
pub fn metrics_hidden(model: &Model) -> usize {
    metrics::hidden(model, frames(model).main)
}

/// Rows of the list of the view.
pub fn board_rows(model: &Model) -> usize {
    let main = frames(model).main;
    let frame = if model.place.accessible { 1 } else { 2 };
    usize::from(main.height.saturating_sub(frame)).saturating_sub(filter_rows(model))
}

/// What of the open overlay is at a place of the screen.
pub fn overlay_hit(model: &Model, at: Position) -> Hit {
    let above = Rect::new(0, 0, model.size.width, model.size.height.saturating_sub(1));
    match &model.overlay {
        Some(overlay) => overlays::hit(model, overlay, (above, at)),
        None => Hit::Outside,
    }
}

/// Draws everything.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let screen = frame.area();
    frame
        .buffer_mut()
        .set_style(screen, model.theme.canvas().patch(model.theme.style(Meaning::Text)));
    if is_too_small(model) || screen.width < COLUMNS_MIN || screen.height < ROWS_MIN {
        return chrome::too_small(model, frame);
    }
    let frames = frames(model);
    header::draw(model, frame, frames.header);
    chrome::tabs(model, frame, frames.tabs);
    chrome::footer(model, frame, frames.footer);
    if model.session.is_some() {
        side::strip(model, frame, frames.strip);
        side::lifecycle(model, frame, frames.lifecycle);
        side::agents(model, frame, frames.agents);
    }
    match model.view {
        View::Board => board::draw(model, frame, frames.main),
        View::Sessions => match model.edits() {
            Some(list) => edits::draw(model, list, frame, frames.main),
            None => sessions::draw(model, frame, frames.main),
        },
        View::Agents => agents::draw(model, frame, frames.main),
        View::Modes => modes::draw(model, frame, frames.main),
        View::Conflicts => conflicts::draw(model, frame, frames.main),
        View::Artifacts => artifacts::draw(model, frame, frames.main),
        View::Metrics => metrics::draw(model, frame, frames.main),
        View::Backups => backups::draw(model, frame, frames.main),
        View::Search => search::draw(model, frame, frames.main),
    }
    hot_spots::draw(model, frame, frames.hot_spots);
    details::draw(model, frame, frames.details);
    documents::draw(model, frame, frames.documents);
    side::needs(model, frame, frames.needs);
    activity::draw(model, frame, frames.activity);
    let toasts: Vec<_> = model.toasts.iter().map(|(_, toast)| toast.clone()).collect();
    let above = Rect { height: screen.height.saturating_sub(1), ..screen };
    if let Some(overlay) = &model.overlay {
        overlays::draw(model, overlay, frame, above);
    }
    toast::draw(frame, above, &toasts, &model.theme);
}
