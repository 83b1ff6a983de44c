//! Read-only connections, kept for reuse.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_queue::ArrayQueue;
use rusqlite::Connection;

use super::open::{self, Place};
use super::refuse;
use crate::domain::refusal::{Code, Refusal};

/// A word that a look is not wanted any more.
pub type Stop = tokio_util::sync::CancellationToken;

/// Idle connections that a process keeps.
const IDLE_MAX: usize = 8;
/// Steps of the virtual machine between two questions whether a look is still wanted.
const STEPS: i32 = 500;

/// One read-only connection.
#[derive(Debug)]
pub struct Reader {
    pub(crate) connection: Connection,
}

/// The pool: a reader is taken out for a look and put back after it.
#[derive(Debug, Clone)]
pub struct Readers {
    path: PathBuf,
    place: Place,
    idle: Arc<ArrayQueue<Reader>>,
}

impl Readers {
    /// A pool on a database that exists.
    pub fn new(path: PathBuf) -> Self {
        Self { place: Place::of(&path), path, idle: Arc::new(ArrayQueue::new(IDLE_MAX)) }
    }

    /// Takes one look with a connection of its own, which remembers nothing of earlier looks: what a
    /// full-text index was like before it was made anew, for one. It ends within a moment when nobody
    /// wants it any more.
    ///
    /// # Errors
    ///
    /// What `look` refuses with, that the database cannot be read, or [`Code::Busy`] when it was
    /// stopped.
    pub fn read_anew<T>(
        &self,
        stop: &Stop,
        look: impl FnOnce(&Reader) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.place.check()?;
        let connection = open::open_reader(&self.path).map_err(|error| refuse(&error))?;
        watched(&mut Reader { connection }, stop, look)
    }

    /// Takes one look at one consistent state.
    ///
    /// # Errors
    ///
    /// What `look` refuses with, or that the database cannot be read.
    pub fn read<T>(&self, look: impl FnOnce(&Reader) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let reader = self.take()?;
        self.look(reader, |reader| look(reader))
    }

    /// Takes one look which ends within a moment when nobody wants it any more.
    ///
    /// # Errors
    ///
    /// What `look` refuses with, that the database cannot be read, or [`Code::Busy`] when it was
    /// stopped.
    pub fn read_unless<T>(
        &self,
        stop: &Stop,
        look: impl FnOnce(&Reader) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let reader = self.take()?;
        self.look(reader, |reader| watched(reader, stop, look))
    }

    fn take(&self) -> Result<Reader, Refusal> {
        self.place.check()?;
        match self.idle.pop() {
            Some(reader) => Ok(reader),
            None => open::open_reader(&self.path)
                .map(|connection| Reader { connection })
                .map_err(|error| refuse(&error)),
        }
    }

    fn look<T>(
        &self,
        mut reader: Reader,
        look: impl FnOnce(&mut Reader) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        reader.connection.execute_batch("BEGIN").map_err(|error| refuse(&error))?;
        let result = look(&mut reader);
        // Ending a read transaction cannot lose anything; a connection that fails here is dropped.
        if reader.connection.execute_batch("COMMIT").is_ok() {
            // A full pool drops the connection, which is what is wanted.
            self.idle.push(reader).ok();
        }
        result
    }
}

/// Takes a look that ends within a moment when it is stopped: the statement that runs then fails.
fn watched<T>(
    reader: &mut Reader,
    stop: &Stop,
    look: impl FnOnce(&Reader) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let stopped = || Refusal::new(Code::Busy, "it was stopped before it was done");
    if stop.is_cancelled() {
        return Err(stopped());
    }
    let asked = stop.clone();
    let watch = Some(move || asked.is_cancelled());
    reader.connection.progress_handler(STEPS, watch).map_err(|error| refuse(&error))?;
    let result = look(reader);
    reader.connection.progress_handler(0, None::<fn() -> bool>).map_err(|error| refuse(&error))?;
    if result.is_err() && stop.is_cancelled() { Err(stopped()) } else { result }
}
