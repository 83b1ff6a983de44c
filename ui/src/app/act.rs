//! From keys to actions to effects.

mod filter;
mod finders;
mod moving;
mod session_menu;

use callboard_engine::domain::command::Command;
use callboard_engine::domain::count::{by_count, counted};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::load::Wanted;
use super::work::Ends;
use super::{
    Effect, Model, Pane, View, artifacts, backups, board_acts, conflict_acts, documents, edits,
    metrics, modes, needs, search, templates, upkeep,
};
use crate::action::Action;
use crate::overlay::finder::Finder;
use crate::overlay::{self, Overlay};
use crate::widgets::toast::Tone;
pub use filter::changed as filter_changed;
use finders::{help, message, palette, themes};
pub use moving::{go_to, step};
use moving::{half_page, show, step_pane, step_view};
use session_menu::session_menu;

/// What is submitted by the keys of undo and redo, as it is told when it is refused.
pub const UNDO: &str = "Undo";
pub const REDO: &str = "Redo";

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
        return filter::key(model, key);
    }
    // In the search, letters are always typed.
    if model.types_search() || (model.view == View::Search && search::is_letter(key)) {
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
        Action::Filter => narrow(model),
        Action::Undo => conflict_acts::undo(model)
            .unwrap_or_else(|| Model::submit(Command::Undo { seq: None }, UNDO)),
        Action::Redo => Model::submit(Command::Redo, REDO),
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
        Action::SearchFilters | Action::EarlierSearch | Action::LaterSearch | Action::NextHit => {
            search::own(model, action)
        }
        Action::ShorterRange
        | Action::LongerRange
        | Action::MetricsPage
        | Action::ErrorLog
        | Action::SaidLog => metrics::act(model, action),
        Action::CheckProject => upkeep::ask(model, upkeep::Wish::Check),
        Action::CleanUp => upkeep::ask(model, upkeep::Wish::Look),
        Action::StopUpkeep => upkeep::call_off(model),
        Action::FromTemplate => templates::open(model),
        Action::ExportSession => session_menu::export(model),
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
        | Action::RemoveBackup
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

/// Narrows the board; in other lists, finds one by a few letters.
fn narrow(model: &mut Model) -> Vec<Effect> {
    if let Some(finder) = finders::here(model) {
        model.overlay = Some(Overlay::Finder(finder));
        return Vec::new();
    }
    model.view = View::Board;
    model.board.filtering = true;
    vec![model.reload()]
}

fn open(model: &mut Model, make: fn(&Model) -> Finder) -> Vec<Effect> {
    model.overlay = Some(Overlay::Finder(make(model)));
    Vec::new()
}

/// Closes or clears the nearest thing that is open.
fn back(model: &mut Model) -> Vec<Effect> {
    if model.is_board() && !model.board.filter.is_empty() {
        return filter::clear(model);
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

/// Ends the program; where agents are connected or work goes on, says so and asks once more.
fn quit(model: &mut Model) -> Vec<Effect> {
    let going_on = model.going_on();
    let agents = model.agents.connected();
    if model.quitting || (agents == 0 && going_on.is_empty()) {
        return vec![Effect::Quit];
    }
    model.quitting = true;
    let mut told: Vec<String> = going_on
        .into_iter()
        .map(|(what, ends)| match ends {
            Ends::WhenCalledOff => format!("{what} goes on, and is called off when this closes."),
            Ends::ByItself => format!("{what} goes on, and is waited for when this closes."),
        })
        .collect();
    if 0 < agents {
        let (who, are) = (counted(agents, "agent"), by_count(agents, "is", "are"));
        told.push(format!(
            "{who} {are} connected. Those on HTTP lose their server when this closes."
        ));
    }
    told.push("Once more quits.".to_owned());
    model.tell(Tone::Info, told.join(" "));
    Vec::new()
}
