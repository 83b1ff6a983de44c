//! Replacing documents on the disk, many at a time: what takes long is waiting for the disk, which
//! brings several files to rest at once.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::status::in_full;
use super::writing::{Job, written};
use super::{Deed, Keeper};
use crate::domain::document::DocumentNote;
use crate::domain::id::SessionId;
use crate::domain::time::Timestamp;
use crate::sync::edits::Edits;
use crate::sync::files::{ContentHash, Files, Point, ReplaceError, Replaced};

/// Documents whose intents are noted together, before any of them is replaced.
const TOGETHER_MAX: usize = 128;
/// Threads that replace files.
const HANDS: usize = 12;
/// So few are replaced one after the other.
const FEW: usize = 12;

/// Why what a document says is kept.
const REPLACED: &str = "it was replaced by what the database says since";

/// What became of one.
enum Done {
    /// Its text could not be kept, so it was left alone.
    Unkept(io::Error),
    Replaced(Result<Replaced, ReplaceError>),
}

impl Keeper {
    /// Writes documents: what is intended is kept first, so that a death in the middle is told from
    /// an edit.
    pub(super) fn carry_out(&mut self, session: SessionId, jobs: Vec<Job>) {
        let mut left = jobs.len();
        let mut jobs = jobs.into_iter().peekable();
        while jobs.peek().is_some() {
            let some: Vec<Job> = jobs.by_ref().take(TOGETHER_MAX).collect();
            self.status.to_write = left;
            self.tell();
            left = left.saturating_sub(some.len());
            self.carry_out_some(session, some);
        }
        self.status.to_write = 0;
    }

    fn carry_out_some(&mut self, session_id: SessionId, jobs: Vec<Job>) {
        let intended = jobs.iter().filter(|job| !job.is_restored);
        let intended = intended.map(|job| DocumentNote::Intended {
            path: job.rendered.path.clone(),
            session_id,
            kind: job.rendered.kind,
            intent: String::from(ContentHash::of(&job.bytes)),
        });
        if !self.note(intended.collect()) {
            self.late.insert(session_id);
            return;
        }
        self.files.reached(Point::Intended);
        let done = self.replace_all(&jobs);
        let mut notes = Vec::new();
        for (job, done) in jobs.into_iter().zip(done) {
            notes.extend(self.replaced(session_id, job, done));
        }
        if !self.note(notes) {
            self.late.insert(session_id);
        }
        self.files.reached(Point::Noted);
    }

    /// Replaces files; what became of each is in their order.
    fn replace_all(&self, jobs: &[Job]) -> Vec<Done> {
        let at = self.peer.clock.now();
        let one = |job: &Job| {
            replace(&self.files, &self.edits, (job, &self.file(&job.rendered.path)), at)
        };
        if jobs.len() <= FEW {
            return jobs.iter().map(one).collect();
        }
        let next = AtomicUsize::new(0);
        let take = || {
            let at = next.fetch_add(1, Ordering::Relaxed);
            jobs.get(at).map(|job| (at, one(job)))
        };
        let work = || std::iter::from_fn(take).collect::<Vec<(usize, Done)>>();
        let mut done: Vec<(usize, Done)> = thread::scope(|scope| {
            let hands: Vec<_> = (1..HANDS).map(|_| scope.spawn(work)).collect();
            let mut done = work();
            for hand in hands {
                match hand.join() {
                    Ok(more) => done.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        });
        done.sort_by_key(|(at, _)| *at);
        done.into_iter().map(|(_, done)| done).collect()
    }

    /// Takes note of what became of a document.
    fn replaced(&mut self, session: SessionId, job: Job, done: Done) -> Option<DocumentNote> {
        let path = job.rendered.path.clone();
        let file = self.file(&path);
        if job.edited.is_some() && !matches!(done, Done::Unkept(_)) {
            self.did(&path, Deed::Kept);
            self.has_kept = true;
        }
        let answer = match done {
            Done::Replaced(answer) => answer,
            Done::Unkept(error) => {
                self.late.insert(session);
                self.fail(&path, &format!("the edit backup cannot be written: {error}"));
                return None;
            }
        };
        match answer {
            Ok(replaced) => {
                self.scan.wrote(&file, replaced.identity, self.peer.clock.now());
                self.wrote.insert(file.clone(), (replaced.identity, replaced.hash.clone()));
                if let Some(displaced) = replaced.displaced {
                    self.displace(file, displaced);
                }
                self.status.succeeded(&path);
                self.did(&path, Deed::Written);
                Some(written(session, &job.rendered, (job.text, job.orders), &replaced.hash))
            }
            Err(ReplaceError::Raced { raced, .. }) => {
                self.late.insert(session);
                self.raced(&path, raced);
                None
            }
            Err(error) => {
                self.late.insert(session);
                self.fail(&path, &in_full(&error));
                None
            }
        }
    }
}

/// Replaces one file, once what a person wrote in it is kept.
fn replace(files: &Files, edits: &Edits, (job, file): (&Job, &Path), at: Timestamp) -> Done {
    if let Some(bytes) = &job.edited {
        if let Err(error) = edits.keep(&job.rendered.path, bytes, REPLACED, at) {
            return Done::Unkept(error);
        }
        files.reached(Point::Kept);
    }
    let replaced = files.replace(file, job.expected.as_ref(), &job.bytes);
    files.reached(Point::Written);
    Done::Replaced(replaced)
}
