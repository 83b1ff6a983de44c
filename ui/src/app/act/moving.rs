//! Moving about: between views and panes, and the cursor within a pane.

use crate::app::{
    Effect, Model, Pane, View, artifacts, backups, conflict_acts, edits, metrics, modes, needs,
    search,
};

pub(super) fn show(model: &mut Model, view: View) -> Vec<Effect> {
    if model.view != view {
        model.board.detail_scroll = 0;
    }
    model.view = view;
    model.focus = Pane::Main;
    model.zoomed = false;
    vec![model.reload()]
}

pub(super) fn step_view(model: &mut Model, by: usize) -> Vec<Effect> {
    let here = View::ALL.iter().position(|view| *view == model.view).unwrap_or(0);
    let next = View::ALL.into_iter().cycle().nth(here + by).unwrap_or(View::Board);
    go_to(model, next)
}

/// Shows a view.
pub fn go_to(model: &mut Model, view: View) -> Vec<Effect> {
    match view {
        View::Modes => modes::show(model),
        View::Backups => backups::show(model),
        View::Search => search::show(model),
        View::Board
        | View::Sessions
        | View::Conflicts
        | View::Agents
        | View::Artifacts
        | View::Metrics => show(model, view),
    }
}

pub(super) fn step_pane(model: &mut Model, by: isize) -> Vec<Effect> {
    let all = [Pane::Main, Pane::Documents, Pane::Details, Pane::Needs, Pane::Activity];
    let is_there = |pane: &Pane| match pane {
        Pane::Main | Pane::Details => true,
        Pane::Documents => {
            model.view == View::Sessions
                && model.edits().is_none()
                && !model.documents.rows.is_empty()
        }
        Pane::Needs => model.view != View::Conflicts && !model.needs.rows.is_empty(),
        Pane::Activity => !matches!(model.view, View::Modes | View::Conflicts | View::Artifacts),
    };
    let panes: Vec<Pane> = all.into_iter().filter(is_there).collect();
    let here = panes.iter().position(|pane| *pane == model.focus).unwrap_or(0);
    let next = here.saturating_add_signed(by).checked_rem(panes.len()).unwrap_or(0);
    let next = if by < 0 && here == 0 { panes.len() - 1 } else { next };
    model.focus = panes.get(next).copied().unwrap_or(Pane::Main);
    Vec::new()
}

pub(super) fn half_page(model: &Model) -> isize {
    isize::try_from(crate::panes::board_rows(model) / 2).unwrap_or(10).max(1)
}

/// Moves the cursor of the focused pane.
pub fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    match (model.focus, model.view) {
        (Pane::Activity, _) => model.feed.scroll(by),
        (Pane::Details, View::Conflicts) => conflict_acts::scroll(model, by),
        (Pane::Documents, _) => {
            let index = model.documents.index().saturating_add_signed(by);
            model.documents.go(index);
            model.documents.offset = model.documents.scrolled(crate::panes::document_rows(model));
        }
        (Pane::Details, _) => {
            let most = crate::panes::details_hidden(model);
            let here = usize::from(model.board.detail_scroll).min(most);
            let scroll = here.saturating_add_signed(by).min(most);
            model.board.detail_scroll = u16::try_from(scroll).unwrap_or(u16::MAX);
        }
        (Pane::Needs, _) => return needs::step(model, by),
        (Pane::Main, View::Board) => {
            let before = model.board.cursor;
            let limits = model.board.limits.clone();
            let index = model.board.index().saturating_add_signed(by);
            model.board.go(index);
            model.board.offset = model.board.scrolled(crate::panes::board_rows(model));
            if model.board.cursor != before || model.board.limits != limits {
                return vec![model.reload()];
            }
        }
        (Pane::Main, View::Sessions) if model.edits().is_some() => return edits::step(model, by),
        (Pane::Main, View::Sessions) => {
            let index = model.sessions.index().saturating_add_signed(by);
            model.sessions.go(index);
            model.sessions.offset = model.sessions.scrolled(crate::panes::list_rows(model));
            model.board.detail_scroll = 0;
            return vec![model.reload()];
        }
        (Pane::Main, View::Modes) => return modes::step(model, by),
        (Pane::Main, View::Conflicts) => conflict_acts::step(model, by),
        (Pane::Main, View::Agents) => {
            let index = model.agents.index().saturating_add_signed(by);
            model.agents.go(index);
            model.agents.offset = model.agents.scrolled(crate::panes::list_rows(model));
            model.board.detail_scroll = 0;
        }
        (Pane::Main, View::Artifacts) => return artifacts::step(model, by),
        (Pane::Main, View::Backups) => return backups::step(model, by),
        (Pane::Main, View::Search) => return search::step(model, by),
        (Pane::Main, View::Metrics) => return metrics::step(model, by),
    }
    Vec::new()
}
