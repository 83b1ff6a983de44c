//! Session context: what is left for whoever continues.

use serde_json::Value;

use super::{Judged, Judgement, Scene, Write, guard, unknown};
use crate::domain::actor::Actor;
use crate::domain::change::Verb;
use crate::domain::command::SetContext;
use crate::domain::id::SessionId;
use crate::domain::outcome::Answer;
use crate::domain::record::Record;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{ARTIFACT_KEY, CONTEXT_KEY_MAX, CONTEXT_VALUE_MAX, ContextEntry};
use crate::domain::text::one_line;

/// Leaves a piece of context, or replaces it.
pub(super) fn set(scene: &Scene<'_>, set: &SetContext) -> Judged {
    scene.planning(set.session_id)?;
    let key = one_line("key", &set.key, CONTEXT_KEY_MAX)?;
    if key.starts_with(ARTIFACT_KEY) && matches!(scene.actor, Actor::File(_)) {
        let message = format!("the key {key:?} is kept for work that is handed in with a task");
        return Err(Refusal::new(Code::InvalidValue, message));
    }
    let size = set.value.to_string().len();
    if CONTEXT_VALUE_MAX < size {
        let message =
            format!("the value of {key} is {size} bytes of JSON; the limit is {CONTEXT_VALUE_MAX}");
        return Err(Refusal::new(Code::InvalidValue, message)
            .suggest("keep the long text in a file and name it here"));
    }
    let write = write(scene, set.session_id, &key, set.value.clone())?;
    if let (Some(before), Some(after)) = (&write.before, &write.after) {
        guard::version(scene, before, after, set.if_version)?;
    }
    let Some(Record::Context(entry)) = write.after.clone() else {
        unreachable!("an entry was put in")
    };
    let same =
        matches!(&write.before, Some(Record::Context(before)) if before.value == entry.value);
    let judgement = Judgement::new(Answer::Context(entry));
    Ok(if same { judgement } else { judgement.writing(write) })
}

/// Removes a piece of context.
pub(super) fn remove(scene: &Scene<'_>, session: SessionId, key: &str) -> Judged {
    scene.planning(session)?;
    let entry = scene.lookups.context(session, key)?.ok_or_else(|| unknown("context", key))?;
    Ok(Judgement::new(Answer::Done)
        .writing(Write::delete(Verb::ContextRemoved, Record::Context(entry))))
}

/// The write that sets a key, whatever the session's state.
pub(super) fn write(
    scene: &Scene<'_>,
    session_id: SessionId,
    key: &str,
    value: Value,
) -> Result<Write, Refusal> {
    let entry =
        ContextEntry { session_id, key: key.to_owned(), value, updated_at: scene.now, version: 1 };
    Ok(match scene.lookups.context(session_id, key)? {
        Some(before) => {
            Write::update(scene, Verb::ContextSet, Record::Context(before), Record::Context(entry))
        }
        None => Write::create(scene, Verb::ContextSet, Record::Context(entry)),
    })
}
