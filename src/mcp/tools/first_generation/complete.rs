//! Handing a subtask in: its new status and the work in full, in one transaction.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::words::{ArtifactType, NextAction};
use super::{Complete, find, progress, within};
use crate::domain::command::{Command, SetContext, SetStatus};
use crate::domain::id::{SessionId, TaskId};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::ARTIFACT_KEY;
use crate::domain::task::Status;
use crate::mcp::answer::{Answer, Reply, clip, without_nulls};
use crate::mcp::mode;
use crate::mcp::params::{given, missing, read_some};
use crate::mcp::server::{CallboardServer, Caller};
use crate::query::rows::TaskView;
use crate::query::{sessions, tasks};
use crate::store::Reader;

/// Bytes of JSON of one part of the work: what an answer in full can hold.
const PART_BYTES: usize = 30 * 1024;
/// Largest work that is kept.
const WORK_MAX: usize = 5 * 1024 * 1024;
/// Bytes of the summary that are told again.
const ECHO_BYTES: usize = 600;
/// References of earlier versions that are kept.
const LEGACY_MAX: usize = 200;

/// What is handed in, read and checked.
struct Work {
    next: NextAction,
    kind: ArtifactType,
    files: Vec<String>,
    parts: Vec<String>,
}

/// The key that a task's work is kept under.
pub(super) fn artifact_key(task: TaskId) -> String {
    format!("{ARTIFACT_KEY}{task}")
}

/// The call that reads a task's work.
pub(super) fn artifact_call(session: SessionId, task: TaskId) -> String {
    let arguments = json!({ "key": artifact_key(task), "session_id": session });
    format!("orchestrator_context {arguments}")
}

fn part_key(task: TaskId, index: usize) -> String {
    if index == 0 { artifact_key(task) } else { format!("{}/{}", artifact_key(task), index + 1) }
}

impl CallboardServer {
    pub(super) async fn hand_in(&self, caller: &Caller, input: Complete) -> Reply {
        let work = self.work(&input)?;
        let view = self.read(|reader| tasks::view(reader, find::task(reader, &input.task_id)?))?;
        let (id, session_id) = (view.task.id, view.task.session_id);
        // The work comes first: it is evidence that the new status may demand.
        let kinds = self.read(|reader| kinds(reader, session_id, (id, work.kind)))?;
        let mut commands = keep((&input, &kinds), &work, session_id, id);
        commands.extend(self.read(|reader| surplus(reader, session_id, id, work.parts.len()))?);
        let kept = commands.clone();
        commands.push(Command::SetStatus(SetStatus {
            summary: Some(input.summary.clone()),
            reason: (work.next.status() != Status::Completed).then(|| input.summary.clone()),
            ..SetStatus::plain(id, work.next.status())
        }));
        let outcome = match self.submit(caller, batch(commands)).await {
            // What was handed in may be all of the evidence but one piece; it is not asked for again.
            Err(refusal) if refusal.code == Code::GateClosed => {
                self.submit(caller, batch(kept)).await?;
                return Err(refusal.with("work_kept", true));
            }
            outcome => outcome?,
        };
        let absent = work.files.iter().filter(|file| !self.peer.paths.root.join(file).exists());
        let notes: Vec<String> =
            absent.map(|file| format!("{file} is recorded, but there is no such file")).collect();
        let answer = self.read(|reader| told(reader, id, &input, &work))?;
        Ok(Answer::exact(answer).noting(outcome.notes).noting(notes))
    }

    fn work(&self, input: &Complete) -> Result<Work, Refusal> {
        if given(Some(&input.summary)).is_none() {
            return Err(missing("summary", "say in short what came of it"));
        }
        if WORK_MAX < input.detailed_work.len() {
            let size = input.detailed_work.len();
            let message = format!("detailed_work is {size} bytes long; the limit is {WORK_MAX}");
            return Err(Refusal::new(Code::InvalidText, message)
                .suggest("write it to a file of the project and name that in file_paths"));
        }
        let legacy = input.legacy_artifacts.as_ref().map_or(0, Vec::len);
        if LEGACY_MAX < legacy {
            let message = format!("{legacy} legacy_artifacts; the limit is {LEGACY_MAX}");
            return Err(Refusal::new(Code::TooMuch, message));
        }
        Ok(Work {
            next: input.next_action.read()?,
            kind: read_some(input.artifact_type.as_ref())?.unwrap_or(ArtifactType::General),
            files: within::within(
                &self.peer.paths.root,
                input.file_paths.as_deref().unwrap_or_default(),
            )?,
            parts: parts(&input.detailed_work),
        })
    }
}

/// The text in parts of which each can be read by one call; at least one.
fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut size) = (Vec::new(), String::new(), 0);
    for character in text.chars() {
        let bytes = match character {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            '\0'..='\u{1f}' => 6,
            other => other.len_utf8(),
        };
        if PART_BYTES < size + bytes {
            parts.push(std::mem::take(&mut part));
            size = 0;
        }
        part.push(character);
        size += bytes;
    }
    parts.push(part);
    parts
}

fn batch(commands: Vec<Command>) -> Command {
    Command::Batch { commands, reason: None }
}

/// The kinds of all work that was handed in with a task, this one included.
fn kinds(
    reader: &Reader,
    session_id: SessionId,
    (id, kind): (TaskId, ArtifactType),
) -> Result<BTreeSet<String>, Refusal> {
    let before = sessions::context_entry(reader, session_id, &artifact_key(id))?;
    let before = before.map(|entry| entry.value).unwrap_or_default();
    let several = before.get("artifact_types").and_then(Value::as_array).into_iter().flatten();
    let all = several.chain(before.get("artifact_type"));
    let mut kinds: BTreeSet<String> =
        all.filter_map(|kind| kind.as_str().map(str::to_owned)).collect();
    kinds.insert(kind.to_string());
    Ok(kinds)
}

/// The commands that keep the work, part by part.
fn keep(
    (input, kinds): (&Complete, &BTreeSet<String>),
    work: &Work,
    session_id: SessionId,
    id: TaskId,
) -> Vec<Command> {
    let all = work.parts.len();
    let set = |(index, part): (usize, &String)| {
        let value = if index == 0 {
            let further: Vec<String> = (1..all).map(|index| part_key(id, index)).collect();
            without_nulls(json!({
                "task_id": id,
                "artifact_type": work.kind,
                "artifact_types": kinds,
                "summary": clip(&input.summary, ECHO_BYTES),
                "detailed_work": part,
                "continued_in": (!further.is_empty()).then_some(further),
                "file_paths": (!work.files.is_empty()).then_some(&work.files),
                "legacy_artifacts": input.legacy_artifacts.as_ref().filter(|all| !all.is_empty()),
            }))
        } else {
            json!(part)
        };
        let key = part_key(id, index);
        Command::SetContext(SetContext { session_id, key, value, if_version: None })
    };
    work.parts.iter().enumerate().map(set).collect()
}

/// The commands that remove the parts of longer work that was handed in before.
fn surplus(
    reader: &Reader,
    session_id: SessionId,
    id: TaskId,
    parts: usize,
) -> Result<Vec<Command>, Refusal> {
    let before = sessions::context_entry(reader, session_id, &artifact_key(id))?;
    let known = before
        .and_then(|entry| entry.value.get("continued_in").and_then(Value::as_array).map(Vec::len))
        .map_or(0, |further| further + 1);
    let remove = |index| Command::RemoveContext { session_id, key: part_key(id, index) };
    Ok((parts..known).map(remove).collect())
}

fn told(reader: &Reader, id: TaskId, input: &Complete, work: &Work) -> Result<Value, Refusal> {
    let view: TaskView = tasks::view(reader, id)?;
    let session = view.task.session_id;
    // Where a person's approval is demanded, work that is done is in review until then.
    let status = match work.next {
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
        "artifact_info": without_nulls(json!({
            "artifact_id": artifact_key(id),
            "summary": clip(&input.summary, ECHO_BYTES),
            "artifact_type": work.kind,
            "accessible_via": artifact_call(session, id),
        })),
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
