//! Making a backup while work goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use super::archive::{self, Level, Packer, Progress, Scratch, Stage, Watch};
use super::manifest::{EntryPath, Head, Kind, LeftOut, Manifest};
use super::places::Places;
use super::{BackupError, DATABASE, list, name, note};
use crate::domain::actor::Actor;
use crate::domain::backup::{Backup, BackupNote, Integrity, Reason, Scope, SessionInside};
use crate::domain::id::{BackupId, SessionId};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::Timestamp;
use crate::peer::{Peer, random};
use crate::store::snapshot::Snapshot;

/// What a backup is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub scope: Scope,
    /// The sessions that a backup of scope `session` is for; the current one when there are none.
    pub sessions: Vec<SessionId>,
    /// Its name; made of the time when absent.
    pub name: Option<String>,
    pub reason: Reason,
    pub actor: Actor,
}

impl Request {
    /// A backup that Callboard makes by itself.
    pub fn automatic(scope: Scope, reason: Reason) -> Self {
        Self { scope, sessions: Vec::new(), name: None, reason, actor: Actor::System }
    }
}

/// Makes a backup: a state of the database at one moment, the files that the scope names, each as it
/// stands, in one archive that was read back from end to end. What fails or is called off leaves
/// nothing behind; what a death leaves is removed by the next. Of a damaged database, what can be read
/// is kept all the same, as a backup that is known to be damaged.
///
/// # Errors
///
/// [`BackupError`].
pub fn create(peer: &Peer, request: &Request, watch: Watch<'_>) -> Result<Backup, BackupError> {
    let created_at = peer.clock.now();
    let archives = prepared(peer)?;
    let known = list::listed(peer)?;
    let name = match &request.name {
        Some(name) => name::free(&known, name::checked(name)?)?,
        None => name::numbered(&known, name::of_time(created_at)),
    };
    let id = BackupId::from_random(random());
    let scratch = Scratch::new(&peer.paths.run())?;
    let mut packer = Packer::new(scratch.path(), Level::default())?;
    let snapshot = database(peer, request.scope, (&scratch, &mut packer), watch)?;
    let sessions = inside(request, peer, &snapshot)?;
    let wanted = sessions.iter().map(|session| session.id).collect();
    let left_out = Places { peer, scope: request.scope, wanted }.gather(&mut packer, watch)?;
    let facts = Facts { id, name: name.clone(), created_at, sessions, left_out };
    let file = name::file(&name, id);
    let packed =
        packer.write(&archives.join(&file), head(peer, request, facts, snapshot), watch)?;
    let mut backup = list::described(&archives, &file, &packed.manifest)?;
    backup.verified_at = Some(peer.clock.now());
    if backup.integrity != Integrity::Corrupted {
        backup.integrity = Integrity::Valid;
    }
    note(peer, vec![BackupNote::Known(Box::new(backup.clone()))]);
    Ok(backup)
}

/// The folder of the archives, without what the dead left there and where they worked.
fn prepared(peer: &Peer) -> Result<std::path::PathBuf, BackupError> {
    let archives = peer.paths.backups();
    crate::paths::private_directory(&archives).map_err(|source| BackupError::Folder {
        deed: "make",
        path: archives.clone(),
        source,
    })?;
    archive::sweep(&archives);
    archive::sweep(&peer.paths.run());
    Ok(archives)
}

/// Copies the database where the scope has it, and tells what is in it.
fn database(
    peer: &Peer,
    scope: Scope,
    (scratch, packer): (&Scratch, &mut Packer),
    watch: Watch<'_>,
) -> Result<Snapshot, BackupError> {
    if !scope.has_database() {
        return Ok(peer.readers.facts()?);
    }
    let copy = scratch.path().join(DATABASE);
    let snapshot = peer.readers.snapshot(&copy, &|done, total| -> ControlFlow<()> {
        watch(Progress { stage: Stage::Copying, done, total })
    })?;
    let path = EntryPath::new(DATABASE).map_err(|error| name_of_entry(&error))?;
    packer.add_file(path, peer.clock.now(), &copy)?;
    Ok(snapshot)
}

fn name_of_entry(error: &dyn std::error::Error) -> Refusal {
    Refusal::new(Code::InvalidValue, error.to_string())
}

/// The sessions that the backup is for, with their folders.
fn inside(
    request: &Request,
    peer: &Peer,
    snapshot: &Snapshot,
) -> Result<Vec<SessionInside>, BackupError> {
    let wanted = match request.scope {
        Scope::Session if request.sessions.is_empty() => {
            let current = peer.readers.read(crate::query::sessions::current)?;
            let nothing = || Refusal::new(Code::NoSession, "the project has no session to back up");
            vec![current.ok_or_else(nothing)?.id]
        }
        Scope::Session => request.sessions.clone(),
        Scope::All | Scope::Database | Scope::Documents | Scope::Full => {
            snapshot.sessions.iter().map(|(id, _, _)| *id).collect()
        }
    };
    let places = Places { peer, scope: request.scope, wanted: BTreeSet::new() };
    // A folder before a pack.
    let folders: BTreeMap<SessionId, String> = places.standing().into_iter().rev().collect();
    let known: BTreeMap<SessionId, (&String, &String)> =
        snapshot.sessions.iter().map(|(id, name, state)| (*id, (name, state))).collect();
    let mut sessions = Vec::with_capacity(wanted.len());
    for id in wanted {
        let Some((name, state)) = known.get(&id) else {
            let message = format!("session {id} does not exist");
            return Err(Refusal::new(Code::UnknownId, message).with("id", id).into());
        };
        let folder = folders.get(&id).filter(|_| request.scope != Scope::Database).cloned();
        sessions.push(SessionInside { id, name: (*name).clone(), state: (*state).clone(), folder });
    }
    Ok(sessions)
}

/// What is known of a backup before it is written.
struct Facts {
    id: BackupId,
    name: String,
    created_at: Timestamp,
    sessions: Vec<SessionInside>,
    left_out: Vec<LeftOut>,
}

fn head(peer: &Peer, request: &Request, facts: Facts, snapshot: Snapshot) -> Head {
    Head {
        kind: Kind::Backup,
        id: facts.id.to_string(),
        name: facts.name,
        scope: Some(request.scope),
        reason: Some(request.reason),
        actor: request.actor.clone(),
        created_at: facts.created_at,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schema: snapshot.schema,
        seq: snapshot.seq,
        project: peer.paths.root.display().to_string(),
        sessions: facts.sessions,
        counts: snapshot.counts,
        left_out: facts.left_out,
        fault: snapshot.fault,
    }
}

/// What an archive of a backup says of itself.
///
/// # Errors
///
/// [`super::archive::ArchiveError`].
pub fn manifest(peer: &Peer, backup: &Backup) -> Result<Manifest, BackupError> {
    Ok(archive::manifest(&peer.paths.backups().join(&backup.file))?)
}
