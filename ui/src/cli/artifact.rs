//! `callboard artifact`: lists, shows, adds and checks what the work produced.

mod add;
mod list;
mod show;

use callboard_engine::artifacts::check;
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::artifact::{Artifact, ArtifactState};
use callboard_engine::domain::count::{by_count, counted};
use callboard_engine::domain::id::ArtifactId;
use callboard_engine::peer::Peer;
use callboard_engine::query::artifacts::{ArtifactItem, ToCheck};
use callboard_engine::query::{resolve, sessions};
use clap::{Args, Subcommand};

use super::failure::Failure;
use super::lines;
use super::output::Output;
use super::pieces::Pieces;
use super::project::{Scene, session_of};
use super::readable::readable;
use crate::sizes::bytes;
use crate::theme::Meaning;

/// List, show, add and check what the work produced
#[derive(Debug, Args)]
pub(super) struct ArtifactArguments {
    #[command(subcommand)]
    verb: ArtifactVerb,
}

#[derive(Debug, Subcommand)]
enum ArtifactVerb {
    /// List the artifacts of the session, the newest first
    List(list::ListArguments),
    /// Show an artifact, its editions and its history; with --content what its file says
    Show(show::ShowArguments),
    /// Record a file of the project, or a text from standard input
    Add(add::AddArguments),
    /// Look whether the files are there and as they were recorded; exits with 1 if not
    Check(CheckArguments),
}

#[derive(Debug, Args)]
struct CheckArguments {
    /// One artifact: id, beginning of one, or title; else all of the session
    artifact: Option<String>,
    /// The session; else the current one
    #[arg(long, short, conflicts_with = "everything")]
    session: Option<String>,
    /// Those of every session
    #[arg(long)]
    everything: bool,
}

pub(super) fn run(
    arguments: &ArtifactArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    match &arguments.verb {
        ArtifactVerb::List(arguments) => list::run(arguments, &peer, output),
        ArtifactVerb::Show(arguments) => show::run(arguments, &peer, output),
        ArtifactVerb::Add(arguments) => add::run(arguments, (&peer, scene), output),
        ArtifactVerb::Check(arguments) => look(arguments, &peer, output),
    }
}

/// The artifact that is meant.
fn find(peer: &Peer, text: &str) -> Result<ArtifactId, Failure> {
    Ok(peer.readers.read(|reader| {
        let current = sessions::current(reader)?.map(|session| session.id);
        resolve::artifact(reader, current, text)
    })?)
}

/// An artifact on one line: state, id, kind, title, edition, file, who and when.
fn line(output: &Output, row: &ArtifactItem, peer: &Peer) -> String {
    let artifact = &row.artifact;
    let (icon, meaning) = sign(output, artifact.state);
    let id = artifact.id.to_string();
    let (head, tail) = id.split_at_checked(row.short).unwrap_or((&id, ""));
    let age = lines::ago(artifact.created_at, peer.clock.now());
    Pieces::default()
        .with(output, &format!("{icon} "), meaning)
        .with(output, head, Meaning::Accent)
        .with(output, tail, Meaning::Dim)
        .with(output, &format!("  {}", artifact.kind), Meaning::Accent)
        .with(output, &format!("  {}", artifact.title), Meaning::Strong)
        .with(output, &format!(" {}", artifact.edition_shown()), Meaning::Text)
        .with(output, &format!("  {}", artifact.path), Meaning::Link)
        .with(output, &format!("  {}, {age}, ", bytes(artifact.size)), Meaning::Dim)
        .styled(artifact.actor.name(), lines::actor_style(output, &artifact.actor))
        .paint(output)
}

/// How a file stands, as a sign and a look.
fn sign(output: &Output, state: ArtifactState) -> (&'static str, Meaning) {
    let icons = output.icons();
    match state {
        ArtifactState::Present => (icons.good, Meaning::Good),
        ArtifactState::Changed => (icons.warn, Meaning::Warn),
        ArtifactState::Missing => (icons.bad, Meaning::Bad),
    }
}

fn look(arguments: &CheckArguments, peer: &Peer, output: &mut Output) -> Result<u8, Failure> {
    let wanted = match (&arguments.artifact, arguments.everything) {
        (Some(text), _) => ToCheck::One(find(peer, text)?),
        (None, true) => ToCheck::Everything,
        (None, false) => ToCheck::Session(session_of(peer, arguments.session.as_deref())?),
    };
    let checked = check(peer, wanted, &Actor::Human, &|| true)?;
    let code = u8::from(!checked.findings.is_empty());
    if output.is_json() {
        return output.json(&readable(&checked)).map(|()| code);
    }
    for finding in &checked.findings {
        let Artifact { id, title, path, .. } = &finding.artifact;
        let (icon, meaning) = sign(output, finding.state);
        let line = Pieces::default()
            .with(output, &format!("{icon} {:<8}", finding.state), meaning)
            .with(output, &format!("{id}  "), Meaning::Dim)
            .with(output, title, Meaning::Strong)
            .with(output, &format!("  {path}: "), Meaning::Text)
            .with(output, &finding.problem, meaning)
            .paint(output);
        output.line(&line)?;
    }
    let well = checked.looked_at.saturating_sub(checked.findings.len());
    let (files, are) =
        (counted(checked.looked_at, "file"), by_count(well, "is as it was", "are as they were"));
    let told = format!("{well} of {files} {are} recorded.");
    let told = output.paint(&told, Meaning::Dim);
    output.line(&told).map(|()| code)
}
