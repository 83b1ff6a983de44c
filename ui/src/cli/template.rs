//! `callboard template`: plans for work that comes again.

mod apply;
mod check;
mod show;

use callboard_engine::domain::count::counted;
use callboard_engine::task_templates::{Entry, Library, Source};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::failure::Failure;
use super::output::Output;
use super::pieces::Pieces;
use super::project::Scene;
use crate::theme::Meaning;

/// Plan work from task templates: list, show, apply and check them
///
/// A task template is a plan for work that comes again (a feature, a release, …), with parameters
/// that are filled in. The project's own are YAML files in `.task_orchestrator/task_templates/`;
/// one with the name of a built-in template stands in for it.
///
/// How documents are arranged is another thing: see `callboard templates`.
#[derive(Debug, Args)]
pub(super) struct TemplateArguments {
    #[command(subcommand)]
    verb: TemplateVerb,
}

#[derive(Debug, Subcommand)]
enum TemplateVerb {
    /// List the task templates there are
    List,
    /// Show a task template: its parameters and the plan that it makes
    Show(show::ShowArguments),
    /// Put the plan of a task template on the board, all of it or nothing
    Apply(apply::ApplyArguments),
    /// Check the project's task templates, or one file
    Check(check::CheckArguments),
}

pub(super) fn run(
    arguments: &TemplateArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    match &arguments.verb {
        TemplateVerb::List => list(&library(scene)?, output),
        TemplateVerb::Show(arguments) => show::run(arguments, &library(scene)?, output),
        TemplateVerb::Apply(arguments) => apply::run(arguments, scene, output),
        TemplateVerb::Check(arguments) => check::run(arguments, scene, output),
    }
}

/// The templates of the project, if there is one, and the built-in ones.
fn library(scene: &Scene<'_>) -> Result<Library, Failure> {
    Ok(Library::open(&scene.paths(None)?.task_templates()))
}

fn list(library: &Library, output: &mut Output) -> Result<u8, Failure> {
    let entries = library.all();
    if output.is_json() {
        return output.json(&entries.iter().map(in_json).collect::<Vec<_>>()).map(|()| 0);
    }
    let width = entries.iter().map(|entry| entry.template.name.chars().count()).max().unwrap_or(0);
    for entry in &entries {
        let name = &entry.template.name;
        let pad = " ".repeat(width.saturating_sub(name.chars().count()));
        let (state, meaning) = match (entry.problems.len(), &entry.source) {
            (0, Source::BuiltIn(_)) => (String::new(), Meaning::Dim),
            (0, Source::File { shadows: false, .. }) => ("the project's".to_owned(), Meaning::Dim),
            (0, Source::File { shadows: true, .. }) => {
                ("the project's, in place of the built-in one".to_owned(), Meaning::Dim)
            }
            (1, _) => ("has a problem".to_owned(), Meaning::Bad),
            (problems, _) => (format!("has {}", counted(problems, "problem")), Meaning::Bad),
        };
        let line = Pieces::default()
            .with(output, name, Meaning::Accent)
            .with(output, &format!("{pad}  {}", entry.template.title), Meaning::Text)
            .with(output, &format!("  {}", sentence(&entry.template.description)), Meaning::Dim)
            .with(output, &format!("  {state}"), meaning)
            .paint(output);
        output.line(line.trim_end())?;
    }
    let hint = "`callboard template show NAME` tells what one makes and takes.";
    let hint = output.paint(hint, Meaning::Dim);
    output.line(&hint).map(|()| 0)
}

/// The first sentence of a text.
fn sentence(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    line.split_once(". ").map_or(line, |(first, _)| first).trim_end_matches('.')
}

/// A template as scripts read it.
fn in_json(entry: &Entry) -> Value {
    let (source, file) = match &entry.source {
        Source::BuiltIn(_) => ("built_in", None),
        Source::File { path, .. } => ("project", Some(path)),
    };
    json!({
        "name": entry.template.name,
        "title": entry.template.title,
        "description": entry.template.description,
        "source": source,
        "file": file,
        "shadows_built_in": matches!(entry.source, Source::File { shadows: true, .. }),
        "parameters": entry.template.parameters,
        "problems": entry.problems,
    })
}
