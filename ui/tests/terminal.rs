//! The application in a real terminal: a pty, read by a terminal emulator.

use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

use super::clash::{clash_in, titled};

/// Nothing takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Screen {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    terminal: vt100::Parser,
    raw: Vec<u8>,
}

impl Screen {
    pub(crate) fn open(project: &Path, arguments: &[&str]) -> Self {
        Self::with(project, arguments, &[("EDITOR", "true")])
    }

    /// The program in an environment that has these variables too.
    pub(crate) fn with(project: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let size = PtySize { rows: 30, cols: 100, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(arguments);
        command.cwd(project);
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("HOME", project);
        for (name, value) in variables {
            command.env(name, value);
        }
        command.env_remove("NO_COLOR");
        command.env_remove("CALLBOARD_PROJECT");
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let (sender, bytes) = sync_channel(1024);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(count @ 1..) = reader.read(&mut buffer)
                && sender.send(buffer[..count].to_vec()).is_ok()
            {}
        });
        let writer = pty.master.take_writer().unwrap();
        let terminal = vt100::Parser::new(cells(30), cells(100), 0);
        Self { child, master: pty.master, writer, bytes, terminal, raw: Vec::new() }
    }

    pub(crate) fn text(&self) -> String {
        self.terminal.screen().contents()
    }

    /// Waits until the screen shows a text; returns how long that took.
    pub(crate) fn shows(&mut self, text: &str) -> Duration {
        let begun = Instant::now();
        while !self.text().contains(text) {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let Ok(bytes) = self.bytes.recv_timeout(left) else {
                panic!("the screen never showed {text:?}:\n{}", self.text());
            };
            self.terminal.process(&bytes);
            self.raw.extend(bytes);
        }
        begun.elapsed()
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Waits for the end; the exit code, and the last bytes that were written.
    pub(crate) fn ends(&mut self) -> (u32, String) {
        while let Ok(bytes) = self.bytes.recv_timeout(PATIENCE) {
            self.terminal.process(&bytes);
            self.raw.extend(bytes);
        }
        let status = self.child.wait().unwrap();
        (status.exit_code(), String::from_utf8_lossy(&self.raw).into_owned())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // A test that failed leaves no program behind.
        self.child.kill().ok();
    }
}

fn cells(count: u16) -> std::num::NonZeroU16 {
    count.try_into().unwrap()
}

/// Everything that was switched on in the terminal is switched off again.
pub(crate) fn assert_restored(raw: &str) {
    for (on, off) in [
        ("\u{1b}[?1049h", "\u{1b}[?1049l"),
        ("\u{1b}[?2004h", "\u{1b}[?2004l"),
        ("\u{1b}[?1000h", "\u{1b}[?1000l"),
        ("\u{1b}[?25l", "\u{1b}[?25h"),
    ] {
        let (last_on, last_off) = (raw.rfind(on), raw.rfind(off));
        assert!(last_on.is_some() && last_on < last_off, "{off:?} comes after {on:?}");
    }
}

pub(crate) fn project() -> TempDir {
    tempfile::tempdir().unwrap()
}

pub(crate) fn run(project: &Path, arguments: &[&str]) {
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_callboard"))
        .args(arguments)
        .current_dir(project)
        .env("HOME", project)
        .env_remove("CALLBOARD_PROJECT")
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{arguments:?}");
}

#[test]
fn the_first_screen_comes_by_itself_and_q_gives_the_terminal_back() {
    let project = project();
    let mut screen = Screen::open(project.path(), &[]);
    screen.shows("Welcome to Callboard");
    screen.shows("claude mcp add");
    screen.press("q");
    let (code, raw) = screen.ends();
    assert_eq!(code, 0);
    assert_restored(&raw);
}

#[test]
fn what_is_typed_is_on_the_board_and_in_the_store() {
    let project = project();
    let mut screen = Screen::open(project.path(), &[]);
    screen.shows("Welcome to Callboard");
    screen.press("sc");
    screen.shows("New session");
    screen.press("Release\r");
    screen.shows("Release has no tasks yet");
    screen.press("aWrite the notes\r");
    screen.shows("1 open of 1");
    screen.press("q");
    screen.ends();
    let mut again = Screen::open(project.path(), &[]);
    again.shows("Write the notes");
}

#[test]
fn what_another_process_changes_appears_by_itself() {
    let project = project();
    run(project.path(), &["init"]);
    run(project.path(), &["session", "create", "Shared"]);
    let mut screen = Screen::open(project.path(), &[]);
    screen.shows("Shared has no tasks yet");
    run(project.path(), &["add", "From elsewhere"]);
    screen.shows("From elsewhere");
}

#[test]
fn a_paste_is_text_and_its_lines_are_no_keys() {
    let project = project();
    run(project.path(), &["init"]);
    run(project.path(), &["session", "create", "Shared"]);
    let mut screen = Screen::open(project.path(), &[]);
    screen.shows("Shared has no tasks yet");
    screen.press("a");
    screen.shows("New task");
    screen.press("\u{1b}[200~one\rtwo q\u{1b}[201~");
    screen.shows("one two q");
    screen.press("\r");
    screen.shows("1 open of 1");
}

#[test]
fn resizing_draws_anew_and_below_the_smallest_size_says_so() {
    let project = project();
    let mut screen = Screen::open(project.path(), &[]);
    screen.shows("Welcome to Callboard");
    let size = |rows, cols| PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
    screen.terminal.set_size(cells(10), cells(40));
    screen.master.resize(size(10, 40)).unwrap();
    screen.shows("40×10 is too small");
    screen.terminal.set_size(cells(40), cells(120));
    screen.master.resize(size(40, 120)).unwrap();
    screen.shows("Welcome to Callboard");
}

#[cfg(unix)]
#[test]
fn a_signal_gives_the_terminal_back_too() {
    let project = project();
    let mut screen = Screen::open(project.path(), &[]);
    screen.shows("Welcome to Callboard");
    let pid = screen.child.process_id().unwrap().to_string();
    std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    let (code, raw) = screen.ends();
    assert_eq!(code, 143);
    assert_restored(&raw);
}

#[test]
fn the_editor_gets_the_terminal_and_gives_it_back() {
    let project = project();
    run(project.path(), &["init"]);
    run(project.path(), &["session", "create", "Shared"]);
    run(project.path(), &["add", "Write the notes"]);
    let mut screen = Screen::open(project.path(), &[]);
    screen.shows("Write the notes");
    screen.press("E");
    screen.shows("The description is as it was");
    screen.press("q");
    assert_eq!(screen.ends().0, 0);
}

#[test]
fn a_conflict_is_decided_by_keyboard_and_taken_back() {
    let project = project();
    run(project.path(), &["init"]);
    run(project.path(), &["session", "create", "Shared"]);
    run(project.path(), &["add", "Write the notes"]);
    let titles = (titled("Write short notes"), titled("Write long notes"));
    clash_in(project.path(), "Write the notes", titles);
    let mut screen = Screen::open(project.path(), &[]);
    screen.shows("Write short notes");
    screen.shows("1 conflict");
    screen.press("4");
    screen.shows("1 of 1 open");
    screen.press("l");
    screen.shows("0 of 1 open");
    screen.press("w");
    screen.shows("No open conflicts");
    screen.press("1");
    screen.shows("Write long notes");
    screen.press("u");
    screen.shows("Write short notes");
    screen.shows("1 conflict");
}

#[cfg(target_os = "linux")]
#[test]
fn an_idle_screen_writes_nothing() {
    let project = project();
    let mut screen = Screen::open(project.path(), &[]);
    screen.shows("Welcome to Callboard");
    screen.shows("MCP");
    // The endpoint's address may still come; after that there is nothing more to draw.
    while screen.bytes.recv_timeout(Duration::from_millis(700)).is_ok() {}
    let silent = screen.bytes.recv_timeout(Duration::from_secs(2));
    assert!(
        silent.is_err(),
        "{:?}",
        silent.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    );
}

/// How often the threads of a process went to sleep so far, which is how often they woke.
#[cfg(target_os = "linux")]
fn sleeps(process: u32) -> u64 {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let count = |thread: std::fs::DirEntry| {
        let status = std::fs::read_to_string(thread.path().join("status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
        line.trim().parse::<u64>().ok()
    };
    threads.filter_map(|thread| count(thread.unwrap())).sum()
}

#[cfg(target_os = "linux")]
#[test]
fn an_idle_program_wakes_at_most_twice_a_second() {
    const SECONDS: u64 = 10;
    let project = project();
    run(project.path(), &["init"]);
    run(project.path(), &["session", "create", "Quiet"]);
    run(project.path(), &["add", "Write the notes"]);
    let mut screen = Screen::open(project.path(), &[]);
    screen.shows("Write the notes");
    screen.shows("mode project_roles");
    // Until the documents are written and looked at, and the first backup is made.
    while screen.bytes.recv_timeout(Duration::from_secs(8)).is_ok() {}
    let process = screen.child.process_id().unwrap();
    let before = sleeps(process);
    let told = screen.bytes.recv_timeout(Duration::from_secs(SECONDS));
    assert!(
        told.is_err(),
        "it wrote to the screen: {:?}",
        told.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    );
    let woken = sleeps(process) - before;
    assert!(woken <= 2 * SECONDS, "{woken} times in {SECONDS} seconds");
}

#[test]
fn a_project_that_vanishes_is_told_and_the_terminal_stays_whole() {
    let project = project();
    run(project.path(), &["init"]);
    run(project.path(), &["session", "create", "Here"]);
    let mut screen = Screen::open(project.path(), &[]);
    screen.shows("Here has no tasks yet");
    let home = project.path().join(".task_orchestrator");
    std::fs::rename(&home, project.path().join("aside")).unwrap();
    screen.press("aInto nothing\r");
    screen.shows("database is gone");
    std::fs::rename(project.path().join("aside"), &home).unwrap();
    screen.press("aInto the project\r");
    screen.shows("1 open of 1");
    screen.press("q");
    let (code, raw) = screen.ends();
    assert_eq!(code, 0);
    assert_restored(&raw);
}
