//! The texts of a template, compiled and filled in, within one budget of time and size.

use std::time::Duration;

use tera::Context;

use super::model::Text;
use super::problem::Place;
use crate::domain::text::DESCRIPTION_MAX;
use crate::sync::render::Fault;
use crate::sync::render::engine::Engine;

/// Most bytes of one text.
const TEXT_BYTES_MAX: usize = DESCRIPTION_MAX;
/// Most bytes of all texts of one application.
const ALL_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How long one application may take.
const TIME_MAX: Duration = Duration::from_secs(2);

/// What a condition comes to where it is true.
const TRUE: &str = "true";

/// Compiles texts and fills them in. What is filled in is data: it is never compiled.
pub(super) struct Texts {
    engine: Engine,
    bytes_left: usize,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { engine: Engine::for_texts(TEXT_BYTES_MAX, TIME_MAX), bytes_left: ALL_BYTES_MAX }
    }

    /// The variables that a text speaks of.
    ///
    /// # Errors
    ///
    /// What is wrong with its expressions, with the place in the file.
    pub(super) fn compile(&mut self, text: &Text) -> Result<Vec<String>, (Place, String)> {
        self.engine.load(&text.source).map_err(|fault| at(text, fault))?;
        Ok(self.engine.variables())
    }

    /// The variables that a condition speaks of.
    ///
    /// # Errors
    ///
    /// As [`Self::compile`].
    pub(super) fn compile_condition(
        &mut self,
        text: &Text,
    ) -> Result<Vec<String>, (Place, String)> {
        self.engine.load(&condition(text)).map_err(|fault| at(text, fault))?;
        Ok(self.engine.variables())
    }

    /// Fills a text in.
    ///
    /// # Errors
    ///
    /// What went wrong, in words.
    pub(super) fn fill(&mut self, text: &Text, context: &Context) -> Result<String, String> {
        if text.is_plain() {
            self.spend(text.source.len())?;
            return Ok(text.source.clone());
        }
        self.run(&text.source, context)
    }

    /// Tells whether a condition holds.
    ///
    /// # Errors
    ///
    /// What went wrong, in words.
    pub(super) fn holds(&mut self, text: &Text, context: &Context) -> Result<bool, String> {
        self.run(&condition(text), context).map(|said| said == TRUE)
    }

    fn run(&mut self, source: &str, context: &Context) -> Result<String, String> {
        self.engine.load(source).map_err(|fault| fault.message)?;
        let sheet = self.engine.go_on(context).map_err(|fault| fault.message)?;
        self.spend(sheet.text.len())?;
        Ok(sheet.text)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), String> {
        match self.bytes_left.checked_sub(bytes) {
            Some(left) => {
                self.bytes_left = left;
                Ok(())
            }
            None => Err(format!("all texts together would have more than {ALL_BYTES_MAX} bytes")),
        }
    }
}

fn condition(text: &Text) -> String {
    format!("{{% if {} %}}{TRUE}{{% endif %}}", text.source)
}

/// The place in the file of a fault in a text; a text's lines stand below each other there.
fn at(text: &Text, fault: Fault) -> (Place, String) {
    let line = text.place.line + fault.line.saturating_sub(1);
    (Place { line, ..text.place }, fault.message)
}
