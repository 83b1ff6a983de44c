//! `callboard add`: a task from the command line.

use std::io::Read as _;

use callboard_engine::domain::command::{Command, CreateTasks, NewGroup, NewTask, TaskRef};
use callboard_engine::domain::id::{GroupId, SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::task::{Complexity, Priority};
use callboard_engine::domain::text::DESCRIPTION_MAX;
use callboard_engine::domain::time::parse_minutes;
use callboard_engine::peer::Peer;
use callboard_engine::query::{resolve, tasks};
use callboard_engine::store::Reader;
use clap::Args;

use super::failure::Failure;
use super::lines;
use super::output::Output;
use super::project::{Scene, session_of, submit};
use super::readable::readable;
use crate::theme::Meaning;

#[derive(Debug, Args)]
pub(super) struct AddArguments {
    /// The title
    #[arg(required = true)]
    title: Vec<String>,
    /// The description, in markdown; `-` reads it from standard input
    #[arg(long, short)]
    description: Option<String>,
    /// The group: name, path (`Backend / API`) or id
    #[arg(long, short)]
    group: Option<String>,
    /// A group to make for it
    #[arg(long, value_name = "NAME", conflicts_with = "group")]
    new_group: Option<String>,
    /// The task it is a part of: id, beginning of one, or title
    #[arg(long, value_name = "TASK")]
    parent: Option<String>,
    /// A task it waits for; may be repeated
    #[arg(long, short, value_name = "TASK")]
    after: Vec<String>,
    /// critical, high, normal, low or someday
    #[arg(long, short, value_name = "PRIORITY")]
    priority: Option<Priority>,
    /// trivial, simple, moderate, complex or `very_complex`
    #[arg(long, value_name = "COMPLEXITY")]
    complexity: Option<Complexity>,
    /// Who it is for, by role
    #[arg(long)]
    role: Option<String>,
    /// A tag; may be repeated, or several with commas
    #[arg(long, short, value_delimiter = ',')]
    tag: Vec<String>,
    /// How long it will take: 90m, 2h, 3d
    #[arg(long, value_parser = minutes, value_name = "TIME")]
    estimate: Option<u32>,
    /// The day it is due: 2026-11-30
    #[arg(long, value_name = "DAY")]
    due: Option<String>,
    /// Who is to do it
    #[arg(long, value_name = "NAME")]
    assignee: Option<String>,
    /// The session; else the current one
    #[arg(long, short)]
    session: Option<String>,
}

pub(super) fn minutes(text: &str) -> Result<u32, String> {
    parse_minutes(text).ok_or_else(|| "write it as 90m, 2h or 3d".to_owned())
}

pub(super) fn run(
    arguments: &AddArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let session = session_of(&peer, arguments.session.as_deref())?;
    let mut task = peer.readers.read(|reader| task(arguments, reader, session))?;
    task.description = description(arguments.description.as_deref())?;
    let made = arguments.new_group.as_deref().map(|name| make_group(&peer, session, name));
    let made = made.transpose()?;
    task.group = task.group.or_else(|| made.map(|(group, _)| group));
    let command = Command::CreateTasks(CreateTasks { session_id: session, tasks: vec![task] });
    let outcome = match (submit(&peer, command), made) {
        (Err(failure), Some((_, seq))) => {
            // A refused command leaves no trace: the group goes as well.
            submit(&peer, Command::Undo { seq: Some(seq) })?;
            return Err(failure);
        }
        (ended, _) => ended?,
    };
    let Answer::Created(created) = &outcome.answer else {
        return Err(Failure::Failed("the task was made, but the answer is unknown".to_owned()));
    };
    for task in created {
        report(&peer, task.id, output)?;
    }
    lines::notes(output, &outcome.notes).map(|()| 0)
}

fn report(peer: &Peer, id: TaskId, output: &mut Output) -> Result<(), Failure> {
    let row = peer.readers.read(|reader| tasks::row(reader, id))?;
    if output.is_json() {
        return output.json(&readable(&row));
    }
    let label = output.paint("Added", Meaning::Good);
    let line = lines::task(output, &row, peer.clock.now());
    output.line(&format!("{label}{line}"))
}

fn make_group(peer: &Peer, session: SessionId, name: &str) -> Result<(GroupId, i64), Failure> {
    let group = NewGroup {
        id: None,
        session_id: session,
        name: name.to_owned(),
        parent: None,
        description: String::new(),
        role: None,
    };
    let outcome = submit(peer, Command::CreateGroup(group))?;
    let Answer::Group(group) = outcome.answer else {
        return Err(Failure::Failed("the group was made, but the answer is unknown".to_owned()));
    };
    Ok((group.id, outcome.seq))
}

fn task(arguments: &AddArguments, reader: &Reader, session: SessionId) -> Result<NewTask, Refusal> {
    let other = |text: &String| resolve::task(reader, Some(session), text).map(TaskRef::Id);
    let group = arguments.group.as_deref();
    Ok(NewTask {
        title: arguments.title.join(" "),
        priority: arguments.priority,
        complexity: arguments.complexity,
        role: arguments.role.clone(),
        group: group.map(|text| find_group(reader, session, text)).transpose()?,
        parent: arguments.parent.as_ref().map(other).transpose()?,
        depends_on: arguments.after.iter().map(other).collect::<Result<_, _>>()?,
        estimate_minutes: arguments.estimate,
        tags: arguments.tag.clone(),
        due: arguments.due.clone(),
        assignee: arguments.assignee.clone(),
        ..NewTask::default()
    })
}

fn find_group(reader: &Reader, session: SessionId, text: &str) -> Result<GroupId, Refusal> {
    let advice = "`callboard show` lists the groups; --new-group makes one";
    resolve::group(reader, session, text).map_err(|refusal| refusal.suggest(advice))
}

/// The text given, or standard input up to just over what is allowed, so that the rule refuses it.
fn description(given: Option<&str>) -> Result<String, Failure> {
    if given != Some("-") {
        return Ok(given.unwrap_or_default().to_owned());
    }
    let most = u64::try_from(DESCRIPTION_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut text = Vec::new();
    std::io::stdin().take(most).read_to_end(&mut text).map_err(|source| Failure::Io {
        what: "cannot read the description from standard input".to_owned(),
        source,
    })?;
    let problem = || Failure::Usage {
        message: "the description is not text in UTF-8".to_owned(),
        advice: "convert it first".to_owned(),
    };
    String::from_utf8(text).map_err(|_| problem())
}
