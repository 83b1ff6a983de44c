//! Sessions that cannot be packed or unpacked: looking at one reads a whole folder or archive, so it is
//! done again when something of it has changed, and else ever less often.

use std::time::{Duration, Instant};

use crate::packing::ToDo;

/// How long after the first failure.
const FIRST: Duration = Duration::from_secs(60);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(3_600);

#[derive(Debug, Default)]
pub(super) struct Stuck {
    work: Vec<ToDo>,
    failures: u32,
    until: Option<Instant>,
}

impl Stuck {
    /// Tells whether there is no use in trying work again yet.
    pub(super) fn is_of(&self, work: &[ToDo], now: Instant) -> bool {
        self.work == work && self.until.is_some_and(|until| now < until)
    }

    /// Work failed; this is what is left of it.
    pub(super) fn failed(&mut self, work: Vec<ToDo>, now: Instant) {
        self.failures = if self.work == work { self.failures.saturating_add(1) } else { 0 };
        let wait = FIRST.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST);
        (self.work, self.until) = (work, now.checked_add(wait));
    }

    /// Nothing is left that failed.
    pub(super) fn ended(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stuck_is_tried_ever_less_often_and_at_once_when_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("session");
        let work = || vec![ToDo::at(path.clone())];
        let (mut stuck, mut now) = (Stuck::default(), Instant::now());
        assert!(!stuck.is_of(&work(), now));
        let mut waits = Vec::new();
        for _ in 0..8 {
            stuck.failed(work(), now);
            assert!(stuck.is_of(&work(), now));
            let until = stuck.until.unwrap();
            waits.push((until - now).as_secs());
            now = until;
            assert!(!stuck.is_of(&work(), now));
        }
        assert_eq!(waits, [60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        stuck.failed(work(), now);
        std::fs::create_dir(&path).unwrap();
        assert!(!stuck.is_of(&work(), now), "it has changed");
        stuck.failed(work(), now);
        assert_eq!(stuck.until, Some(now + FIRST));
        stuck.ended();
        assert!(!stuck.is_of(&work(), now));
    }
}
