//! When what failed is tried again: soon at first, on a full disk for one, then ever less often.

use std::time::{Duration, Instant};

/// How long after the first failure.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(super) struct Retry {
    wanted: bool,
    failures: u32,
    at: Option<Instant>,
}

impl Retry {
    /// Something failed that nothing else makes us try again.
    pub(super) fn want(&mut self) {
        self.wanted = true;
    }

    /// Work is done for now: chooses when it is tried again, if something failed.
    pub(super) fn plan(&mut self, now: Instant) {
        if !std::mem::take(&mut self.wanted) {
            if self.at.is_none() {
                self.failures = 0;
            }
            return;
        }
        if self.at.is_none() {
            let wait = FIRST.saturating_mul(2_u32.saturating_pow(self.failures)).min(LONGEST);
            self.failures = self.failures.saturating_add(1);
            self.at = now.checked_add(wait);
        }
    }

    /// Tells once whether it is time.
    pub(super) fn is_due(&mut self, now: Instant) -> bool {
        self.at.take_if(|at| *at <= now).is_some()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_failing_is_tried_ever_less_often_and_soon_again_once_it_went_well() {
        let mut now = Instant::now();
        let mut retry = Retry::default();
        let mut waits = Vec::new();
        for _ in 0..8 {
            retry.want();
            retry.plan(now);
            retry.want();
            retry.plan(now);
            let at = retry.deadline().unwrap();
            assert!(!retry.is_due(now));
            waits.push((at - now).as_millis());
            now = at;
            assert!(retry.is_due(now) && !retry.is_due(now));
        }
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        retry.plan(now);
        assert_eq!(retry.deadline(), None);
        retry.want();
        retry.plan(now);
        assert_eq!(retry.deadline(), Some(now + FIRST));
    }
}
