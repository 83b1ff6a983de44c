//! Which actions the last line hints at.

use crate::action::Action;
use crate::app::metrics::Page;
use crate::app::{Model, Pane, View, review};

/// The hints that matter most here, the most useful first.
#[expect(clippy::too_many_lines, reason = "one arm a view")]
pub(super) fn hints(model: &Model) -> Vec<Action> {
    let mut hints = vec![Action::Help];
    let needs_session = !matches!(model.view, View::Modes | View::Backups);
    if model.loaded && model.session.is_none() && needs_session {
        hints.extend([
            Action::SessionMenu,
            Action::CopyConnect,
            Action::Palette,
            Action::Themes,
            Action::Quit,
        ]);
        return hints;
    }
    hints.extend(match (model.view, model.focus) {
        (_, Pane::Needs) => in_needs(model),
        (View::Board, Pane::Activity) => vec![Action::Follow, Action::NextPane, Action::Back],
        (View::Board, Pane::Main | Pane::Details) if review::in_review(model).is_ok() => vec![
            Action::Approve,
            Action::SendBack,
            Action::StatusMenu,
            Action::EditFields,
            Action::Filter,
            Action::Undo,
            Action::ModeMenu,
        ],
        (View::Board, Pane::Main | Pane::Details) if model.board.selected_task().is_some() => vec![
            Action::Status,
            Action::AddTask,
            Action::Rename,
            Action::EditFields,
            Action::Filter,
            Action::Undo,
            Action::SessionMenu,
        ],
        (View::Board, Pane::Main | Pane::Details | Pane::Documents) => {
            vec![
                Action::AddTask,
                Action::AddGroup,
                Action::Filter,
                Action::Undo,
                Action::SessionMenu,
            ]
        }
        (View::Conflicts, _) => vec![
            Action::TakeOurs,
            Action::TakeTheirs,
            Action::TakeBoth,
            Action::EditMerge,
            Action::NextOpen,
            Action::WriteConflicts,
            Action::Undo,
            Action::ApplyAll,
        ],
        (View::Modes, _) => IN_MODES.to_vec(),
        (View::Sessions, focus) => in_sessions(model, focus),
        (View::Agents, _) => {
            vec![Action::Message, Action::Claim, Action::Open, Action::CopyConnect]
        }
        (View::Backups, _) if model.backups.work.is_some() => vec![Action::StopBackup],
        (View::Artifacts, _) if model.artifacts.rows.is_empty() => Vec::new(),
        (View::Backups, _) => vec![
            Action::CreateBackup,
            Action::RestoreBackup,
            Action::VerifyBackup,
            Action::RemoveBackup,
            Action::CleanUpBackups,
        ],
        (View::Artifacts, _) => IN_ARTIFACTS.to_vec(),
        (View::Search, _) => vec![Action::Open, Action::NextPane, Action::Back],
        (View::Metrics, _) if model.metrics.page == Page::Charts => vec![
            Action::MetricsPage,
            Action::LongerRange,
            Action::ShorterRange,
            Action::Open,
            Action::Back,
        ],
        (View::Metrics, _) => vec![Action::MetricsPage, Action::Open, Action::Back],
    });
    hints.extend([Action::Palette, Action::Quit]);
    hints
}

/// Those of the modes.
const IN_MODES: [Action; 7] = [
    Action::SelectMode,
    Action::ValidateMode,
    Action::EditMode,
    Action::CreateMode,
    Action::RepairMode,
    Action::BackUpMode,
    Action::RestoreMode,
];

/// Those of the artifacts.
const IN_ARTIFACTS: [Action; 6] = [
    Action::OpenArtifact,
    Action::CopyPath,
    Action::OlderEdition,
    Action::ArtifactTask,
    Action::CheckArtifact,
    Action::CheckArtifacts,
];

/// Those of what waits for a person.
fn in_needs(model: &Model) -> Vec<Action> {
    let mut hints = vec![Action::Open];
    if review::in_review(model).is_ok() && model.is_board() {
        hints.extend([Action::Approve, Action::SendBack]);
    }
    hints.extend([Action::StatusMenu, Action::Message, Action::Undo, Action::Back]);
    hints
}

/// Those of the sessions, their documents and the texts that were kept of these.
fn in_sessions(model: &Model, focus: Pane) -> Vec<Action> {
    match focus {
        Pane::Main | Pane::Details if model.edits().is_some() => vec![
            Action::RestoreEdit,
            Action::Edits,
            Action::CopyText,
            Action::Open,
            Action::OpenDocument,
            Action::Back,
        ],
        Pane::Documents => {
            vec![
                Action::OpenDocument,
                Action::RestoreDocument,
                Action::AcceptDocument,
                Action::Edits,
                Action::NextPane,
                Action::Back,
            ]
        }
        Pane::Main | Pane::Details | Pane::Needs | Pane::Activity => {
            vec![Action::SessionMenu, Action::Rename, Action::CopyId, Action::Undo]
        }
    }
}
