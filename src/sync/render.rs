//! Documents from state, by templates.
//!
//! Rendering is a pure function of the state and the templates. Templates are built in; a project
//! may override each by a file of the same name. An override is tried on a sample before it is
//! used, and a bad one is reported while what was used before stays in use.

mod arrange;
mod context;
pub(crate) mod engine;
mod functions;
mod guard;
mod lint;
mod meter;
mod people;
mod sample;
pub(crate) mod text;
mod values;

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::domain::document::DocumentKind;

use super::state::SessionDocumentState;
use context::Subject;
use engine::Engine;

/// The folder of overrides, relative to the project's `.task_orchestrator`.
pub const OVERRIDES: &str = "templates/documents";

/// A template that is built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// The name of its file.
    pub name: &'static str,
    pub text: &'static str,
}

macro_rules! templates {
    ($($name:literal)*) => {
        /// The templates that are built in, one for each kind of document.
        pub const TEMPLATES: &[Template] = &[$(Template {
            name: concat!($name, ".md.tera"),
            text: include_str!(concat!("../../templates/documents/", $name, ".md.tera")),
        },)*];
    };
}

templates! {
    "session" "active_tasks" "completed_tasks" "group" "activity" "assignments" "performance"
    "session_artifacts"
}

/// The place of a kind's template in [`TEMPLATES`].
fn template_of(kind: DocumentKind) -> usize {
    match kind {
        DocumentKind::Session => 0,
        DocumentKind::ActiveTasks => 1,
        DocumentKind::CompletedTasks => 2,
        DocumentKind::Group(_) => 3,
        DocumentKind::Activity => 4,
        DocumentKind::Assignments => 5,
        DocumentKind::Performance => 6,
        DocumentKind::Artifacts => 7,
    }
}

/// A document as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Relative to `.task_orchestrator`.
    pub path: String,
    pub kind: DocumentKind,
    pub text: String,
}

/// What is wrong with an override, so that it is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateProblem {
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    pub message: String,
}

impl std::fmt::Display for TemplateProblem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}: {}", self.file.display(), self.line, self.message)
    }
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(line: usize, message: String) -> Self {
        Self { line, message }
    }
}

/// One kind's template, and what overrides it.
struct Slot {
    template: Template,
    built_in: Engine,
    custom: Option<Engine>,
    /// The hash of the override that was looked at last.
    seen: Option<blake3::Hash>,
    /// Why that is not used.
    unfit: Option<Fault>,
    /// Why it could not render the last session.
    failed: Option<Fault>,
}

/// Renders the documents of sessions.
pub struct Renderer {
    overrides: PathBuf,
    slots: Vec<Slot>,
}

impl Renderer {
    /// A renderer with the overrides of a folder, which need not exist.
    ///
    /// # Panics
    ///
    /// Never: every built-in template compiles, which the tests hold.
    pub fn new(overrides: &Path) -> Self {
        let slots = TEMPLATES.iter().filter_map(|template| match Engine::new(template.text) {
            Ok(built_in) => Some(Slot::new(*template, built_in)),
            Err(fault) => {
                tracing::error!(template.name, fault.line, fault.message, "a built-in template");
                None
            }
        });
        let mut renderer = Self { overrides: overrides.to_owned(), slots: slots.collect() };
        renderer.reload();
        renderer
    }

    /// Looks at the overrides again; tells whether another template is in use now.
    pub fn reload(&mut self) -> bool {
        let mut changed = false;
        for slot in &mut self.slots {
            changed |= slot.reload(&self.overrides.join(slot.template.name));
        }
        changed
    }

    /// The overrides that are not used, or could not render the last session.
    pub fn problems(&self) -> Vec<TemplateProblem> {
        let faults = self.slots.iter().filter_map(|slot| {
            let fault = slot.unfit.as_ref().or(slot.failed.as_ref())?;
            Some((slot.template.name, fault))
        });
        faults
            .map(|(name, fault)| TemplateProblem {
                file: self.overrides.join(name),
                line: fault.line,
                message: fault.message.clone(),
            })
            .collect()
    }

    /// The names of the templates that are overridden by one in use.
    pub fn overridden(&self) -> Vec<&'static str> {
        let custom = self.slots.iter().filter(|slot| slot.custom.is_some());
        custom.map(|slot| slot.template.name).collect()
    }

    /// All documents of a session.
    pub fn render(&mut self, state: &SessionDocumentState) -> Vec<Rendered> {
        for slot in &mut self.slots {
            slot.failed = None;
        }
        let subject = Subject::new(state);
        let kinds = subject.kinds();
        kinds.into_iter().filter_map(|kind| self.one(&subject, kind)).collect()
    }

    /// One document of a session; `None` for a group that is not there.
    pub fn render_one(
        &mut self,
        state: &SessionDocumentState,
        kind: DocumentKind,
    ) -> Option<Rendered> {
        self.one(&Subject::new(state), kind)
    }

    fn one(&mut self, subject: &Subject<'_>, kind: DocumentKind) -> Option<Rendered> {
        let path = subject.state.layout.path(kind)?;
        let context = subject.context(kind)?;
        let name = TEMPLATES.get(template_of(kind))?.name;
        let slot = self.slots.iter_mut().find(|slot| slot.template.name == name)?;
        Some(Rendered { path, kind, text: slot.render(&context)? })
    }
}

impl Slot {
    fn new(template: Template, built_in: Engine) -> Self {
        Self { template, built_in, custom: None, seen: None, unfit: None, failed: None }
    }

    /// Takes over an override that is new and fit; tells whether another template is in use.
    fn reload(&mut self, file: &Path) -> bool {
        let source = match read(file) {
            Ok(source) => source,
            Err(fault) => {
                (self.seen, self.unfit) = (None, Some(fault));
                return false;
            }
        };
        let Some(source) = source.filter(|source| source != self.template.text) else {
            (self.seen, self.unfit) = (None, None);
            return self.custom.take().is_some();
        };
        let hash = blake3::hash(source.as_bytes());
        if self.seen == Some(hash) {
            return false;
        }
        self.seen = Some(hash);
        match lint::fit(self.template.name, &source) {
            Ok(engine) => {
                (self.custom, self.unfit) = (Some(engine), None);
                true
            }
            Err(fault) => {
                self.unfit = Some(fault);
                false
            }
        }
    }

    /// Renders by the override, else by the built-in template.
    fn render(&mut self, context: &tera::Context) -> Option<String> {
        if let Some(custom) = &mut self.custom {
            match custom.render(context) {
                Ok(sheet) => return Some(sheet.text),
                Err(fault) => self.failed = Some(fault),
            }
        }
        match self.built_in.render(context) {
            Ok(sheet) => Some(sheet.text),
            Err(fault) => {
                let name = self.template.name;
                tracing::error!(name, fault.line, fault.message, "a built-in template");
                None
            }
        }
    }
}

/// Checks a text as the override of a template.
///
/// # Errors
///
/// The line and what is wrong with it.
pub fn check(template: &Template, text: &str) -> Result<(), (usize, String)> {
    lint::fit(template.name, text).map(|_| ()).map_err(|fault| (fault.line, fault.message))
}

/// Reads an override; `None` where there is none.
fn read(file: &Path) -> Result<Option<String>, Fault> {
    let refuse = |error: &io::Error| Fault::new(1, format!("it cannot be read: {error}"));
    let opened = match fs::File::open(file) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refuse(&error)),
    };
    // One byte more than is allowed tells that it is too large.
    let limit = u64::try_from(guard::TEMPLATE_MAX).unwrap_or(u64::MAX) + 1;
    let mut text = String::new();
    opened.take(limit).read_to_string(&mut text).map_err(|error| refuse(&error))?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests;
