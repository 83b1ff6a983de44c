//! Restoring where the project's own database is damaged: a new one is made of the backup beside it,
//! as in an empty project, and takes its place at one moment ([`crate::backup::exchange`]); then
//! files are brought back as always.

use super::begin::unusable;
use super::journal::{Decided, Journal, Staging};
use super::lock::RestoreLock;
use super::{
    Inside, Moment, Moments, Ready, Report, Restore, RestoreScope, TRIED_AGAIN, Wanted, finish,
    unwritten,
};
use crate::backup::archive::{self, Progress, Scratch, Stage, Watch};
use crate::backup::exchange::{self, NEW, Prepared};
use crate::backup::{BackupError, verify};
use crate::clock::Clock;
use crate::domain::backup::Backup;
use crate::domain::refusal::{Code, Refusal};
use crate::paths::ProjectPaths;
use crate::peer::{OpenError, Peer, presence, turn};

/// A project whose database is damaged.
pub struct Damaged<'a> {
    pub paths: &'a ProjectPaths,
    pub clock: &'a Clock,
    /// Asked before the new database takes the place of the other, which nobody can ask any more.
    pub may: &'a dyn Fn(&Peer) -> Result<(), Refusal>,
}

/// Brings a backup back into a new database, which takes the place of the damaged one. That is kept.
///
/// # Errors
///
/// The refusal; nothing was changed then.
pub fn restore_damaged(
    damaged: &Damaged<'_>,
    backup: &Backup,
    wanted: &Wanted,
    (watch, moments): (Watch<'_>, Moments<'_>),
) -> Result<Report, Refusal> {
    let paths = damaged.paths;
    if wanted.scope == RestoreScope::Documents {
        return Err(Refusal::new(Code::InvalidValue, "documents alone make no database")
            .suggest("restore all that the backup holds: leave the scope out"));
    }
    paths.prepare().map_err(|error| unwritten(&error))?;
    let lock = RestoreLock::take(paths)?;
    let turn = turn(paths).map_err(|error| unopened(&error))?;
    alone(paths)?;
    exchange::carry_out(paths, &|| ()).map_err(|error| unwritten(&error))?;
    let Some(fault) = exchange::damage(paths) else {
        return Err(Refusal::new(Code::NothingToDo, "the project's database is sound")
            .suggest("send the same again"));
    };
    let making = Making::new(damaged, wanted, moments)?;
    let (staging, mut report) = making.make(backup, watch)?;
    let is = if report.dry_run { "is" } else { "was" };
    report.notes.insert(0, format!("the project's database {is} damaged: {fault}"));
    let Some(staging) = staging else { return Ok(report) };
    let (name, mut report) = (staging.name(), making.decide(report)?);
    moments(Moment::Decided);
    // Nothing is refused any more.
    let carried = exchange::carry_out(paths, &|| moments(Moment::Exchanging));
    drop(turn);
    let opened = carried
        .map_err(|error| error.to_string())
        .and_then(|()| Peer::open(paths, damaged.clock.clone()).map_err(|error| error.to_string()));
    match opened {
        Ok(peer) => bring(&peer, (&lock, &name, moments), &mut report),
        Err(error) => report.notes.push(format!(
            "the new database takes its place when the project is opened next: {error}"
        )),
    }
    Ok(report)
}

/// Brings the files back that belong to what has taken its place.
fn bring(
    peer: &Peer,
    (lock, name, moments): (&RestoreLock, &str, Moments<'_>),
    report: &mut Report,
) {
    for staging in Staging::left(&peer.paths).into_iter().filter(|left| left.name() == name) {
        if let Ok(Some(journal)) = staging.read() {
            let (files, rest) = finish::carry_on(peer, &staging, &journal, moments);
            if rest.is_some() {
                report.notes.push(TRIED_AGAIN.to_owned());
            }
            report.files = files;
            finish::end(staging, rest);
        }
    }
    finish::tend_archives(peer, lock);
}

/// Refuses while others hold the database open: what they wrote would be lost with it.
fn alone(paths: &ProjectPaths) -> Result<(), Refusal> {
    let own = format!("{}-", std::process::id());
    let others: Vec<String> = presence::living(paths)
        .iter()
        .filter(|name| !name.starts_with(&own))
        .filter_map(|name| name.split('-').next().map(str::to_owned))
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    let message = format!(
        "the project's database is damaged, and held open by process {}",
        others.join(", ")
    );
    Err(Refusal::new(Code::Busy, message)
        .with("processes", &others)
        .suggest("close every Callboard of the project, agents' servers too, and try again"))
}

/// A new database that is being made.
struct Making<'a> {
    damaged: &'a Damaged<'a>,
    wanted: &'a Wanted,
    moments: Moments<'a>,
    /// Gone with all that is in it, but for what was decided.
    scratch: Scratch,
    prepared: Prepared,
}

impl<'a> Making<'a> {
    fn new(
        damaged: &'a Damaged<'a>,
        wanted: &'a Wanted,
        moments: Moments<'a>,
    ) -> Result<Self, Refusal> {
        archive::sweep(&damaged.paths.run());
        let scratch = Scratch::new(&damaged.paths.run()).map_err(BackupError::from)?;
        let prepared = Prepared::within(scratch.path()).map_err(|error| unwritten(&error))?;
        Ok(Self { damaged, wanted, moments, scratch, prepared })
    }

    /// Makes it, with a journal of what is to be done with files then; none where it is tried only.
    fn make(
        &self,
        backup: &Backup,
        watch: Watch<'_>,
    ) -> Result<(Option<Staging>, Report), Refusal> {
        let staging = Staging::within(&self.prepared.folder).map_err(|error| unwritten(&error))?;
        let asked = (backup, self.damaged.clock.now());
        let (backup, found) = verify::look(self.damaged.paths, asked, |path| {
            archive::unpack(path, &staging.unpacked(), watch)
        });
        let manifest = found.map_err(unusable)?;
        let inside = Inside::of(&backup, &manifest);
        if !inside.has_database {
            return Err(super::plan::no_database(&inside));
        }
        let project = ProjectPaths::at(self.scratch.path().join("project"));
        let peer = Peer::open(&project, self.damaged.clock.clone())
            .map_err(|error| unopened(&error))?
            .with_files_of(self.damaged.paths);
        let restore = Restore { peer: &peer, wanted: self.wanted, moments: self.moments };
        let Ready { plan, command, mut report, .. } = restore.ready(&staging, &inside)?;
        if report.dry_run {
            restore.try_out(&plan, command, &mut report)?;
            return Ok((None, report));
        }
        if let Some(command) = command {
            restore.send(command, &mut report)?;
        }
        report.undo = None;
        (self.damaged.may)(&peer)?;
        let journal = restore.journal(inside.backup, plan, Decided::Already);
        self.keep(&peer, (&staging, &journal), watch)?;
        (self.moments)(Moment::Planned);
        Ok((Some(staging), report))
    }

    /// Brings all of it to the disk: the database as one file, without a log.
    fn keep(
        &self,
        peer: &Peer,
        (staging, journal): (&Staging, &Journal),
        watch: Watch<'_>,
    ) -> Result<(), Refusal> {
        let to = self.prepared.folder.join(NEW);
        let copy = |done, total| watch(Progress { stage: Stage::Copying, done, total });
        let copied = peer.readers.snapshot(&to, &copy).map_err(BackupError::from)?;
        if let Some(fault) = copied.fault {
            let message = format!("the database that was made of the backup is damaged: {fault}");
            return Err(
                Refusal::new(Code::StoreFailed, message).suggest("look at the disk, and try again")
            );
        }
        let written = staging.sync().and_then(|()| staging.write(journal));
        written.map_err(|error| unwritten(&error))
    }

    fn decide(self, report: Report) -> Result<Report, Refusal> {
        let (paths, now) = (self.damaged.paths, self.damaged.clock.now());
        let aside = self.prepared.decide(paths, now).map_err(|error| unwritten(&error))?;
        Ok(Report { aside: Some(aside), ..report })
    }
}

fn unopened(error: &OpenError) -> Refusal {
    Refusal::new(Code::Busy, error.to_string()).suggest("close every Callboard of the project")
}
