//! From keys to actions to effects.

mod finders;
mod session_menu;

use callboard_engine::domain::command::Command;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::load::Wanted;
use super::{
    Effect, Model, Pane, View, artifacts, backups, board_acts, conflict_acts, documents, edits,
    metrics, modes, needs, search, templates, upkeep,
};
use crate::action::Action;
use crate::overlay::finder::Finder;
use crate::overlay::{self, Overlay};
use crate::widgets::input::Handled;
use crate::widgets::toast::Tone;
use finders::{help, message, palette, themes};
use session_menu::session_menu;

/// Takes a key: the overlay first, then an edit in place, then the filter, then the key map.
pub fn key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    if let Some(open) = model.overlay.take() {
        return overlay::key(model, open, key);
    }
    if model.board.renaming.is_some() {
        return board_acts::renaming_key(model, key);
    }
    if model.conflicts.editing.is_some() && model.view == View::Conflicts {
        return conflict_acts::edit_key(model, key);
    }
    if model.board.filtering {
        return filter_key(model, key);
    }
    if model.types_search() {
        return search::key(model, key);
    }
    if key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL) {
        return quit(model);
    }
    let action = model.keymap.lookup(&model.scopes(), key);
    if action != Some(Action::Quit) {
        model.quitting = false;
    }
    action.map(|action| act(model, action)).unwrap_or_default()
}

/// Does an action, or says why it is closed.
#[expect(clippy::too_many_lines, reason = "one arm an action")]
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    if let Err(reason) = action.enabled(model) {
        model.tell(Tone::Info, format!("{}: {reason}.", action.row().title));
        return Vec::new();
    }
    match action {
        Action::Help => open(model, help),
        Action::Palette => {
            open(model, palette);
            vec![Effect::Load(Box::new(Wanted::everything(model)))]
        }
        Action::Themes => open(model, themes),
        Action::Log => {
            model.overlay = Some(Overlay::Log(0));
            Vec::new()
        }
        Action::Filter => {
            model.view = View::Board;
            model.board.filtering = true;
            vec![model.reload()]
        }
        Action::Undo => conflict_acts::undo(model)
            .unwrap_or_else(|| Model::submit(Command::Undo { seq: None }, "Undone")),
        Action::Redo => Model::submit(Command::Redo, "Redone"),
        Action::SessionMenu => {
            model.overlay = Some(Overlay::Menu(session_menu(model)));
            Vec::new()
        }
        Action::ViewBoard => show(model, View::Board),
        Action::ViewSessions => show(model, View::Sessions),
        Action::ViewModes => modes::show(model),
        Action::ViewAgents => show(model, View::Agents),
        Action::ViewArtifacts => show(model, View::Artifacts),
        Action::ViewMetrics => show(model, View::Metrics),
        Action::ViewBackups => backups::show(model),
        Action::ViewSearch => search::show(model),
        Action::ShorterRange
        | Action::LongerRange
        | Action::MetricsPage
        | Action::ErrorLog
        | Action::SaidLog => metrics::act(model, action),
        Action::CheckProject => upkeep::ask(model, upkeep::Wish::Check),
        Action::CleanUp => upkeep::ask(model, upkeep::Wish::Look),
        Action::FromTemplate => templates::open(model),
        Action::ModeMenu => modes::open_menu(model),
        Action::SelectMode
        | Action::ValidateMode
        | Action::RepairMode
        | Action::CreateMode
        | Action::BackUpMode
        | Action::RestoreMode
        | Action::EditMode
        | Action::TakeNewerMode => modes::act(model, action),
        Action::CreateBackup
        | Action::VerifyBackup
        | Action::CleanUpBackups
        | Action::RestoreBackup
        | Action::StopBackup => backups::act(model, action),
        Action::OpenArtifact
        | Action::CopyPath
        | Action::CheckArtifact
        | Action::CheckArtifacts
        | Action::OlderEdition
        | Action::NewerEdition
        | Action::ArtifactTask => artifacts::act(model, action),
        Action::ViewConflicts => show(model, View::Conflicts),
        Action::Documents => documents::show(model),
        Action::Edits => edits::show(model),
        Action::RestoreEdit | Action::OpenDocument | Action::CopyText | Action::CopyId
            if model.edits().is_some() =>
        {
            edits::act(model, action)
        }
        Action::OpenDocument => documents::open(model),
        Action::RestoreDocument => documents::restore(model),
        Action::AcceptDocument => documents::accept(model),
        Action::RestoreEdit => Vec::new(),
        Action::TakeOurs
        | Action::TakeTheirs
        | Action::TakeBoth
        | Action::ClearPick
        | Action::EditMerge
        | Action::EditMergeOutside
        | Action::NextOpen
        | Action::PreviousOpen
        | Action::NextItem
        | Action::PreviousItem
        | Action::WholeOurs
        | Action::WholeTheirs
        | Action::ApplyAll
        | Action::ShowBase
        | Action::DiffView
        | Action::WriteConflicts => conflict_acts::act(model, action),
        Action::NextView => step_view(model, 1),
        Action::PreviousView => step_view(model, View::ALL.len() - 1),
        Action::NextPane => step_pane(model, 1),
        Action::PreviousPane => step_pane(model, -1),
        Action::Zoom => {
            model.zoomed = !model.zoomed;
            Vec::new()
        }
        Action::Narrow => {
            model.side = (model.side - 4).max(-16);
            Vec::new()
        }
        Action::Widen => {
            model.side = (model.side + 4).min(40);
            Vec::new()
        }
        Action::Follow => {
            model.feed.follow();
            Vec::new()
        }
        Action::NeedsYou => needs::open(model),
        Action::CopyConnect => {
            vec![Effect::Copy {
                text: model.place.connect.clone(),
                what: "the line that connects Claude Code".to_owned(),
            }]
        }
        Action::Mouse => vec![Effect::Mouse(!model.mouse)],
        Action::Redraw => vec![Effect::Redraw],
        Action::Suspend => vec![Effect::Suspend],
        Action::Back => back(model),
        Action::Quit => quit(model),
        Action::Down => step(model, 1),
        Action::Up => step(model, -1),
        Action::HalfDown | Action::HalfUp if model.view == View::Conflicts => {
            let by = half_page(model);
            conflict_acts::scroll(model, if action == Action::HalfDown { by } else { -by });
            Vec::new()
        }
        Action::HalfDown => step(model, half_page(model)),
        Action::HalfUp => step(model, -half_page(model)),
        Action::First => step(model, isize::MIN / 2),
        Action::Last => step(model, isize::MAX / 2),
        Action::Message => message(model),
        Action::Status
        | Action::StatusMenu
        | Action::Approve
        | Action::SendBack
        | Action::AddTask
        | Action::AddChild
        | Action::AddGroup
        | Action::Rename
        | Action::EditFields
        | Action::EditText
        | Action::Priority
        | Action::Role
        | Action::Claim
        | Action::Depends
        | Action::MoveTo
        | Action::MoveDown
        | Action::MoveUp
        | Action::Delete
        | Action::Open
        | Action::Expand
        | Action::Collapse
        | Action::NextMatch
        | Action::PreviousMatch
        | Action::HideDone
        | Action::CopyId
        | Action::CopyText => board_acts::act(model, action),
    }
}

fn open(model: &mut Model, make: fn(&Model) -> Finder) -> Vec<Effect> {
    model.overlay = Some(Overlay::Finder(make(model)));
    Vec::new()
}

fn show(model: &mut Model, view: View) -> Vec<Effect> {
    if model.view != view {
        model.board.detail_scroll = 0;
    }
    model.view = view;
    model.focus = Pane::Main;
    model.zoomed = false;
    vec![model.reload()]
}

fn step_view(model: &mut Model, by: usize) -> Vec<Effect> {
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

fn step_pane(model: &mut Model, by: isize) -> Vec<Effect> {
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

fn half_page(model: &Model) -> isize {
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

#[expect(clippy::wildcard_enum_match_arm, reason = "every other key is text or nothing")]
fn filter_key(model: &mut Model, key: KeyEvent) -> Vec<Effect> {
    let cancel = key.code == KeyCode::Esc
        || (key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL));
    match key.code {
        _ if cancel => {
            model.board.filtering = false;
            clear_filter(model)
        }
        KeyCode::Enter | KeyCode::Down | KeyCode::Up => {
            model.board.filtering = false;
            Vec::new()
        }
        _ if model.board.filter_input.key(key) == Handled::Changed => filter_changed(model),
        _ => Vec::new(),
    }
}

/// Applies the text of the filter line.
pub fn filter_changed(model: &mut Model) -> Vec<Effect> {
    let text = model.board.filter_input.text();
    text.trim().clone_into(&mut model.board.filter);
    vec![model.reload()]
}

fn clear_filter(model: &mut Model) -> Vec<Effect> {
    if let Some(key) = model.board.cursor {
        model.board.select_when_loaded(key);
    }
    model.board.clear_filter();
    vec![model.reload()]
}

/// Closes or clears the nearest thing that is open.
fn back(model: &mut Model) -> Vec<Effect> {
    if model.is_board() && !model.board.filter.is_empty() {
        return clear_filter(model);
    }
    if model.feed.only.take().is_some() || 0 < model.feed.back {
        model.feed.follow();
        return Vec::new();
    }
    if metrics::widen(model) {
        return vec![model.reload()];
    }
    if model.zoomed {
        model.zoomed = false;
    } else if model.edits().is_some() && model.focus == Pane::Main {
        return edits::close(model);
    } else if model.focus != Pane::Main {
        model.focus = Pane::Main;
    } else {
        model.toasts.clear();
    }
    Vec::new()
}

fn quit(model: &mut Model) -> Vec<Effect> {
    let agents = model.agents.connected();
    if agents == 0 || model.quitting {
        return vec![Effect::Quit];
    }
    model.quitting = true;
    let who = if agents == 1 { "1 agent is".to_owned() } else { format!("{agents} agents are") };
    model.tell(
        Tone::Info,
        format!(
            "{who} connected. Those on HTTP lose their server when this closes. Once more quits."
        ),
    );
    Vec::new()
}
