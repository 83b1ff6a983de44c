//! Telling how far something is: now and then, however often it is said.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often one is told.
const TOLD: Duration = Duration::from_millis(100);

/// Lets something through from time to time, the first at once.
#[derive(Debug)]
pub struct Seldom {
    begun: Instant,
    /// From how many milliseconds on something is let through again.
    next_ms: AtomicU64,
}

impl Default for Seldom {
    fn default() -> Self {
        Self { begun: Instant::now(), next_ms: AtomicU64::new(0) }
    }
}

impl Seldom {
    /// Tells it, unless something was told a moment ago.
    pub fn tell(&self, tell: impl FnOnce()) {
        let millis = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let now = millis(self.begun.elapsed());
        if self.next_ms.load(Ordering::Relaxed) <= now {
            self.next_ms.store(now.saturating_add(millis(TOLD)), Ordering::Relaxed);
            tell();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_and_what_follows_at_once_is_not() {
        let (seldom, told) = (Seldom::default(), AtomicU64::new(0));
        for _ in 0..10 {
            seldom.tell(|| {
                told.fetch_add(1, Ordering::Relaxed);
            });
        }
        assert!(told.load(Ordering::Relaxed) < 10);
        assert!(0 < told.load(Ordering::Relaxed));
    }
}
