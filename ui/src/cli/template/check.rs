//! `callboard template check`: every problem of the project's templates, with its place.

use std::path::PathBuf;

use callboard_engine::domain::count::counted;
use callboard_engine::task_templates::{Entry, Library, Source, library};
use clap::Args;
use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::project::Scene;
use crate::theme::Meaning;

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Files to check; else all of the project's
    files: Vec<PathBuf>,
}

pub(super) fn run(
    arguments: &CheckArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let entries: Vec<Entry> = if arguments.files.is_empty() {
        let folder = scene.paths(None)?.task_templates();
        let all = Library::open(&folder).all();
        all.into_iter().filter(|entry| matches!(entry.source, Source::File { .. })).collect()
    } else {
        let here = &scene.environment.current_directory;
        arguments.files.iter().map(|file| library::of_file(&here.join(file))).collect()
    };
    let code = u8::from(entries.iter().any(|entry| !entry.problems.is_empty()));
    if output.is_json() {
        let one = |entry: &Entry| {
            let fit = entry.problems.is_empty();
            json!({ "file": entry.file(), "fit": fit, "problems": entry.problems })
        };
        return output.json(&entries.iter().map(one).collect::<Vec<_>>()).map(|()| code);
    }
    if entries.is_empty() {
        output
            .line("The project has no task templates of its own; there are the built-in ones.")?;
    }
    for entry in &entries {
        told(entry, output)?;
    }
    Ok(code)
}

fn told(entry: &Entry, output: &mut Output) -> Result<(), Failure> {
    let file = output.paint(&entry.file(), Meaning::Strong);
    if entry.problems.is_empty() {
        let icon = output.paint(output.icons().good, Meaning::Good);
        let about = match (entry.template.tasks_len(), entry.note()) {
            (_, Some(note)) => note,
            (tasks, None) => counted(tasks, "task"),
        };
        let about = output.paint(&about, Meaning::Dim);
        return output.line(&format!("{icon} {file}  {about}"));
    }
    let icon = output.paint(output.icons().bad, Meaning::Bad);
    for problem in &entry.problems {
        let text = output.paint(&problem.to_string(), Meaning::Text);
        output.line(&format!("{icon} {file}:{text}"))?;
    }
    Ok(())
}
