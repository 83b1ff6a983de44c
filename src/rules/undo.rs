//! Taking a command back by a new change, if what it wrote still stands.

mod back;

use serde_json::Value;

use super::{Judged, Judgement, Scene, Write, dependency, guard, write_task};
use crate::domain::change::{Change, Verb};
use crate::domain::command::Edge;
use crate::domain::outcome::Answer;
use crate::domain::record::{Dependency, Fields, Record, RecordKey, same};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{Session, SessionState};
use crate::domain::task::Task;
use back::Back;

/// Most changes of a command whose dependencies are asked about one by one.
const ASKED_MAX: usize = 1_000;
/// Fields that an undo leaves as they are: claims are agreements, not edits.
const LEFT_ALONE: [&str; 5] = ["claim", "claim_number", "updated_at", "version", "checked_at"];

/// Takes back the command that a sequence number belongs to, or the actor's newest.
pub(super) fn undo(scene: &Scene<'_>, seq: Option<i64>) -> Judged {
    if let Some(seq) = seq {
        return take_back(scene, seq);
    }
    let newest = scene.lookups.newest_standing(scene.actor, i64::MAX)?.ok_or_else(|| {
        Refusal::new(
            Code::CannotUndo,
            format!("{} has changed nothing that can be taken back", scene.actor),
        )
    })?;
    take_back(scene, newest).map_err(|refusal| with_earlier(scene, newest, refusal))
}

/// Names what the actor did before the newest command, which cannot be taken back: nobody is stuck
/// there, and nothing older goes without having been asked for.
fn with_earlier(scene: &Scene<'_>, newest: i64, refusal: Refusal) -> Refusal {
    let earlier = || -> Result<Option<Change>, Refusal> {
        let Some(seq) = scene.lookups.newest_standing(scene.actor, newest)? else {
            return Ok(None);
        };
        Ok(scene.lookups.changes_of_command(seq)?.into_iter().next())
    };
    // A look that fails here says so to the next command; the refusal itself is worth more.
    let Ok(Some(earlier)) = earlier() else { return refusal };
    let Change { seq, verb, record, .. } = earlier;
    refusal.with("earlier", seq).suggest(format!(
        "`callboard undo {seq}` takes back what was done before it: {verb} of {record}"
    ))
}

/// Takes back the actor's newest undo, if nothing came after it.
pub(super) fn redo(scene: &Scene<'_>) -> Judged {
    let seq = scene
        .lookups
        .newest_redoable(scene.actor)?
        .ok_or_else(|| Refusal::new(Code::CannotUndo, "nothing was undone last"))?;
    take_back(scene, seq)
}

fn take_back(scene: &Scene<'_>, seq: i64) -> Judged {
    let changes = scene.lookups.changes_of_command(seq)?;
    let Some(first) = changes.first() else {
        return Err(
            Refusal::new(Code::UnknownId, format!("there is no change {seq}")).with("seq", seq)
        );
    };
    let mut back = Back::of(scene, &changes, verb(scene, first.command)?);
    if !back.moves_sessions {
        scene.planning(first.session_id)?;
    }
    let mut judgement =
        Judgement::new(Answer::Undone { command: first.command, changes: changes.len() });
    judgement.undoes = Some(first.command);
    let (mut edges, mut gone) = (Vec::new(), Vec::new());
    // Where much comes back at once, all is asked about when it is back.
    let asks_early = !back.moves_sessions && changes.len() <= ASKED_MAX;
    for change in changes.iter().rev() {
        let key: RecordKey = change
            .record
            .parse()
            .map_err(|_| stands_in_the_way(change, "its record is of another kind"))?;
        let current = back.record(&key)?;
        let write = reverse(&back, change, &key, current)?;
        if let (None, Some(Record::Dependency(edge)), false) =
            (&write.before, &write.after, !asks_early)
        {
            refuse_circle(scene, edge, (&edges, &gone))?;
            edges.push(Edge { task: edge.task_id, depends_on: edge.depends_on });
        }
        if let (Some(Record::Dependency(edge)), None) = (&write.before, &write.after) {
            gone.push(Edge { task: edge.task_id, depends_on: edge.depends_on });
        }
        let let_go = back.let_go(&write)?;
        back.wrote(&write);
        judgement = judgement.writing(write).writing_all(let_go);
    }
    Ok(judgement)
}

/// What taking a command back is called: an undo that is taken back is done again.
fn verb(scene: &Scene<'_>, command: i64) -> Result<Verb, Refusal> {
    let (mut verb, mut command) = (Verb::Undone, command);
    // Each undoes an older one, so that it ends.
    while let Some(undone) = scene.lookups.undoes(command)?.filter(|undone| *undone < command) {
        verb = if verb == Verb::Undone { Verb::Redone } else { Verb::Undone };
        command = undone;
    }
    Ok(verb)
}

fn reverse(
    back: &Back<'_>,
    change: &Change,
    key: &RecordKey,
    current: Option<Record>,
) -> Result<Write, Refusal> {
    let scene = back.scene;
    if matches!(change.verb, Verb::SessionCreated | Verb::SessionMoved) {
        let why = "moves of a session are not undone; use the move that leads back";
        return Err(stands_in_the_way(change, why));
    }
    if change.verb == Verb::MessageSent {
        return Err(stands_in_the_way(change, "a message cannot be called back"));
    }
    if change.verb == Verb::ArtifactChecked {
        let why = "it says what was seen; have the file looked at again";
        return Err(stands_in_the_way(change, why));
    }
    match (&change.before, &change.after, current) {
        (None, Some(after), Some(Record::Session(session))) => {
            refuse_changed(change, after, &Record::Session(session.clone()))?;
            Ok(packed_away(back, session))
        }
        (None, Some(after), Some(current)) => {
            refuse_changed(change, after, &current)?;
            back.refuse_used(change, &current)?;
            Ok(Write::delete(verb_of(&current, back.verb), current))
        }
        (Some(before), None, None) => {
            let version = stands_deleted(scene, change, key)? + 1;
            let record = Record::from_fields(key, before.clone())
                .ok_or_else(|| stands_in_the_way(change, "it was kept in another form"))?;
            back.check_home(change, &record)?;
            let after = Some(record.without_claim().stamped(version, scene.now));
            Ok(Write { verb: back.verb, before: None, after, reason: None })
        }
        (Some(before), Some(after), Some(current)) => {
            refuse_changed(change, after, &current)?;
            restore(back, change, (key, before), &current)
        }
        (_, _, None) => Err(stands_in_the_way(change, "the record was deleted since")),
        (_, None, Some(_)) => Err(stands_in_the_way(change, "the record is there again")),
    }
}

/// The version at which a record is gone by a change, or by one that made it again.
fn stands_deleted(scene: &Scene<'_>, change: &Change, key: &RecordKey) -> Result<i64, Refusal> {
    let (mut version, mut chain) = (change.version, vec![change.command]);
    let later = scene.lookups.changes_since(key, 0)?;
    for later in later.iter().filter(|later| change.seq < later.seq) {
        let undoes = scene.lookups.undoes(later.command)?;
        if !undoes.is_some_and(|undone| chain.contains(&undone)) {
            let why = "it came back since, and what was deleted later is newer";
            return Err(stands_in_the_way(change, why));
        }
        chain.push(later.command);
        version = later.version;
    }
    Ok(version)
}

fn restore(
    back: &Back<'_>,
    change: &Change,
    (key, before): (&RecordKey, &Fields),
    current: &Record,
) -> Result<Write, Refusal> {
    let scene = back.scene;
    let mut fields = current.fields();
    for (name, value) in before.iter().filter(|(name, _)| !LEFT_ALONE.contains(&name.as_str())) {
        fields.insert(name.clone(), value.clone());
    }
    let record = Record::from_fields(key, fields)
        .ok_or_else(|| stands_in_the_way(change, "it was kept in another form"))?;
    back.check_home(change, &record)?;
    if let (Record::Task(before), Record::Task(after)) = (current, &record) {
        if before.status != after.status && !back.moves_sessions {
            scene.working(before.session_id)?;
        }
        // Whoever takes a claim back lets go of it; every other undo leaves claims alone.
        let lets_go = change.verb == Verb::TaskClaimed;
        if lets_go {
            guard::claim(scene, before, None)?;
        }
        let claim = before.claim.clone().filter(|_| after.status.is_open() && !lets_go);
        let after = Task { claim, ..(**after).clone() };
        return Ok(write_task(scene, back.verb, before, after).1);
    }
    Ok(Write::update(scene, back.verb, current.clone(), record))
}

/// A session that came by a restore and goes with it: sessions are archived, never removed.
fn packed_away(back: &Back<'_>, session: Session) -> Write {
    let scene = back.scene;
    let why = "its restore was taken back";
    let after = Session {
        state: SessionState::Archived,
        reason: Some(why.to_owned()),
        owner: None,
        state_since: scene.now,
        ..session.clone()
    };
    let (before, after) = (Record::Session(session), Record::Session(after));
    Write::update(scene, back.verb, before, after).because(Some(why))
}

fn refuse_changed(change: &Change, after: &Fields, current: &Record) -> Result<(), Refusal> {
    let now = current.fields();
    let matters = |field: &str| {
        // How the file stands is seen, not decided.
        let is_seen = field == "state" && matches!(current, Record::Artifact(_));
        !is_seen && !LEFT_ALONE.contains(&field)
    };
    for (field, value) in after.iter().filter(|(field, _)| matters(field)) {
        if !same(Some(value), now.get(field)) {
            let refusal = stands_in_the_way(change, &format!("{field} was changed since"));
            return Err(refusal
                .with("field", field)
                .with("current", now.get(field).unwrap_or(&Value::Null)));
        }
    }
    Ok(())
}

/// Refuses a dependency that closes a circle with those that stand and those that came back before.
fn refuse_circle(
    scene: &Scene<'_>,
    edge: &Dependency,
    (back, gone): (&[Edge], &[Edge]),
) -> Result<(), Refusal> {
    let ends = (scene.lookups.task(edge.task_id)?, scene.lookups.task(edge.depends_on)?);
    // An end that comes back by the same command is asked about when all is back.
    let (Some(task), Some(other)) = ends else { return Ok(()) };
    dependency::check(scene, &task, &other, back, gone)
}

fn verb_of(record: &Record, back: Verb) -> Verb {
    match record {
        Record::Task(_) => Verb::TaskDeleted,
        Record::Group(_) => Verb::GroupDeleted,
        Record::Dependency(_) => Verb::DependencyRemoved,
        Record::Context(_) => Verb::ContextRemoved,
        Record::Artifact(_) => Verb::ArtifactRemoved,
        Record::Session(_) | Record::Conflict(_) => back,
    }
}

fn stands_in_the_way(change: &Change, why: &str) -> Refusal {
    Refusal::new(
        Code::CannotUndo,
        format!("{} of {} cannot be taken back: {why}", change.verb, change.record),
    )
    .with("seq", change.seq)
    .with("record", &change.record)
    .with("actor", &change.actor)
}
