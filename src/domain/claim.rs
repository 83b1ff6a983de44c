//! Claims: an agent's time-limited hold on a task.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::time::{MINUTE_MS, Timestamp};

/// How long a claim lasts unless the mode says otherwise.
pub const CLAIM_MINUTES: u32 = 30;
/// Longest claim.
pub const CLAIM_MINUTES_MAX: u32 = 24 * 60;
/// How long a claim that ran out still shows its holder before it is freed.
pub const GRACE_MS: i64 = 10 * MINUTE_MS;
/// How long the claims of an agent whose process died wait for it to come back.
pub const RETURN_MS: i64 = 5_000;
/// Most paths that one claim can name.
pub const PATHS_MAX: usize = 64;

/// A hold on a task. It is stale when its time has run out: shown, and takeable by others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub holder: Actor,
    /// The fencing number: work under an older one is refused.
    pub number: i64,
    pub since: Timestamp,
    pub until: Timestamp,
    /// How long a renewal lasts, in minutes.
    pub minutes: u32,
    /// Paths or globs of the project that the holder works on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
}

impl Claim {
    /// Tells whether the time of the claim has run out.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.until <= now
    }

    /// Tells whether the claim is to be freed: it ran out more than the grace time ago.
    pub fn is_forfeit(&self, now: Timestamp) -> bool {
        self.until.plus_ms(GRACE_MS) <= now
    }

    /// The same claim with its full time ahead of it and no more.
    pub fn restarted(&self, now: Timestamp) -> Self {
        Self { until: now.plus_ms(i64::from(self.minutes) * MINUTE_MS), ..self.clone() }
    }

    /// The same claim with its full time ahead of it.
    pub fn renewed(&self, now: Timestamp) -> Self {
        let until = now.plus_ms(i64::from(self.minutes) * MINUTE_MS);
        Self { until: until.max(self.until), ..self.clone() }
    }

    /// Tells whether a renewal would gain at least a tenth of the claim's time.
    pub fn is_worth_renewing(&self, now: Timestamp) -> bool {
        let whole = i64::from(self.minutes) * MINUTE_MS;
        self.until.since_ms(now) < whole - whole / 10
    }
}

/// Tells whether two paths or globs may name the same file.
///
/// A glob is compared by the part before its first wildcard, so this may say yes where the
/// globs are in fact disjoint, and never no where they overlap.
pub fn paths_overlap(left: &str, right: &str) -> bool {
    let (left_fixed, left_wild) = fixed_part(left);
    let (right_fixed, right_wild) = fixed_part(right);
    match (left_wild, right_wild) {
        (true, true) => left_fixed.starts_with(right_fixed) || right_fixed.starts_with(left_fixed),
        (true, false) => right_fixed.starts_with(left_fixed) || is_within(left_fixed, right_fixed),
        (false, true) => left_fixed.starts_with(right_fixed) || is_within(right_fixed, left_fixed),
        (false, false) => is_within(left_fixed, right_fixed) || is_within(right_fixed, left_fixed),
    }
}

fn fixed_part(pattern: &str) -> (&str, bool) {
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    match pattern.split_once(['*', '?', '[', '{']) {
        Some((fixed, _)) => (fixed, true),
        None => (pattern, false),
    }
}

fn is_within(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_found_between_files_directories_and_globs() {
        let table = [
            ("src/a.rs", "src/a.rs", true),
            ("src", "src/a.rs", true),
            ("src/", "./src/a.rs", true),
            ("src/a", "src/ab", false),
            ("src/*.rs", "src/a.rs", true),
            ("src/*.rs", "docs/a.md", false),
            ("**", "docs/a.md", true),
            ("src/api/*", "src", true),
            ("src/a*", "src/b*", false),
        ];
        for (left, right, overlap) in table {
            assert_eq!(paths_overlap(left, right), overlap, "{left} {right}");
            assert_eq!(paths_overlap(right, left), overlap, "{right} {left}");
        }
    }
}
