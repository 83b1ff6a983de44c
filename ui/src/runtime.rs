//! The loop: events in, effects out, a frame when something changed.
//!
//! Nothing ticks: the loop sleeps until a key, a change, an answer or a deadline of its own comes.
//! Whatever is there is taken in one go, then one frame is drawn, at most sixty a second, the
//! first at once. Changes of others are read as often as reading stays cheap.

mod effects;
mod submitter;

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use callboard_engine::backup::Retention;
use callboard_engine::binding::FollowStatus;
use callboard_engine::domain::time::Timestamp;
use callboard_engine::mcp::http::{Endpoint, HttpHandle};
use callboard_engine::peer::Peer;
use callboard_engine::store::Stop;
use callboard_engine::sync::keeper::SyncStatus;
use crossterm::event::Event;
use ratatui::layout::Size;
use tokio::sync::watch;
use tokio::time::{Instant as Moment, sleep_until};

use crate::app::documents::{Keeping, PENDING_MS};
use crate::app::load::{self, Wanted};
use crate::app::modes::Wish;
use crate::app::{Effect, Message, Model, Place, TOAST_MS, View, update};
use crate::keymap::Keymap;
use crate::panes;
use crate::terminal::{self, Editor, Events, Signals, Terminal};
use crate::theme::{Depth, Theme, names};
use crate::widgets::toast::Tone;
use submitter::Submitter;

/// Between two frames.
const FRAME: Duration = Duration::from_millis(16);
/// Between two reads of what others changed: so many times what a read takes, within bounds, so
/// that reading takes at most a tenth of a processor however large the board is.
const READ_SHARE: u32 = 10;
const READ_MIN: Duration = Duration::from_millis(20);
const READ_MAX: Duration = Duration::from_millis(500);
/// Events taken before a frame is drawn.
const EVENTS_MAX: usize = 256;

/// How the application runs.
pub struct Options {
    pub place: Place,
    pub theme: Theme,
    pub depth: Depth,
    pub ascii: bool,
    /// Where the person keeps themes.
    pub themes: Option<PathBuf>,
    pub keymap: Keymap,
    pub terminal: terminal::Options,
    pub editor: Editor,
    /// Told as soon as the screen is there.
    pub notices: Vec<String>,
    /// The HTTP server of this process, where there is one.
    pub http: Option<HttpHandle>,
    /// How the keeping of documents goes, where this process takes part in it.
    pub documents: Option<watch::Receiver<SyncStatus>>,
    /// How the following of the mode files goes, where this process does it.
    pub modes: Option<watch::Receiver<FollowStatus>>,
    /// How many backups are kept.
    pub retention: Retention,
}

/// Runs until the person quits or a signal comes; returns the exit code.
///
/// # Errors
///
/// When the terminal cannot be taken or is gone.
pub async fn run(peer: Peer, options: Options) -> io::Result<u8> {
    let mut signals = Signals::listen()?;
    let endpoint = options.http.as_ref().map(HttpHandle::endpoint);
    let http = options.http;
    let mut runtime = Runtime {
        terminal: Terminal::enter(options.terminal)?,
        events: Events::start(),
        model: Model::new(
            options.place,
            options.theme,
            options.keymap,
            Size::default(),
            peer.clock.now(),
        ),
        editor: options.editor,
        depth: options.depth,
        ascii: options.ascii,
        themes: options.themes,
        submitter: Submitter::start(peer.clone()),
        feed: peer.feed(),
        endpoint,
        documents: options.documents,
        modes: options.modes,
        retention: options.retention,
        peer,
        searching: Stop::default(),
        wanted: None,
        read_at: None,
        read_every: READ_MIN,
        drawn_at: None,
        stale: false,
        dirty: true,
        ended: None,
    };
    runtime.begin(options.notices)?;
    let code = runtime.turn(&mut signals).await;
    let Runtime { terminal, submitter, peer, model, searching, .. } = runtime;
    model.call_off();
    searching.cancel();
    drop(terminal);
    submitter.finish().await;
    if let Some(http) = http {
        http.stop().await;
    }
    peer.door.flush().await;
    code
}

#[expect(clippy::struct_excessive_bools, reason = "each is a state of its own")]
struct Runtime {
    terminal: Terminal,
    events: Events,
    model: Model,
    editor: Editor,
    depth: Depth,
    ascii: bool,
    themes: Option<PathBuf>,
    submitter: Submitter,
    feed: watch::Receiver<i64>,
    endpoint: Option<watch::Receiver<Option<Endpoint>>>,
    documents: Option<watch::Receiver<SyncStatus>>,
    modes: Option<watch::Receiver<FollowStatus>>,
    retention: Retention,
    peer: Peer,
    /// Ends the search that is under way.
    searching: Stop,
    /// What is to be read next.
    wanted: Option<Box<Wanted>>,
    read_at: Option<Instant>,
    /// How long to wait between two reads.
    read_every: Duration,
    drawn_at: Option<Instant>,
    /// Others have changed something that is not read yet.
    stale: bool,
    /// The screen does not show the model any more.
    dirty: bool,
    ended: Option<u8>,
}

impl Runtime {
    fn begin(&mut self, notices: Vec<String>) -> io::Result<()> {
        self.model.size = self.terminal.size()?;
        self.model.mouse = self.terminal.has_mouse();
        self.model.themes = names(self.themes.as_deref());
        self.model.zone_minutes = zone_minutes();
        self.show_endpoint(&Told::News);
        if self.documents.is_none() {
            self.model.documents.keeping = Keeping::Nobody;
        }
        self.feed.mark_unchanged();
        let first = self.model.reload();
        self.perform(first)?;
        self.read()?;
        self.perform(Effect::Modes(Wish::List))?;
        // The first look has put the cursor on a task, whose details are read before the first frame.
        self.read()?;
        for notice in notices {
            self.model.tell(Tone::Bad, notice);
        }
        self.draw()
    }

    async fn turn(&mut self, signals: &mut Signals) -> io::Result<u8> {
        loop {
            self.settle()?;
            if let Some(code) = self.ended {
                return Ok(code);
            }
            let deadline = self.deadline();
            let endpoint = self.endpoint.as_mut();
            let documents = self.documents.as_mut();
            let modes = self.modes.as_mut();
            tokio::select! {
                biased;
                signal = signals.next() => return Ok(signal.exit_code()),
                event = self.events.next() => match event {
                    Some(event) => self.take_events(event?).await?,
                    // The terminal is gone, as after a hang-up.
                    None => return Ok(129),
                },
                Some(answer) = self.submitter.answers.recv() => self.take(answer)?,
                Ok(()) = self.feed.changed() => self.stale = true,
                told = changed(endpoint) => self.show_endpoint(&told),
                told = changed(documents) => self.show_documents(told),
                told = changed(modes) => self.show_modes(&told)?,
                () = sleep_until(deadline.unwrap_or_else(Moment::now)), if deadline.is_some() => self.take(Message::Tick)?,
            }
        }
    }

    /// Draws and reads until nothing is left to do at this moment.
    fn settle(&mut self) -> io::Result<()> {
        if self.dirty && is_over(self.drawn_at, FRAME) {
            self.draw()?;
        }
        if self.stale && is_over(self.read_at, self.read_every) {
            self.stale = false;
            self.take(Message::Changed)?;
        }
        if self.wanted.is_some() {
            self.read()?;
            if self.dirty && is_over(self.drawn_at, FRAME) {
                self.draw()?;
            }
        }
        Ok(())
    }

    /// When something is to be done even if nothing comes in.
    fn deadline(&self) -> Option<Moment> {
        let frame = self.dirty.then_some(()).and(self.drawn_at).map(|drawn| drawn + FRAME);
        let read = self.stale.then_some(()).and(self.read_at).map(|read| read + self.read_every);
        let now = self.peer.clock.now();
        let toasts = self.model.toasts.iter().map(|(shown, _)| shown.plus_ms(TOAST_MS));
        let claims = self.model.agents.rows.iter().flat_map(|agent| &agent.holds);
        let claims = claims.filter(|held| !held.stale).map(|held| held.until);
        let pending = self.model.documents.counts.pending_since;
        let pending = pending.map(|since| since.plus_ms(PENDING_MS)).filter(|told| now < *told);
        let word =
            toasts.chain(claims).chain(pending).min().map(|at| Instant::now() + wait(now, at));
        [frame, read, word].into_iter().flatten().min().map(Moment::from_std)
    }

    async fn take_events(&mut self, first: Event) -> io::Result<()> {
        self.take_event(first)?;
        for _ in 1..EVENTS_MAX {
            match self.events.try_next().await {
                Some(event) => self.take_event(event?)?,
                None => break,
            }
        }
        Ok(())
    }

    fn take_event(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::Key(key) => self.take(Message::Key(key)),
            Event::Mouse(event) => self.take(Message::Mouse(event)),
            Event::Paste(text) => self.take(Message::Paste(text)),
            Event::Resize(width, height) => self.take(Message::Resize(Size::new(width, height))),
            Event::FocusGained | Event::FocusLost => Ok(()),
        }
    }

    fn take(&mut self, message: Message) -> io::Result<()> {
        self.model.now = self.peer.clock.now();
        let stale = matches!(message, Message::Tick) && self.claim_ended();
        for effect in update(&mut self.model, message) {
            self.perform(effect)?;
        }
        if stale {
            let reload = self.model.reload();
            self.perform(reload)?;
        }
        self.dirty = true;
        Ok(())
    }

    /// Tells whether a claim that is shown as running has run out.
    fn claim_ended(&self) -> bool {
        let now = self.model.now;
        self.model
            .agents
            .rows
            .iter()
            .flat_map(|agent| &agent.holds)
            .any(|held| !held.stale && held.until <= now)
    }

    fn read(&mut self) -> io::Result<()> {
        let Some(wanted) = self.wanted.take() else { return Ok(()) };
        let begun = Instant::now();
        let read = self.peer.readers.read(|reader| load::load(reader, *wanted));
        self.read_at = Some(Instant::now());
        self.read_every = (begun.elapsed() * READ_SHARE).clamp(READ_MIN, READ_MAX);
        match read {
            Ok(snapshot) => self.take(Message::Loaded(Box::new(snapshot))),
            Err(refusal) => {
                self.take(Message::Notice(Tone::Bad, format!("cannot read the board: {refusal}")))
            }
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        self.dirty = false;
        self.drawn_at = Some(Instant::now());
        self.model.now = self.peer.clock.now();
        let model = &self.model;
        self.terminal.draw(|frame| panes::draw(model, frame))
    }

    fn show_endpoint(&mut self, told: &Told) {
        let shown =
            self.endpoint.as_mut().and_then(|endpoint| endpoint.borrow_and_update().clone());
        self.model.place.endpoint = shown.map(|endpoint| endpoint.url);
        self.dirty = true;
        if matches!(told, Told::Ended) {
            self.endpoint = None;
        }
    }

    /// Takes what is told of the documents; nothing more is told when their keeper has ended.
    fn show_documents(&mut self, told: Told) {
        let keeping = match (told, &mut self.documents) {
            (Told::News, Some(told)) => Keeping::Known(told.borrow_and_update().clone()),
            (Told::Ended, _) | (_, None) => {
                self.documents = None;
                Keeping::Nobody
            }
        };
        if self.model.documents.keeping != keeping {
            self.model.documents.keeping = keeping;
            // The ledger of documents has no entries in the feed.
            self.stale = true;
            self.dirty = true;
        }
    }

    /// Takes what is told of the mode files.
    fn show_modes(&mut self, told: &Told) -> io::Result<()> {
        let problem = match (&mut self.modes, told) {
            (Some(told), Told::News) => told.borrow_and_update().problem.clone(),
            (Some(_) | None, Told::News | Told::Ended) => {
                self.modes = None;
                None
            }
        };
        let known = self.model.modes.trouble.as_ref().map(|(_, problem)| problem);
        // Most looks find nothing new, which is no reason for a frame.
        if known == problem.as_ref() && self.model.view != View::Modes {
            return Ok(());
        }
        self.take(Message::Followed(problem))
    }
}

/// What comes of listening.
enum Told {
    News,
    /// Nobody tells anything any more.
    Ended,
}

/// Waits for something to be told; for ever where nobody tells it.
async fn changed<T>(told: Option<&mut watch::Receiver<T>>) -> Told {
    match told {
        Some(told) => told.changed().await.map_or(Told::Ended, |()| Told::News),
        None => std::future::pending().await,
    }
}

fn is_over(since: Option<Instant>, span: Duration) -> bool {
    since.is_none_or(|since| span <= since.elapsed())
}

fn wait(now: Timestamp, until: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(until.since_ms(now)).unwrap_or(0).saturating_add(1))
}

/// Minutes east of UTC where the person is, now.
fn zone_minutes() -> i32 {
    let zone = jiff::tz::TimeZone::system();
    zone.to_offset(jiff::Timestamp::now()).seconds() / 60
}
