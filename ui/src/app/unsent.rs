//! What a person wrote and sent, kept until it is answered: a refusal gives it back, so that
//! nothing typed is lost.

use callboard_engine::domain::command::SetStatus;
use callboard_engine::domain::id::TaskId;
use callboard_engine::domain::refusal::{Code, Refusal};

use super::board::Rename;
use super::{Effect, Model, review};
use crate::overlay::Overlay;
use crate::overlay::form::Form;
use crate::overlay::prompt::Prompt;
use crate::overlay::template_form::TemplateForm;

/// A text on its way, and where it came from.
#[derive(Debug)]
pub enum Unsent {
    Prompt(Box<Prompt>),
    Form(Box<Form>),
    Template(Box<TemplateForm>),
    Rename(Rename),
    /// A move of a task, which a gate may stand before.
    Move(Box<SetStatus>),
    /// A description from the editor.
    Description {
        task: TaskId,
        text: String,
    },
}

impl Model {
    /// Keeps a text until the command that carries it is answered.
    pub fn keep(&mut self, unsent: Unsent, effects: &[Effect]) {
        let sent = effects.iter().find_map(|effect| match effect {
            Effect::Submit { what, .. } => Some(what.clone()),
            Effect::Load(_)
            | Effect::Copy { .. }
            | Effect::EditText { .. }
            | Effect::EditMerge { .. }
            | Effect::OpenDocument { .. }
            | Effect::Edits(_)
            | Effect::Artifacts(_)
            | Effect::OpenArtifact(_)
            | Effect::Modes(_)
            | Effect::Backups(..)
            | Effect::Search(_)
            | Effect::SumUp(_)
            | Effect::Upkeep(..)
            | Effect::Templates
            | Effect::EditMode { .. }
            | Effect::Theme(_)
            | Effect::Mouse(_)
            | Effect::Redraw
            | Effect::Suspend
            | Effect::Quit => None,
        });
        self.unsent = sent.map(|what| (what, unsent));
    }

    /// Forgets the text that a command carried: it has arrived.
    pub(super) fn arrived(&mut self, what: &str) {
        if self.unsent.as_ref().is_some_and(|(sent, _)| sent == what) {
            self.unsent = None;
        }
    }

    /// Gives back the text that a refused command carried; what else there is to say about it.
    pub(super) fn give_back(&mut self, what: &str, refusal: &Refusal) -> Option<&'static str> {
        let (_, unsent) = self.unsent.take_if(|(sent, _)| sent == what)?;
        if let Unsent::Move(set) = unsent {
            if refusal.code == Code::GateClosed && !self.is_occupied() {
                self.overlay = Some(Overlay::Menu(review::at_the_gate(*set, refusal)));
            }
            return None;
        }
        if self.overlay.is_some() || self.board.renaming.is_some() {
            return Some("What you wrote was not kept.");
        }
        let version = refusal.details.get("version").and_then(serde_json::Value::as_i64);
        let version = version.filter(|_| refusal.code == Code::VersionClash);
        match unsent {
            Unsent::Move(_) => {}
            Unsent::Prompt(prompt) => self.overlay = Some(Overlay::Prompt(*prompt)),
            Unsent::Template(form) => self.overlay = Some(Overlay::TemplateForm(form)),
            Unsent::Form(mut form) => {
                form.see(version);
                self.overlay = Some(Overlay::Form(form));
            }
            Unsent::Rename(mut rename) => {
                rename.version = version.or(rename.version);
                self.board.renaming = Some(rename);
            }
            Unsent::Description { task, text } => {
                let shown =
                    self.board.detail.as_ref().filter(|detail| detail.view.task.id == task)?;
                let mut form = Form::of(&shown.view.task);
                form.describe(&text);
                form.see(version);
                self.overlay = Some(Overlay::Form(Box::new(form)));
            }
        }
        Some(if version.is_some() { "Saving once more puts yours in its place." } else { "" })
    }
}
