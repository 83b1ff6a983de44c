//! A stage: a real project in a temporary directory, and the application's model on it.

use callboard::app::load::load;
use callboard::app::{Effect, Message, Model, Place, metrics, update};
use callboard::artifacts;
use callboard::backups::{self, Fulfilment};
use callboard::edits::fulfil;
use callboard::keymap::{Key, Keymap};
use callboard::modes;
use callboard::panes;
use callboard::theme::Theme;
use callboard::upkeep;
use callboard_engine::backup::Retention;
use callboard_engine::clock::Clock;
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{
    ClaimTask, Command, CreateTasks, NewGroup, NewSession, NewTask, SetStatus, TaskRef,
};
use callboard_engine::domain::id::{GroupId, SessionId, TaskId};
use callboard_engine::domain::outcome::Answer;
use callboard_engine::domain::task::{Priority, Status};
use callboard_engine::domain::time::Timestamp;
use callboard_engine::door::Request;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::{AgentSeen, Peer};
use callboard_engine::task_templates::Library;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use tempfile::TempDir;

/// 2026-11-23T14:03:00Z.
const NOW: Timestamp = Timestamp(1_795_442_580_000);

pub(crate) struct Stage {
    _directory: TempDir,
    pub peer: Peer,
    pub model: Model,
    /// What the model asked for, besides reading and writing.
    pub effects: Vec<Effect>,
}

impl Stage {
    /// An empty project on a screen of a size.
    pub(crate) fn empty(width: u16, height: u16) -> Self {
        Self::of(tempfile::tempdir().unwrap(), (width, height))
    }

    /// A project that lies in a directory.
    pub(crate) fn of(directory: TempDir, (width, height): (u16, u16)) -> Self {
        let clock = Clock::fixed(NOW);
        let peer = Peer::open(&ProjectPaths::at(directory.path()), clock).unwrap();
        let place = Place {
            project: "shop".to_owned(),
            endpoint: Some("http://127.0.0.1:7420/mcp".to_owned()),
            connect: "claude mcp add callboard -- callboard mcp --project /home/ada/shop"
                .to_owned(),
            accessible: false,
        };
        let (keymap, problems) = Keymap::new(&[]);
        assert_eq!(problems, Vec::<String>::new());
        let theme = Theme::built_in("dark");
        let model = Model::new(place, theme, keymap, Size::new(width, height), NOW);
        let mut stage = Self { _directory: directory, peer, model, effects: Vec::new() };
        stage.read();
        stage
    }

    /// A project in the middle of its work.
    pub(crate) fn busy(width: u16, height: u16) -> Self {
        let mut stage = Self::empty(width, height);
        let session = stage.session("Ship the checkout");
        let backend = stage.group(session, "Backend", None);
        let payments = stage.group(session, "Payments", Some(backend));
        let frontend = stage.group(session, "Frontend", None);
        stage.tasks(
            session,
            Some(backend),
            &["Cart table", "Cart API < Cart table", "Stock check"],
        );
        stage.tasks(session, Some(payments), &["Card form !high", "Webhooks < Card form"]);
        stage.tasks(session, Some(frontend), &["Checkout page", "Empty cart 空のカート 🛒"]);
        stage.tasks(session, None, &["Write the changelog !low"]);
        stage.agent("claude-code");
        stage.agent("codex");
        let claude = "agent:claude-code";
        let cart = stage.named("Cart table");
        stage.does(claude, claim(session, cart));
        stage.does(
            claude,
            status(cart, Status::Completed, Some("**Done**: `carts` with an index on owner.")),
        );
        let card = stage.named("Card form");
        stage.does(claude, claim(session, card));
        let page = stage.named("Checkout page");
        stage.does("agent:codex", claim(session, page));
        let stock = stage.named("Stock check");
        let mut blocked = SetStatus::plain(stock, Status::Blocked);
        blocked.reason = Some("needs the warehouse's test account".to_owned());
        stage.does("agent:codex", Command::SetStatus(blocked));
        stage.settle();
        stage.read();
        stage
    }

    /// Waits for what is counted beside the commands.
    pub(crate) fn settle(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(self.peer.door.flush());
    }

    pub(crate) fn does(&self, actor: &str, command: Command) -> Answer {
        let Ok(actor) = actor.parse::<Actor>();
        self.peer.door.submit_blocking(Request::new(actor, command)).unwrap().answer
    }

    fn agent(&self, name: &str) {
        self.peer.telemetry.seen(AgentSeen {
            name: name.to_owned(),
            client: name.to_owned(),
            version: "1.0".to_owned(),
            transport: "stdio".to_owned(),
        });
    }

    pub(crate) fn session(&self, name: &str) -> SessionId {
        let new = NewSession { name: name.to_owned(), ..NewSession::default() };
        let answer = self.does("human", Command::CreateSession(new));
        let Answer::Session(session) = answer else { panic!("{answer:?}") };
        session.id
    }

    fn group(&self, session_id: SessionId, name: &str, parent: Option<GroupId>) -> GroupId {
        let name = name.to_owned();
        let new =
            NewGroup { id: None, session_id, name, parent, description: String::new(), role: None };
        let answer = self.does("human", Command::CreateGroup(new));
        let Answer::Group(group) = answer else { panic!("{answer:?}") };
        group.id
    }

    /// Tasks of lines such as `api < schema`, with `!high` at the end of a title.
    pub(crate) fn tasks(&self, session_id: SessionId, group: Option<GroupId>, lines: &[&str]) {
        let tasks = lines.iter().map(|line| {
            let (head, waits) = line.split_once(" < ").unwrap_or((line, ""));
            let (title, priority) = head.split_once(" !").map_or((head, None), |(title, word)| {
                (title, Some(word.parse::<Priority>().unwrap()))
            });
            let depends_on = lines.iter().filter(|_| !waits.is_empty()).take(1);
            NewTask {
                title: title.to_owned(),
                local: Some(title.to_owned()),
                priority,
                group,
                description: "Some *text* with `code` and\n\n- a list".to_owned(),
                depends_on: depends_on.map(|_| TaskRef::Local(waits.to_owned())).collect(),
                ..NewTask::default()
            }
        });
        self.does(
            "agent:claude-code",
            Command::CreateTasks(CreateTasks { session_id, tasks: tasks.collect() }),
        );
    }

    /// The task with a title.
    pub(crate) fn named(&self, title: &str) -> TaskId {
        use callboard_engine::query::{resolve, sessions};
        let find = |reader: &_| {
            let session = sessions::current(reader)?.map(|session| session.id);
            resolve::task(reader, session, title)
        };
        self.peer.readers.read(find).unwrap()
    }

    /// Reads what the model wants, until it wants no more.
    pub(crate) fn read(&mut self) {
        let wanted = vec![self.model.reload()];
        self.perform(wanted);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let Some(message) = self.answer(&effect) else {
                self.effects.push(effect);
                continue;
            };
            let more = update(&mut self.model, message);
            self.perform(more);
        }
    }

    /// What comes back of an effect; nothing of one that is for the terminal.
    pub(crate) fn answer(&self, effect: &Effect) -> Option<Message> {
        if let Effect::Load(wanted) = effect {
            let wanted = wanted.as_ref().clone();
            let snapshot = self.peer.readers.read(|reader| load(reader, wanted)).unwrap();
            return Some(Message::Loaded(Box::new(snapshot)));
        }
        if let Effect::Edits(wish) = effect {
            return Some(Message::Edits(fulfil(&self.peer, wish.clone())));
        }
        if let Effect::Modes(wish) = effect {
            return Some(Message::Modes(modes::fulfil(&self.peer, wish.clone())));
        }
        if let Effect::Upkeep(wish, stop) = effect {
            return Some(Message::Upkeep(upkeep::fulfil(&self.peer, wish.clone(), stop, &|_| ())));
        }
        if let Effect::Backups(wish, stop) = effect {
            let retention = Retention { newest: 1, ..Retention::default() };
            let how = Fulfilment { peer: &self.peer, retention, stop };
            return Some(Message::Backups(backups::fulfil(&how, wish.clone(), &|_| ())));
        }
        if let Effect::Artifacts(wish) = effect {
            return Some(Message::Artifacts(artifacts::fulfil(&self.peer, wish.clone(), &|_| ())));
        }
        if let Effect::Search(wish) = effect {
            let stop = callboard_engine::store::Stop::default();
            return Some(Message::Search(callboard::search::fulfil(
                &self.peer,
                wish.clone(),
                &stop,
            )));
        }
        if let Effect::SumUp(wish) = effect {
            let sums = self.peer.readers.read(|reader| metrics::sum_up(reader, wish));
            return Some(Message::SummedUp(sums.map(Box::new)));
        }
        if matches!(effect, Effect::Templates) {
            let library = Library::open(&self.peer.paths.task_templates());
            return Some(Message::Templates(library.all()));
        }
        let Effect::Submit { command, what } = effect else { return None };
        let request = Request::new(Actor::Human, command.as_ref().clone());
        let result = self.peer.door.submit_blocking(request);
        Some(Message::Answered { what: what.clone(), result: Box::new(result) })
    }

    /// Presses keys as people write them; a word in quotes is typed.
    pub(crate) fn press(&mut self, keys: &str) {
        let typed = |part: &str| -> Vec<KeyEvent> {
            part.chars()
                .map(|character| KeyEvent::new(KeyCode::Char(character), KeyModifiers::NONE))
                .collect()
        };
        let named = |part: &str| -> Vec<KeyEvent> {
            part.split_whitespace()
                .map(|key| Key::parse(key).unwrap_or_else(|| panic!("{key} is no key")).event())
                .collect()
        };
        let parts = keys.split('"').enumerate();
        let events =
            parts.flat_map(|(index, part)| if index % 2 == 0 { named(part) } else { typed(part) });
        for event in events {
            self.key(event);
        }
    }

    fn key(&mut self, event: KeyEvent) {
        self.send(Message::Key(event));
    }

    /// Hands a message to the model, and does what comes of it.
    pub(crate) fn send(&mut self, message: Message) {
        let effects = update(&mut self.model, message);
        self.perform(effects);
    }

    /// Does what was asked for.
    pub(crate) fn do_all(&mut self, effects: Vec<Effect>) {
        self.perform(effects);
    }

    /// Clicks at a column and row.
    pub(crate) fn click(&mut self, (column, row): (u16, u16)) {
        self.send(Message::Mouse(MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column,
            row,
            modifiers: KeyModifiers::NONE,
        }));
    }

    /// The screen with its colors.
    pub(crate) fn buffer(&self) -> Buffer {
        self.drawn().backend().buffer().clone()
    }

    fn drawn(&self) -> Terminal<TestBackend> {
        let Size { width, height } = self.model.size;
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| panes::draw(&self.model, frame)).unwrap();
        terminal
    }

    /// The screen as text, with ids made alike.
    pub(crate) fn screen(&self) -> String {
        let text = self.drawn().backend().to_string();
        let rows = text.lines().map(|line| line.trim_matches('"').trim_end().to_owned());
        alike(&rows.collect::<Vec<_>>().join("\n"))
    }
}

/// Replaces the characters of ids, which are random.
fn alike(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('-') {
        let (head, tail) = rest.split_at(at + 1);
        out.push_str(head);
        let is_letter = head.trim_end_matches('-').ends_with(['t', 's', 'g', 'c', 'a'])
            && !head
                .trim_end_matches(['-', 't', 's', 'g', 'c', 'a'])
                .ends_with(char::is_alphanumeric);
        let id = tail.chars().take_while(char::is_ascii_alphanumeric).count();
        if is_letter && (id == 4 || id == 8) {
            out.push_str(&"x".repeat(id));
            rest = tail.split_at(id).1;
        } else {
            rest = tail;
        }
    }
    out + rest
}

pub(crate) fn claim(session_id: SessionId, task: TaskId) -> Command {
    Command::ClaimTask(ClaimTask {
        session_id,
        task: Some(task),
        or_next: false,
        role: None,
        group: None,
        minutes: None,
        paths: Vec::new(),
        hold_only: false,
    })
}

pub(crate) fn status(id: TaskId, to: Status, summary: Option<&str>) -> Command {
    Command::SetStatus(SetStatus {
        summary: summary.map(str::to_owned),
        ..SetStatus::plain(id, to)
    })
}
