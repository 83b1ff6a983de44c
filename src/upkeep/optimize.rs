//! Making the database smaller and faster, and saying what that gained.
//!
//! Everything but writing the file anew is done in pieces that are too short to be noticed by who
//! waits for the writer.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use super::work::Work;
use crate::domain::count::{by_count, counted};
use crate::domain::refusal::Refusal;
use crate::peer::{Peer, presence};
use crate::query::upkeep;
use crate::store::tend::{Chore, Room};

/// Pages of a search index that one piece merges.
const PAGES: i32 = 64;
/// Pieces of merging.
const PIECES_MAX: usize = 2_000;
/// The file is worth writing anew when so many bytes are unused, and that is one part in so many.
const UNUSED_MIN: i64 = 8 << 20;
const UNUSED_SHARE: i64 = 5;

/// Whether the file is written anew, which keeps everybody waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Vacuum {
    /// Where it is worth it and nobody else is connected.
    #[default]
    IfAlone,
    Always,
    Never,
}

/// What was done, and what it gained.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Gained {
    pub steps: Vec<Step>,
    pub bytes_before: i64,
    pub bytes_after: i64,
    pub duration_ms: u64,
    /// Why something was left out, and how to have it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    pub what: &'static str,
    pub duration_ms: u64,
    /// The longest that anybody had to wait for it.
    pub longest_ms: u64,
    /// Pages that were moved or merged.
    pub pages: i64,
}

/// Makes the database smaller and faster.
///
/// # Errors
///
/// When the store fails, or it was cancelled; what was done stays done.
pub fn optimize(peer: &Peer, vacuum: Vacuum, work: Work<'_>) -> Result<Gained, Refusal> {
    let begun = Instant::now();
    let before = peer.readers.read(upkeep::room)?;
    let mut gained = Gained { bytes_before: on_disk(peer), ..Gained::default() };
    let chores = [
        ("analyze", Chore::Analyze),
        ("search", Chore::MergeSearch { pages: PAGES }),
        ("checkpoint", Chore::Checkpoint),
    ];
    for (done, (what, chore)) in chores.into_iter().enumerate() {
        work.step(done, chores.len() + 1, what)?;
        gained.steps.push(step(peer, (what, chore), &work)?);
    }
    work.step(chores.len(), chores.len() + 1, "vacuum")?;
    match left_out(peer, vacuum, before) {
        None => {
            gained.steps.push(step(peer, ("vacuum", Chore::Vacuum), &work)?);
            gained.steps.push(step(peer, ("checkpoint", Chore::Checkpoint), &work)?);
        }
        Some(why) => gained.left.push(why),
    }
    if 0 < size_of(&peer.paths.database().with_extension("db-wal")) {
        gained
            .left
            .push("checkpoint: somebody reads what is in the log; it is emptied later".to_owned());
    }
    gained.bytes_after = on_disk(peer);
    gained.duration_ms = milliseconds(begun);
    Ok(gained)
}

/// Does a chore to its end, piece by piece.
fn step(
    peer: &Peer,
    (what, chore): (&'static str, Chore),
    work: &Work<'_>,
) -> Result<Step, Refusal> {
    let begun = Instant::now();
    let mut step = Step { what, duration_ms: 0, longest_ms: 0, pages: 0 };
    for _ in 0..PIECES_MAX {
        if work.cancel.is_cancelled() {
            break;
        }
        let piece = Instant::now();
        let tended = peer.door.tend_blocking(chore)?;
        step.longest_ms = step.longest_ms.max(milliseconds(piece));
        step.pages += tended.changed;
        if !tended.more {
            break;
        }
    }
    step.duration_ms = milliseconds(begun);
    Ok(step)
}

/// Why the file is not written anew.
fn left_out(peer: &Peer, vacuum: Vacuum, room: Room) -> Option<String> {
    let is_worth_it =
        UNUSED_MIN <= room.free_bytes && room.bytes <= room.free_bytes.saturating_mul(UNUSED_SHARE);
    let others = presence::living(&peer.paths).len().saturating_sub(1);
    match vacuum {
        Vacuum::Never => Some("vacuum: not wanted".to_owned()),
        Vacuum::IfAlone if !is_worth_it => Some(format!(
            "vacuum: only {} KB of {} KB are unused",
            room.free_bytes / 1024,
            room.bytes / 1024
        )),
        Vacuum::IfAlone if 0 < others => Some(format!(
            "vacuum: {} {} connected and would wait; ask for it with vacuum: true",
            counted(others, "other process"),
            by_count(others, "is", "are")
        )),
        Vacuum::IfAlone | Vacuum::Always => None,
    }
}

/// Bytes of the database and its log.
fn on_disk(peer: &Peer) -> i64 {
    let database = peer.paths.database();
    let log = database.with_extension("db-wal");
    size_of(&database) + size_of(&log)
}

fn size_of(path: &Path) -> i64 {
    std::fs::metadata(path).map_or(0, |found| i64::try_from(found.len()).unwrap_or(i64::MAX))
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
