//! When a changed file has settled: nobody has touched it for a while, or for so long that it is
//! looked at all the same.
//!
//! Deadlines are values; who waits for the earliest of them sleeps until then and asks again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::files::Identity;

/// A file has settled when nothing changed for so long.
const QUIET: Duration = Duration::from_millis(250);
/// The same for one that is empty or gone: most often something comes after that.
const QUIET_EMPTY: Duration = Duration::from_secs(2);
/// A file that changes constantly is looked at so long after its first change.
const LONGEST: Duration = Duration::from_secs(2);
const LONGEST_EMPTY: Duration = Duration::from_secs(4);

/// Files that changed and have not settled yet.
#[derive(Debug, Clone, Default)]
pub struct Settling {
    waiting: BTreeMap<PathBuf, Waiting>,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    /// None for a file that is gone.
    identity: Option<Identity>,
    first: Instant,
    last: Instant,
}

impl Waiting {
    fn deadline(&self) -> Instant {
        let is_empty = self.identity.is_none_or(|identity| identity.size == 0);
        let (quiet, longest) =
            if is_empty { (QUIET_EMPTY, LONGEST_EMPTY) } else { (QUIET, LONGEST) };
        self.last.checked_add(quiet).min(self.first.checked_add(longest)).unwrap_or(self.last)
    }
}

impl Settling {
    /// A file was seen as it was not seen before; no identity means that it is gone. To be seen
    /// again as it was seen last is no change.
    pub fn changed(&mut self, path: PathBuf, identity: Option<Identity>, now: Instant) {
        let waiting =
            self.waiting.entry(path).or_insert(Waiting { identity, first: now, last: now });
        if waiting.identity != identity {
            *waiting = Waiting { identity, last: now, ..*waiting };
        }
    }

    /// Takes out the files that have settled by now, at most so many.
    pub fn settled(&mut self, now: Instant, most: usize) -> Vec<PathBuf> {
        let settled = self.waiting.iter().filter(|(_, waiting)| waiting.deadline() <= now);
        let settled: Vec<PathBuf> = settled.map(|(path, _)| path.clone()).take(most).collect();
        for path in &settled {
            self.waiting.remove(path);
        }
        settled
    }

    /// How many files are waited for.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// When the next file settles, if nothing changes until then.
    pub fn deadline(&self) -> Option<Instant> {
        self.waiting.values().map(Waiting::deadline).min()
    }

    /// Tells whether a file is waited for.
    pub fn is_waiting(&self, path: &Path) -> bool {
        self.waiting.contains_key(path)
    }

    /// Waits for a file no longer.
    pub fn forget(&mut self, path: &Path) {
        self.waiting.remove(path);
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What happens to one file: at a millisecond, its size then; none is gone.
    fn check(changes: &[(u64, Option<u64>)], settled_at: u64) {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut settling = Settling::default();
        for (ms, size) in changes {
            assert_eq!(settling.settled(after(*ms), usize::MAX), Vec::<PathBuf>::new(), "at {ms}");
            let identity = size.map(|size| Identity { size, modified_ns: 0, inode: 1 });
            settling.changed("a.md".into(), identity, after(*ms));
        }
        assert_eq!(settling.deadline(), Some(after(settled_at)));
        assert!(settling.settled(after(settled_at - 1), 1).is_empty());
        assert_eq!(settling.settled(after(settled_at), 1), [PathBuf::from("a.md")]);
        assert!(settling.is_empty() && settling.deadline().is_none());
    }

    #[test]
    fn a_file_settles_250_ms_after_its_last_change() {
        check(&[(0, Some(1))], 250);
        check(&[(0, Some(1)), (200, Some(2)), (300, Some(3))], 550);
    }

    #[test]
    fn a_file_that_is_written_constantly_settles_after_two_seconds() {
        let changes: Vec<(u64, Option<u64>)> =
            (0..20).map(|step| (step * 100, Some(step + 1))).collect();
        check(&changes, 2000);
    }

    #[test]
    fn an_empty_or_missing_file_has_two_seconds_to_get_its_text() {
        check(&[(0, Some(0))], 2000);
        check(&[(0, None)], 2000);
        check(&[(0, None), (300, Some(5))], 550);
        check(&[(0, Some(5)), (100, Some(0))], 2100);
        check(&[(0, Some(5)), (200, Some(0)), (2100, None)], 4000);
    }

    #[test]
    fn to_be_seen_again_is_no_change() {
        check(&[(0, Some(1)), (100, Some(1)), (200, Some(1))], 250);
    }
}
