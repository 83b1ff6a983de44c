//! Signals and panics: each ends in a restored terminal.

use std::io;
use std::panic;
use std::sync::Once;

use tokio::sync::Notify;

/// Wakes [`Signals::next`] when some thread panicked.
static PANICKED: Notify = Notify::const_new();

/// Why the program should end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C sent from outside; the key itself arrives as a key.
    Interrupt,
    /// Asked to end.
    Terminate,
    /// The terminal is gone.
    Hangup,
    /// A thread panicked; the terminal is already restored.
    Panicked,
}

impl Signal {
    /// The exit code by custom: 128 and the signal's number; 101 after a panic.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Hangup => 129,
            Self::Interrupt => 130,
            Self::Terminate => 143,
            Self::Panicked => 101,
        }
    }
}

/// Restores the terminal before a panic's message is printed, so that it can be read.
pub(super) fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            super::restore();
            PANICKED.notify_one();
            previous(info);
        }));
    });
}

/// Waits for signals that end the program.
#[cfg(unix)]
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Starts to listen; from now on the signals no longer end the program by themselves.
    ///
    /// # Errors
    ///
    /// When the system refuses.
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// The next signal.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.hangup.recv() => Signal::Hangup,
            () = PANICKED.notified() => Signal::Panicked,
        }
    }
}

/// Waits for signals that end the program.
#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// Never on this system.
    pub fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// The next signal.
    pub async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => Signal::Interrupt,
            () = PANICKED.notified() => Signal::Panicked,
        }
    }
}

/// Stops the whole job, as the terminal does at Ctrl-Z; returns when it is continued.
#[cfg(unix)]
pub(super) fn stop_process_group() -> io::Result<()> {
    use rustix::process::{Signal as Kind, kill_current_process_group};
    Ok(kill_current_process_group(Kind::TSTP)?)
}

/// There is no job control here.
#[cfg(not(unix))]
pub(super) fn stop_process_group() -> io::Result<()> {
    Ok(())
}
