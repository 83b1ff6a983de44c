//! Bringing back what a backup holds.
//!
//! What shall be there afterwards is worked out whole ([`bring`]), made to fit together
//! ([`settle`]), and compared with what is there: only differences are written ([`writes`]), in an
//! order in which everything that is derived from them stays right. Sessions are never removed.

mod bring;
mod sessions;
mod settle;
mod writes;

use std::collections::{BTreeMap, BTreeSet};

use super::{Judged, Judgement, Scene, Write};
use crate::domain::change::Verb;
use crate::domain::outcome::Answer;
use crate::domain::record::{Record, RecordKey};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::restore::{Purpose, RestoreBackup, Restored, SessionRows, Snapshot, Source};
use bring::Bring;
use sessions::Home;

/// The records of a session, by name.
type Rows = BTreeMap<RecordKey, Record>;

/// Brings back sessions, or everything.
pub(super) fn restore(scene: &Scene<'_>, wanted: &RestoreBackup) -> Judged {
    match &wanted.source {
        Source::Whole(snapshot) => whole(scene, wanted.purpose, snapshot),
        Source::Sessions(rows) => some(scene, wanted, rows),
    }
}

/// Everything as it was, the feed with its numbers included, where nothing is.
fn whole(scene: &Scene<'_>, purpose: Purpose, snapshot: &Snapshot) -> Judged {
    if !scene.lookups.is_empty()? {
        let message = "the project holds something by now, so it is not replaced as a whole";
        return Err(Refusal::new(Code::Busy, message).suggest("send the call again"));
    }
    let restored = Restored {
        sessions: snapshot.sessions.clone(),
        created: snapshot.records,
        ..Restored::default()
    };
    let mut judgement = Judgement::new(Answer::Restored(Box::new(restored)));
    judgement.copies = (purpose == Purpose::Keep).then(|| snapshot.clone());
    Ok(judgement)
}

fn some(scene: &Scene<'_>, wanted: &RestoreBackup, rows: &[SessionRows]) -> Judged {
    let mut restored = Restored::default();
    let mut judgement = Judgement::new(Answer::Done);
    let homes = sessions::homes(scene, wanted, rows, &mut restored)?;
    let (mut heads, mut inner) = (Vec::new(), Vec::new());
    for home in &homes {
        let writes = within(scene, wanted, home, &mut restored)?;
        if !home.is_changed() && writes.is_empty() {
            restored.unchanged += 1;
            continue;
        }
        restored.sessions.push(home.after.id);
        heads.push((home.after.state.is_live(), head(scene, wanted, home, &mut restored)));
        judgement.modes.extend(home.mode.clone());
        judgement.notes.extend(home.note.clone());
        inner.extend(writes);
    }
    // Who leaves the one live place goes first.
    heads.sort_by_key(|(is_live, _)| *is_live);
    judgement = judgement.writing_all(heads.into_iter().map(|(_, head)| head)).writing_all(inner);
    judgement.answer = Answer::Restored(Box::new(restored));
    Ok(judgement)
}

/// The session's own entry: it heads all that is written in it.
fn head(
    scene: &Scene<'_>,
    wanted: &RestoreBackup,
    home: &Home<'_>,
    restored: &mut Restored,
) -> Write {
    let after = Record::Session(home.after.clone());
    let write = if let Some(before) = home.ours.clone().map(Record::Session) {
        if home.is_changed() {
            writes::note(restored, Some(&before), Some(&after));
        } else {
            restored.unchanged += 1;
        }
        Write::update(scene, Verb::SessionRestored, before, after)
    } else {
        writes::note(restored, None, Some(&after));
        let version = home.after.version.max(1);
        let after = Some(after.stamped(version, scene.now));
        Write { verb: Verb::SessionRestored, before: None, after, reason: None }
    };
    write.because(Some(&wanted.reason))
}

/// What is written of the records of one session.
fn within(
    scene: &Scene<'_>,
    wanted: &RestoreBackup,
    home: &Home<'_>,
    restored: &mut Restored,
) -> Result<Vec<Write>, Refusal> {
    let ours: Rows = match &home.ours {
        Some(session) => by_name(scene.lookups.records(session.id)?),
        None => Rows::new(),
    };
    let bring = Bring { scene, wanted, home };
    let mut after = bring.all(&ours, restored)?;
    let known: BTreeSet<&RecordKey> = ours.keys().collect();
    let order = settle::settle(&mut after, &known, restored);
    writes::writes(scene, wanted, (&ours, after), &order, restored)
}

fn by_name(records: Vec<Record>) -> Rows {
    records.into_iter().map(|record| (record.key(), record)).collect()
}
