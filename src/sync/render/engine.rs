//! One template, compiled, and its bounded rendering.

use std::io::{self, Write};
use std::sync::Arc;

use tera::{Context, ErrorKind, Tera};

use super::meter::Meter;
use super::{Fault, functions, guard};
use crate::domain::document::DOCUMENT_MAX;

/// The name of the only template of an engine.
const NAME: &str = "template";

/// A compiled template.
pub(super) struct Engine {
    tera: Tera,
    meter: Arc<Meter>,
}

/// A rendered text, and which line of the template gave which part.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) text: String,
    /// Where a part begins, and the template's line.
    origins: Vec<(usize, usize)>,
}

impl Engine {
    /// Compiles a template.
    ///
    /// # Errors
    ///
    /// What is wrong with it, with the line.
    pub(super) fn new(source: &str) -> Result<Self, Fault> {
        let woven = guard::weave(source)?;
        let meter = Arc::new(Meter::default());
        let mut tera = Tera::default();
        functions::register(&mut tera, &meter);
        // Documents are markdown: our functions escape, and nothing else does.
        tera.autoescape_on(Vec::<&str>::new());
        tera.add_raw_template(NAME, &woven).map_err(|error| fault(&error, 1))?;
        Ok(Self { tera, meter })
    }

    /// Renders.
    ///
    /// # Errors
    ///
    /// What went wrong, with the line.
    pub(super) fn render(&mut self, context: &Context) -> Result<Sheet, Fault> {
        self.meter.start();
        let mut paper = Paper { bytes: Vec::new(), origins: Vec::new(), meter: &self.meter };
        let ended = self.tera.render_to(NAME, context, &mut paper);
        let Paper { bytes, origins, .. } = paper;
        if DOCUMENT_MAX < bytes.len() {
            let message = format!("the document would have more than {DOCUMENT_MAX} bytes");
            return Err(Fault::new(self.meter.line(), message));
        }
        ended.map_err(|error| fault(&error, self.meter.line()))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Fault::new(self.meter.line(), "the document is not UTF-8".to_owned()))?;
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
}

impl Write for Paper<'_> {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let line = self.meter.line();
        if self.origins.last().is_none_or(|(_, last)| *last != line) {
            self.origins.push((self.bytes.len(), line));
        }
        self.bytes.extend_from_slice(part);
        if DOCUMENT_MAX < self.bytes.len() {
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
