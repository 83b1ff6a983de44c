//! Making and changing sessions.

use super::{Judged, Judgement, Scene, Write, guard, mode, session_moves};
use crate::domain::change::Verb;
use crate::domain::command::{NewSession, UpdateSession};
use crate::domain::id::SessionId;
use crate::domain::mode::{MODE_DEFAULT, MODE_NAME_MAX};
use crate::domain::outcome::Answer;
use crate::domain::record::Record;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{Session, SessionState};
use crate::domain::text::{DESCRIPTION_MAX, NAME_MAX, many_lines, one_line};

/// Makes a session: `initializing`, then `active`, both in the history, with its first checkpoint.
pub(super) fn create(scene: &Scene<'_>, new: &NewSession) -> Judged {
    let name = one_line("name", &new.name, NAME_MAX)?;
    let goal = many_lines("goal", &new.goal, DESCRIPTION_MAX)?;
    let loaded = scene.loaded()?.filter(|read| read.session.is_none());
    let loaded = match loaded {
        Some(read) => Some(mode::begun(scene, &read.loaded, new)?),
        None => None,
    };
    let named = loaded.as_ref().map(|loaded| loaded.mode.name.as_str()).or(new.mode.as_deref());
    let mode = one_line("mode", named.unwrap_or(MODE_DEFAULT), MODE_NAME_MAX)?;
    let id = new.id.unwrap_or_else(|| SessionId::from_random((scene.random)()));
    if new.id.is_some() && scene.lookups.session(id)?.is_some() {
        return Err(Refusal::new(Code::NameTaken, format!("session {id} exists already")));
    }
    let made_room = session_moves::make_room(scene, None, new.suspend_current)?;
    let made = Session {
        id,
        name,
        goal,
        state: SessionState::Initializing,
        mode,
        binding: loaded.as_ref().map(|loaded| loaded.binding.clone()),
        reason: None,
        owner: Some(scene.owner.to_owned()),
        created_at: scene.now,
        updated_at: scene.now,
        state_since: scene.now,
        version: 1,
    };
    let (active, activation) = session_moves::enter(scene, &made, SessionState::Active, None);
    let checkpoint = session_moves::first_checkpoint(scene, &active)?;
    let mut judgement = Judgement::new(Answer::Session(active))
        .writing_all(made_room.writes)
        .writing(Write::create(scene, Verb::SessionCreated, Record::Session(made)))
        .writing(activation)
        .writing(checkpoint)
        .noting_all(made_room.notes);
    judgement.modes.extend(loaded);
    Ok(judgement)
}

/// Changes a session's name or goal.
pub(super) fn update(scene: &Scene<'_>, update: &UpdateSession) -> Judged {
    let before = scene.planning(update.id)?;
    let mut after = before.clone();
    if let Some(name) = &update.name {
        after.name = one_line("name", name, NAME_MAX)?;
    }
    if let Some(goal) = &update.goal {
        after.goal = many_lines("goal", goal, DESCRIPTION_MAX)?;
    }
    if update.name.is_none() && update.goal.is_none() {
        return Err(Refusal::new(Code::NothingToDo, "neither name nor goal is given"));
    }
    if after == before {
        return Ok(Judgement::new(Answer::Session(before)));
    }
    let (before, after) = (Record::Session(before), Record::Session(after));
    guard::version(scene, &before, &after, update.if_version)?;
    let write = Write::update(scene, Verb::SessionUpdated, before, after);
    let Some(Record::Session(session)) = write.after.clone() else {
        unreachable!("a session was put in")
    };
    Ok(Judgement::new(Answer::Session(session)).writing(write))
}
