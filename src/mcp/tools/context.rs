//! Context: what a session hands to whoever continues.

use rmcp::{tool, tool_router};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::domain::command::{Command, SetContext};
use crate::domain::id::SessionId;
use crate::domain::outcome::Answer as Made;
use crate::domain::record::RecordKey;
use crate::domain::refusal::{Code, Refusal, closest};
use crate::domain::session::{ARTIFACT_KEY, ContextEntry};
use crate::mcp::answer::{Answer, Reply, clip_value};
use crate::mcp::params::{Detail, Parameters, given, missing};
use crate::mcp::pieces;
use crate::mcp::server::{CallboardServer, Caller, current_or};
use crate::mcp::tools::artifact;
use crate::query::{resolve, sessions};

/// Bytes of a value in a brief list.
const BRIEF_BYTES: usize = 300;

#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("accepts" = ["action", "operation"]))]
struct Context {
    /// Such as decisions or learnings.
    key: Option<String>,
    /// Any JSON.
    value: Option<Value>,
    #[schemars(extend("aliases" = ["delete"]))]
    remove: Option<bool>,
    /// The current one by default.
    #[schemars(extend("aliases" = ["session"]))]
    session_id: Option<String>,
    /// Write only if the entry still has this version.
    #[schemars(extend("hidden" = true))]
    if_version: Option<i64>,
    detail: Option<Detail>,
    /// With key: where the next piece of a long value begins, as an answer says it.
    offset: Option<u32>,
}

#[tool_router(router = context_tools, vis = "pub(in crate::mcp)")]
impl CallboardServer {
    #[tool(
        name = "orchestrator_context",
        title = "Session context",
        description = "Read or write what the session hands to whoever continues: decisions, learnings, next steps. Without key: lists all; with key: reads it; with value too: writes it. Write before you stop working.",
        annotations(
            read_only_hint = false,
            destructive_hint = false,
            idempotent_hint = true,
            open_world_hint = false
        )
    )]
    async fn context(&self, caller: Caller, Parameters(input): Parameters<Context>) -> Reply {
        let session = self.read(|reader| current_or(reader, input.session_id.as_deref()))?;
        let key = given(input.key.as_deref()).map(str::to_owned);
        let writes = input.value.is_some() || input.remove.unwrap_or(false);
        if let Some(key) = key.as_ref().filter(|key| writes && key.starts_with(ARTIFACT_KEY)) {
            let message = format!("the key {key:?} is kept for work that is handed in with a task");
            return Err(Refusal::new(Code::InvalidValue, message)
                .suggest("record it with orchestrator_artifact_record, or choose another key"));
        }
        let command = match (key, input.value, input.remove.unwrap_or(false)) {
            (None, None, false) => return self.all_context(session, input.detail),
            (Some(key), None, false) => return self.one_context(session, &key, input.offset),
            (None, _, _) => return Err(missing("key", "which entry is to be written?")),
            (Some(key), _, true) => removal(session, key, input.if_version),
            (Some(key), Some(value), false) => Command::SetContext(SetContext {
                session_id: session,
                key,
                value: parsed(value),
                if_version: input.if_version,
            }),
        };
        let outcome = self.submit(&caller, command).await?;
        let answer = if let Made::Context(entry) = &outcome.answer {
            json!({ "key": entry.key, "version": entry.version })
        } else {
            json!({ "removed": true })
        };
        Ok(Answer::data(&answer).noting(outcome.notes))
    }

    fn all_context(&self, session: SessionId, detail: Option<Detail>) -> Reply {
        let entries = self.read(|reader| sessions::context(reader, session))?;
        let detail = detail.unwrap_or_default();
        let rows: Map<String, Value> = entries
            .iter()
            .map(|entry| {
                let value = match detail {
                    Detail::Brief => clip_value(&entry.value, BRIEF_BYTES),
                    Detail::Full => entry.value.clone(),
                };
                (entry.key.clone(), value)
            })
            .collect();
        let cut = entries.iter().filter(|entry| rows.get(&entry.key) != Some(&entry.value));
        let cut: Vec<String> = cut.map(|entry| format!("the value of {}", entry.key)).collect();
        let answer = json!({ "session_id": session, "context": rows, "total": rows.len() });
        Ok(Answer::data(&answer)
            .detail(detail)
            .cutting(cut)
            .rest("orchestrator_context with the key that you want whole"))
    }

    fn one_context(&self, session: SessionId, key: &str, offset: Option<u32>) -> Reply {
        if let Some(id) = artifact::artifact_of_key(key) {
            return self.artifact_text(id, offset);
        }
        if let Some(entry) = self.read(|reader| sessions::context_entry(reader, session, key))? {
            return shown(&entry, offset);
        }
        if let Some(id) = self.read(|reader| artifact::newest_of_key(reader, key))? {
            return self.artifact_text(id, offset);
        }
        if let Some(text) = artifact::beginning_of_key(key) {
            let found = self.read(|reader| resolve::artifact(reader, Some(session), text));
            match found {
                Ok(id) => return self.artifact_text(id, offset),
                Err(refusal) if refusal.code == Code::UnknownId => {}
                Err(refusal) => return Err(refusal),
            }
        }
        let entries = self.read(|reader| sessions::context(reader, session))?;
        Err(unknown(key, &entries))
    }
}

/// Removing an entry, if nobody changed it since the version that was seen.
fn removal(session_id: SessionId, key: String, if_version: Option<i64>) -> Command {
    let record = RecordKey::Context(session_id, key.clone()).to_string();
    let remove = Command::RemoveContext { session_id, key };
    match if_version {
        None => remove,
        Some(if_version) => {
            let expect = Command::Expect { record, if_version, fields: Vec::new() };
            Command::Batch { commands: vec![expect, remove], reason: None }
        }
    }
}

/// An entry whole, or, where its value is too long for one answer, a piece of it as text.
fn shown(entry: &ContextEntry, offset: Option<u32>) -> Reply {
    let known = |name: &str, value: Value| {
        json!({
            "session_id": entry.session_id,
            "key": entry.key,
            name: value,
            "version": entry.version,
            "updated_at": entry.updated_at.to_string(),
        })
    };
    let (text, form, is_long) = match &entry.value {
        Value::String(text) => (text.clone(), "text", pieces::is_long(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            let json = entry.value.to_string();
            let is_long = pieces::PIECE_BYTES < json.len();
            (json, "json", is_long)
        }
    };
    if offset.is_none() && !is_long {
        return Ok(Answer::data(&known("value", entry.value.clone())).detail(Detail::Full));
    }
    let offset = usize::try_from(offset.unwrap_or(0)).unwrap_or(usize::MAX);
    let arguments = json!({ "key": entry.key, "session_id": entry.session_id });
    pieces::answer(
        ("orchestrator_context", &arguments),
        known("form", form.into()),
        (&text, offset),
    )
}

/// Models send objects and lists as text; what reads as one is one.
fn parsed(value: Value) -> Value {
    let text = value.as_str().filter(|text| text.trim_start().starts_with(['{', '[']));
    let inner = text.and_then(|text| serde_json::from_str(text).ok());
    inner.unwrap_or(value)
}

fn unknown(key: &str, entries: &[ContextEntry]) -> Refusal {
    let keys: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    let shown: String = key.chars().take(60).collect();
    let refusal = Refusal::new(Code::UnknownId, format!("there is no context {shown:?}"))
        .with("keys", &keys)
        .with("closest", closest(key, keys.iter().copied()));
    refusal.suggest("call orchestrator_context without key to list what there is")
}
