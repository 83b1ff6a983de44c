//! What the model asks for, done.

use std::io;

use callboard_engine::task_templates::Library;

use super::Runtime;
use crate::app::modes::Wish;
use crate::app::{Effect, Message};
use crate::edits::fulfil;
use crate::modes;
use crate::terminal::{Copied, Draft, Edited};
use crate::theme::Theme;
use crate::upkeep;
use crate::widgets::toast::Tone;

impl Runtime {
    pub(super) fn perform(&mut self, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Submit { command, what } => {
                if !self.submitter.submit(*command, what) {
                    self.model.tell(Tone::Bad, "Too much at once; that was not done.");
                }
            }
            Effect::Load(mut wanted) => {
                if let Some(earlier) = &self.wanted {
                    wanted.keep(earlier);
                }
                self.wanted = Some(wanted);
            }
            Effect::Copy { text, what } => {
                let (tone, told) = match self.terminal.copy(&text)? {
                    Copied::Sent => {
                        (Tone::Info, format!("Sent to the terminal's clipboard: {what}."))
                    }
                    Copied::TooLong => (Tone::Bad, format!("Too long to copy: {what}.")),
                };
                self.model.tell(tone, told);
            }
            Effect::EditText { task, text, version } => {
                let done = |text| Message::Edited { task, text, version };
                return self.edit(("The description", &text), done);
            }
            Effect::EditMerge { conflict, text } => {
                return self.edit(("The merge", &text), |text| Message::Merged { conflict, text });
            }
            Effect::OpenDocument { path } => return self.open_document(&path),
            Effect::Edits(wish) => {
                let peer = self.peer.clone();
                self.submitter.aside(move || Message::Edits(fulfil(&peer, wish)));
            }
            Effect::Modes(wish) => {
                let peer = self.peer.clone();
                self.submitter.aside(move || Message::Modes(modes::fulfil(&peer, wish)));
            }
            Effect::Upkeep(wish) => {
                let peer = self.peer.clone();
                self.submitter.aside(move || Message::Upkeep(upkeep::fulfil(&peer, wish)));
            }
            Effect::Templates => {
                let folder = self.peer.paths.task_templates();
                self.submitter.aside(move || Message::Templates(Library::open(&folder).all()));
            }
            Effect::EditMode { name, file } => return self.edit_mode(name, &file),
            Effect::Theme(name) => match Theme::load(&name, self.themes.as_deref(), self.depth) {
                Ok(theme) => {
                    return self.take(Message::Theme(Box::new(theme.with_ascii(self.ascii))));
                }
                Err(error) => self.model.tell(Tone::Bad, error.to_string()),
            },
            Effect::Mouse(on) => {
                self.terminal.set_mouse(on)?;
                self.model.mouse = on;
                let told = if on {
                    "The mouse works here; Shift selects text."
                } else {
                    "The mouse selects text."
                };
                self.model.tell(Tone::Info, told);
            }
            Effect::Redraw => self.terminal.repaint()?,
            Effect::Suspend => {
                self.terminal.suspend(&mut self.events)?;
                self.model.size = self.terminal.size()?;
                self.stale = true;
            }
            Effect::Quit => self.ended = Some(0),
        }
        Ok(())
    }

    fn open_document(&mut self, path: &str) -> io::Result<()> {
        let file = self.peer.paths.task_orchestrator().join(path);
        let problem = self.terminal.edit_file(&mut self.events, &self.editor, &file)?;
        self.model.size = self.terminal.size()?;
        self.stale = true;
        match problem {
            Some(problem) => self.take(Message::Notice(Tone::Bad, problem)),
            None => Ok(()),
        }
    }

    /// Lets the person edit the file of a mode, and tells what its validation says then.
    fn edit_mode(&mut self, name: String, file: &str) -> io::Result<()> {
        self.open_document(file)?;
        self.perform(Effect::Modes(Wish::Validate(name)))
    }

    /// Lets the person edit a text, which is called something, and takes what comes of it.
    fn edit(
        &mut self,
        (what, text): (&str, &str),
        done: impl FnOnce(String) -> Message,
    ) -> io::Result<()> {
        let folder = self.peer.paths.run();
        let edited = self.terminal.edit_text(
            &mut self.events,
            &self.editor,
            Draft { folder: &folder, text },
        );
        self.model.size = self.terminal.size()?;
        self.stale = true;
        match edited {
            Ok(Edited::Changed(text)) => self.take(done(text)),
            Ok(Edited::Unchanged) => {
                self.take(Message::Notice(Tone::Info, format!("{what} is as it was.")))
            }
            Ok(Edited::Emptied) => {
                let told = format!("{what} came back empty, so it is as it was.");
                self.take(Message::Notice(Tone::Info, told))
            }
            Ok(Edited::Failed(problem)) => self.take(Message::Notice(Tone::Bad, problem)),
            // The draft's file failed, not the terminal; a terminal that is gone shows at the next frame.
            Err(error) => self.take(Message::Notice(Tone::Bad, format!("cannot edit: {error}"))),
        }
    }
}
