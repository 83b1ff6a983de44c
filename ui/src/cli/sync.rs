//! `callboard sync`: brings documents and database in step, and decides about documents.

mod decide;
mod edits;
mod rebuild;
mod report;

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use callboard_engine::domain::refusal::Refusal;
use callboard_engine::peer::Peer;
use callboard_engine::sync::keeper::{self, Deed, Finding, Pass, SyncOptions};
use callboard_engine::sync::lock;
use clap::{Args, Subcommand};

use super::failure::Failure;
use super::output::Output;
use super::project::Scene;
use report::Report;

/// How long another process that keeps the documents is waited for.
const WAIT_MS: i64 = 3_000;
/// How often it is looked meanwhile.
const POLL: Duration = Duration::from_millis(100);

/// Bring documents and database in step
///
/// Reads what people wrote in the documents, writes what the database says since, and tells of each
/// document what happened. Ends with 1 where something waits for a person: a document that is held
/// back, or a conflict.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct SyncArguments {
    /// Only compare: read nothing, write nothing, and say what would happen
    #[arg(long)]
    check: bool,
    /// Bring sessions back that only their documents tell of, as after the loss of the database
    #[arg(long, conflicts_with = "check")]
    rebuild: bool,
    #[command(subcommand)]
    verb: Option<SyncVerb>,
}

#[derive(Debug, Subcommand)]
enum SyncVerb {
    /// Write a document again as the database has it; what stands in it is kept as an edit backup
    Restore {
        /// The document: its path, or the end of it
        path: String,
    },
    /// Read a document that is held back as it stands; what is gone from it is asked about
    Accept {
        /// The document: its path, or the end of it
        path: String,
    },
    /// List, show and bring back texts that were replaced or set aside
    Edits(edits::EditsArguments),
}

pub(super) fn run(
    arguments: &SyncArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    match &arguments.verb {
        None if arguments.rebuild => rebuild::run(scene, output),
        None if arguments.check => {
            let findings = keeper::check(&scene.open()?)?;
            report::planned(&findings, output)
        }
        None => {
            let peer = open(scene)?;
            let report = in_step(&peer, scene, output)?;
            report::happened(&report, output)
        }
        Some(SyncVerb::Restore { path }) => decide::restore(path, scene, output),
        Some(SyncVerb::Accept { path }) => decide::accept(path, scene, output),
        Some(SyncVerb::Edits(arguments)) => edits::run(arguments, scene, output),
    }
}

/// Opens the project; where there are documents and no database, that is a matter of its own.
fn open(scene: &Scene<'_>) -> Result<Peer, Failure> {
    let paths = scene.paths(None)?;
    if !paths.database().exists() && paths.sessions().is_dir() {
        return Err(Failure::LeftAlone {
            path: paths.sessions(),
            problem: "there are documents and no database".to_owned(),
            advice: "`callboard sync --rebuild` brings back what they tell",
        });
    }
    scene.open()
}

/// Brings everything in step: in one pass of our own, or by waiting for the process that does it.
fn in_step(peer: &Peer, scene: &Scene<'_>, output: &mut Output) -> Result<Report, Failure> {
    let policies = scene.config(&peer.paths, Vec::new())?.config.conflicts;
    let options = SyncOptions { policies, ..SyncOptions::default() };
    let passed = keeper::pass(peer, options).map_err(|source| Failure::Io {
        what: "cannot look after the documents".to_owned(),
        source,
    })?;
    let Some(Pass { status, deeds }) = passed else {
        let keeper = lock::holder(&peer.paths);
        report::waits(keeper, output)?;
        let findings = wait(peer)?;
        return Ok(Report { findings, keeper: Some(keeper), ..Report::default() });
    };
    let mut by_path: BTreeMap<String, Vec<Deed>> = BTreeMap::new();
    for (path, deed) in deeds {
        by_path.entry(path).or_default().push(deed);
    }
    let findings = keeper::check(peer)?;
    Ok(Report { findings, deeds: by_path, status, keeper: None })
}

/// Waits until another process has brought everything in step, or for so long.
fn wait(peer: &Peer) -> Result<Vec<Finding>, Refusal> {
    let begun = peer.clock.now();
    loop {
        let findings = keeper::check(peer)?;
        let is_due = findings.iter().any(|finding| finding.standing.is_due());
        if !is_due || WAIT_MS <= peer.clock.now().since_ms(begun) {
            return Ok(findings);
        }
        thread::sleep(POLL);
    }
}
