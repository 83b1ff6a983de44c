//! Clicks and the wheel. What was hit is found by the same layout that drawing uses.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{Effect, Model, Pane, View, act};
use crate::panes::{self, Frames};

/// Rows that one turn of the wheel moves.
const WHEEL: isize = 3;

/// Takes a mouse event. Overlays are for keys; a click outside changes nothing.
pub fn event(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    if model.overlay.is_some() {
        return Vec::new();
    }
    let frames = panes::frames(model);
    let at = Position::new(event.column, event.row);
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
        if let Some(view) = hit {
            model.view = view;
            model.focus = Pane::Main;
            return vec![model.reload()];
        }
        return Vec::new();
    }
    let Some(pane) = pane_at(frames, at) else { return Vec::new() };
    model.focus = pane;
    if pane != Pane::Main {
        return Vec::new();
    }
    let Some(row) = usize::from(at.y).checked_sub(usize::from(frames.main.y) + 1) else {
        return Vec::new();
    };
    match model.view {
        View::Board => {
            let index = model.board.offset + row;
            if index < model.board.rows.len() {
                let again = index == model.board.index();
                model.board.go(index);
                if again && at.x < frames.main.x + 6 {
                    return act::act(model, crate::action::Action::Open);
                }
            }
        }
        View::Sessions => model.sessions.go(row),
        View::Agents => model.agents.go(row / 2),
        View::Conflicts => panes::click_conflict(model, at),
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
