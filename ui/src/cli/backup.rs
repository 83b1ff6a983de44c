//! `callboard backup`: making, listing, verifying, restoring and removing backups.

mod change;
mod damaged;
mod look;
mod progress;
mod remove;
mod restore;

use callboard_engine::backup::retention::Strategy;
use callboard_engine::backup::{self, Order};
use callboard_engine::domain::backup::Scope;
use callboard_engine::peer::Peer;
use clap::{Args, Subcommand};

use super::environment::Environment;
use super::failure::Failure;
use super::output::Output;
use super::project::Scene;
use crate::config::Config;

/// Make, list, verify, restore and remove backups of the project
#[derive(Debug, Args)]
pub(super) struct BackupArguments {
    #[command(subcommand)]
    verb: BackupVerb,
}

#[derive(Debug, Subcommand)]
enum BackupVerb {
    /// Make a backup while work goes on, and remove old ones as configured
    Create(CreateArguments),
    /// List the backups, the newest first
    List {
        /// By `created_at`, size, name or scope
        #[arg(long, value_name = "ORDER", default_value = "created_at")]
        sort: Order,
    },
    /// Read backups from end to end and tell whether they are what was written; 1 where one is not
    Verify {
        /// An id, a name or the path of an archive; else all
        backup: Option<String>,
    },
    /// Bring back what a backup holds; what is there is backed up first, and the rows can be undone
    Restore(restore::RestoreArguments),
    /// Tell which backups are not to be kept any more; remove them with --apply
    Cleanup(CleanupArguments),
    /// Remove one backup for good, after asking
    Remove(RemoveArguments),
}

#[derive(Debug, Args)]
struct RemoveArguments {
    /// An id or a name
    backup: String,
    /// Do it without asking
    #[arg(long, short)]
    yes: bool,
    /// It may be the last sound backup of the project
    #[arg(long)]
    last: bool,
}

#[derive(Debug, Args)]
struct CreateArguments {
    /// session, all (database and documents), database, documents or full
    #[arg(long, value_name = "SCOPE")]
    scope: Option<Scope>,
    /// A name for it; else it is named after the time
    #[arg(long)]
    name: Option<String>,
    /// A session, for a backup of scope session
    #[arg(long, value_name = "SESSION")]
    session: Vec<String>,
}

#[derive(Debug, Args)]
struct CleanupArguments {
    /// Backups that are kept; 0 keeps only the newest that always stay, -1 has no limit
    #[arg(long, value_name = "COUNT", allow_negative_numbers = true)]
    keep: Option<i64>,
    /// Days for which backups are kept; 0 keeps only the newest that always stay, -1 has no limit
    #[arg(long, value_name = "DAYS", allow_negative_numbers = true)]
    days: Option<i64>,
    /// Megabytes that all may have together; 0 keeps only the newest that always stay, -1 has no limit
    #[arg(long, value_name = "MB", allow_negative_numbers = true)]
    total_mb: Option<i64>,
    /// Which goes first: `oldest_first`, `largest_first` or `least_accessed`
    #[arg(long, value_name = "STRATEGY")]
    strategy: Option<Strategy>,
    /// Remove them
    #[arg(long)]
    apply: bool,
}

/// What the verbs work with.
struct Place<'a> {
    peer: Peer,
    config: Config,
    environment: &'a Environment,
}

pub(super) fn run(
    arguments: &BackupArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    if let BackupVerb::Restore(arguments) = &arguments.verb
        && backup::damage(&scene.paths(None)?).is_some()
    {
        return damaged::restore(arguments, scene, output);
    }
    let peer = match scene.open() {
        Err(Failure::Open(error)) if error.is_damage() => {
            return damaged::run(&arguments.verb, (scene, error), output);
        }
        opened => opened?,
    };
    let config = scene.config(&peer.paths, Vec::new())?.config;
    let place = Place { peer, config, environment: scene.environment };
    match &arguments.verb {
        BackupVerb::Create(arguments) => change::create(&place, arguments, output),
        BackupVerb::List { sort } => look::list(&place, *sort, output),
        BackupVerb::Verify { backup } => look::verify(&place, backup.as_deref(), output),
        BackupVerb::Restore(arguments) => restore::run(&place, arguments, output),
        BackupVerb::Cleanup(arguments) => change::clean_up(&place, arguments, output),
        BackupVerb::Remove(arguments) => remove::run(&place, arguments, output),
    }
}
