//! `callboard conflict`: lists, shows and decides conflicts.

mod resolve;
mod show;

use callboard_engine::peer::Peer;
use callboard_engine::query::conflicts::{self, ConflictQuery, ConflictRow, Which, Whose};
use callboard_engine::query::resolve::conflict as find;
use clap::{Args, Subcommand};

use super::failure::Failure;
use super::lines;
use super::options::count;
use super::output::Output;
use super::pieces::Pieces;
use super::project::{Scene, session_of};
use super::readable::readable;
use crate::conflict::words;
use crate::theme::Meaning;

#[derive(Debug, Args)]
pub(super) struct ConflictArguments {
    #[command(subcommand)]
    verb: ConflictVerb,
}

#[derive(Debug, Subcommand)]
enum ConflictVerb {
    /// List the conflicts that wait for a decision, the oldest first
    List(ListArguments),
    /// Show a conflict: base, database, file, and what agents propose
    Show {
        /// Id, or beginning of one
        conflict: String,
    },
    /// Decide a conflict
    Resolve(resolve::ResolveArguments),
}

#[derive(Debug, Args)]
struct ListArguments {
    /// Decided ones too
    #[arg(long, short)]
    all: bool,
    /// Only those of this session
    #[arg(long, short)]
    session: Option<String>,
    /// Only those of this task, group or session, by its whole id
    #[arg(long, value_name = "ID", conflicts_with = "session")]
    record: Option<String>,
    /// Only open ones from this document, by its path below `.task_orchestrator`
    #[arg(long, value_name = "PATH", conflicts_with_all = ["session", "record", "all"])]
    document: Option<String>,
    /// How many at most, from 1 to 1000
    #[arg(long, short = 'n', default_value_t = 50, value_parser = count, value_name = "COUNT")]
    limit: usize,
    /// Continues a list after its end
    #[arg(long)]
    cursor: Option<String>,
}

pub(super) fn run(
    arguments: &ConflictArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    match &arguments.verb {
        ConflictVerb::List(arguments) => list(arguments, &peer, output),
        ConflictVerb::Show { conflict } => show::run(output, &row(&peer, conflict)?, &peer),
        ConflictVerb::Resolve(arguments) => resolve::run(arguments, (&peer, scene), output),
    }
}

fn row(peer: &Peer, text: &str) -> Result<ConflictRow, Failure> {
    Ok(peer.readers.read(|reader| conflicts::get(reader, find(reader, text)?))?)
}

fn list(arguments: &ListArguments, peer: &Peer, output: &mut Output) -> Result<u8, Failure> {
    let whose = match (&arguments.session, &arguments.record, &arguments.document) {
        (Some(session), _, _) => Whose::Session(session_of(peer, Some(session))?),
        (None, Some(record), _) => Whose::Record(record.clone()),
        (None, None, Some(path)) => Whose::Document(path.clone()),
        (None, None, None) => Whose::Everybody,
    };
    let which = if arguments.all { Which::All } else { Which::Open };
    let (limit, cursor) = (arguments.limit, arguments.cursor.clone());
    let query = ConflictQuery { whose, which, limit, cursor };
    let page = peer.readers.read(|reader| conflicts::list(reader, &query))?;
    if output.is_json() {
        return output.json(&readable(&page)).map(|()| 0);
    }
    for row in &page.items {
        let line = line(output, row, peer);
        output.line(&line)?;
    }
    lines::close(output, &page, "No conflict waits for a decision.")
}

/// A conflict on one line: id, field, record, between whom, how long.
fn line(output: &Output, row: &ConflictRow, peer: &Peer) -> String {
    let conflict = &row.conflict;
    let id = conflict.id.to_string();
    let (head, tail) = id.split_at_checked(row.short).unwrap_or((&id, ""));
    let (ours, theirs) = (words::who(&conflict.ours_by), words::who(&conflict.theirs_by));
    let about = if let Some(end) = &conflict.resolution {
        format!("  {} by {}", words::choice(conflict, end.choice), end.by.name())
    } else {
        let age = lines::ago(conflict.created_at, peer.clock.now());
        format!("  {ours} and {theirs}, {age}")
    };
    Pieces::default()
        .with(output, head, Meaning::Accent)
        .with(output, tail, Meaning::Dim)
        .with(output, &format!("  {:<12} ", words::field(conflict)), Meaning::Warn)
        .with(output, &row.title, Meaning::Strong)
        .with(output, &about, Meaning::Dim)
        .paint(output)
}
