//! Messages from people to agents.

use super::{Judged, Judgement, Message, Scene};
use crate::domain::id::SessionId;
use crate::domain::outcome::Answer;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::text::{REMARK_MAX, WORD_MAX, many_lines, one_line};

/// Sends a message; it is handed over with the agent's next answer.
pub(super) fn send(scene: &Scene<'_>, session_id: SessionId, to: &str, text: &str) -> Judged {
    scene.session(session_id)?;
    let to = one_line("agent", to, WORD_MAX)?;
    let text = many_lines("message", text.trim(), REMARK_MAX)?;
    if text.is_empty() {
        return Err(Refusal::new(Code::InvalidText, "message is empty"));
    }
    let mut judgement = Judgement::new(Answer::Done);
    judgement.message = Some(Message { session_id, to, text });
    Ok(judgement)
}
