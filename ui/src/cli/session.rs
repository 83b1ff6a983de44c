//! `callboard session`: creates, lists and moves sessions.

mod along;
mod export;

use callboard_engine::domain::command::{
    Command, LastBackup, MoveSession, NewSession, UpdateSession,
};
use callboard_engine::domain::count::counted;
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::session::{SessionMove, SessionState};
use callboard_engine::export::Format;
use callboard_engine::peer::Peer;
use callboard_engine::query::sessions::{self, SessionFilter, SessionOrder};
use clap::{Args, Subcommand};

use along::Along;

use super::failure::Failure;
use super::options::count;
use super::output::Output;
use super::pieces::Pieces;
use super::project::{Scene, session_of, submit};
use super::readable::readable;
use super::{lines, show, status};
use crate::theme::Meaning;

#[derive(Debug, Args)]
pub(super) struct SessionArguments {
    #[command(subcommand)]
    verb: SessionVerb,
}

#[derive(Debug, Subcommand)]
enum SessionVerb {
    /// Begin a session
    Create(CreateArguments),
    /// List the sessions
    List(ListArguments),
    /// Show a session with its groups and history
    Show {
        /// Id, beginning of one, or name; else the current one
        session: Option<String>,
    },
    /// Change the name or the goal
    Edit(EditArguments),
    /// Lay the live session aside
    Suspend(MoveArguments),
    /// Take up a suspended, completed or archived session
    Resume(ResumeArguments),
    /// Finish the live session
    Complete(CompleteArguments),
    /// Pack a completed or suspended session away
    Archive(ArchiveArguments),
    /// Write a session into one file: a report to read, or every record
    Export(export::ExportArguments),
}

#[derive(Debug, Args)]
struct CreateArguments {
    /// What it is called; at most 100 characters
    name: String,
    /// What it is for, in markdown
    #[arg(long, short)]
    goal: Option<String>,
    /// The mode to bind; else the default roles
    #[arg(long)]
    mode: Option<String>,
    /// Suspend the live session, if there is one
    #[arg(long)]
    suspend_current: bool,
    /// Make a backup to begin with
    #[arg(long)]
    backup: bool,
}

#[derive(Debug, Args)]
struct ListArguments {
    /// Only these states, separated by commas
    #[arg(long, value_delimiter = ',')]
    state: Vec<SessionState>,
    /// `last_activity`, `newest` or `name`
    #[arg(long, default_value = "last_activity")]
    order: SessionOrder,
    /// How many at most, from 1 to 1000
    #[arg(long, short = 'n', default_value_t = 50, value_parser = count, value_name = "COUNT")]
    limit: usize,
    /// Continues a list after its end
    #[arg(long)]
    cursor: Option<String>,
}

#[derive(Debug, Args)]
struct EditArguments {
    /// Id, beginning of one, or name; else the current one
    session: Option<String>,
    /// What it is called from now on
    #[arg(long)]
    name: Option<String>,
    /// What it is for, in markdown
    #[arg(long, short)]
    goal: Option<String>,
}

#[derive(Debug, Args)]
struct MoveArguments {
    /// Id, beginning of one, or name; else the current one
    session: Option<String>,
    /// Why; kept in the history
    #[arg(long, short)]
    reason: Option<String>,
}

#[derive(Debug, Args)]
struct ResumeArguments {
    #[command(flatten)]
    moved: MoveArguments,
    /// Suspend the live session, if there is one
    #[arg(long)]
    suspend_current: bool,
}

#[derive(Debug, Args)]
struct CompleteArguments {
    #[command(flatten)]
    moved: MoveArguments,
    /// In spite of open tasks
    #[arg(long)]
    allow_open: bool,
    /// Make no last backup of it
    #[arg(long)]
    no_backup: bool,
}

#[derive(Debug, Args)]
struct ArchiveArguments {
    #[command(flatten)]
    moved: MoveArguments,
    /// Write a file beside the archive: `markdown`, `json` or `tar.zst`
    #[arg(long, value_name = "FORMAT")]
    export: Option<Format>,
    /// Where in the project the file goes
    #[arg(long, value_name = "PATH", requires = "export")]
    export_path: Option<String>,
}

pub(super) fn run(
    arguments: &SessionArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let mut along = Along::default();
    let command = match &arguments.verb {
        SessionVerb::Create(create) => {
            along.first_backup = create.backup;
            Command::CreateSession(NewSession {
                id: None,
                name: create.name.clone(),
                goal: create.goal.clone().unwrap_or_default(),
                mode: create.mode.clone(),
                suspend_current: create.suspend_current,
            })
        }
        SessionVerb::List(arguments) => return list(arguments, &peer, output),
        SessionVerb::Export(arguments) => return export::run(arguments, &peer, output),
        SessionVerb::Show { session } => {
            let id = session_of(&peer, session.as_deref())?;
            return show::session(output, &peer, id).map(|()| 0);
        }
        SessionVerb::Edit(arguments) => edit(arguments, &peer)?,
        SessionVerb::Suspend(arguments) => {
            Command::MoveSession(moved(arguments, SessionMove::Suspend, &peer)?)
        }
        SessionVerb::Resume(arguments) => {
            let resume = moved(&arguments.moved, SessionMove::Resume, &peer)?;
            let suspend_current = arguments.suspend_current;
            Command::MoveSession(MoveSession { suspend_current, ..resume })
        }
        SessionVerb::Complete(arguments) => {
            let complete = moved(&arguments.moved, SessionMove::Complete, &peer)?;
            let last_backup =
                if arguments.no_backup { LastBackup::LeftOut } else { LastBackup::Follows };
            along.last_backup = !arguments.no_backup;
            let allow_open = arguments.allow_open;
            Command::MoveSession(MoveSession { allow_open, last_backup, ..complete })
        }
        SessionVerb::Archive(arguments) => {
            let archive = moved(&arguments.moved, SessionMove::Archive, &peer)?;
            if let Some(format) = arguments.export {
                along = Along::export(&peer, &archive, (format, arguments.export_path.clone()))?;
            }
            Command::MoveSession(archive)
        }
    };
    let outcome = submit(&peer, command)?;
    let Answer::Session(session) = &outcome.answer else {
        return Err(Failure::Failed("it was done, but the answer is unknown".to_owned()));
    };
    let along = along.carried_out((&peer, scene), session.id);
    let row = peer.readers.read(|reader| sessions::row(reader, session.id))?;
    if output.is_json() {
        return output.json(&along.within(readable(&row))).map(|()| 0);
    }
    status::head(output, &row, peer.clock.now())?;
    along.tell(output)?;
    lines::notes(output, &outcome.notes).map(|()| 0)
}

fn moved(arguments: &MoveArguments, to: SessionMove, peer: &Peer) -> Result<MoveSession, Failure> {
    let id = session_of(peer, arguments.session.as_deref())?;
    Ok(MoveSession { reason: arguments.reason.clone(), ..MoveSession::plain(id, to) })
}

fn edit(arguments: &EditArguments, peer: &Peer) -> Result<Command, Failure> {
    if arguments.name.is_none() && arguments.goal.is_none() {
        return Err(Failure::Usage {
            message: "there is nothing to change".to_owned(),
            advice: "give --name or --goal".to_owned(),
        });
    }
    Ok(Command::UpdateSession(UpdateSession {
        id: session_of(peer, arguments.session.as_deref())?,
        name: arguments.name.clone(),
        goal: arguments.goal.clone(),
        if_version: None,
    }))
}

fn list(arguments: &ListArguments, peer: &Peer, output: &mut Output) -> Result<u8, Failure> {
    let filter = SessionFilter {
        states: arguments.state.clone(),
        order: arguments.order,
        limit: arguments.limit,
        cursor: arguments.cursor.clone(),
    };
    let page = peer.readers.read(|reader| sessions::list(reader, &filter))?;
    if output.is_json() {
        return output.json(&readable(&page)).map(|()| 0);
    }
    let now = peer.clock.now();
    for row in &page.items {
        let session = &row.session;
        let state = format!("{} {:<12}", output.icons().state(session.state), session.state);
        let id = session.id.to_string();
        let (head, tail) = id.split_at_checked(row.short).unwrap_or((&id, ""));
        let done = format!(
            "  {}%, {} of {} open, {}",
            row.counts.percent,
            row.counts.open(),
            counted(row.counts.all(), "task"),
            lines::ago(row.last_activity, now)
        );
        let line = Pieces::default()
            .styled(&state, output.theme().state(session.state))
            .with(output, head, Meaning::Accent)
            .with(output, tail, Meaning::Dim)
            .with(output, &format!("  {}", session.name), Meaning::Text)
            .with(output, &done, Meaning::Dim)
            .paint(output);
        output.line(&line)?;
    }
    let nothing = if arguments.state.is_empty() && arguments.cursor.is_none() {
        "No session yet. Begin one with `callboard session create \"<name>\"`; agents can, too."
    } else {
        "No session fits."
    };
    lines::close(output, &page, nothing)
}
