//! The artifacts of a session, one a line, in columns.

use callboard_engine::domain::artifact::ArtifactState;
use callboard_engine::domain::text::visible_line;
use callboard_engine::peer::Peer;
use callboard_engine::query::artifacts::{self, ArtifactFilter, ArtifactItem, Editions};
use callboard_engine::query::resolve;
use clap::Args;

use super::super::failure::Failure;
use super::super::lines;
use super::super::options::count;
use super::super::output::Output;
use super::super::pieces::Pieces;
use super::super::project::session_of;
use super::super::readable::readable;
use super::sign;
use crate::sizes::bytes;
use crate::theme::Meaning;
use crate::widgets::fit::{left, right, width};

/// Columns of a kind, a title and a name on a terminal; where there is none, nothing is cut.
const KIND_MAX: usize = 16;
const TITLE_MAX: usize = 32;
const WHO_MAX: usize = 16;

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArguments {
    /// The session; else the current one
    #[arg(long, short)]
    session: Option<String>,
    /// Only those of a task: id, beginning of one, or title
    #[arg(long, short, value_name = "TASK")]
    task: Option<String>,
    /// Only those of a kind: code, documentation, analysis, design, test, config, general, or another
    #[arg(long, short)]
    kind: Option<String>,
    /// Only those whose file was present, changed or missing at the last look
    #[arg(long, value_name = "STATE")]
    state: Option<ArtifactState>,
    /// Older editions too
    #[arg(long, short)]
    all: bool,
    /// How many at most, from 1 to 1000
    #[arg(long, short = 'n', default_value_t = 50, value_parser = count, value_name = "COUNT")]
    limit: usize,
    /// Continues a list after its end
    #[arg(long)]
    cursor: Option<String>,
}

pub(super) fn run(
    arguments: &ListArguments,
    peer: &Peer,
    output: &mut Output,
) -> Result<u8, Failure> {
    let session = session_of(peer, arguments.session.as_deref())?;
    let task = |text: &String| peer.readers.read(|it| resolve::task(it, Some(session), text));
    let filter = ArtifactFilter {
        session: Some(session),
        task: arguments.task.as_ref().map(task).transpose()?,
        kind: arguments.kind.clone(),
        editions: if arguments.all { Editions::All } else { Editions::Newest },
        state: arguments.state,
        limit: arguments.limit,
        cursor: arguments.cursor.clone(),
    };
    let page = peer.readers.read(|reader| artifacts::list(reader, &filter))?;
    if output.is_json() {
        return output.json(&readable(&page)).map(|()| 0);
    }
    let rows: Vec<[String; COLUMNS]> = page.items.iter().map(|row| cells(row, peer)).collect();
    let widths = widths(output, &rows);
    for (row, cells) in page.items.iter().zip(&rows) {
        let line = line(output, row, (cells, &widths));
        output.line(&line)?;
    }
    let is_narrowed = filter.task.is_some()
        || filter.kind.is_some()
        || filter.state.is_some()
        || filter.cursor.is_some();
    let nothing = if is_narrowed {
        "No artifact fits; without the filters all of the session are listed."
    } else {
        "There are no artifacts yet; record a file with `callboard artifact add <FILE>`."
    };
    lines::close(output, &page, nothing)
}

/// Kind, title, edition, size, age and who: what stands in columns.
const COLUMNS: usize = 6;

fn cells(row: &ArtifactItem, peer: &Peer) -> [String; COLUMNS] {
    let artifact = &row.artifact;
    [
        visible_line(&artifact.kind),
        visible_line(&artifact.title),
        artifact.edition_shown(),
        bytes(artifact.size),
        lines::ago(artifact.created_at, peer.clock.now()),
        visible_line(artifact.actor.name()),
    ]
}

/// The columns that each needs, all rows taken together.
fn widths(output: &Output, rows: &[[String; COLUMNS]]) -> [usize; COLUMNS] {
    let most = if output.is_terminal() {
        [KIND_MAX, TITLE_MAX, usize::MAX, usize::MAX, usize::MAX, WHO_MAX]
    } else {
        [usize::MAX; COLUMNS]
    };
    let mut widths = [0; COLUMNS];
    for row in rows {
        for ((wide, cell), most) in widths.iter_mut().zip(row).zip(most) {
            *wide = (*wide).max(width(cell)).min(most);
        }
    }
    widths
}

/// State, id, the columns, and the file, which may be long.
fn line(
    output: &Output,
    row: &ArtifactItem,
    (cells, widths): (&[String; COLUMNS], &[usize; COLUMNS]),
) -> String {
    let artifact = &row.artifact;
    let ellipsis = output.icons().ellipsis;
    let (icon, meaning) = sign(output, artifact.state);
    let id = artifact.id.to_string();
    let (head, tail) = id.split_at_checked(row.short).unwrap_or((&id, ""));
    let [kind, title, edition, size, age, who] = cells;
    let [kind_wide, title_wide, edition_wide, size_wide, age_wide, who_wide] = *widths;
    Pieces::default()
        .with(output, &format!("{icon} "), meaning)
        .with(output, head, Meaning::Accent)
        .with(output, tail, Meaning::Dim)
        .with(output, &format!("  {}", left(kind, kind_wide, ellipsis)), Meaning::Accent)
        .with(output, &format!("  {}", left(title, title_wide, ellipsis)), Meaning::Strong)
        .with(output, &format!("  {}", left(edition, edition_wide, ellipsis)), Meaning::Text)
        .with(output, &format!("  {}", right(size, size_wide, ellipsis)), Meaning::Dim)
        .with(output, &format!("  {}  ", left(age, age_wide, ellipsis)), Meaning::Dim)
        .styled(&left(who, who_wide, ellipsis), lines::actor_style(output, &artifact.actor))
        .with(output, &format!("  {}", artifact.path), Meaning::Link)
        .paint(output)
}
