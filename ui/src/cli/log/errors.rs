//! The log of errors, and what people said to agents.

use callboard_engine::peer::Peer;
use callboard_engine::query::metrics::{self, ErrorQuery};
use callboard_engine::query::rows::Page;
use serde::Serialize;
use serde_json::{Value, json};

use super::{LogArguments, local};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::pieces::Pieces;
use crate::cli::readable::readable;
use crate::theme::Meaning;

/// Prints the log of errors, the newest next to the prompt.
pub(super) fn errors(
    peer: &Peer,
    arguments: &LogArguments,
    output: &mut Output,
) -> Result<u8, Failure> {
    if let Some(what) = &arguments.what {
        return Err(Failure::Usage {
            message: format!("the log of errors is not kept by task, group or session: {what:?}"),
            advice: "narrow it with --tool <NAME> or --by <NAME>".to_owned(),
        });
    }
    let name = arguments.by.as_deref().map(|name| name.strip_prefix("agent:").unwrap_or(name));
    let query = ErrorQuery {
        before: arguments.before,
        actor: name.map(str::to_owned),
        source: arguments.tool.clone(),
        limit: arguments.limit,
    };
    let page = peer.readers.read(|reader| metrics::errors(reader, &query))?;
    if output.is_json() {
        return paged(&page, output);
    }
    for entry in page.items.iter().rev() {
        let line = Pieces::default()
            .with(output, &format!("{:>5}  {}  ", entry.number, local(entry.at.0)), Meaning::Dim)
            .styled(&entry.actor, output.theme().agent(&entry.actor))
            .with(output, &format!("  {}  ", entry.source), Meaning::Text)
            .with(output, &entry.code, Meaning::Bad)
            .with(output, &format!("  {}", entry.message), Meaning::Dim)
            .paint(output);
        output.line(&line)?;
    }
    end(output, page.items.is_empty(), "Nothing went wrong that was written down.", page.cursor)
}

/// Prints what was said to agents, the newest next to the prompt.
pub(super) fn messages(
    peer: &Peer,
    arguments: &LogArguments,
    output: &mut Output,
) -> Result<u8, Failure> {
    let page =
        peer.readers.read(|reader| metrics::said(reader, arguments.before, arguments.limit))?;
    if output.is_json() {
        return paged(&page, output);
    }
    for said in page.items.iter().rev() {
        let (read, meaning) = match said.delivered_at {
            Some(at) => (format!("  read {}", local(at.0)), Meaning::Good),
            None => ("  not read yet".to_owned(), Meaning::Warn),
        };
        let line = Pieces::default()
            .with(output, &format!("{:>5}  {}  to ", said.number, local(said.at.0)), Meaning::Dim)
            .styled(&said.to, output.theme().agent(&said.to))
            .with(output, &format!("  {}", said.text), Meaning::Text)
            .with(output, &read, meaning)
            .paint(output);
        output.line(&line)?;
    }
    end(output, page.items.is_empty(), "Nobody has written to an agent yet.", page.cursor)
}

/// A page as programs read it, in the order in which people read it.
fn paged<T: Serialize>(page: &Page<T>, output: &mut Output) -> Result<u8, Failure> {
    let items: Vec<Value> = page.items.iter().rev().map(readable).collect();
    output.json(&json!({ "items": items, "cursor": page.cursor })).map(|()| 0)
}

fn end(
    output: &mut Output,
    is_empty: bool,
    nothing: &str,
    cursor: Option<String>,
) -> Result<u8, Failure> {
    let line = match cursor {
        Some(cursor) => format!("older ones with --before {cursor}"),
        None if is_empty => nothing.to_owned(),
        None => return Ok(0),
    };
    let line = output.paint(&line, Meaning::Dim);
    output.line(&line).map(|()| 0)
}
