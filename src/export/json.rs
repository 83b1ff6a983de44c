//! Every record of a session as JSON, written row by row: a board may not fit into memory.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;

use super::{Artifacts, failed};
use crate::domain::id::SessionId;
use crate::domain::refusal::Refusal;
use crate::peer::Peer;
use crate::query::artifacts::ArtifactFilter;
use crate::query::{artifacts, documents, groups, sessions};
use crate::store::Reader;

/// The form of an export; a reader looks here first.
const FORM: u32 = 1;
/// Moves that are told, and artifacts read at once.
const MOVES_MAX: usize = 10_000;
const PAGE: usize = 200;

pub(super) fn write(
    peer: &Peer,
    session: SessionId,
    told: Artifacts,
    out: &mut dyn Write,
) -> Result<(), Refusal> {
    let mut sheet = Sheet { out, is_first: true, error: None };
    peer.readers.read(|reader| records(reader, session, told, &mut sheet))?;
    sheet.error.map_or(Ok(()), |error| Err(failed(&error)))
}

fn records(
    reader: &Reader,
    session: SessionId,
    told: Artifacts,
    sheet: &mut Sheet<'_>,
) -> Result<(), Refusal> {
    sheet.text("{");
    sheet.field("callboard_export", &FORM);
    sheet.field("program", &env!("CARGO_PKG_VERSION"));
    sheet.field("session", &sessions::get(reader, session)?);
    let mut moves = sessions::transitions(reader, session, MOVES_MAX)?;
    moves.reverse();
    sheet.field("transitions", &moves);
    sheet.field("groups", &groups::all(reader, session)?);
    sheet.begin("tasks");
    documents::open_tasks(reader, (session, usize::MAX), |task| sheet.item(&task))?;
    documents::finished_tasks(reader, (session, usize::MAX), |task| sheet.item(&task))?;
    sheet.text("\n]");
    sheet.is_first = false;
    let edges = documents::dependencies(reader, session)?.into_iter();
    let edges = edges.map(|(task, on)| json!({ "task_id": task, "depends_on": on }));
    sheet.field("dependencies", &edges.collect::<Vec<_>>());
    sheet.field("context", &sessions::context(reader, session)?);
    if told == Artifacts::Told {
        sheet.begin("artifacts");
        recorded(reader, session, sheet)?;
        sheet.text("\n]");
    }
    sheet.text("\n}\n");
    Ok(())
}

fn recorded(reader: &Reader, session: SessionId, sheet: &mut Sheet<'_>) -> Result<(), Refusal> {
    let mut filter =
        ArtifactFilter { session: Some(session), limit: PAGE, ..ArtifactFilter::default() };
    loop {
        let page = artifacts::list(reader, &filter)?;
        page.items.iter().for_each(|item| sheet.item(&item.artifact));
        if page.cursor.is_none() {
            return Ok(());
        }
        filter.cursor = page.cursor;
    }
}

/// What is written, and what first went wrong with it.
struct Sheet<'a> {
    out: &'a mut dyn Write,
    is_first: bool,
    error: Option<io::Error>,
}

impl Sheet<'_> {
    fn text(&mut self, text: &str) {
        if self.error.is_none() {
            self.error = self.out.write_all(text.as_bytes()).err();
        }
    }

    fn value(&mut self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.text(&text),
            Err(error) => self.error = self.error.take().or_else(|| Some(error.into())),
        }
    }

    fn comma(&mut self) {
        let comma = if self.is_first { "\n" } else { ",\n" };
        self.is_first = false;
        self.text(comma);
    }

    fn field(&mut self, name: &str, value: &impl Serialize) {
        self.comma();
        self.text(&format!("\"{name}\": "));
        self.value(value);
    }

    /// Begins a list, whose items follow.
    fn begin(&mut self, name: &str) {
        self.comma();
        self.text(&format!("\"{name}\": ["));
        self.is_first = true;
    }

    fn item(&mut self, value: &impl Serialize) {
        self.comma();
        self.value(value);
    }
}
