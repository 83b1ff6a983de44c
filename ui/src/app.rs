//! The application: a model, messages that change it, and effects it asks for.
//!
//! `update` is pure: it reads no clock, no file and no store. The runtime performs the effects and
//! sends their results back as messages.

pub mod act;
pub mod agents;
mod answers;
pub mod artifacts;
pub mod backups;
pub mod board;
pub mod board_acts;
pub mod conflict_acts;
pub mod conflicts;
pub mod documents;
pub mod edits;
mod effect;
pub mod everything;
pub mod feed;
pub mod group_acts;
pub mod load;
mod message;
pub mod metrics;
pub mod modes;
pub mod mouse;
pub mod needs;
pub mod review;
pub mod scroll;
pub mod search;
pub mod sessions;
pub mod templates;
pub mod unsent;
pub mod upkeep;
mod view;
pub mod work;

use callboard_engine::domain::command::Command;
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::text::visible_line;
use callboard_engine::domain::time::Timestamp;
use callboard_engine::query::rows::SessionRow;
use ratatui::layout::Size;
use ratatui::style::Style;

use crate::action::Scope;
use crate::keymap::Keymap;
use crate::overlay::Overlay;
use crate::theme::Theme;
use crate::widgets::toast::{Toast, Tone};
use agents::AgentsModel;
use artifacts::ArtifactsModel;
use backups::BackupsModel;
use board::BoardModel;
use conflicts::ConflictsModel;
use documents::DocumentsModel;
pub use effect::Effect;
use feed::FeedModel;
use load::Wanted;
pub use message::Message;
use metrics::MetricsModel;
use modes::ModesModel;
use needs::NeedsModel;
use search::SearchModel;
use sessions::SessionsModel;
use unsent::Unsent;
use upkeep::UpkeepModel;
pub use view::{Pane, View};

/// Notices kept in the log.
const LOG_MAX: usize = 200;
/// How long a toast stays, in milliseconds.
pub const TOAST_MS: i64 = 6_000;

/// A notice in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub at: Timestamp,
    pub tone: Tone,
    pub text: String,
}

/// What the program was started with, and what does not change while it runs.
#[derive(Debug, Clone, Default)]
pub struct Place {
    pub project: String,
    pub endpoint: Option<String>,
    /// The line that connects an agent.
    pub connect: String,
    pub accessible: bool,
}

/// Everything that is shown.
#[expect(clippy::struct_excessive_bools, reason = "each is a state of its own")]
pub struct Model {
    pub place: Place,
    pub theme: Theme,
    pub themes: Vec<String>,
    pub keymap: Keymap,
    pub size: Size,
    pub now: Timestamp,
    /// Minutes east of UTC, for clocks.
    pub zone_minutes: i32,
    pub view: View,
    pub focus: Pane,
    pub zoomed: bool,
    /// Columns that the side panes gain or lose.
    pub side: i16,
    pub overlay: Option<Overlay>,
    pub session: Option<SessionRow>,
    pub needs: NeedsModel,
    pub board: BoardModel,
    pub sessions: SessionsModel,
    pub documents: DocumentsModel,
    pub modes: ModesModel,
    pub backups: BackupsModel,
    pub upkeep: UpkeepModel,
    pub agents: AgentsModel,
    pub conflicts: ConflictsModel,
    pub artifacts: ArtifactsModel,
    pub search: SearchModel,
    pub metrics: MetricsModel,
    pub feed: FeedModel,
    pub toasts: Vec<(Timestamp, Toast)>,
    pub log: Vec<Notice>,
    pub mouse: bool,
    pub loaded: bool,
    quitting: bool,
    /// What the person wrote, until the command that carries it is answered.
    unsent: Option<(String, Unsent)>,
}

impl Model {
    /// A model that has loaded nothing yet.
    pub fn new(place: Place, theme: Theme, keymap: Keymap, size: Size, now: Timestamp) -> Self {
        Self {
            place,
            theme,
            themes: Vec::new(),
            keymap,
            size,
            now,
            zone_minutes: 0,
            view: View::Board,
            focus: Pane::Main,
            zoomed: false,
            side: 0,
            overlay: None,
            session: None,
            needs: NeedsModel::default(),
            board: BoardModel::default(),
            sessions: SessionsModel::default(),
            documents: DocumentsModel::default(),
            modes: ModesModel::default(),
            backups: BackupsModel::default(),
            upkeep: UpkeepModel::default(),
            agents: AgentsModel::default(),
            conflicts: ConflictsModel::default(),
            artifacts: ArtifactsModel::default(),
            search: SearchModel::default(),
            metrics: MetricsModel::default(),
            feed: FeedModel::default(),
            toasts: Vec::new(),
            log: Vec::new(),
            mouse: true,
            loaded: false,
            quitting: false,
            unsent: None,
        }
    }

    /// Tells whether the board is shown.
    pub fn is_board(&self) -> bool {
        self.view == View::Board
    }

    /// Tells whether keys go into the line of the search.
    pub fn types_search(&self) -> bool {
        self.view == View::Search && self.focus == Pane::Main
    }

    /// The edit backups, where they are on the screen.
    pub fn edits(&self) -> Option<&edits::EditsModel> {
        self.documents.edits.as_ref().filter(|_| self.view == View::Sessions)
    }

    /// Tells whether the session's plan may change.
    pub fn plans(&self) -> bool {
        self.session.as_ref().is_some_and(|row| row.session.state.allows_planning())
    }

    /// Tells whether tasks may be started and finished.
    pub fn works(&self) -> bool {
        self.session.as_ref().is_some_and(|row| row.session.state.allows_work())
    }

    /// The id of the session that is shown.
    pub fn session_id(&self) -> Option<SessionId> {
        self.session.as_ref().map(|row| row.session.id)
    }

    /// The style of an agent's name.
    pub fn agent_style(&self, name: &str) -> Style {
        let meaning = self.agents.meaning(name);
        meaning.map_or_else(|| self.theme.agent(name), |meaning| self.theme.style(meaning))
    }

    /// Shows a short message, and keeps it in the log.
    pub fn tell(&mut self, tone: Tone, text: impl Into<String>) {
        let text = visible_line(&text.into());
        self.log.insert(0, Notice { at: self.now, tone, text: text.clone() });
        self.log.truncate(LOG_MAX);
        self.toasts.push((self.now, Toast { text, tone }));
        if 3 < self.toasts.len() {
            self.toasts.remove(0);
        }
    }

    /// Asks for everything that is shown to be read again.
    pub fn reload(&self) -> Effect {
        Effect::Load(Box::new(Wanted::of(self)))
    }

    /// The scopes whose keys work now, the nearest first.
    pub fn scopes(&self) -> [Scope; 3] {
        let own = if self.edits().is_some() { Scope::Edits } else { self.view.scope() };
        [own, Scope::List, Scope::Global]
    }

    /// A command, and what to call it when it is answered.
    pub fn submit(command: Command, what: impl Into<String>) -> Vec<Effect> {
        vec![Effect::Submit { command: Box::new(command), what: what.into() }]
    }
}

/// Changes the model by a message and returns what is to be done.
pub fn update(model: &mut Model, message: Message) -> Vec<Effect> {
    match message {
        Message::Key(key) => act::key(model, key),
        Message::Mouse(event) => mouse::event(model, event),
        Message::Paste(text) => {
            if let Some(overlay) = &mut model.overlay {
                overlay.paste(&text);
            } else if let Some(rename) = &mut model.board.renaming {
                rename.input.paste(&text);
            } else if let Some(editing) = &mut model.conflicts.editing {
                editing.text.paste(&text);
            } else if model.board.filtering {
                model.board.filter_input.paste(&text);
                return act::filter_changed(model);
            } else if model.types_search() {
                return search::paste(model, &text);
            }
            Vec::new()
        }
        Message::Resize(size) => {
            model.size = size;
            Vec::new()
        }
        Message::Changed => {
            let looks = edits::changed(model).into_iter().chain(search::changed(model));
            let looks: Vec<Effect> = looks.chain(backups::changed(model)).collect();
            std::iter::once(model.reload()).chain(looks).collect()
        }
        Message::Loaded(snapshot) => load::take(model, *snapshot),
        Message::Answered { what, result } => answers::take(model, &what, *result),
        Message::Edited { task, text, version } => {
            board_acts::described(model, task, (text, version))
        }
        Message::Merged { conflict, text } => conflict_acts::merged(model, conflict, &text),
        Message::Edits(answer) => edits::answered(model, answer),
        Message::Artifacts(answer) => artifacts::answered(model, answer),
        Message::Modes(answer) => modes::answered(model, answer),
        Message::Backups(answer) => backups::answered(model, answer),
        Message::Search(answer) => search::answered(model, answer),
        Message::SummedUp(summary) => metrics::summed(model, summary),
        Message::Upkeep(answer) => upkeep::answered(model, answer),
        Message::Templates(entries) => templates::listed(model, entries),
        Message::Followed(problem) => modes::followed(model, problem),
        Message::Notice(tone, text) => {
            model.tell(tone, text);
            Vec::new()
        }
        Message::Theme(theme) => {
            model.theme = *theme;
            model.artifacts.lay_out_anew();
            Vec::new()
        }
        Message::Tick => {
            let now = model.now;
            model.toasts.retain(|(shown, _)| now.since_ms(*shown) < TOAST_MS);
            Vec::new()
        }
    }
}
