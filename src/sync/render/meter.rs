//! How far a rendering has come, and when it has gone too far.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tera::{Error, TeraResult, Value};

/// Most turns of loops in one rendering.
const STEPS_MAX: u64 = 1_000_000;
/// How long the rendering of a document may take; looked at with every step and every output.
pub(super) const TIME_MAX: Duration = Duration::from_secs(5);
/// Most bytes of one value that a template makes.
pub(super) const VALUE_MAX: usize = 2 * 1024 * 1024;
/// Most parts of one value that a template makes.
const PARTS_MAX: usize = 1_000_000;

/// Deepest nesting of a value that a template makes; dropping a deeper one could end the process.
const DEPTH_MAX: usize = 64;

/// Counts one rendering at a time.
#[derive(Debug)]
pub(super) struct Meter {
    made: Instant,
    time_max: Duration,
    steps: AtomicU64,
    line: AtomicUsize,
    /// Milliseconds since `made`.
    until: AtomicU64,
}

impl Meter {
    pub(super) fn new(time_max: Duration) -> Self {
        Self {
            made: Instant::now(),
            time_max,
            steps: AtomicU64::new(0),
            line: AtomicUsize::new(1),
            until: AtomicU64::new(0),
        }
    }

    /// Begins anew.
    pub(super) fn start(&self) {
        self.steps.store(0, Ordering::Relaxed);
        self.line.store(1, Ordering::Relaxed);
        self.until.store(milliseconds(self.made.elapsed() + self.time_max), Ordering::Relaxed);
    }

    /// The template's line that was reached last.
    pub(super) fn line(&self) -> usize {
        self.line.load(Ordering::Relaxed)
    }

    /// Notes the line that is reached.
    pub(super) fn reach(&self, line: usize) {
        self.line.store(line, Ordering::Relaxed);
    }

    /// Takes one step, or refuses to.
    pub(super) fn step(&self) -> TeraResult<()> {
        if STEPS_MAX <= self.steps.fetch_add(1, Ordering::Relaxed) {
            return Err(Error::message(format!("the loops turn more than {STEPS_MAX} times")));
        }
        self.in_time()
    }

    /// Refuses to go on where it takes too long.
    pub(super) fn in_time(&self) -> TeraResult<()> {
        if self.until.load(Ordering::Relaxed) < milliseconds(self.made.elapsed()) {
            let seconds = self.time_max.as_secs();
            return Err(Error::message(format!("it takes longer than {seconds} s")));
        }
        Ok(())
    }

    /// Takes one step, and weighs a value.
    pub(super) fn weigh(&self, value: &Value) -> TeraResult<()> {
        self.step()?;
        if value.as_str().is_some_and(|text| VALUE_MAX < text.len()) {
            return Err(too_large());
        }
        let (mut parts, mut open) = (0, vec![(value, 0)]);
        while let Some((part, depth)) = open.pop() {
            parts += 1;
            if let Some(items) = part.as_array() {
                open.extend(items.iter().map(|item| (item, depth + 1)));
            } else if let Some(fields) = part.as_map() {
                open.extend(fields.values().map(|field| (field, depth + 1)));
            }
            if PARTS_MAX < parts + open.len() || DEPTH_MAX < depth {
                return Err(too_large());
            }
        }
        Ok(())
    }
}

/// The refusal of a value that grew too large.
pub(super) fn too_large() -> Error {
    Error::message(format!("a value grows larger than {VALUE_MAX} bytes or {PARTS_MAX} parts"))
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
