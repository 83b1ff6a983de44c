//! The one place that writes to the terminal, and that puts it back as it was.
//!
//! The terminal is restored exactly once, whoever comes first: the guard's end, a panic anywhere
//! in the process, a signal's shutdown, Ctrl-Z, an editor. After that nothing is drawn any more.

mod clipboard;
mod editor;
mod events;
mod screen;
mod signals;

use std::cell::Cell;
use std::io::{self, Write as _};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Frame;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};

pub use clipboard::{COPY_BYTES_MAX, Copied};
pub use editor::{CopyOf, Draft, Edited, Editor, Spot};
pub use events::Events;
use screen::Screen;
pub use signals::{Signal, Signals};

/// Tells whether the terminal is ours now, and so must be given back.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// How the terminal is to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Reports clicks and the wheel; selecting then needs Shift.
    pub mouse: bool,
    /// Tells the terminal where a frame begins and ends, so that it shows whole frames only.
    pub synchronized: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { mouse: true, synchronized: true }
    }
}

/// A hold on the terminal; the end of its life gives the terminal back.
pub struct Terminal {
    inner: ratatui::Terminal<CrosstermBackend<Screen>>,
    hold: Rc<Cell<bool>>,
    options: Options,
}

impl Terminal {
    /// Takes the terminal: raw mode, other screen, paste, focus and, if wanted, mouse events.
    ///
    /// # Errors
    ///
    /// When there is no terminal. Whatever was already switched is switched back.
    pub fn enter(options: Options) -> io::Result<Self> {
        signals::install_panic_hook();
        let hold = Rc::new(Cell::new(false));
        take(options).inspect_err(|_| restore())?;
        let backend = CrosstermBackend::new(Screen::new(Rc::clone(&hold)));
        let inner = ratatui::Terminal::new(backend).inspect_err(|_| restore())?;
        Ok(Self { inner, hold, options })
    }

    /// Draws one frame and sends what changed, as one write.
    ///
    /// # Errors
    ///
    /// When the terminal is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        if !is_taken() {
            return Ok(());
        }
        self.hold.set(true);
        let drawn = self.draw_held(render);
        self.hold.set(false);
        self.inner.backend_mut().flush()?;
        drawn
    }

    fn draw_held(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        if self.options.synchronized {
            queue!(self.inner.backend_mut(), BeginSynchronizedUpdate)?;
        }
        self.inner.draw(render)?;
        if self.options.synchronized {
            queue!(self.inner.backend_mut(), EndSynchronizedUpdate)?;
        }
        Ok(())
    }

    /// The size of the terminal.
    ///
    /// # Errors
    ///
    /// When the terminal does not tell.
    pub fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    /// Makes the next frame a whole one, whatever is on the screen.
    ///
    /// # Errors
    ///
    /// When the terminal does not tell its size.
    pub fn repaint(&mut self) -> io::Result<()> {
        // `clear` would ask for the cursor's position, which the event reader swallows.
        let size = self.inner.size()?;
        self.inner.resize(Rect::new(0, 0, size.width, size.height))
    }

    /// Tells whether clicks and the wheel are reported.
    pub fn has_mouse(&self) -> bool {
        self.options.mouse
    }

    /// Starts or stops the reporting of clicks and the wheel.
    ///
    /// # Errors
    ///
    /// When the terminal is gone.
    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.options.mouse = on;
        if on {
            execute!(self.inner.backend_mut(), EnableMouseCapture)
        } else {
            execute!(self.inner.backend_mut(), DisableMouseCapture)
        }
    }

    /// Lays the program to sleep as Ctrl-Z does; returns when the shell wakes it again.
    ///
    /// # Errors
    ///
    /// When the terminal cannot be taken again.
    pub fn suspend(&mut self, events: &mut Events) -> io::Result<()> {
        self.away(events, signals::stop_process_group)?
    }

    /// Gives the terminal back while `work` runs, and takes it again.
    fn away<T>(&mut self, events: &mut Events, work: impl FnOnce() -> T) -> io::Result<T> {
        events.pause();
        restore();
        let result = work();
        take(self.options)?;
        events.resume();
        self.repaint()?;
        Ok(result)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

/// Tells whether the terminal is ours.
pub fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

fn take(options: Options) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    execute!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, cursor::Hide)?;
    if options.mouse {
        execute!(out, EnableMouseCapture)?;
    }
    Ok(())
}

/// Gives the terminal back, if it is taken. Safe to call from anywhere, any number of times.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    // Each step is tried whatever became of the one before: a terminal that is gone refuses all.
    execute!(out, EndSynchronizedUpdate, DisableMouseCapture, DisableFocusChange).ok();
    execute!(out, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show).ok();
    disable_raw_mode().ok();
    out.flush().ok();
}
