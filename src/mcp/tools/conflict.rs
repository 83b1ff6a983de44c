//! Conflicts: fields that two sides changed differently, and what agents have to say about them.

pub(in crate::mcp) mod wire;

use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::task::{task_of, wrote};
use crate::domain::command::Command;
use crate::domain::conflict::{Choice, Conflict, ResolveConflict};
use crate::domain::id::{GroupId, SessionId, canonical_prefix};
use crate::domain::outcome::Answer as Made;
use crate::domain::record::RecordKey;
use crate::domain::refusal::{Code, Refusal};
use crate::mcp::answer::{Answer, Reply, list, unexpected};
use crate::mcp::params::{Detail, Parameters, Word, given, limit, missing, read_some};
use crate::mcp::server::{CallboardServer, Caller, current_or};
use crate::query::conflicts::{self, ConflictQuery, Which, Whose};
use crate::query::resolve;
use crate::store::Reader;

#[derive(Debug, Deserialize, JsonSchema)]
struct ConflictList {
    /// One conflict, in full.
    #[schemars(extend("aliases" = ["id", "conflict"]))]
    conflict_id: Option<String>,
    /// Only of this task, group or session.
    #[schemars(extend("aliases" = ["task_id", "task", "group_id", "record_id"]))]
    record: Option<String>,
    /// Only from this document.
    #[schemars(extend("hidden" = true, "aliases" = ["path", "file"]))]
    document: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
    /// Decided ones too.
    #[schemars(extend("aliases" = ["include_resolved"]))]
    all: Option<bool>,
    limit: Option<u32>,
    cursor: Option<String>,
    detail: Option<Detail>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ConflictResolve {
    #[schemars(extend("aliases" = ["id", "conflict"]))]
    conflict_id: String,
    /// The board's value, the other, or yours.
    #[schemars(extend("aliases" = ["resolution", "decision", "strategy"]))]
    choice: Option<Word<Choice>>,
    /// For merged.
    #[schemars(extend("aliases" = ["merged", "merged_value"]))]
    value: Option<Value>,
    /// Why; the person reads it.
    #[schemars(extend("aliases" = ["reason", "why", "comment"]))]
    remark: Option<String>,
    /// The version you saw, of the conflict.
    #[schemars(extend("hidden" = true))]
    if_version: Option<i64>,
}

#[tool_router(router = conflict_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_conflict_list",
        title = "Conflicts",
        description = "Fields that the board and a document, or two agents, changed differently and that wait for a decision, the oldest first; ours is the board's value and in force meanwhile.",
        annotations(
            read_only_hint = true,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    fn conflict_list(&self, Parameters(input): Parameters<ConflictList>) -> Reply {
        if let Some(text) = given(input.conflict_id.as_deref()) {
            let row =
                self.read(|reader| conflicts::get(reader, resolve::conflict(reader, text)?))?;
            return Ok(Answer::data(&wire::full(&row)).detail(Detail::Full));
        }
        let detail = input.detail.unwrap_or_default();
        let answer = self.read(|reader| rows(reader, &input, detail))?;
        let rest = "orchestrator_conflict_list with conflict_id";
        Ok(Answer::data(&answer).detail(detail).rest(rest))
    }

    #[tool(
        name = "orchestrator_conflict_resolve",
        title = "Decide a conflict",
        description = "Say how a conflict should end. By default a proposal: a person decides, and the decision comes with your inbox. Go on with other work.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn conflict_resolve(
        &self,
        caller: Caller,
        Parameters(input): Parameters<ConflictResolve>,
    ) -> Reply {
        let conflict = self.read(|reader| {
            let id = resolve::conflict(reader, &input.conflict_id)?;
            Ok(conflicts::get(reader, id)?.conflict)
        })?;
        let wanted = wanted(&conflict, input)?;
        let may_resolve = self.shared.options.agents_may_resolve;
        let command = if may_resolve {
            Command::ResolveConflict(wanted)
        } else {
            Command::ProposeResolution(wanted)
        };
        let outcome = self.submit(&caller, command).await?;
        let Made::Conflict(conflict) = &outcome.answer else { return Err(unexpected()) };
        let answer = wire::decided(conflict, &caller.actor);
        Ok(wrote(&answer, outcome))
    }
}

/// What a call wants to come of a conflict.
fn wanted(conflict: &Conflict, input: ConflictResolve) -> Result<ResolveConflict, Refusal> {
    let choice = match (read_some(input.choice.as_ref())?, &input.value) {
        (Some(choice), None) => choice,
        (Some(Choice::Merged) | None, Some(_)) => Choice::Merged,
        (Some(choice), Some(_)) => {
            let message = format!("a value is given, and the choice is {choice}");
            return Err(Refusal::new(Code::InvalidValue, message)
                .with("field", "value")
                .suggest("leave the value out, or choose merged"));
        }
        (None, None) => {
            return Err(missing("choice", "ours, theirs, or merged with a value?")
                .with("ours", &conflict.ours)
                .with("theirs", &conflict.theirs));
        }
    };
    Ok(ResolveConflict {
        id: conflict.id,
        choice,
        value: input.value.map(|value| fitted(&conflict.field, value)),
        remark: given(input.remark.as_deref()).map(str::to_owned),
        if_version: input.if_version,
    })
}

/// Models send lists and numbers as text.
fn fitted(field: &str, value: Value) -> Value {
    let Some(text) = value.as_str().map(str::trim) else { return value };
    match field {
        "tags" | "depends_on" => serde_json::from_str(text).unwrap_or_else(|_| {
            text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
        }),
        "estimate_minutes" => text.parse::<u32>().map_or(value, Value::from),
        _ => value,
    }
}

fn rows(
    reader: &Reader,
    input: &ConflictList,
    detail: Detail,
) -> Result<Map<String, Value>, Refusal> {
    let query = ConflictQuery {
        whose: whose(reader, input)?,
        which: if input.all == Some(true) { Which::All } else { Which::Open },
        limit: 0,
        cursor: given(input.cursor.as_deref()).map(str::to_owned),
    };
    list(
        "conflicts",
        (limit(input.limit), detail),
        |limit| conflicts::list(reader, &ConflictQuery { limit, ..query.clone() }),
        |row| match detail {
            Detail::Brief => wire::line(row),
            Detail::Full => wire::full(row),
        },
    )
}

/// Whose conflicts are meant. A document tells its session, and a record both.
fn whose(reader: &Reader, input: &ConflictList) -> Result<Whose, Refusal> {
    if let Some(text) = given(input.record.as_deref()) {
        return Ok(Whose::Record(record(reader, text, input.session_id.as_deref())?));
    }
    if let Some(path) = given(input.document.as_deref()) {
        return Ok(Whose::Document(within_the_project(path).to_owned()));
    }
    match given(input.session_id.as_deref()) {
        Some(text) => Ok(Whose::Session(resolve::session(reader, text)?)),
        None => Ok(Whose::Everybody),
    }
}

fn record(reader: &Reader, text: &str, session: Option<&str>) -> Result<String, Refusal> {
    if let Ok(key) = text.parse::<RecordKey>() {
        return Ok(key.to_string());
    }
    if canonical_prefix(GroupId::LETTER, text).is_some() {
        let session = current_or(reader, session)?;
        return Ok(resolve::group(reader, session, text)?.to_string());
    }
    if canonical_prefix(SessionId::LETTER, text).is_some() {
        return Ok(resolve::session(reader, text)?.to_string());
    }
    Ok(task_of(reader, text)?.to_string())
}

/// The path as the ledger has it: below the project's own directory.
fn within_the_project(path: &str) -> &str {
    let directory = ".task_orchestrator/";
    path.rfind(directory).and_then(|at| path.get(at + directory.len()..)).unwrap_or(path)
}
