//! One template, compiled, and its bounded rendering.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use tera::{Context, ErrorKind, Tera};

use super::meter::{Meter, TIME_MAX};
use super::{Fault, functions, guard};
use crate::domain::document::DOCUMENT_MAX;

/// The name of the only template of an engine.
const NAME: &str = "template";

/// A compiled template.
pub(crate) struct Engine {
    tera: Tera,
    meter: Arc<Meter>,
    /// Most bytes that one rendering gives.
    bytes_max: usize,
}

/// A rendered text, and which line of the template gave which part.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) text: String,
    /// Where a part begins, and the template's line.
    origins: Vec<(usize, usize)>,
}

impl Engine {
    /// Compiles the template of a document.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with the line.
    pub(super) fn new(source: &str) -> Result<Self, Fault> {
        let mut engine = Self::empty(DOCUMENT_MAX, TIME_MAX);
        functions::register(&mut engine.tera, &engine.meter);
        engine.load(source)?;
        Ok(engine)
    }

    /// An engine for many short texts one after the other, which knows nothing of documents.
    pub(crate) fn for_texts(bytes_max: usize, time_max: Duration) -> Self {
        let mut engine = Self::empty(bytes_max, time_max);
        functions::register_common(&mut engine.tera, &engine.meter);
        engine.begin();
        engine
    }

    fn empty(bytes_max: usize, time_max: Duration) -> Self {
        let mut tera = Tera::default();
        // What is rendered is markdown: our functions escape, and nothing else does.
        tera.autoescape_on(Vec::<&str>::new());
        Self { tera, meter: Arc::new(Meter::new(time_max)), bytes_max }
    }

    /// Compiles another template in the place of the last one.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with the line.
    pub(crate) fn load(&mut self, source: &str) -> Result<(), Fault> {
        let woven = guard::weave(source)?;
        self.tera.add_raw_template(NAME, &woven).map_err(|error| fault(&error, 1))
    }

    /// The variables that the template speaks of, sorted.
    pub(crate) fn variables(&self) -> Vec<String> {
        let found = self.tera.get_template_variables(NAME).unwrap_or_default();
        let mut names: Vec<String> = found.into_iter().map(str::to_owned).collect();
        names.sort_unstable();
        names
    }

    /// Gives whatever is rendered from here on by [`Self::go_on`] a budget of time and steps.
    pub(crate) fn begin(&mut self) {
        self.meter.start();
    }

    /// Renders with a budget of its own.
    ///
    /// # Errors
    ///
    /// What went wrong, with the line.
    pub(super) fn render(&mut self, context: &Context) -> Result<Sheet, Fault> {
        self.begin();
        self.go_on(context)
    }

    /// Renders with what is left of the budget.
    ///
    /// # Errors
    ///
    /// What went wrong, with the line.
    pub(crate) fn go_on(&mut self, context: &Context) -> Result<Sheet, Fault> {
        self.meter.reach(1);
        self.meter.step().map_err(|error| fault(&error, 1))?;
        let bytes_max = self.bytes_max;
        let mut paper =
            Paper { bytes: Vec::new(), origins: Vec::new(), meter: &self.meter, bytes_max };
        let ended = self.tera.render_to(NAME, context, &mut paper);
        let Paper { bytes, origins, .. } = paper;
        if bytes_max < bytes.len() {
            let message = format!("the text would have more than {bytes_max} bytes");
            return Err(Fault::new(self.meter.line(), message));
        }
        ended.map_err(|error| fault(&error, self.meter.line()))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Fault::new(self.meter.line(), "the text is not UTF-8".to_owned()))?;
        Ok(Sheet { text, origins })
    }
}

impl Sheet {
    /// The template's line that gave a place in the text.
    pub(super) fn origin(&self, place: usize) -> usize {
        let after = self.origins.partition_point(|(start, _)| *start <= place);
        after.checked_sub(1).and_then(|at| self.origins.get(at)).map_or(1, |(_, line)| *line)
    }
}

/// What a template writes on.
struct Paper<'a> {
    bytes: Vec<u8>,
    origins: Vec<(usize, usize)>,
    meter: &'a Meter,
    bytes_max: usize,
}

impl Write for Paper<'_> {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let line = self.meter.line();
        if self.origins.last().is_none_or(|(_, last)| *last != line) {
            self.origins.push((self.bytes.len(), line));
        }
        self.bytes.extend_from_slice(part);
        if self.bytes_max < self.bytes.len() {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An error of Tera's in one line, with the template's line.
fn fault(error: &tera::Error, last_line: usize) -> Fault {
    if let ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) = error.kind() {
        return Fault::new(report.span().start_line, report.message().to_owned());
    }
    from_report(&error.to_string(), last_line)
}

/// Several errors come as one report, of which the first is told.
fn from_report(report: &str, last_line: usize) -> Fault {
    let first = report.lines().next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(first).to_owned();
    let mark = format!("--> {NAME}:");
    let line = report
        .lines()
        .find_map(|line| line.split_once(mark.as_str()))
        .and_then(|(_, place)| place.split(':').next()?.parse().ok());
    Fault::new(line.unwrap_or(last_line), message)
}
