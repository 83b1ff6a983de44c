//! Handing a subtask in: its new status and the work in full, in one transaction.
//!
//! The detailed work is stored as a file, each of `file_paths` is referenced: artifacts like all
//! others, whose files can be opened.

use rmcp::RoleServer;
use rmcp::service::RequestContext;
use serde_json::{Value, json};

use super::words::{ArtifactType, NextAction};
use super::{Complete, find, progress};
use crate::artifacts::{self, Handed, NewArtifact, Prepared, containment};
use crate::domain::artifact::{Artifact, STORED_MAX};
use crate::domain::command::{Command, SetStatus};
use crate::domain::id::{SessionId, TaskId};
use crate::domain::outcome::{Answer as Made, Outcome};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::ARTIFACT_KEY;
use crate::domain::task::{Status, Task};
use crate::domain::text::REMARK_MAX;
use crate::mcp::answer::{Answer, Reply, clip, unexpected, without_nulls};
use crate::mcp::mode;
use crate::mcp::params::{given, missing, read_some};
use crate::mcp::server::{CallboardServer, Caller};
use crate::mcp::tools::artifact::{reading, reading_call};
use crate::peer::Peer;
use crate::query::rows::TaskView;
use crate::query::{self, sessions, tasks};
use crate::store::Reader;
use crate::upkeep;

/// Bytes of the summary that are told again.
const ECHO_BYTES: usize = 600;
/// References of earlier versions that are kept, and files, in one call.
const LEGACY_MAX: usize = 200;
const FILES_MAX: usize = 200;

/// What is handed in, read and checked.
struct Work {
    next: NextAction,
    kind: ArtifactType,
    summary: String,
    detailed: String,
    files: Vec<String>,
}

/// What is handed in, on the disk.
struct Ready {
    /// The detailed work is the first.
    prepared: Vec<Prepared>,
    /// What is said of files that are not there.
    notes: Vec<String>,
}

/// The call that reads the work on a task, if there is any: the newest that was stored, or what was
/// handed in before there were artifacts.
pub(super) fn work_call(
    reader: &Reader,
    session: SessionId,
    task: TaskId,
) -> Result<Option<String>, Refusal> {
    let (newest, _) = query::artifacts::of_task(reader, task, FILES_MAX)?;
    let is_work = |one: &&Artifact| one.storage == crate::domain::artifact::Storage::Stored;
    let work = newest.iter().find(is_work).or_else(|| newest.first());
    if let Some(work) = work {
        return Ok(Some(format!("{} ({})", reading_call(work.id), work.path)));
    }
    let key = format!("{ARTIFACT_KEY}{task}");
    let is_there = sessions::context_entry(reader, session, &key)?.is_some();
    let call = json!({ "key": key, "session_id": session });
    Ok(is_there.then(|| format!("orchestrator_context {call}")))
}

impl CallboardServer {
    pub(super) async fn hand_in(
        &self,
        caller: &Caller,
        context: &RequestContext<RoleServer>,
        input: Complete,
    ) -> Reply {
        let work = work(&input)?;
        let view = self.read(|reader| tasks::view(reader, find::task(reader, &input.task_id)?))?;
        let task = view.task.clone();
        let (id, next) = (task.id, work.next);
        let Ready { prepared, notes } = self
            .at_length(context, move |peer, follow| ready(peer, (&task, &work), follow))
            .await?;
        // The work comes first: it is evidence that the new status may demand.
        let records: Vec<Command> = prepared.iter().map(Prepared::command).collect();
        let mut commands = records.clone();
        commands.push(Command::SetStatus(SetStatus {
            summary: Some(input.summary.clone()),
            reason: (next.status() != Status::Completed).then(|| input.summary.clone()),
            ..SetStatus::plain(id, next.status())
        }));
        let mut outcome = self.submit(caller, batch(commands)).await;
        let mut closed = None;
        if let Err(refusal) = &outcome
            && refusal.code == Code::GateClosed
        {
            // What was handed in may be all of the evidence but one piece; it is not asked for again.
            closed = Some(refusal.clone().with("work_kept", true));
            outcome = self.submit(caller, batch(records)).await;
        }
        for one in prepared {
            one.settle(&outcome);
        }
        let outcome = outcome?;
        if let Some(refusal) = closed {
            return Err(refusal);
        }
        let artifact = first(&outcome).ok_or_else(unexpected)?;
        let answer = self.read(|reader| told(reader, (id, next), &input, &artifact))?;
        Ok(Answer::exact(answer).noting(outcome.notes).noting(notes))
    }
}

fn work(input: &Complete) -> Result<Work, Refusal> {
    if given(Some(&input.summary)).is_none() {
        return Err(missing("summary", "say in short what came of it"));
    }
    if STORED_MAX < input.detailed_work.len() {
        let size = input.detailed_work.len();
        let message = format!("detailed_work is {size} bytes long; the limit is {STORED_MAX}");
        return Err(Refusal::new(Code::InvalidText, message)
            .suggest("write it to a file of the project and name that in file_paths"));
    }
    let legacy = input.legacy_artifacts.as_deref().unwrap_or_default();
    if LEGACY_MAX < legacy.len() {
        let message = format!("{} legacy_artifacts; the limit is {LEGACY_MAX}", legacy.len());
        return Err(Refusal::new(Code::TooMuch, message));
    }
    let files = input.file_paths.clone().unwrap_or_default();
    if FILES_MAX < files.len() {
        let message = format!("{} file_paths; the limit is {FILES_MAX}", files.len());
        return Err(Refusal::new(Code::TooMuch, message));
    }
    let mut summary = input.summary.clone();
    if !legacy.is_empty() {
        let builds_on = format!("\n\nBuilds on: {}", legacy.join(", "));
        summary.push_str(&clip(&builds_on, REMARK_MAX.saturating_sub(summary.len())));
    }
    Ok(Work {
        next: input.next_action.read()?,
        kind: read_some(input.artifact_type.as_ref())?.unwrap_or(ArtifactType::General),
        summary,
        detailed: input.detailed_work.clone(),
        files,
    })
}

/// Puts the work on the disk and measures the files. A path that may not be named refuses it all; a
/// file that is not there is told of and not recorded.
fn ready(
    peer: &Peer,
    (task, work): (&Task, &Work),
    follow: upkeep::Work<'_>,
) -> Result<Ready, Refusal> {
    let mut notes = Vec::new();
    let mut files = Vec::new();
    for path in &work.files {
        match containment::open(&peer.paths.root, path) {
            Ok(opened) => files.push(opened.path),
            Err(error) if error.is_absent() => notes.push(format!("{error}; it is not recorded")),
            Err(error) => return Err(Refusal::from(error).with("field", "file_paths")),
        }
    }
    files.sort();
    files.dedup();
    let new = |title: &str, summary: &str, handed: Handed| NewArtifact {
        session: task.session_id,
        task: Some(task.id),
        kind: Some(work.kind.to_string()),
        title: title.to_owned(),
        summary: summary.to_owned(),
        handed,
    };
    let references = files.iter().map(|path| new(path, "", Handed::File(path.clone())));
    let prepare =
        |new: NewArtifact| artifacts::prepare(peer, &new, &|done, of| reading(follow, done, of));
    let references = references.map(prepare).collect::<Result<Vec<_>, _>>()?;
    // The text comes last, so that nothing of it is left where a file cannot be read.
    let text = prepare(new(&task.title, &work.summary, Handed::Text(work.detailed.clone())))?;
    Ok(Ready { prepared: std::iter::once(text).chain(references).collect(), notes })
}

fn batch(commands: Vec<Command>) -> Command {
    Command::Batch { commands, reason: None }
}

/// The artifact that the detailed work became.
fn first(outcome: &Outcome) -> Option<Artifact> {
    let Made::Batch(answers) = &outcome.answer else { return None };
    let Made::Artifact { artifact, .. } = answers.first()? else { return None };
    Some((**artifact).clone())
}

fn told(
    reader: &Reader,
    (id, next): (TaskId, NextAction),
    input: &Complete,
    artifact: &Artifact,
) -> Result<Value, Refusal> {
    let view: TaskView = tasks::view(reader, id)?;
    let session = view.task.session_id;
    // Where a person's approval is demanded, work that is done is in review until then.
    let status = match next {
        NextAction::Continue | NextAction::Complete => view.task.status.as_str(),
        NextAction::NeedsRevision => "needs_revision",
        NextAction::Blocked => "blocked",
    };
    let waits = status == Status::Review.as_str();
    let demands = if waits { mode::to_complete(reader, &view.task)? } else { None };
    let characters = input.detailed_work.chars().count();
    let summary = input.summary.chars().count();
    let mut answer = json!({
        "task_id": id,
        "status": status,
        "results_recorded": true,
        "parent_task_progress": progress::plan(reader, &view)?,
        "next_recommended_task": progress::next(reader, &view, session)?,
        "artifact_created": true,
        "artifact_info": {
            "artifact_id": artifact.id,
            "summary": clip(&input.summary, ECHO_BYTES),
            "artifact_type": artifact.kind,
            "accessible_via": artifact.path,
            "read_with": reading_call(artifact.id),
        },
        "context_saving": {
            "detailed_work_length": characters,
            "summary_length": summary,
            "saved": characters.saturating_sub(summary),
        },
    });
    if let (Value::Object(fields), Some(demands)) = (&mut answer, demands) {
        fields.insert("to_complete".to_owned(), without_nulls(demands));
    }
    Ok(answer)
}
