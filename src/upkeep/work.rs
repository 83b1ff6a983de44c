//! Work that takes long: how far it is, and whether anybody still waits for it.

use std::fmt;
use std::ops::ControlFlow;

pub use tokio_util::sync::CancellationToken as Cancel;

use crate::domain::refusal::{Code, Refusal};

/// How far long work is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub of: usize,
    /// What is looked at now.
    pub what: String,
}

/// Who follows the work, and how it is broken off.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    tell: &'a (dyn Fn(Progress) + Sync),
    pub cancel: &'a Cancel,
}

impl fmt::Debug for Work<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Work").field("cancel", &self.cancel).finish_non_exhaustive()
    }
}

impl<'a> Work<'a> {
    /// Work that somebody follows.
    pub fn told(tell: &'a (dyn Fn(Progress) + Sync), cancel: &'a Cancel) -> Self {
        Self { tell, cancel }
    }

    /// Work that nobody follows.
    pub fn quiet(cancel: &'a Cancel) -> Self {
        Self { tell: &|_| {}, cancel }
    }

    /// Says how far it is, and refuses to go on where nobody waits any more.
    ///
    /// # Errors
    ///
    /// When it was cancelled.
    pub fn step(&self, done: usize, of: usize, what: &str) -> Result<(), Refusal> {
        if self.cancel.is_cancelled() {
            return Err(Refusal::new(Code::Busy, format!("it was broken off before: {what}"))
                .suggest("send it again, perhaps for fewer kinds at once"));
        }
        (self.tell)(Progress { done, of, what: what.to_owned() });
        Ok(())
    }

    /// Says how far work is that counts bytes, and whether it goes on; it ends in its own way.
    pub fn goes_on(&self, done: u64, of: u64, what: &str) -> ControlFlow<()> {
        let number = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        match self.step(number(done), number(of), what) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}
