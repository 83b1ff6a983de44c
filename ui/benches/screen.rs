//! The terminal's work at 200×60 on boards from small to huge: reading what is shown, drawing it,
//! a key to the bytes of its frame, and a typed letter to those of what it finds.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench may panic")]

#[path = "../../tests/bulk.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod bulk;
#[path = "../tests/stage.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod stage;

use std::io::{self, Sink};
use std::path::Path;

use callboard::app::load::load;
use callboard::app::{Effect, Message, Model, Place, update};
use callboard::keymap::Keymap;
use callboard::panes;
use callboard::theme::Theme;
use callboard_engine::artifacts::{Handed, NewArtifact, record};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::time::Timestamp;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::store::Readers;
use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use stage::Stage;

const SIZE: Size = Size::new(200, 60);
/// 2026-11-23T14:00:00Z.
const NOON: Timestamp = Timestamp(1_795_442_400_000);

criterion_group!(benches, screen);
criterion_main!(benches);

/// Tasks on a board; a smoke run takes the smallest.
fn sizes() -> &'static [i64] {
    let is_smoke = std::env::args().any(|argument| argument == "--test");
    if is_smoke { &[1_000] } else { &[1_000, 10_000, 1_000_000] }
}

fn screen(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("screen");
    group.bench_function("empty frame", |bencher| {
        bencher.iter_batched_ref(terminal, |new| draw(new, |_| {}), BatchSize::SmallInput);
    });
    for &tasks in sizes() {
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let database = home.path().join("board.db");
        bulk::fill(&database, tasks).unwrap();
        let readers = Readers::new(database);
        let mut model = model(home.path(), &readers);
        group.bench_function(BenchmarkId::new("read", tasks), |bencher| {
            bencher.iter(|| read(&model, &readers));
        });
        group.bench_function(BenchmarkId::new("whole frame", tasks), |bencher| {
            let whole = |new: &mut _| draw(new, |frame| panes::draw(&model, frame));
            bencher.iter_batched_ref(terminal, whole, BatchSize::SmallInput);
        });
        group.bench_function(BenchmarkId::new("key to its bytes", tasks), |bencher| {
            let mut terminal = terminal();
            let mut keys = ['j', 'k'].map(KeyCode::Char).into_iter().cycle();
            bencher.iter(|| {
                let code = keys.next().unwrap();
                update(&mut model, Message::Key(KeyEvent::new(code, KeyModifiers::NONE)));
                draw(&mut terminal, |frame| panes::draw(&model, frame));
            });
        });
    }
    group.bench_function("a key in a long text to its bytes", |bencher| {
        let mut stage = long_text();
        let mut terminal = terminal();
        let mut keys = ["j", "k"].into_iter().cycle();
        bencher.iter(|| {
            stage.press(keys.next().unwrap());
            draw(&mut terminal, |frame| panes::draw(&stage.model, frame));
        });
    });
    for &tasks in sizes() {
        group.bench_function(BenchmarkId::new("a letter to what it finds", tasks), |bencher| {
            let mut stage = on_board(tasks);
            stage.press("9 \"tas\"");
            let mut terminal = terminal();
            let mut keys = ["k", "Backspace"].into_iter().cycle();
            bencher.iter(|| {
                stage.press(keys.next().unwrap());
                draw(&mut terminal, |frame| panes::draw(&stage.model, frame));
            });
            assert!(!stage.model.search.hits().is_empty());
        });
    }
    group.finish();
}

/// A project with so many tasks.
fn on_board(tasks: i64) -> Stage {
    let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let paths = ProjectPaths::at(home.path());
    paths.prepare().unwrap();
    bulk::fill(&paths.database(), tasks).unwrap();
    Stage::of(home, (SIZE.width, SIZE.height))
}

/// An artifact of 200 KiB, being read.
fn long_text() -> Stage {
    let mut stage = Stage::busy(SIZE.width, SIZE.height);
    let paragraph = "## A step\n\nWhat **is** to be done, and `how`.\n\n- [ ] one\n- [x] two\n\n";
    let text = paragraph.repeat(200 * 1024 / paragraph.len());
    let new = NewArtifact {
        session: stage.model.session_id().unwrap(),
        task: None,
        kind: Some("design".to_owned()),
        title: "Steps".to_owned(),
        summary: String::new(),
        handed: Handed::Text(text),
    };
    record(&stage.peer, Actor::Human, &new).unwrap();
    stage.press("6 Tab");
    stage
}

fn terminal() -> Terminal<CrosstermBackend<Sink>> {
    let viewport = Viewport::Fixed(Rect::new(0, 0, SIZE.width, SIZE.height));
    Terminal::with_options(CrosstermBackend::new(io::sink()), TerminalOptions { viewport }).unwrap()
}

fn draw(terminal: &mut Terminal<CrosstermBackend<Sink>>, draw: impl FnOnce(&mut Frame<'_>)) {
    terminal.draw(draw).unwrap();
}

fn model(home: &Path, readers: &Readers) -> Model {
    let place = Place {
        project: home.display().to_string(),
        endpoint: None,
        connect: String::new(),
        accessible: false,
    };
    let (keymap, _) = Keymap::new(&[]);
    let mut model = Model::new(place, Theme::built_in("dark"), keymap, SIZE, NOON);
    // What is chosen after the first look is looked at in the second.
    for _ in 0..2 {
        let message = read(&model, readers);
        update(&mut model, message);
    }
    model
}

fn read(model: &Model, readers: &Readers) -> Message {
    let Effect::Load(wanted) = model.reload() else { panic!("a model reads by loading") };
    Message::Loaded(Box::new(readers.read(|reader| load(reader, *wanted)).unwrap()))
}
