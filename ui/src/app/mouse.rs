//! Clicks and the wheel. What was hit is found by the same layout that drawing uses.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{
    Effect, Model, Pane, View, act, artifacts, backups, edits, metrics, modes, needs, search,
};
use crate::panes::{self, Frames, Hit};

/// Rows that one turn of the wheel moves.
const WHEEL: isize = 3;

/// Takes a mouse event: for what is open over the view, else for the pane it is in.
pub fn event(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let at = Position::new(event.column, event.row);
    if model.overlay.is_some() {
        return over(model, event.kind, at);
    }
    let frames = panes::frames(model);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => click(model, &frames, at),
        MouseEventKind::ScrollDown => wheel(model, &frames, at, WHEEL),
        MouseEventKind::ScrollUp => wheel(model, &frames, at, -WHEEL),
        MouseEventKind::Down(_)
        | MouseEventKind::Up(_)
        | MouseEventKind::Drag(_)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => Vec::new(),
    }
}

/// A click chooses, a click outside closes as Escape does, the wheel moves the cursor.
fn over(model: &mut Model, kind: MouseEventKind, at: Position) -> Vec<Effect> {
    let press = |code| KeyEvent::new(code, KeyModifiers::NONE);
    let key = match kind {
        MouseEventKind::Down(MouseButton::Left) => match panes::overlay_hit(model, at) {
            Hit::Outside => press(KeyCode::Esc),
            Hit::Inside => return Vec::new(),
            Hit::Item(index) => {
                if let Some(overlay) = &mut model.overlay {
                    overlay.point_at(index);
                }
                press(KeyCode::Enter)
            }
        },
        MouseEventKind::ScrollDown => press(KeyCode::Down),
        MouseEventKind::ScrollUp => press(KeyCode::Up),
        MouseEventKind::Down(_)
        | MouseEventKind::Up(_)
        | MouseEventKind::Drag(_)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => return Vec::new(),
    };
    act::key(model, key)
}

fn pane_at(frames: &Frames, at: Position) -> Option<Pane> {
    let panes = [
        (frames.main, Pane::Main),
        (frames.details, Pane::Details),
        (frames.needs, Pane::Needs),
        (frames.activity, Pane::Activity),
        (frames.documents, Pane::Documents),
    ];
    panes.into_iter().find(|(area, _)| area.contains(at)).map(|(_, pane)| pane)
}

fn click(model: &mut Model, frames: &Frames, at: Position) -> Vec<Effect> {
    if frames.tabs.contains(at) {
        let hit = panes::tab_at(model, at.x.saturating_sub(frames.tabs.x));
        return hit.map(|view| act::go_to(model, view)).unwrap_or_default();
    }
    let Some(pane) = pane_at(frames, at) else { return Vec::new() };
    let row = usize::from(at.y.saturating_sub(frames.needs.y + 1));
    let need = panes::need_at(model, frames.needs, row);
    model.focus = pane;
    match pane {
        Pane::Main => {}
        Pane::Needs => {
            return need.map(|index| needs::choose(model, index)).unwrap_or_default();
        }
        Pane::Documents => {
            let first = model.documents.scrolled(panes::document_rows(model));
            let row = usize::from(at.y.saturating_sub(frames.documents.y + 1));
            model.documents.go(first + row);
            return Vec::new();
        }
        Pane::Details | Pane::Activity => return Vec::new(),
    }
    match usize::from(at.y).checked_sub(usize::from(frames.main.y) + 1) {
        Some(row) => point_at(model, frames, (at, row)),
        None => Vec::new(),
    }
}

/// Puts the cursor of the view at a row of its list.
fn point_at(model: &mut Model, frames: &Frames, (at, row): (Position, usize)) -> Vec<Effect> {
    match model.view {
        View::Board => {
            let row = row.saturating_sub(panes::filter_rows(model));
            let index = model.board.scrolled(panes::board_rows(model)) + row;
            if index < model.board.rows.len() {
                let again = index == model.board.index();
                model.board.go(index);
                if again && at.x < frames.main.x + 6 {
                    return act::act(model, crate::action::Action::Open);
                }
            }
        }
        View::Sessions if model.edits().is_some() => {
            let first = model.edits().map_or(0, |list| list.scrolled(panes::list_rows(model)));
            return edits::go(model, first + row);
        }
        View::Sessions => {
            let first = model.sessions.scrolled(panes::list_rows(model));
            model.sessions.go(first + row);
        }
        View::Agents => {
            let first = model.agents.scrolled(panes::list_rows(model));
            model.agents.go(first + row / 2);
        }
        View::Modes => {
            let first = model.modes.scrolled(panes::list_rows(model));
            return modes::go(model, first + row);
        }
        View::Conflicts => {
            if let Some(place) = panes::conflict_at(model, at) {
                model.conflicts.go(place);
            }
        }
        View::Backups => {
            let Some(row) = row.checked_sub(panes::backups_head(model)) else { return Vec::new() };
            let first = model.backups.scrolled(panes::list_rows(model));
            return backups::go(model, first + row);
        }
        View::Artifacts => {
            let first = model.artifacts.scrolled(panes::list_rows(model));
            return artifacts::go(model, first + row);
        }
        View::Search => {
            let Some(row) = row.checked_sub(panes::SEARCH_HEAD) else { return Vec::new() };
            let index = model.search.scrolled(panes::search_rows(model)) + row;
            if index < model.search.len() {
                let again = index == model.search.cursor;
                return if again { search::open(model) } else { search::step_to(model, index) };
            }
        }
        View::Metrics => return metrics::point_at(model, row),
    }
    vec![model.reload()]
}

fn wheel(model: &mut Model, frames: &Frames, at: Position, by: isize) -> Vec<Effect> {
    let focus = model.focus;
    model.focus = pane_at(frames, at).unwrap_or(focus);
    let effects = act::step(model, by);
    model.focus = focus;
    effects
}
