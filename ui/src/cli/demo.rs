//! `callboard demo`: a lively sample project, with agents that really speak MCP.
//!
//! The agents are simulated, all else is real: each is a client of its own `callboard mcp` process,
//! so that the terminal shows exactly what it would show of real ones.

mod agent;
mod client;
mod crew;
mod folder;
mod luck;
mod sample;
mod seed;

use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use callboard_engine::paths::ProjectPaths;
use callboard_engine::query::changes::ChangeQuery;
use clap::Args;

use super::failure::Failure;
use super::output::Output;
use super::project::{Scene, open_or_make};
use super::{app, log, logging};
use agent::Office;
use crew::{AGENTS, Crew};
use folder::Folder;
use luck::Luck;
use sample::Sample;

/// Open a lively sample project with simulated agents, and remove it afterwards
#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// How many agents work
    #[arg(long, default_value_t = 4, value_name = "COUNT",
          value_parser = clap::value_parser!(u8).range(0..=5))]
    agents: u8,
    /// The same seed gives the same agents
    #[arg(long)]
    seed: Option<u64>,
    /// Make the project there, and keep it
    #[arg(long, value_name = "DIRECTORY")]
    dir: Option<PathBuf>,
    /// Print what happens instead of opening the terminal application
    #[arg(long)]
    no_ui: bool,
    /// Stop after so many seconds
    #[arg(long, value_name = "SECONDS", requires = "no_ui")]
    seconds: Option<u64>,
    /// Let the agents work so many times faster
    #[arg(long, default_value_t = 1, hide = true,
          value_parser = clap::value_parser!(u64).range(1..=1000))]
    speed: u64,
}

pub(super) fn run(
    arguments: &DemoArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    if !arguments.no_ui {
        app::require_terminal(scene)?;
    }
    let folder = match &arguments.dir {
        Some(path) => Folder::named(&scene.environment.current_directory.join(path))?,
        None => Folder::temporary()?,
    };
    let paths = ProjectPaths::at(&folder.root);
    let config = scene.config(&paths, Vec::new())?.config;
    let sample = Sample::built_in().map_err(Failure::Failed)?;
    let seed = arguments.seed.unwrap_or_else(|| u64::from(std::process::id()));
    let mut luck = Luck::new(seed);
    if !paths.database().exists() {
        let names: Vec<&str> = AGENTS.iter().map(|(name, _)| *name).collect();
        seed::seed(&paths, &sample, (&names, &mut luck))?;
    }
    let _guard = logging::start(&paths, "demo", scene.environment);
    let peer = open_or_make(&paths)?;
    let office = Office {
        program: scene.environment.program.clone(),
        root: folder.root.clone(),
        sample,
        speed: arguments.speed,
        made: AtomicUsize::new(0),
    };
    // Dropped before the folder: first the agents leave, then it is removed.
    let _crew = Crew::start(arguments.agents.into(), office, &mut luck)?;
    if arguments.no_ui {
        let end = arguments.seconds.map(Duration::from_secs);
        return log::follow(&peer, ChangeQuery::default(), (end, output));
    }
    app::open(peer, &config, scene)
}
