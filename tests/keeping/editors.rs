//! The ways in which people's programs save, each with a keeper at work and an agent that changed
//! something since the file was opened.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::thread;
use std::time::Duration;

use callboard_engine::sync::keeper::{self, SyncHandle};

use super::desk::{ACTIVE, Desk, until};

/// How a program puts a new text into a file.
type Save = (&'static str, fn(&Path, &str));

const SAVES: &[Save] = &[
    ("Obsidian, prettier, nano: cut off and written in place", |file, text| {
        fs::write(file, text).unwrap();
    }),
    ("Obsidian, atomically: a new file over the old one", |file, text| {
        let new = beside(file, ".tmp");
        fs::write(&new, text).unwrap();
        fs::rename(new, file).unwrap();
    }),
    ("VS Code: written in place, then cut off", |file, text| {
        let mut open = OpenOptions::new().write(true).open(file).unwrap();
        open.write_all(text.as_bytes()).unwrap();
        open.set_len(u64::try_from(text.len()).unwrap()).unwrap();
        open.sync_all().unwrap();
    }),
    ("VS Code, atomically", |file, text| {
        let new = file.with_file_name("active_tasks.md.vsctmp");
        fs::write(&new, text).unwrap();
        File::open(&new).unwrap().sync_all().unwrap();
        fs::rename(new, file).unwrap();
    }),
    ("JetBrains: the old one away, the new one in its place, the old one gone", |file, text| {
        let (new, old) = (beside(file, "___jb_tmp___"), beside(file, "___jb_old___"));
        fs::write(&new, text).unwrap();
        fs::rename(file, &old).unwrap();
        fs::rename(new, file).unwrap();
        fs::remove_file(old).unwrap();
    }),
    ("emacs, the first time: the old one becomes the backup", |file, text| {
        let lock = file.with_file_name(".#active_tasks.md");
        #[cfg(unix)]
        std::os::unix::fs::symlink("somebody@here.1", &lock).unwrap();
        let automatic = file.with_file_name("#active_tasks.md#");
        fs::write(&automatic, text).unwrap();
        fs::rename(file, beside(file, "~")).unwrap();
        fs::write(file, text).unwrap();
        fs::remove_file(automatic).unwrap();
        fs::remove_file(lock).ok();
    }),
    ("vim with backupcopy=yes: a copy, then in place", |file, text| {
        fs::write(file.with_file_name(".active_tasks.md.swp"), "b0VIM").unwrap();
        fs::copy(file, beside(file, "~")).unwrap();
        fs::write(file, text).unwrap();
        fs::remove_file(beside(file, "~")).unwrap();
        fs::remove_file(file.with_file_name(".active_tasks.md.swp")).unwrap();
    }),
    ("vim with backupcopy=no: a try, the old one away, a new one", |file, text| {
        let attempt = file.with_file_name("4913");
        fs::write(&attempt, "").unwrap();
        fs::remove_file(attempt).unwrap();
        fs::rename(file, beside(file, "~")).unwrap();
        fs::write(file, text).unwrap();
        fs::remove_file(beside(file, "~")).unwrap();
    }),
    ("git: away, then made anew", |file, text| {
        fs::remove_file(file).unwrap();
        thread::park_timeout(Duration::from_millis(300));
        fs::write(file, text).unwrap();
    }),
    ("a synchronizer: a hidden file, then over the old one, with an old time", |file, text| {
        let new = file.with_file_name(".syncthing.active_tasks.md.tmp");
        fs::write(&new, text).unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        File::options().write(true).open(&new).unwrap().set_modified(old).unwrap();
        fs::rename(new, file).unwrap();
    }),
];

fn beside(file: &Path, end: &str) -> PathBuf {
    file.with_extension(format!("md{end}"))
}

/// A board with a keeper at work.
struct Live {
    desk: Desk,
    keeper: SyncHandle,
    saves: usize,
}

impl Live {
    fn new() -> Self {
        let desk = Desk::board();
        let keeper = keeper::start(&desk.scene.peer, desk.options).unwrap();
        let live = Self { desk, keeper, saves: 0 };
        live.rests();
        live
    }

    fn rests(&self) {
        let status = self.keeper.status();
        until("the keeper rests", || status.borrow().keeps && !status.borrow().waiting);
    }

    /// Opens the list, lets an agent change something, saves, and expects both on both sides.
    fn save(&mut self, what: &str, save: impl FnOnce(&Path, &str)) {
        self.saves += 1;
        let (form, logo) = (format!("form {}", self.saves), format!("logo {}", self.saves));
        let title = self.desk.scene.task(self.desk.id("form")).title;
        let text = self.desk.read(ACTIVE).replace(&format!("] {title} <"), &format!("] {form} <"));
        self.desk.retitle(self.desk.id("logo"), &logo);
        save(&self.desk.path(ACTIVE), &text);
        let title = |name: &str| self.desk.scene.task(self.desk.id(name)).title;
        until(&format!("{what}: the edit is in the database"), || title("form") == form);
        until(&format!("{what}: both are in the file"), || {
            let text = fs::read_to_string(self.desk.path(ACTIVE)).unwrap_or_default();
            text.contains(&format!("] {form} <")) && text.contains(&format!("] {logo} <"))
        });
        assert_eq!(title("logo"), logo, "{what}");
        assert_eq!(self.desk.open(), "", "{what}");
    }

    /// Nothing was made, lost or asked by any of it.
    fn ends(self) {
        self.rests();
        let Self { desk, keeper, saves } = self;
        drop(keeper);
        until("the keeper ends", || {
            keeper::once(&desk.scene.peer, desk.options).unwrap().is_some()
        });
        let all = format!("Backend: api, store; Design: form {saves}, logo {saves}; -: note");
        assert_eq!(desk.shown(), all);
        desk.all_in_step();
    }
}

#[test]
fn every_way_in_which_programs_save_is_one_edit() {
    let mut live = Live::new();
    for (what, save) in SAVES {
        live.save(what, save);
    }
    live.ends();
}

#[test]
fn a_slow_writer_is_waited_for_or_read_again() {
    let mut live = Live::new();
    live.save("200 bytes every 100 ms", |file, text| {
        let mut open = File::create(file).unwrap();
        for some in text.as_bytes().chunks(200) {
            open.write_all(some).unwrap();
            thread::park_timeout(Duration::from_millis(100));
        }
    });
    live.ends();
}

#[test]
fn a_writer_who_is_slower_than_anybody_waits_deletes_nothing() {
    let mut live = Live::new();
    live.save("40 bytes every 150 ms", |file, text| {
        let mut open = File::create(file).unwrap();
        for some in text.as_bytes().chunks(text.len().div_ceil(20)) {
            open.write_all(some).unwrap();
            thread::park_timeout(Duration::from_millis(150));
        }
    });
    live.ends();
}

/// Runs a program on the file; false where it is not installed.
fn runs(program: &str, arguments: &[&str], file: &Path) -> bool {
    let mut process = Process::new(program);
    process.args(arguments).arg(file).current_dir(file.parent().unwrap());
    process.env("HOME", file.parent().unwrap()).stdin(Stdio::null()).stdout(Stdio::null());
    process.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn is_installed(program: &str) -> bool {
    Process::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// What is to be replaced in a file so that it says the text.
fn difference(file: &Path, text: &str) -> (String, String) {
    let old = fs::read_to_string(file).unwrap();
    let line = text.lines().find(|line| !old.contains(*line)).unwrap();
    let title =
        |line: &str| line.split(" <!--").next().unwrap().trim_start_matches("- [ ] ").to_owned();
    let stamp = line.rsplit(' ').nth(2).unwrap();
    let before = old.lines().find(|line| line.contains(stamp)).unwrap();
    (title(before), title(line))
}

#[cfg(unix)]
#[test]
fn sed_in_place_is_one_edit() {
    if !is_installed("sed") {
        return;
    }
    let mut live = Live::new();
    live.save("sed -i", |file, text| {
        let (from, to) = difference(file, text);
        assert!(runs("sed", &["-i", &format!("s/{from} </{to} </")], file));
    });
    live.save("sed -i with a backup", |file, text| {
        let (from, to) = difference(file, text);
        assert!(runs("sed", &["-i.bak", &format!("s/{from} </{to} </")], file));
    });
    live.ends();
}

#[test]
fn vim_saves_with_every_backupcopy() {
    if !is_installed("vim") {
        return;
    }
    let mut live = Live::new();
    for copy in ["yes", "no", "auto", "yes,breakhardlink", "no,breaksymlink"] {
        for backup in ["nobackup writebackup", "backup", "nobackup nowritebackup"] {
            live.save(&format!("vim, backupcopy={copy} {backup}"), |file, text| {
                let (from, to) = difference(file, text);
                let (set, change) =
                    (format!("set backupcopy={copy} {backup}"), format!("%s/{from} </{to} </"));
                let arguments = ["-u", "NONE", "-N", "-es", "-c", &set, "-c", &change, "-c", "wq!"];
                assert!(runs("vim", &arguments, file));
            });
        }
    }
    live.ends();
}

#[test]
fn emacs_saves_with_and_without_a_backup() {
    if !is_installed("emacs") {
        return;
    }
    let mut live = Live::new();
    for (what, set) in [
        ("a backup by renaming", ""),
        ("a backup by copying", "(setq backup-by-copying t)"),
        ("no backup", "(setq make-backup-files nil)"),
        ("carefully", "(setq file-precious-flag t)"),
    ] {
        live.save(&format!("emacs, {what}"), |file, text| {
            let (from, to) = difference(file, text);
            let name = file.display();
            let edit = format!(
                "(progn {set} (find-file \"{name}\") (goto-char (point-min)) \
                 (search-forward \"{from} <\") (replace-match \"{to} <\" t t) (save-buffer) (kill-emacs 0))"
            );
            // It refuses to save, and is asked again, where the file was written meanwhile.
            until("emacs saves", || runs("emacs", &["-Q", "--batch", "--eval", &edit], file));
        });
    }
    live.ends();
}
