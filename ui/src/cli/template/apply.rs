//! `callboard template apply`: a plan on the board, all of it or nothing.

use callboard_engine::domain::count::{by_count, counted};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::peer::Peer;
use callboard_engine::query::{groups, resolve};
use callboard_engine::task_templates::{Entry, Library, Preview, Site, created};
use clap::Args;
use serde_json::{Map, Value, json};

use super::show;
use crate::cli::failure::Failure;
use crate::cli::lines;
use crate::cli::output::Output;
use crate::cli::pieces::Pieces;
use crate::cli::project::{Scene, session_of, submit};
use crate::theme::Meaning;

#[derive(Debug, Args)]
pub(super) struct ApplyArguments {
    /// The template
    name: String,
    /// A value for a parameter; repeated for the entries of a list
    #[arg(long = "parameter", short, value_name = "KEY=VALUE")]
    parameters: Vec<String>,
    /// The group it goes into: name, path (`Backend / API`) or id
    #[arg(long, short)]
    group: Option<String>,
    /// The task it goes below: id, beginning of one, or title
    #[arg(long, value_name = "TASK", conflicts_with = "group")]
    parent: Option<String>,
    /// The session; else the current one
    #[arg(long, short)]
    session: Option<String>,
    /// Only show what would be made
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(
    arguments: &ApplyArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let entry = Library::open(&peer.paths.task_templates()).fit(&arguments.name)?;
    let preview = entry.template.preview(&values(&arguments.parameters)?);
    if !preview.is_fit() {
        return Err(unfit(&preview, output).into());
    }
    let session = session_of(&peer, arguments.session.as_deref())?;
    let application = peer.readers.read(|reader| {
        let group = arguments.group.as_deref();
        let parent = arguments.parent.as_deref();
        let site = Site {
            session,
            group: group.map(|text| resolve::group(reader, session, text)).transpose()?,
            parent: parent.map(|text| resolve::task(reader, Some(session), text)).transpose()?,
            groups: &groups::all(reader, session)?,
        };
        preview.application(&site)
    })?;
    let notes = [application.notes.clone(), entry.note().into_iter().collect()].concat();
    if arguments.dry_run {
        return tried((&entry, &preview), &notes, output);
    }
    let outcome = submit(&peer, application.command)?;
    let notes = [notes, outcome.notes.clone()].concat();
    if output.is_json() {
        let made = created(&outcome);
        let value = json!({
            "template": entry.template.name,
            "root_task_id": made.first().map(|task| task.id),
            "tasks_created": made,
            "groups": application.groups,
            "parameters_applied": preview.parameters,
            "notes": notes,
        });
        return output.json(&value).map(|()| 0);
    }
    report((&peer, &preview), created(&outcome), output)?;
    lines::notes(output, &notes).map(|()| 0)
}

/// Why the values will not do: in lines for a person, in parts for a program.
fn unfit(preview: &Preview, output: &Output) -> Refusal {
    let name = &preview.template;
    let refusal =
        preview.refusal().suggest(format!("`callboard template show {name}` tells what it takes"));
    if output.is_json() {
        return refusal;
    }
    let lines: Vec<String> = preview.faults.iter().map(ToString::to_string).collect();
    match lines.as_slice() {
        // It is in the message already.
        [_] => Refusal { details: Map::new(), ..refusal },
        _ => refusal.with("problems", lines),
    }
}

/// The values given, by parameter; several for one are a list.
fn values(given: &[String]) -> Result<Map<String, Value>, Failure> {
    let mut values: Map<String, Value> = Map::new();
    for pair in given {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Failure::Usage {
                message: format!("{pair:?} names no value"),
                advice: "write it as -p feature=\"Password reset\"".to_owned(),
            });
        };
        let value = Value::from(value);
        let known = values.remove(name.trim());
        let all = match known {
            None => value,
            Some(Value::Array(mut items)) => {
                items.push(value);
                Value::Array(items)
            }
            Some(
                first @ (Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Object(_)),
            ) => Value::Array(vec![first, value]),
        };
        values.insert(name.trim().to_owned(), all);
    }
    Ok(values)
}

fn tried(
    (entry, preview): (&Entry, &Preview),
    notes: &[String],
    output: &mut Output,
) -> Result<u8, Failure> {
    if output.is_json() {
        let mut value = json!(preview);
        if let Some(fields) = value.as_object_mut() {
            fields.insert("dry_run".to_owned(), true.into());
            fields.insert("notes".to_owned(), json!(notes));
        }
        return output.json(&value).map(|()| 0);
    }
    let count = preview.tasks.len();
    let name = output.paint(&entry.template.name, Meaning::Strong);
    output.line(&format!("{name} would make {}:", counted(count, "task")))?;
    show::plan(preview, output)?;
    lines::notes(output, notes).map(|()| 0)
}

fn report(
    (peer, preview): (&Peer, &Preview),
    made: &[callboard_engine::domain::outcome::Created],
    output: &mut Output,
) -> Result<(), Failure> {
    let tasks = counted(made.len(), "task");
    let them = by_count(made.len(), "it", "them");
    let label = output.paint("Added", Meaning::Good);
    let name = output.paint(&preview.template, Meaning::Strong);
    output.line(&format!("{label} {tasks} from {name}; `callboard undo` takes {them} back"))?;
    for (task, planned) in made.iter().zip(&preview.tasks) {
        let row = peer.readers.read(|reader| -> Result<_, Refusal> {
            callboard_engine::query::tasks::row(reader, task.id)
        })?;
        let id = task.id.to_string();
        let (head, tail) = id.split_at_checked(row.short).unwrap_or((&id, ""));
        let line = Pieces::default()
            .with(output, &format!("  {}", "  ".repeat(planned.depth)), Meaning::Text)
            .with(output, head, Meaning::Accent)
            .with(output, tail, Meaning::Dim)
            .with(output, &format!("  {}", task.title), Meaning::Text)
            .paint(output);
        output.line(&line)?;
    }
    Ok(())
}
