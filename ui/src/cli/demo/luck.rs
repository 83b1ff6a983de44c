//! Chance that can be repeated: the same seed gives the same demo.

use std::time::Duration;

/// A sequence of numbers that look random; not for secrets.
///
/// Sebastiano Vigna's splitmix64 (<https://prng.di.unimi.it/splitmix64.c>).
#[derive(Debug, Clone)]
pub(super) struct Luck(u64);

impl Luck {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below another.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Tells whether something happens that happens so often of a hundred times.
    pub(super) fn percent(&mut self, often: u64) -> bool {
        self.below(100) < often
    }

    /// One of several.
    pub(super) fn pick<'a>(&mut self, among: &'a [String]) -> &'a str {
        let index = self.below(u64::try_from(among.len()).unwrap_or(1));
        usize::try_from(index).ok().and_then(|index| among.get(index)).map_or("", String::as_str)
    }

    /// A time between two, in milliseconds.
    pub(super) fn pause(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below(most.saturating_sub(least) + 1))
    }

    /// Another sequence of its own.
    pub(super) fn fork(&mut self) -> Self {
        Self(self.next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_has_the_same_luck() {
        let draw = |seed| {
            let mut luck = Luck::new(seed);
            (0..20).map(|_| luck.below(6)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!(draw(7).iter().all(|number| *number < 6));
    }
}
