//! `callboard status`: where the session stands, who works on what, what waits for a person.

use std::fs::{File, TryLockError};

use callboard_engine::domain::backup::Backup;
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::lookups::ReadyFilter;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::text::visible_line;
use callboard_engine::domain::time::{Timestamp, age};
use callboard_engine::mcp::http::Endpoint;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::query::rows::{AgentRow, Need, NeedKind, SessionRow, TaskRow};
use callboard_engine::query::{agents, backups, needs, sessions, tasks};
use callboard_engine::store::Reader;
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::lines;
use super::output::Output;
use super::pieces::Pieces;
use super::project::Scene;
use super::readable::readable;
use crate::backups::integrity;
use crate::theme::Meaning;

/// Lines of each part.
const FEW: usize = 5;

#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    /// The session: id, beginning of one, or name; else the current one
    #[arg(long, short)]
    session: Option<String>,
}

/// Everything that is shown, read at one moment.
struct Status {
    session: SessionRow,
    agents: Vec<AgentRow>,
    needs: Vec<Need>,
    next: Vec<TaskRow>,
    backup: Option<Backup>,
}

pub(super) fn run(
    arguments: &StatusArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let now = peer.clock.now();
    let served = served(&peer.paths);
    let id = match &arguments.session {
        Some(named) => Some(super::project::session_of(&peer, Some(named))?),
        None => peer.readers.read(sessions::current)?.map(|session| session.id),
    };
    let Some(id) = id else {
        return without_session(&peer, output);
    };
    let status = peer.readers.read(|reader| look(reader, id, now))?;
    if output.is_json() {
        let value = json!({
            "project": peer.paths.root,
            "url": served.map(|endpoint| endpoint.url),
            "session": readable(&status.session),
            "agents": readable(&status.agents),
            "needs": readable(&status.needs),
            "next": readable(&status.next),
            "backup": readable(&status.backup),
        });
        return output.json(&value).map(|()| 0);
    }
    output.field("project", &peer.paths.root.display().to_string())?;
    if let Some(endpoint) = served {
        let url = output.paint(&endpoint.url, Meaning::Link);
        output.field("serves", &url)?;
    }
    head(output, &status.session, now)?;
    if let Some(backup) = &status.backup {
        let when = lines::ago(backup.created_at, now);
        output.field("backup", &format!("{} {when}, {}", backup.name, integrity(backup)))?;
    }
    work(output, &status.agents, now)?;
    waiting(output, &status.needs, now)?;
    if !status.next.is_empty() {
        heading(output, "Next")?;
    }
    for task in &status.next {
        let line = lines::task(output, task, now);
        output.line(&line)?;
    }
    Ok(0)
}

/// Where the project is served, if a process holds the duty now; a killed one leaves its file.
pub(super) fn served(paths: &ProjectPaths) -> Option<Endpoint> {
    let lock = File::open(paths.endpoint_lock()).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Endpoint::read(&paths.endpoint_json()).ok(),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn look(reader: &Reader, id: SessionId, now: Timestamp) -> Result<Status, Refusal> {
    let session = sessions::row(reader, id)?;
    let next = if session.session.state.allows_work() {
        tasks::next(reader, id, &ReadyFilter::default(), FEW)?
    } else {
        Vec::new()
    };
    let working = |agent: &AgentRow| agent.connected || !agent.holds.is_empty();
    let agents = agents::list(reader, now)?.into_iter().filter(working).collect();
    let needs = needs::list(reader, id, now, FEW)?;
    Ok(Status { session, agents, needs, next, backup: backups::newest(reader)? })
}

fn without_session(peer: &Peer, output: &mut Output) -> Result<u8, Failure> {
    if output.is_json() {
        let value = json!({ "project": peer.paths.root, "session": null });
        return output.json(&value).map(|()| 0);
    }
    output.field("project", &peer.paths.root.display().to_string())?;
    output.line("No session yet. An agent can begin one, or you:")?;
    let command = output.paint("callboard session create \"<name>\"", Meaning::Key);
    output.line(&format!("  {command}"))?;
    Ok(0)
}

/// Writes name, state and progress of a session.
pub(super) fn head(output: &mut Output, row: &SessionRow, now: Timestamp) -> Result<(), Failure> {
    let session = &row.session;
    let state = format!("{} {}", output.icons().state(session.state), session.state);
    let state = output.paint_in(&state, output.theme().state(session.state));
    let since = format!("since {}", lines::ago(session.state_since, now));
    let since = output.paint(since.trim_end_matches(" ago"), Meaning::Dim);
    let name = output.paint(&session.name, Meaning::Strong);
    let id = lines::id(output, session.id, row.short);
    output.field("session", &format!("{name} {id}  {state} {since}"))?;
    let reason = session.reason.as_deref().map(visible_line).unwrap_or_default();
    output.field("because", &reason)?;
    let goal = visible_line(session.goal.lines().next().unwrap_or_default());
    output.field("goal", &goal)?;
    output.field("mode", &mode(output, row))?;
    let progress = lines::progress(output, row.counts.percent);
    output.field("progress", &progress)?;
    let counts = lines::counts(output, &row.counts);
    output.field("tasks", &counts)
}

/// The mode in force, and where it is not what its file says, why.
fn mode(output: &Output, row: &SessionRow) -> String {
    let session = &row.session;
    let name = output.paint(&session.mode, Meaning::Text);
    let problem = session.binding.as_ref().and_then(|binding| binding.problem.as_ref());
    match problem {
        Some(problem) => {
            let told = format!("something else is in force for it: {problem}");
            format!("{name}  {}", output.paint(&told, Meaning::Warn))
        }
        None => name,
    }
}

fn heading(output: &mut Output, text: &str) -> Result<(), Failure> {
    let text = output.paint(text, Meaning::Heading);
    output.line(&format!("\n{text}"))
}

fn work(output: &mut Output, agents: &[AgentRow], now: Timestamp) -> Result<(), Failure> {
    if agents.is_empty() {
        return Ok(());
    }
    heading(output, "Agents")?;
    for agent in agents {
        if agent.holds.is_empty() {
            let seen = format!("  idle, last call {}", lines::ago(agent.last_seen, now));
            let line = named(output, agent).with(output, &seen, Meaning::Dim).paint(output);
            output.line(&line)?;
        }
        for held in &agent.holds {
            let (left, meaning) = if held.stale {
                ("stale".to_owned(), Meaning::Warn)
            } else {
                (format!("{} left", age(held.until.since_ms(now))), Meaning::Dim)
            };
            let line = named(output, agent)
                .with(output, &format!(" {} {} ", output.icons().held, held.id), Meaning::Dim)
                .with(output, &held.title, Meaning::Text)
                .with(output, &format!("  {left}"), meaning);
            let line = line.paint(output);
            output.line(&line)?;
        }
    }
    Ok(())
}

fn named(output: &Output, agent: &AgentRow) -> Pieces {
    Pieces::default().styled(&format!("  {}", agent.name), output.theme().agent(&agent.name))
}

fn waiting(output: &mut Output, needs: &[Need], now: Timestamp) -> Result<(), Failure> {
    if needs.is_empty() {
        return Ok(());
    }
    heading(output, "Waits for you")?;
    for need in needs {
        let (what, meaning) = match need.kind {
            NeedKind::Review => ("review", Meaning::StatusReview),
            NeedKind::StaleClaim => ("stale claim", Meaning::Warn),
            NeedKind::Blocked => ("blocked", Meaning::StatusBlocked),
            NeedKind::Failed => ("failed", Meaning::StatusFailed),
            NeedKind::Conflict => ("conflict", Meaning::Warn),
            NeedKind::HeldDocument => ("held back", Meaning::Warn),
        };
        let about = format!("  {}, {}", need.who, lines::ago(need.since, now));
        let line = Pieces::default()
            .with(output, &format!("  {what:<11} "), meaning)
            .with(output, &format!("{} ", need.about), Meaning::Dim)
            .with(output, &need.title, Meaning::Text)
            .with(output, &about, Meaning::Dim)
            .paint(output);
        output.line(&line)?;
    }
    Ok(())
}
