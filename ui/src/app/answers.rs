//! What comes back of a command.

use callboard_engine::domain::count::counted;
use callboard_engine::domain::outcome::{Answer, Outcome};
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::task_templates;

use super::{Effect, Model, act, board, conflict_acts};
use crate::widgets::toast::Tone;

/// Tells what came of a command, and gives back what was written where it was refused.
pub(super) fn take(model: &mut Model, what: &str, result: Result<Outcome, Refusal>) -> Vec<Effect> {
    match result {
        Ok(outcome) => {
            model.arrived(what);
            conflict_acts::answered(model, what, true);
            if let Answer::Created(made) = &outcome.answer
                && let Some(first) = made.first()
            {
                model.board.select_when_loaded(board::RowKey::Task(first.id));
            }
            if let Some(first) = task_templates::created(&outcome).first() {
                model.board.select_when_loaded(board::RowKey::Task(first.id));
            }
            if let Answer::Group(group) = &outcome.answer {
                model.board.select_when_loaded(board::RowKey::Group(Some(group.id)));
            }
            let notes = outcome.notes.join("; ");
            if !notes.is_empty() {
                model.tell(Tone::Info, format!("{what}: {notes}"));
            } else if let Answer::Undone { changes, .. } = &outcome.answer {
                let done = if what == act::REDO { "Done again" } else { "Taken back" };
                model.tell(Tone::Info, format!("{done}: {}.", counted(changes, "change")));
            }
            vec![model.reload()]
        }
        Err(refusal) => {
            let advice = refusal
                .suggested_action
                .as_ref()
                .map(|advice| format!(" — {advice}"))
                .unwrap_or_default();
            let told = refusal.message.clone();
            conflict_acts::answered(model, what, false);
            let more = model.give_back(what, &refusal);
            let advice = match more {
                Some(more) if refusal.code == Code::VersionClash => format!(". {more}"),
                Some(_) | None => advice,
            };
            // A menu that says what is missing says enough.
            if refusal.code != Code::GateClosed || model.overlay.is_none() {
                model.tell(Tone::Bad, format!("{what}: {told}{advice}"));
            }
            vec![model.reload()]
        }
    }
}
