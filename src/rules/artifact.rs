//! Recording artifacts, and noting how their files stand.

use super::{Judged, Judgement, Scene, Write, id_taken, unknown};
use crate::domain::artifact::{
    Artifact, ArtifactCheck, ArtifactState, REFERENCED_MAX, RecordArtifact, STORED_MAX, Storage,
    TEXT_MAX, is_hash, kind, path,
};
use crate::domain::change::Verb;
use crate::domain::command::BATCH_MAX;
use crate::domain::id::{ArtifactId, SessionId};
use crate::domain::outcome::Answer;
use crate::domain::record::Record;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::SessionState;
use crate::domain::text::{REMARK_MAX, TITLE_MAX, beginning, many_lines, one_line};

/// Records a file that is there as the next edition of its title. What says nothing new changes
/// nothing: the answer is the edition that says it.
pub(super) fn record(scene: &Scene<'_>, wanted: &RecordArtifact) -> Judged {
    scene.planning(wanted.session_id)?;
    if let Some(id) = wanted.task_id
        && scene.task(id)?.session_id != wanted.session_id
    {
        return Err(unknown("task", id).with("session", wanted.session_id));
    }
    let made = read(scene, wanted)?;
    let before = scene.lookups.newest_edition(made.session_id, &made.title)?;
    if let Some(before) = &before
        && wanted.lost != Some(before.id)
        && says_the_same(before, &made)
    {
        let artifact = Box::new(before.clone());
        let answer = Answer::Artifact { artifact, replaces: None };
        return Ok(Judgement::new(answer).noting(format!("{} says the same already", before.id)));
    }
    let edition = before.as_ref().map_or(1, |before| before.edition.saturating_add(1));
    let artifact = Artifact { edition, ..made };
    let record = Record::Artifact(Box::new(artifact.clone()));
    let answer =
        Answer::Artifact { artifact: Box::new(artifact), replaces: before.map(|before| before.id) };
    let mut judgement = Judgement::new(answer);
    if !wanted.text.is_empty() {
        let text = beginning(&wanted.text, TEXT_MAX);
        judgement.texts.push((wanted.hash.clone(), text.to_owned()));
    }
    Ok(judgement.writing(Write::create(scene, Verb::ArtifactRecorded, record)))
}

/// The artifact, as edition 1.
fn read(scene: &Scene<'_>, wanted: &RecordArtifact) -> Result<Artifact, Refusal> {
    let id = wanted.id.unwrap_or_else(|| ArtifactId::from_random((scene.random)()));
    if wanted.id.is_some() && scene.lookups.artifact(id)?.is_some() {
        return Err(id_taken("artifact", id));
    }
    check_size(wanted)?;
    if !is_hash(&wanted.hash) {
        let message = "hash is not a BLAKE3 hash of 64 hexadecimal digits";
        return Err(Refusal::new(Code::InvalidValue, message));
    }
    Ok(Artifact {
        id,
        session_id: wanted.session_id,
        task_id: wanted.task_id,
        kind: kind(&wanted.kind)?,
        title: one_line("title", &wanted.title, TITLE_MAX)?,
        summary: many_lines("summary", &wanted.summary, REMARK_MAX)?,
        storage: wanted.storage,
        path: path("path", &wanted.path)?,
        size: wanted.size,
        hash: wanted.hash.clone(),
        edition: 1,
        state: ArtifactState::Present,
        checked_at: scene.now,
        actor: scene.actor.clone(),
        created_at: scene.now,
        updated_at: scene.now,
        version: 1,
    })
}

fn check_size(wanted: &RecordArtifact) -> Result<(), Refusal> {
    let limit = match wanted.storage {
        Storage::Stored => u64::try_from(STORED_MAX).unwrap_or(u64::MAX),
        Storage::Referenced => REFERENCED_MAX,
    };
    if limit < wanted.size {
        let message = format!("the file has {} bytes; the limit is {limit}", wanted.size);
        return Err(Refusal::new(Code::TooMuch, message).suggest("record it in smaller parts"));
    }
    Ok(())
}

fn says_the_same(before: &Artifact, made: &Artifact) -> bool {
    let is_same_file = match made.storage {
        Storage::Stored => true,
        Storage::Referenced => before.path == made.path,
    };
    is_same_file
        && before.state == ArtifactState::Present
        && before.storage == made.storage
        && before.hash == made.hash
        && before.task_id == made.task_id
        && before.kind == made.kind
        && before.summary == made.summary
}

/// Notes how the files of artifacts stand. Those that are gone by now are passed over, and those that
/// were packed away with their session since somebody looked: they are in its archive.
pub(super) fn note(scene: &Scene<'_>, checks: &[ArtifactCheck]) -> Judged {
    if BATCH_MAX < checks.len() {
        let message = format!("{} artifacts at once; the limit is {BATCH_MAX}", checks.len());
        return Err(Refusal::new(Code::TooMuch, message));
    }
    let mut judgement = Judgement::new(Answer::Done);
    for check in checks {
        let Some(before) = scene.lookups.artifact(check.id)? else { continue };
        if before.storage == Storage::Stored && is_archived(scene, before.session_id)? {
            continue;
        }
        if before.state == check.state {
            judgement.checked.push(check.id);
            continue;
        }
        let after = Artifact { state: check.state, checked_at: scene.now, ..before.clone() };
        let (before, after) =
            (Record::Artifact(Box::new(before)), Record::Artifact(Box::new(after)));
        judgement.writes.push(Write::update(scene, Verb::ArtifactChecked, before, after));
    }
    Ok(judgement)
}

fn is_archived(scene: &Scene<'_>, id: SessionId) -> Result<bool, Refusal> {
    Ok(scene.session(id)?.state == SessionState::Archived)
}
