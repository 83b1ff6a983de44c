//! What the model asks for, done.

use std::io;

use callboard_engine::artifacts::{Content, read};
use callboard_engine::domain::artifact::{Artifact, STORED_MAX};
use callboard_engine::task_templates::Library;

use super::Runtime;
use crate::app::modes::Wish;
use crate::app::{Effect, Message, metrics, search};
use crate::artifacts;
use crate::backups::{self, Fulfilment};
use crate::edits::fulfil;
use crate::modes;
use crate::terminal::{Copied, CopyOf, Draft, Edited, Spot};
use crate::theme::Theme;
use crate::upkeep;
use crate::widgets::toast::Tone;

impl Runtime {
    #[expect(clippy::too_many_lines, reason = "one arm an effect")]
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
            Effect::OpenDocument { path, line } => return self.open_document(&path, line),
            Effect::Edits(wish) => {
                let peer = self.peer.clone();
                self.submitter.aside(move || Message::Edits(fulfil(&peer, wish)));
            }
            Effect::Artifacts(wish) => {
                let peer = self.peer.clone();
                self.submitter.telling(move |tell| {
                    let tell = |answer| tell(Message::Artifacts(answer));
                    Message::Artifacts(artifacts::fulfil(&peer, wish, &tell))
                });
            }
            Effect::OpenArtifact(artifact) => return self.open_artifact(&artifact),
            Effect::Modes(wish) => {
                let peer = self.peer.clone();
                self.submitter.aside(move || Message::Modes(modes::fulfil(&peer, wish)));
            }
            Effect::Backups(wish, stop) => {
                let (peer, retention) = (self.peer.clone(), self.retention);
                self.submitter.telling(move |tell| {
                    let how = Fulfilment { peer: &peer, retention, stop: &stop };
                    let tell = |answer| tell(Message::Backups(answer));
                    Message::Backups(backups::fulfil(&how, wish, &tell))
                });
            }
            Effect::Search(wish) => {
                let peer = self.peer.clone();
                if matches!(wish, search::Wish::Find { .. }) {
                    // What was typed before is not waited for any more.
                    std::mem::take(&mut self.searching).cancel();
                }
                let stop = self.searching.clone();
                self.submitter
                    .aside(move || Message::Search(crate::search::fulfil(&peer, wish, &stop)));
            }
            Effect::SumUp(wish) => {
                let peer = self.peer.clone();
                self.submitter.aside(move || {
                    let summary = peer.readers.read(|reader| metrics::sum_up(reader, &wish));
                    Message::SummedUp(summary.map(Box::new))
                });
            }
            Effect::Upkeep(wish, stop) => {
                let peer = self.peer.clone();
                self.submitter.telling(move |tell| {
                    let tell = |answer| tell(Message::Upkeep(answer));
                    Message::Upkeep(upkeep::fulfil(&peer, wish, &stop, &tell))
                });
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

    fn open_document(&mut self, path: &str, line: Option<usize>) -> io::Result<()> {
        let file = self.peer.paths.task_orchestrator().join(path);
        let place = Spot { path: &file, line };
        let problem = self.terminal.edit_file(&mut self.events, &self.editor, place)?;
        self.model.size = self.terminal.size()?;
        self.stale = true;
        match problem {
            Some(problem) => self.take(Message::Notice(Tone::Bad, problem)),
            None => Ok(()),
        }
    }

    /// Opens a copy of an artifact: the file itself stays as it was recorded.
    fn open_artifact(&mut self, artifact: &Artifact) -> io::Result<()> {
        let text = match read(&self.peer.paths, artifact, STORED_MAX) {
            Ok(Content { text: Some(text), is_cut: false, .. }) => text,
            Ok(Content { is_cut: true, .. }) => {
                let told =
                    format!("{} is too large to be shown; y copies its path.", artifact.path);
                return self.take(Message::Notice(Tone::Info, told));
            }
            Ok(Content { text: None, .. }) => {
                let told = format!("{} is no text; y copies its path.", artifact.path);
                return self.take(Message::Notice(Tone::Info, told));
            }
            Err(refusal) => return self.take(Message::Notice(Tone::Bad, refusal.message)),
        };
        let name = artifact.path.rsplit('/').next().unwrap_or(&artifact.path);
        let copy = CopyOf { folder: &self.peer.paths.run(), name, text: &text };
        let shown = self.terminal.show_copy(&mut self.events, &self.editor, &copy);
        self.model.size = self.terminal.size()?;
        self.stale = true;
        match shown {
            Ok(None) => Ok(()),
            Ok(Some(problem)) => self.take(Message::Notice(Tone::Bad, problem)),
            // The copy failed, not the terminal; a terminal that is gone shows at the next frame.
            Err(error) => self.take(Message::Notice(Tone::Bad, format!("cannot open: {error}"))),
        }
    }

    /// Lets the person edit the file of a mode, and tells what its validation says then.
    fn edit_mode(&mut self, name: String, file: &str) -> io::Result<()> {
        self.open_document(file, None)?;
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
