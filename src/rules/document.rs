//! Documents: the ledger, and sessions that are brought back from their documents.

use super::{Judged, Judgement, Scene, Write, conflict};
use crate::domain::actor::Actor;
use crate::domain::change::Verb;
use crate::domain::command::RebuildSession;
use crate::domain::conflict::ConflictKind;
use crate::domain::document::DocumentNote;
use crate::domain::outcome::Answer;
use crate::domain::record::Record;
use crate::domain::refusal::{Code, Refusal};

/// Notes what was written or held. A document that is restored shows again what was gone from it:
/// that needs no decision any more.
pub(super) fn note(scene: &Scene<'_>, notes: &[DocumentNote]) -> Judged {
    let mut judgement = Judgement::new(Answer::Done);
    for note in notes {
        let DocumentNote::Restored { path } = note else { continue };
        let open = scene.lookups.open_conflicts_from(&Actor::File(path.clone()))?;
        for gone in open.into_iter().filter(|open| open.kind == ConflictKind::Removed) {
            judgement = judgement.writing(conflict::withdraw(scene, gone));
        }
    }
    judgement.documents = notes.to_vec();
    Ok(judgement)
}

/// Brings a session back whole, into a database that has lost it.
pub(super) fn rebuild(scene: &Scene<'_>, rebuild: &RebuildSession) -> Judged {
    let session = &rebuild.session;
    if scene.lookups.session(session.id)?.is_some() {
        let message = format!("session {} is in the database; it is not rebuilt", session.id);
        return Err(Refusal::new(Code::IllegalMove, message).with("session", session.id));
    }
    if session.state.is_live() && scene.lookups.live_session()?.is_some() {
        return Err(Refusal::new(Code::SessionLive, "another session is live")
            .suggest("bring this one back as suspended"));
    }
    let groups = rebuild.groups.iter().cloned().map(Record::Group);
    let tasks = rebuild.tasks.iter().cloned().map(|task| Record::Task(Box::new(task)));
    let dependencies = rebuild.dependencies.iter().cloned().map(Record::Dependency);
    let context = rebuild.context.iter().cloned().map(Record::Context);
    let created = |verb| move |record| Write::create(scene, verb, record);
    Ok(Judgement::new(Answer::Session(session.clone()))
        .writing(Write::create(scene, Verb::SessionCreated, Record::Session(session.clone())))
        .writing_all(groups.map(created(Verb::GroupCreated)))
        .writing_all(tasks.map(created(Verb::TaskCreated)))
        .writing_all(dependencies.map(created(Verb::DependencyAdded)))
        .writing_all(context.map(created(Verb::ContextSet))))
}
