//! The log: a file a day in the project's `run/logs`, never the screen, never standard output.

use callboard_engine::paths::ProjectPaths;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

use super::environment::Environment;

/// Files that are kept.
const FILES_MAX: usize = 7;
/// Lines that wait to be written; what is more is dropped. The room for them is taken, and written
/// to, at the start: the 128,000 that are usual cost every start 4 MB and a millisecond.
const LINES_MAX: usize = 2_048;

/// Begins to log; the guard writes the rest when it is dropped.
///
/// A log that cannot be written stops nothing: then there is none.
pub(super) fn start(
    paths: &ProjectPaths,
    name: &str,
    environment: &Environment,
) -> Option<WorkerGuard> {
    // The appender complains on standard error where the folder is missing.
    std::fs::create_dir_all(paths.logs()).ok()?;
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(name)
        .filename_suffix("log")
        .max_log_files(FILES_MAX)
        .build(paths.logs())
        .ok()?;
    let (writer, guard) =
        NonBlockingBuilder::default().buffered_lines_limit(LINES_MAX).finish(files);
    let wanted = environment.variable("CALLBOARD_LOG").unwrap_or("info,rmcp=warn");
    let filter = EnvFilter::try_new(wanted).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(writer)
        .try_init()
        .ok()?;
    Some(guard)
}
