//! Artifacts: what work produced, recorded by a tool, and read again by the tool of context.

use std::ops::ControlFlow;

use rmcp::service::RequestContext;
use rmcp::{RoleServer, tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::task::task_of;
use crate::artifacts::{self, Handed, NewArtifact, Prepared};
use crate::domain::artifact::{Artifact, ArtifactState, STORED_MAX, Storage};
use crate::domain::id::{ArtifactId, canonical_prefix};
use crate::domain::outcome::Answer as Made;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::ARTIFACT_KEY;
use crate::domain::task::Task;
use crate::mcp::answer::{Answer, Reply, clip, unexpected};
use crate::mcp::params::{Detail, Parameters, given, missing};
use crate::mcp::pieces;
use crate::mcp::server::{CallboardServer, Caller, current_or};
use crate::query::{self, tasks};
use crate::store::Reader;
use crate::upkeep::Work;

/// Artifacts told of a task in brief, and in full; and bytes of a title.
const TOLD_BRIEF: usize = 5;
const TOLD_FULL: usize = 50;
const TITLE_BYTES: usize = 120;

#[derive(Debug, Deserialize, JsonSchema)]
struct Record {
    #[schemars(extend("aliases" = ["name", "artifact_name"]))]
    title: Option<String>,
    /// Such as code, test, design.
    #[schemars(extend("aliases" = ["artifact_type", "type"]))]
    kind: Option<String>,
    #[schemars(extend("aliases" = ["description"]))]
    summary: Option<String>,
    #[schemars(extend("aliases" = ["task", "id"]))]
    task_id: Option<String>,
    /// The text; or give path.
    #[schemars(extend("aliases" = ["text", "body", "detailed_work"]))]
    content: Option<String>,
    /// Within the project.
    #[schemars(extend("aliases" = ["file_path", "file", "filename"]))]
    path: Option<String>,
    /// The task's session, or the current one.
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
}

#[tool_router(router = artifact_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_artifact_record",
        title = "Record an artifact",
        description = "Record what work produced: a text, which is stored, or a file of the project, which is referenced. The same title again is its next edition. Meets gates that demand an artifact of its kind.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn artifact_record(
        &self,
        caller: Caller,
        context: RequestContext<RoleServer>,
        Parameters(input): Parameters<Record>,
    ) -> Reply {
        let (new, task) = self.read(|reader| new(reader, &input))?;
        if let Some(task) = &task {
            self.renew(&caller.actor, task.id, task.claim.as_ref());
        }
        let prepared = self.prepared(&context, new).await?;
        let outcome = self.submit(&caller, prepared.command()).await;
        prepared.settle(&outcome);
        let outcome = outcome?;
        let Made::Artifact { artifact, replaces } = &outcome.answer else {
            return Err(unexpected());
        };
        Ok(Answer::data(&told(artifact, *replaces)).noting(outcome.notes))
    }

    /// Puts what is handed over on the disk, or measures it.
    async fn prepared(
        &self,
        context: &RequestContext<RoleServer>,
        new: NewArtifact,
    ) -> Result<Prepared, Refusal> {
        self.at_length(context, move |peer, work| {
            artifacts::prepare(peer, &new, &|done, of| reading(work, done, of))
        })
        .await
    }

    /// The text of an artifact whole, or in pieces where it is long.
    pub(super) fn artifact_text(&self, id: ArtifactId, offset: Option<u32>) -> Reply {
        let artifact = self.read(|reader| query::artifacts::get(reader, id))?;
        let content = artifacts::read(&self.peer.paths, &artifact, STORED_MAX)?;
        let known = told(&artifact, None);
        let Some(text) = content.text else {
            let message = format!("artifact {id} ({}) is no text", artifact.path);
            return Err(Refusal::new(Code::InvalidValue, message)
                .with("artifact", known)
                .suggest("open the file at its path"));
        };
        if content.is_cut {
            let message = format!("artifact {id} has {} bytes, too many to be sent", content.size);
            return Err(Refusal::new(Code::TooMuch, message)
                .with("artifact", known)
                .suggest("open the file at its path"));
        }
        let arguments = json!({ "key": artifact_key(id) });
        let offset = usize::try_from(offset.unwrap_or(0)).unwrap_or(usize::MAX);
        pieces::answer(("orchestrator_context", &arguments), known, (&text, offset))
    }
}

/// Tells how much of a file was read, and goes on where somebody still waits.
pub(super) fn reading(work: Work<'_>, done: u64, of: u64) -> ControlFlow<()> {
    work.goes_on(done, of, "reading the file")
}

/// What is asked for, and the task it is about.
fn new(reader: &Reader, input: &Record) -> Result<(NewArtifact, Option<Task>), Refusal> {
    let task = match given(input.task_id.as_deref()) {
        Some(text) => Some(tasks::view(reader, task_of(reader, text)?)?.task),
        None => None,
    };
    let session = match (&task, given(input.session_id.as_deref())) {
        (Some(task), None) => task.session_id,
        (_, named) => current_or(reader, named)?,
    };
    let handed = match (&input.content, given(input.path.as_deref())) {
        (Some(text), None) if !text.trim().is_empty() => Handed::Text(text.clone()),
        (None, Some(path)) => Handed::File(path.to_owned()),
        (Some(_), Some(_)) => {
            let message = "content and path are both given; an artifact is one file";
            return Err(Refusal::new(Code::InvalidValue, message).suggest(
                "send content for a text to be stored, or path for a file that is there",
            ));
        }
        (Some(_) | None, None) => {
            return Err(missing("content", "send the text, or path for a file of the project"));
        }
    };
    let title = match (given(input.title.as_deref()), &handed) {
        (Some(title), _) => title.to_owned(),
        (None, Handed::File(path)) => path.clone(),
        (None, Handed::Text(_)) => {
            return Err(missing(
                "title",
                "say what it is; the same title again is its next edition",
            ));
        }
    };
    let new = NewArtifact {
        session,
        task: task.as_ref().map(|task| task.id),
        kind: given(input.kind.as_deref()).map(str::to_owned),
        title,
        summary: input.summary.clone().unwrap_or_default(),
        handed,
    };
    Ok((new, task))
}

/// The key by which the tool of context reads an artifact.
pub(super) fn artifact_key(id: ArtifactId) -> String {
    format!("{ARTIFACT_KEY}{id}")
}

/// The artifact that a key of the context names.
pub(super) fn artifact_of_key(key: &str) -> Option<ArtifactId> {
    key.strip_prefix(ARTIFACT_KEY).unwrap_or(key).parse().ok()
}

/// What a key of the context says of an artifact that it does not name whole: a beginning of its id,
/// or its title.
pub(super) fn beginning_of_key(key: &str) -> Option<&str> {
    let is_id = || canonical_prefix(ArtifactId::LETTER, key).is_some();
    key.strip_prefix(ARTIFACT_KEY).or_else(|| is_id().then_some(key))
}

/// The newest text of the task that a key of the first generation names.
pub(super) fn newest_of_key(reader: &Reader, key: &str) -> Result<Option<ArtifactId>, Refusal> {
    let task = key.strip_prefix(ARTIFACT_KEY).and_then(|task| task.parse().ok());
    let Some(task) = task else { return Ok(None) };
    let (found, _) = query::artifacts::of_task(reader, task, TOLD_FULL)?;
    let stored = found.iter().find(|artifact| artifact.storage == Storage::Stored);
    Ok(stored.map(|artifact| artifact.id))
}

/// The call that reads an artifact.
pub(super) fn reading_call(id: ArtifactId) -> String {
    format!("orchestrator_context {}", json!({ "key": artifact_key(id) }))
}

fn told(artifact: &Artifact, replaces: Option<ArtifactId>) -> Value {
    json!({
        "artifact_id": artifact.id,
        "title": artifact.title,
        "edition": artifact.edition,
        "kind": artifact.kind,
        "path": artifact.path,
        "size": artifact.size,
        "hash": artifact.hash,
        "task_id": artifact.task_id,
        "replaces": replaces,
        "read_with": reading_call(artifact.id),
    })
}

/// The artifacts of a task, a line each, the newest first.
pub(super) fn of_task(
    reader: &Reader,
    task: &Task,
    detail: Detail,
) -> Result<Option<Value>, Refusal> {
    let most = match detail {
        Detail::Brief => TOLD_BRIEF,
        Detail::Full => TOLD_FULL,
    };
    let (found, total) = query::artifacts::of_task(reader, task.id, most)?;
    if found.is_empty() {
        return Ok(None);
    }
    let lines: Vec<Value> = found
        .iter()
        .map(|artifact| {
            let state = artifact.state;
            let is_present = state == ArtifactState::Present;
            crate::mcp::answer::without_nulls(json!({
                "artifact_id": artifact.id,
                "title": clip(&artifact.title, TITLE_BYTES),
                "edition": (1 < artifact.edition).then_some(artifact.edition),
                "kind": artifact.kind,
                "path": artifact.path,
                "state": (!is_present).then_some(state),
            }))
        })
        .collect();
    let more = usize::try_from(total).unwrap_or(0).saturating_sub(lines.len());
    Ok(Some(if more == 0 { json!(lines) } else { json!({ "newest": lines, "more": more }) }))
}
