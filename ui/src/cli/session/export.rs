//! Writing a session into one file, whatever state it is in.

use callboard_engine::export::{self, Artifacts, Format, Wanted};
use callboard_engine::peer::Peer;
use callboard_engine::query::sessions;
use clap::Args;
use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::project::session_of;
use crate::sizes::bytes;
use crate::theme::Meaning;

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// Id, beginning of one, or name; else the current one
    session: Option<String>,
    /// `markdown`, a report to read; `json`, every record; or `tar.zst`, what an archived session is
    /// packed into
    #[arg(long, short, default_value_t = Format::Markdown)]
    format: Format,
    /// Where in the project the file goes; else `.task_orchestrator/exports/`, under a name that is
    /// free
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Say nothing of artifacts
    #[arg(long)]
    no_artifacts: bool,
}

pub(super) fn run(
    arguments: &ExportArguments,
    peer: &Peer,
    output: &mut Output,
) -> Result<u8, Failure> {
    let id = session_of(peer, arguments.session.as_deref())?;
    let session = peer.readers.read(|reader| sessions::get(reader, id))?;
    let wanted = Wanted {
        format: arguments.format,
        path: arguments.path.clone(),
        artifacts: if arguments.no_artifacts { Artifacts::LeftOut } else { Artifacts::Told },
    };
    let place = export::place(&peer.paths, &session, &wanted)?;
    let made = export::write(peer, id, (&wanted, &place))?;
    if output.is_json() {
        let told = json!({ "path": made.path, "format": made.format, "bytes": made.bytes });
        return output.json(&told).map(|()| 0);
    }
    let label = output.paint("Exported", Meaning::Good);
    let path = output.paint(&made.path, Meaning::Link);
    output.line(&format!(
        "{label} {} to {path}, {}.",
        output.paint(&session.name, Meaning::Strong),
        bytes(made.bytes)
    ))?;
    Ok(0)
}
