//! The line that narrows the board while it is typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::{Effect, Model};
use crate::widgets::input::Handled;

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key is text or nothing")]
pub(super) fn key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let cancel = key.code == KeyCode::Esc
        || (key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL));
    match key.code {
        _ if cancel => {
            model.board.filtering = false;
            clear(model)
        }
        KeyCode::Enter | KeyCode::Down | KeyCode::Up => {
            model.board.filtering = false;
            Vec::new()
        }
        _ if model.board.filter_input.key(key) == Handled::Changed => changed(model),
        _ => Vec::new(),
    }
}

/// Applies the text of the filter line.
pub fn changed(model: &mut Model) -> Vec<Effect> {
    let text = model.board.filter_input.text();
    text.trim().clone_into(&mut model.board.filter);
    vec![model.reload()]
}

pub(super) fn clear(model: &mut Model) -> Vec<Effect> {
    if let Some(key) = model.board.cursor {
        model.board.select_when_loaded(key);
    }
    model.board.clear_filter();
    vec![model.reload()]
}
