//! The sessions of a restore themselves: their state, of which one a project is live, and the mode
//! that is in force in them afterwards.

use super::super::Scene;
use super::bring;
use crate::domain::gate::{drops, lost};
use crate::domain::id::SessionId;
use crate::domain::mode::LoadedMode;
use crate::domain::record::Record;
use crate::domain::refusal::Refusal;
use crate::domain::restore::{MergeStrategy, RestoreBackup, Restored, SessionRows};
use crate::domain::session::{Session, SessionState};

/// A session before and after.
pub(super) struct Home<'a> {
    pub rows: &'a SessionRows,
    pub ours: Option<Session>,
    pub after: Session,
    /// The mode that is in force afterwards, where that is another.
    pub mode: Option<LoadedMode>,
    /// What is to be said of it.
    pub note: Option<String>,
}

impl Home<'_> {
    pub(super) fn is_changed(&self) -> bool {
        self.ours.as_ref() != Some(&self.after)
    }
}

/// What becomes of each session.
///
/// # Errors
///
/// Where an agent would drop a gate.
pub(super) fn homes<'a>(
    scene: &Scene<'_>,
    wanted: &RestoreBackup,
    rows: &'a [SessionRows],
    restored: &mut Restored,
) -> Result<Vec<Home<'a>>, Refusal> {
    let mut homes = Vec::with_capacity(rows.len());
    for rows in rows {
        homes.push(home(scene, wanted, rows, restored)?);
    }
    one_live(scene, &mut homes)?;
    Ok(homes)
}

fn home<'a>(
    scene: &Scene<'_>,
    wanted: &RestoreBackup,
    rows: &'a SessionRows,
    restored: &mut Restored,
) -> Result<Home<'a>, Refusal> {
    let theirs = settled(&rows.session);
    let Some(ours) = scene.lookups.session(theirs.id)? else {
        let mut home =
            Home { rows, ours: None, after: came(scene, theirs), mode: None, note: None };
        if scene.actor.is_agent() && home.after.state.is_live() {
            // Its mode is looked at when it is taken up.
            lay_aside(&mut home, "an agent brings a session back as suspended; resume takes it up");
        }
        home.mode = mode_of(&home);
        return Ok(home);
    };
    let theirs = in_place_of(scene, theirs, &ours, wanted);
    let after = match wanted.strategy {
        MergeStrategy::Replace => theirs,
        MergeStrategy::Merge => {
            let merged = bring::merged(
                scene,
                wanted,
                (&Record::Session(theirs), rows.session.version, &Record::Session(ours.clone())),
                restored,
            )?;
            match merged {
                Record::Session(session) => session,
                Record::Group(_)
                | Record::Task(_)
                | Record::Dependency(_)
                | Record::Context(_)
                | Record::Conflict(_)
                | Record::Artifact(_) => ours.clone(),
            }
        }
        MergeStrategy::SkipExisting => {
            restored.skipped += usize::from(theirs != ours);
            ours.clone()
        }
    };
    let mut home = Home { rows, ours: Some(ours), after, mode: None, note: None };
    bind(scene, &mut home)?;
    Ok(home)
}

/// No move is under way in what comes back.
fn settled(session: &Session) -> Session {
    let state = match session.state {
        SessionState::Initializing => SessionState::Archived,
        SessionState::Resuming => SessionState::Suspended,
        SessionState::Completing => SessionState::Active,
        SessionState::Active
        | SessionState::Suspended
        | SessionState::Completed
        | SessionState::Archived => session.state,
    };
    Session { state, owner: None, ..session.clone() }
}

fn came(scene: &Scene<'_>, theirs: Session) -> Session {
    Session { state_since: scene.now, ..theirs }
}

/// The session of the backup, with what is not of its content as it is here.
fn in_place_of(
    scene: &Scene<'_>,
    theirs: Session,
    ours: &Session,
    wanted: &RestoreBackup,
) -> Session {
    let stays = theirs.state == ours.state;
    Session {
        state_since: if stays { ours.state_since } else { scene.now },
        reason: if stays { ours.reason.clone() } else { Some(wanted.reason.clone()) },
        owner: ours.owner.clone().filter(|_| stays),
        updated_at: ours.updated_at,
        version: ours.version,
        ..theirs
    }
}

/// Sees to it that the mode which comes into force is known, and that no agent drops a gate by it.
fn bind(scene: &Scene<'_>, home: &mut Home<'_>) -> Result<(), Refusal> {
    let Some(ours) = &home.ours else { return Ok(()) };
    if ours.binding == home.after.binding && ours.mode == home.after.mode {
        return Ok(());
    }
    let Some(mode) = mode_of(home) else {
        // A binding without the content that it names is none.
        home.after.binding.clone_from(&ours.binding);
        home.after.mode.clone_from(&ours.mode);
        return Ok(());
    };
    if scene.actor.is_agent() {
        let missing = lost(&scene.lookups.mode(ours)?.gates, &mode.mode.gates);
        if !missing.is_empty() {
            return Err(drops(&mode.mode.name, &missing).suggest(
                "ask a person to restore it, or restore with merge_strategy skip_existing, which leaves the mode as it is",
            ));
        }
    }
    home.mode = Some(mode);
    Ok(())
}

fn mode_of(home: &Home<'_>) -> Option<LoadedMode> {
    let binding = home.after.binding.clone()?;
    let mode = home.rows.mode.clone()?;
    let is_named = home.rows.session.binding.as_ref().is_some_and(|one| one.hash == binding.hash);
    is_named.then_some(LoadedMode { mode, binding })
}

/// Leaves one session live: the one that is, else the first that comes back so.
fn one_live(scene: &Scene<'_>, homes: &mut [Home<'_>]) -> Result<(), Refusal> {
    let live = scene.lookups.live_session()?.map(|session| session.id);
    let stays = |id: SessionId, homes: &[Home<'_>]| {
        homes.iter().find(|home| home.after.id == id).is_none_or(|home| home.after.state.is_live())
    };
    let mut place = live.filter(|id| stays(*id, homes));
    for home in homes.iter_mut().filter(|home| home.after.state.is_live()) {
        match place {
            None => place = Some(home.after.id),
            Some(id) if id == home.after.id => {}
            Some(id) => {
                let why =
                    format!("session {id} is live, so {} comes back as suspended", home.after.id);
                lay_aside(home, &why);
            }
        }
    }
    Ok(())
}

fn lay_aside(home: &mut Home<'_>, why: &str) {
    if let Some(ours) = &home.ours
        && !ours.state.is_live()
    {
        // It is none of those that change places.
        (home.after.state, home.after.state_since) = (ours.state, ours.state_since);
        (home.after.reason, home.after.owner) = (ours.reason.clone(), ours.owner.clone());
    } else {
        home.after.state = SessionState::Suspended;
    }
    if home.after.state == SessionState::Suspended {
        home.note = Some(why.to_owned());
    }
}
