//! `callboard mode`: the modes of the project, and which one is in force.

mod change;
mod look;

use callboard_engine::modes::ModesFolder;
use callboard_engine::peer::Peer;
use clap::{Args, Subcommand};

use super::failure::Failure;
use super::options::count;
use super::output::Output;
use super::project::Scene;

/// See, check and select how the team works: roles, gates, routing
#[derive(Debug, Args)]
pub(super) struct ModeArguments {
    #[command(subcommand)]
    verb: ModeVerb,
}

#[derive(Debug, Subcommand)]
enum ModeVerb {
    /// List the modes, valid or not
    List,
    /// Show a mode with its roles, gates and problems
    Show {
        /// Its name; else the one in force
        name: Option<String>,
    },
    /// Put a mode in force, at once
    Select(SelectArguments),
    /// Tell everything that is wrong with mode files; 1 where one has errors
    Validate {
        /// Only this one; else all
        name: Option<String>,
    },
    /// Repair what is mechanical; the file is backed up first
    Repair(RepairArguments),
    /// Make a mode of another one
    Create(CreateArguments),
    /// Keep a mode file as it is now
    Backup {
        /// Its name; else the one in force
        name: Option<String>,
    },
    /// Make a mode file what it was in a backup
    Restore {
        /// The name of the backup, as `callboard mode show` lists it
        backup: String,
    },
    /// Show what was in force, and who selected it
    History {
        /// How many at most, from 1 to 1000
        #[arg(long, short = 'n', default_value_t = 50, value_parser = count, value_name = "COUNT")]
        limit: usize,
    },
}

#[derive(Debug, Args)]
struct SelectArguments {
    /// The mode, as `callboard mode list` names it
    name: String,
    /// Why; kept in the history
    #[arg(long, short)]
    reason: Option<String>,
}

#[derive(Debug, Args)]
struct RepairArguments {
    /// The mode, as `callboard mode list` names it
    name: String,
    /// Only tell what would be changed
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
struct CreateArguments {
    /// Letters, digits and `_`
    name: String,
    /// The mode that it begins with
    #[arg(long, value_name = "MODE", default_value = "default_roles")]
    from: String,
    /// What people call it
    #[arg(long)]
    title: Option<String>,
    /// What it is for
    #[arg(long)]
    description: Option<String>,
}

/// What the verbs work with.
struct Place<'a> {
    scene: &'a Scene<'a>,
    peer: Peer,
    folder: ModesFolder,
}

pub(super) fn run(
    arguments: &ModeArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let folder = ModesFolder::of(&peer.paths);
    let place = Place { scene, peer, folder };
    match &arguments.verb {
        ModeVerb::List => look::list(&place, output),
        ModeVerb::Show { name } => look::show(&place, name.as_deref(), output),
        ModeVerb::Validate { name } => look::validate(&place, name.as_deref(), output),
        ModeVerb::History { limit } => look::history(&place, *limit, output),
        ModeVerb::Select(arguments) => change::select(&place, arguments, output),
        ModeVerb::Repair(arguments) => change::repair(&place, arguments, output),
        ModeVerb::Create(arguments) => change::create(&place, arguments, output),
        ModeVerb::Backup { name } => change::back_up(&place, name.as_deref(), output),
        ModeVerb::Restore { backup } => change::restore(&place, backup, output),
    }
}
