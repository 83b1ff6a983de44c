//! The form that makes a mode of another one.

use callboard_engine::modes::folder::NewMode;
use crossterm::event::KeyEvent;

use super::{Next, Overlay};
use crate::app::modes::Wish;
use crate::app::{Effect, Model};
use crate::widgets::form::{Field, Form as Fields, FormEvent};
use crate::widgets::toast::Tone;

const NAME: &str = "Name";
const SOURCE: &str = "From";
const TITLE: &str = "Title";
const ABOUT: &str = "About";

/// A form on a mode that is to be made.
#[derive(Debug, Clone)]
pub struct ModeForm {
    pub fields: Fields,
    /// Tells whether the person was told that closing discards.
    pub warned: bool,
}

impl ModeForm {
    /// A form that begins with a source.
    pub fn new(source: Option<&str>) -> Self {
        let fields = Fields::new(vec![
            Field::line(NAME, "letters, digits and _, such as night_shift", ""),
            Field::line(SOURCE, "the mode it begins with", source.unwrap_or_default()),
            Field::line(TITLE, "what people call it", ""),
            Field::line(ABOUT, "what it is for", ""),
        ]);
        Self { fields, warned: false }
    }

    /// Tells whether something was written.
    pub fn is_changed(&self) -> bool {
        self.fields.is_touched()
    }

    pub(super) fn key(mut self: Box<Self>, model: &mut Model, key: KeyEvent) -> Next {
        match self.fields.key(key) {
            FormEvent::Submit => self.make(model),
            FormEvent::Cancel | FormEvent::Changed | FormEvent::Ignored => {
                Next::Stay(Overlay::ModeForm(self), Vec::new())
            }
        }
    }

    fn make(self: Box<Self>, model: &mut Model) -> Next {
        let text = |label: &str| self.fields.contents(label).trim().to_owned();
        let optional = |label: &str| Some(text(label)).filter(|text| !text.is_empty());
        let name = text(NAME);
        if name.is_empty() {
            model.tell(Tone::Info, "The mode needs a name.");
            return Next::Stay(Overlay::ModeForm(self), Vec::new());
        }
        let new = NewMode {
            name,
            source: optional(SOURCE),
            title: optional(TITLE),
            description: optional(ABOUT),
            ..NewMode::default()
        };
        model.modes.unsent = Some(self);
        Next::Close(vec![Effect::Modes(Wish::Create(Box::new(new)))])
    }
}
