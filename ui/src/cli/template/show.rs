//! `callboard template show`: what a template takes, and the plan that it makes.

use callboard_engine::domain::time::minutes_text;
use callboard_engine::task_templates::{Library, PlannedTask, Preview};
use clap::Args;
use serde_json::{Map, json};

use super::in_json;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::pieces::Pieces;
use crate::theme::Meaning;

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The template
    name: String,
    /// Print the file as it is, to make one of your own from it
    #[arg(long, conflicts_with = "json")]
    yaml: bool,
}

pub(super) fn run(
    arguments: &ShowArguments,
    library: &Library,
    output: &mut Output,
) -> Result<u8, Failure> {
    let entry = library.entry(&arguments.name)?;
    if arguments.yaml {
        return output.text(&entry.text).map(|()| 0);
    }
    let preview = entry.template.preview(&Map::new());
    if output.is_json() {
        let mut value = in_json(&entry);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("tasks".to_owned(), json!(preview.tasks));
            fields.insert("groups".to_owned(), json!(preview.groups));
        }
        return output.json(&value).map(|()| 0);
    }
    let title = output.paint(&entry.template.title, Meaning::Strong);
    let name = output.paint(&format!("  {}", entry.template.name), Meaning::Dim);
    output.line(&format!("{title}{name}"))?;
    output.markdown(&entry.template.description)?;
    if let Some(note) = entry.note() {
        output.text(&note)?;
    }
    for problem in &entry.problems {
        let line = format!("{}:{problem}", entry.file());
        let line = output.paint(&line, Meaning::Bad);
        output.line(&line)?;
    }
    if !entry.template.parameters.is_empty() {
        heading("Parameters", output)?;
    }
    for parameter in &entry.template.parameters {
        let line = Pieces::default()
            .with(output, &format!("  {}", parameter.name), Meaning::Accent)
            .with(output, &format!("  {}", parameter.takes()), Meaning::Dim)
            .paint(output);
        output.line(&line)?;
        if !parameter.description.is_empty() {
            let about = output.paint(&format!("      {}", parameter.description), Meaning::Text);
            output.line(&about)?;
        }
    }
    heading("Plan", output)?;
    plan(&preview, output)?;
    Ok(u8::from(!entry.problems.is_empty()))
}

fn heading(text: &str, output: &mut Output) -> Result<(), Failure> {
    let heading = output.paint(text, Meaning::Strong);
    output.line("")?;
    output.line(&heading)
}

/// The tasks of a plan as a tree, each group before its tasks.
pub(super) fn plan(preview: &Preview, output: &mut Output) -> Result<(), Failure> {
    let mut last = None;
    for task in &preview.tasks {
        if task.depth == 0 && task.group != last {
            last = task.group;
            let group = task.group.and_then(|at| preview.groups.get(at));
            let path =
                group.map_or_else(|| "(no group)".to_owned(), |group| group.path.join(" / "));
            let line = output.paint(&format!("  {path}"), Meaning::Strong);
            output.line(&line)?;
        }
        let line = line(task, output);
        output.line(&line)?;
    }
    Ok(())
}

fn line(task: &PlannedTask, output: &Output) -> String {
    let indent = "  ".repeat(task.depth + 2);
    let about = [
        task.role.as_ref().map(|role| format!("  @{role}")),
        task.priority.map(|priority| format!("  !{priority}")),
        task.estimate_minutes.map(|minutes| format!("  ~{}", minutes_text(minutes))),
        (!task.depends_on.is_empty()).then(|| format!("  after {}", task.depends_on.join(", "))),
    ];
    let about: String = about.into_iter().flatten().collect();
    Pieces::default()
        .with(output, &format!("{indent}{}", task.title), Meaning::Text)
        .with(output, &format!("  {}", task.local), Meaning::Accent)
        .with(output, &about, Meaning::Dim)
        .paint(output)
}
