//! What lies over the view for a moment: menus, prompts, forms, finders, help.
//!
//! An overlay takes every key while it is open; Escape always closes it and changes nothing.

pub mod finder;
pub mod form;
pub mod menu;
pub mod mode_form;
pub mod prompt;
pub mod template_form;

use callboard_engine::domain::command::Command;
use callboard_engine::domain::id::{ArtifactId, SessionId};
use callboard_engine::task_templates::TaskTemplate;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::action::Action;
use crate::app::board::RowKey;
use crate::app::modes::Wish;
use crate::app::{
    Effect, Model, Pane, View, act, artifacts, backups, modes, review, search, upkeep,
};
use crate::widgets::toast::Tone;
use finder::Finder;
use form::Form;
use menu::Menu;
use mode_form::ModeForm;
use prompt::Prompt;
use template_form::TemplateForm;

/// Said when a form is about to be closed with what was written in it.
const UNSAVED: &str = "Not saved. Ctrl-S saves, Esc once more discards.";

/// What is open.
#[derive(Debug)]
pub enum Overlay {
    Menu(Menu),
    Prompt(Prompt),
    Form(Box<Form>),
    ModeForm(Box<ModeForm>),
    TemplateForm(Box<TemplateForm>),
    Finder(Finder),
    /// Errors and notices; rows scrolled down.
    Log(usize),
}

/// What choosing an item does.
#[derive(Debug, Clone)]
pub enum Choice {
    Act(Action),
    Submit(Box<Command>, String),
    Menu(Box<Menu>),
    Prompt(Box<Prompt>),
    Select(RowKey),
    Session(SessionId),
    Agent(String),
    Artifact(ArtifactId),
    Theme(String),
    /// Something to be done with mode files.
    Modes(Wish),
    /// A mode to go to, by its name.
    Mode(String),
    /// A backup to go to, by its file.
    Backup(String),
    /// Something to be done with backups.
    Backups(Box<backups::Wish>),
    /// Leaves everything as it is.
    Nothing,
    /// A filter that is added to the search.
    Filter(String),
    /// A task template that is to be filled in.
    Template(Box<TaskTemplate>),
    /// Looks after the project.
    Upkeep(upkeep::Wish),
    /// A text for the clipboard, and what it is.
    Copy {
        text: String,
        what: String,
    },
    Quit,
}

impl Choice {
    /// Submits a command; what it is called.
    pub fn submit(command: Command, what: impl Into<String>) -> Self {
        Self::Submit(Box::new(command), what.into())
    }
}

/// What a key led to.
pub enum Next {
    /// The overlay stays open.
    Stay(Overlay, Vec<Effect>),
    /// It closes, and this is done.
    Choose(Choice),
    /// It closes.
    Close(Vec<Effect>),
}

impl Overlay {
    /// Puts the cursor on an item of a list.
    pub fn point_at(&mut self, index: usize) {
        match self {
            Self::Menu(menu) => menu.cursor = index,
            Self::Finder(finder) => finder.cursor = index,
            Self::Prompt(_)
            | Self::Form(_)
            | Self::ModeForm(_)
            | Self::TemplateForm(_)
            | Self::Log(_) => {}
        }
    }

    /// Takes a pasted text.
    pub fn paste(&mut self, text: &str) {
        match self {
            Self::Prompt(prompt) => prompt.input.paste(text),
            Self::Form(form) => form.paste(text),
            Self::ModeForm(form) => {
                form.fields.paste(text);
            }
            Self::TemplateForm(form) => form.paste(text),
            Self::Finder(finder) => finder.paste(text),
            Self::Menu(_) | Self::Log(_) => {}
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "other keys mean nothing in the log")]
    fn key(self, model: &mut Model, key: KeyEvent) -> Next {
        if is_cancel(key) {
            return self.cancel(model);
        }
        match self {
            Self::Menu(menu) => menu.key(key),
            Self::Prompt(prompt) => prompt.key(model, key),
            Self::Form(form) => form.key(model, key),
            Self::ModeForm(form) => form.key(model, key),
            Self::TemplateForm(form) => form.key(model, key),
            Self::Finder(finder) => finder.key(key),
            Self::Log(scroll) => match key.code {
                KeyCode::Char('j') | KeyCode::Down => Next::Stay(Self::Log(scroll + 1), Vec::new()),
                KeyCode::Char('k') | KeyCode::Up => {
                    Next::Stay(Self::Log(scroll.saturating_sub(1)), Vec::new())
                }
                KeyCode::Char('q' | '!') => Next::Close(Vec::new()),
                _ => Next::Stay(Self::Log(scroll), Vec::new()),
            },
        }
    }

    fn cancel(self, model: &mut Model) -> Next {
        match self {
            Self::Form(mut form) if form.is_changed() && !form.warned => {
                form.warned = true;
                model.tell(Tone::Info, UNSAVED);
                Next::Stay(Self::Form(form), Vec::new())
            }
            Self::ModeForm(mut form) if form.is_changed() && !form.warned => {
                form.warned = true;
                model.tell(Tone::Info, UNSAVED);
                Next::Stay(Self::ModeForm(form), Vec::new())
            }
            Self::TemplateForm(mut form) if form.is_changed() && !form.warned => {
                form.warned = true;
                model.tell(Tone::Info, UNSAVED);
                Next::Stay(Self::TemplateForm(form), Vec::new())
            }
            Self::Finder(finder) => match finder.restore {
                Some(theme) => Next::Close(vec![Effect::Theme(theme)]),
                None => Next::Close(Vec::new()),
            },
            Self::Form(_)
            | Self::ModeForm(_)
            | Self::TemplateForm(_)
            | Self::Menu(_)
            | Self::Prompt(_)
            | Self::Log(_) => Next::Close(Vec::new()),
        }
    }
}

fn is_cancel(key: KeyEvent) -> bool {
    let control_c = key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
    key.code == KeyCode::Esc || control_c
}

/// Hands a key to the overlay that is open.
pub fn key(model: &mut Model, overlay: Overlay, key: KeyEvent) -> Vec<Effect> {
    match overlay.key(model, key) {
        Next::Stay(overlay, effects) => {
            model.overlay = Some(overlay);
            effects
        }
        Next::Close(effects) => effects,
        Next::Choose(choice) => choose(model, choice),
    }
}

/// Does what was chosen.
pub fn choose(model: &mut Model, choice: Choice) -> Vec<Effect> {
    match choice {
        Choice::Act(action) => act::act(model, action),
        Choice::Submit(command, what) => {
            if let Command::SetStatus(set) = *command {
                review::submit(model, set, what)
            } else {
                Model::submit(*command, what)
            }
        }
        Choice::Menu(menu) => {
            model.overlay = Some(Overlay::Menu(*menu));
            Vec::new()
        }
        Choice::Prompt(prompt) => {
            model.overlay = Some(Overlay::Prompt(*prompt));
            Vec::new()
        }
        Choice::Select(key) => {
            model.view = View::Board;
            model.focus = Pane::Main;
            model.board.clear_filter();
            model.board.select_when_loaded(key);
            vec![model.reload()]
        }
        Choice::Session(id) => {
            model.view = View::Sessions;
            model.documents.edits = None;
            model.sessions.cursor = Some(id);
            model.sessions.extract = None;
            model.focus = Pane::Main;
            model.board.detail_scroll = 0;
            vec![model.reload()]
        }
        Choice::Artifact(id) => artifacts::show(model, id),
        Choice::Agent(name) => {
            model.view = View::Agents;
            model.agents.cursor = Some(name);
            vec![model.reload()]
        }
        Choice::Mode(name) => modes::find(model, &name),
        Choice::Backup(file) => backups::find(model, &file),
        Choice::Theme(name) => vec![Effect::Theme(name)],
        Choice::Template(template) => {
            let form = TemplateForm::new(model, *template);
            model.overlay = Some(Overlay::TemplateForm(Box::new(form)));
            Vec::new()
        }
        Choice::Filter(filter) => search::insert(model, &filter),
        Choice::Modes(wish) => vec![Effect::Modes(wish)],
        Choice::Backups(wish) => backups::begin(model, *wish),
        Choice::Nothing => Vec::new(),
        Choice::Upkeep(wish) => upkeep::ask(model, wish),
        Choice::Copy { text, what } => vec![Effect::Copy { text, what }],
        Choice::Quit => vec![Effect::Quit],
    }
}
