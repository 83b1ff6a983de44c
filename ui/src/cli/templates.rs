//! `callboard templates`: the templates of documents, to be changed and checked.

use std::path::{Path, PathBuf};

use callboard_engine::sync::render::{OVERRIDES, Renderer, TEMPLATES, Template};
use clap::{Args, Subcommand};
use serde_json::json;

use super::failure::Failure;
use super::files;
use super::output::Output;
use super::project::Scene;
use crate::theme::Meaning;

/// Change how documents are arranged: eject and check their templates
///
/// These are the templates of the markdown documents. Plans for work that comes again are another
/// thing: see `callboard template`.
///
/// A template of the project, in `.task_orchestrator/templates/documents/`, stands in for the
/// built-in one of the same name. One that is not fit is reported and not used.
#[derive(Debug, Args)]
pub(super) struct TemplatesArguments {
    #[command(subcommand)]
    verb: TemplatesVerb,
}

#[derive(Debug, Subcommand)]
enum TemplatesVerb {
    /// Write the built-in templates into the project, to be changed there
    Eject(EjectArguments),
    /// Check the project's templates
    Check,
}

#[derive(Debug, Args)]
struct EjectArguments {
    /// Only these, such as `session` or `active_tasks`; else all
    names: Vec<String>,
    /// Replace those that are there, changed ones too
    #[arg(long)]
    force: bool,
}

pub(super) fn run(
    arguments: &TemplatesArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let paths = scene.paths(None)?;
    if !paths.task_orchestrator().is_dir() {
        return Err(Failure::NoProject { path: paths.root });
    }
    let folder = paths.task_orchestrator().join(OVERRIDES);
    match &arguments.verb {
        TemplatesVerb::Eject(arguments) => eject(arguments, &folder, output),
        TemplatesVerb::Check => check(&folder, output),
    }
}

/// What became of one template.
struct Ejected {
    file: PathBuf,
    is_written: bool,
}

fn eject(arguments: &EjectArguments, folder: &Path, output: &mut Output) -> Result<u8, Failure> {
    let mut ejected = Vec::new();
    for template in wanted(&arguments.names)? {
        let file = folder.join(template.name);
        let is_written = arguments.force || !file.exists();
        if is_written {
            files::replace(&file, template.text).map_err(|source| Failure::Io {
                what: format!("cannot write {}", file.display()),
                source,
            })?;
        }
        ejected.push(Ejected { file, is_written });
    }
    if output.is_json() {
        let one = |one: &Ejected| json!({ "file": one.file, "written": one.is_written });
        return output.json(&ejected.iter().map(one).collect::<Vec<_>>()).map(|()| 0);
    }
    for Ejected { file, is_written } in &ejected {
        let shown = output.paint(&file.display().to_string(), Meaning::Strong);
        if *is_written {
            let icon = output.paint(output.icons().good, Meaning::Good);
            output.line(&format!("{icon} {shown}"))?;
        } else {
            output.line(&format!("{shown} is there already; --force replaces it."))?;
        }
    }
    Ok(0)
}

fn wanted(names: &[String]) -> Result<Vec<&'static Template>, Failure> {
    if names.is_empty() {
        return Ok(TEMPLATES.iter().collect());
    }
    names.iter().map(|name| named(name)).collect()
}

fn named(name: &str) -> Result<&'static Template, Failure> {
    let stem = name.strip_suffix(".tera").unwrap_or(name);
    let stem = stem.strip_suffix(".md").unwrap_or(stem);
    TEMPLATES.iter().find(|template| stem_of(template) == stem).ok_or_else(|| {
        let known: Vec<&str> = TEMPLATES.iter().map(stem_of).collect();
        Failure::Usage {
            message: format!("there is no template {name:?}"),
            advice: format!("the templates are {}", known.join(", ")),
        }
    })
}

fn stem_of(template: &Template) -> &'static str {
    template.name.strip_suffix(".md.tera").unwrap_or(template.name)
}

/// One template of the project and what is wrong with it.
struct Checked {
    file: PathBuf,
    problem: Option<(usize, String)>,
}

fn check(folder: &Path, output: &mut Output) -> Result<u8, Failure> {
    let mut checked = overrides(folder);
    checked.extend(strangers(folder)?);
    let code = u8::from(checked.iter().any(|one| one.problem.is_some()));
    if output.is_json() {
        let one = |one: &Checked| {
            let problem = one.problem.as_ref();
            json!({
                "file": one.file,
                "fit": problem.is_none(),
                "line": problem.map(|(line, _)| line),
                "problem": problem.map(|(_, message)| message),
            })
        };
        return output.json(&checked.iter().map(one).collect::<Vec<_>>()).map(|()| code);
    }
    if checked.is_empty() {
        output.line("The project has no templates of its own; the built-in ones are in use.")?;
    }
    for Checked { file, problem } in &checked {
        let shown = output.paint(&file.display().to_string(), Meaning::Strong);
        let line = match problem {
            None => format!("{} {shown}", output.paint(output.icons().good, Meaning::Good)),
            Some((line, message)) => {
                let icon = output.paint(output.icons().bad, Meaning::Bad);
                format!("{icon} {shown}:{line}: {}", output.paint(message, Meaning::Text))
            }
        };
        output.line(&line)?;
    }
    Ok(code)
}

fn overrides(folder: &Path) -> Vec<Checked> {
    let problems = Renderer::new(folder).problems();
    let own = TEMPLATES.iter().map(|template| folder.join(template.name));
    own.filter(|file| file.exists())
        .map(|file| {
            let problem = problems.iter().find(|problem| problem.file == file);
            let problem = problem.map(|problem| (problem.line, problem.message.clone()));
            Checked { file, problem }
        })
        .collect()
}

/// Templates that stand in for none, by a slip in their name.
fn strangers(folder: &Path) -> Result<Vec<Checked>, Failure> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => {
            let what = format!("cannot read {}", folder.display());
            return Err(Failure::Io { what, source });
        }
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|file| file.extension().is_some_and(|extension| extension == "tera"))
        .filter(|file| !TEMPLATES.iter().any(|template| file.ends_with(template.name)))
        .collect();
    files.sort();
    let message = "no template has this name; `callboard templates eject` writes those there are";
    let stranger = |file| Checked { file, problem: Some((1, message.to_owned())) };
    Ok(files.into_iter().map(stranger).collect())
}
