//! Somebody saves while a document is being replaced.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use callboard_engine::sync::files::{Displaced, ReadError};

use super::*;

/// How programs save.
#[derive(Debug, Clone, Copy)]
enum Save {
    InPlace,
    RenameOver,
    DeleteAndCreate,
    BackupCopy,
}

const SAVES: [Save; 4] = [Save::InPlace, Save::RenameOver, Save::DeleteAndCreate, Save::BackupCopy];

impl Save {
    fn perform(self, document: &Path, text: &[u8]) -> io::Result<()> {
        match self {
            Self::InPlace => fs::write(document, text),
            Self::RenameOver => {
                let other = document.with_extension("save");
                fs::write(&other, text)?;
                fs::rename(other, document)
            }
            Self::DeleteAndCreate => {
                fs::remove_file(document)?;
                fs::write(document, text)
            }
            Self::BackupCopy => {
                fs::rename(document, document.with_extension("md~"))?;
                fs::write(document, text)
            }
        }
    }
}

/// Everything that is known after an attempt: what was handed over, and what stands.
fn known(files: &Files, answer: Result<Option<Displaced>, ReplaceError>) -> Vec<Vec<u8>> {
    let mut texts = match answer {
        Ok(displaced) => {
            let late = displaced.as_ref().and_then(|displaced| displaced.recheck().unwrap());
            displaced.map(Displaced::discard).transpose().unwrap();
            late.into_iter().collect()
        }
        Err(error) => handed_over(error),
    };
    texts.push(files.read(Path::new("a.md")).unwrap().bytes);
    texts
}

#[test]
fn no_save_is_lost_whenever_and_however_it_is_made() {
    for save in SAVES {
        for step in [Step::Checked, Step::Written, Step::Synced, Step::Swapped, Step::Compared] {
            check(Way::Exchange, save, vec![step]);
        }
        for later in [Step::Swapped, Step::DirectorySynced] {
            check(Way::Exchange, save, vec![Step::Synced, later]);
            check(Way::Exchange, save, vec![Step::Checked, Step::Synced, later]);
        }
        for step in [Step::Checked, Step::Synced, Step::Swapped, Step::Compared] {
            check(Way::Rename, save, vec![step]);
        }
    }
    // A save to the old file is found even after the last look before the rename.
    check(Way::Rename, Save::InPlace, vec![Step::Linked]);
}

/// Saves at some steps of replacing; the last of the saves must be known afterwards.
fn check(way: Way, save: Save, at: Vec<Step>) {
    let (directory, document) = scene();
    fs::write(&document, OLD).unwrap();
    let case = format!("{way:?}, {save:?} at {at:?}");
    let (place, last) = (document.clone(), *at.last().unwrap());
    let files = stepping(directory.path(), way, move |step| {
        if at.contains(&step) {
            save.perform(&place, if step == last { SAVED } else { b"earlier" }).unwrap();
        }
        Ok(())
    });
    let answer = files.replace(&document, Some(&hash(OLD)), NEW);
    let known = known(&files, answer.map(|replaced| replaced.displaced));
    assert!(known.iter().any(|text| text == SAVED), "{case}: {known:?}");
    let stands = fs::read(&document).unwrap();
    assert_ne!(stands, b"earlier", "{case}: the last save does not stand");
    let left: Vec<String> =
        names(directory.path()).into_iter().filter(|name| name.starts_with('.')).collect();
    assert_eq!(left, Vec::<String>::new(), "{case}");
}

#[test]
fn a_save_during_removal_stays() {
    for save in SAVES {
        let (directory, document) = scene();
        fs::write(&document, OLD).unwrap();
        let place = document.clone();
        let files = stepping(directory.path(), Way::Exchange, move |step| {
            if step == Step::Checked {
                save.perform(&place, SAVED)?;
            }
            Ok(())
        });
        let answer = files.remove(&document, &hash(OLD));
        let known = known(&files, answer.map(|removed| removed.displaced));
        assert!(known.iter().all(|text| text == SAVED), "{save:?}: {known:?}");
    }
}

#[test]
fn what_an_editor_writes_later_to_the_displaced_file_is_found() {
    use std::io::Write as _;
    for way in [Way::Exchange, Way::Rename] {
        let (directory, document) = scene();
        fs::write(&document, OLD).unwrap();
        let files = stepping(directory.path(), way, |_| Ok(()));
        let mut editor = fs::OpenOptions::new().append(true).open(&document).unwrap();
        let replaced = files.replace(&document, Some(&hash(OLD)), NEW).unwrap();
        let displaced = replaced.displaced.unwrap();
        assert_eq!(displaced.recheck().unwrap(), None);
        editor.write_all(SAVED).unwrap();
        assert_eq!(displaced.recheck().unwrap(), Some([OLD, SAVED].concat()));
        displaced.discard().unwrap();
        assert_eq!(names(directory.path()), BTreeSet::from(["a.md".to_owned()]));
    }
}

const SAVES_MAX: usize = 1000;

/// How far each side is; both wait for the other by looking here.
#[derive(Debug, Default)]
struct Counters {
    /// Saves that are complete.
    saves: AtomicUsize,
    /// Rounds of reading and replacing that are complete.
    rounds: AtomicUsize,
}

/// A person who saves a thousand times, each time when what was saved before can have been read.
fn save_often(document: &Path, counters: &Counters) {
    for number in 1..=SAVES_MAX {
        let save = SAVES.into_iter().cycle().nth(number).unwrap();
        let text = format!("save {number}\nround 0\n");
        save.perform(document, text.as_bytes()).unwrap();
        counters.saves.store(number, Ordering::SeqCst);
        let enough = counters.rounds.load(Ordering::SeqCst) + 3;
        let deadline = Instant::now() + Duration::from_secs(10);
        while counters.rounds.load(Ordering::SeqCst) < enough {
            assert!(Instant::now() < deadline, "nobody reads any more");
            thread::yield_now();
        }
    }
    counters.saves.store(usize::MAX, Ordering::SeqCst);
}

/// The one that keeps the document in step: it reads, takes note, and writes its own part.
struct Keeper {
    files: Files,
    seen: BTreeSet<String>,
    /// Displaced files, each with the save that may still write to it.
    displaced: Vec<(usize, Displaced)>,
}

impl Keeper {
    fn note(&mut self, text: &[u8]) {
        let text = String::from_utf8(text.to_vec()).unwrap();
        self.seen.extend(text.lines().next().map(str::to_owned));
    }

    fn round(&mut self, number: usize, saves: usize) {
        let document = Path::new("a.md");
        let reading = match self.files.read(document) {
            Ok(reading) => reading,
            Err(ReadError::Missing { .. } | ReadError::Unstable { .. }) => return,
            Err(error) => panic!("{error:?}"),
        };
        self.note(&reading.bytes);
        let text = String::from_utf8(reading.bytes).unwrap();
        let first = text.lines().next().unwrap_or_default();
        let new = format!("{first}\nround {number}\n");
        let displaced = match self.files.replace(document, Some(&reading.hash), new.as_bytes()) {
            Ok(replaced) => replaced.displaced,
            Err(ReplaceError::Raced { raced, .. }) => {
                raced.texts.iter().for_each(|text| self.note(text));
                raced.displaced
            }
            Err(ReplaceError::Read(ReadError::Unstable { .. } | ReadError::Missing { .. })) => None,
            Err(error) => panic!("{error:?}"),
        };
        self.displaced.extend(displaced.map(|displaced| (saves.saturating_add(1), displaced)));
    }

    /// The grace time of a file is over when the save that was going on is complete.
    fn recheck(&mut self, saves: usize) {
        for (until, displaced) in std::mem::take(&mut self.displaced) {
            if saves <= until && saves != usize::MAX {
                self.displaced.push((until, displaced));
                continue;
            }
            displaced.recheck().unwrap().iter().for_each(|text| self.note(text));
            displaced.discard().unwrap();
        }
    }
}

#[test]
fn of_a_thousand_saves_during_constant_replacing_none_is_lost() {
    let (directory, document) = scene();
    fs::write(&document, "save 0\nround 0\n").unwrap();
    let files = Files::below(directory.path()).unwrap();
    let mut keeper = Keeper { files, seen: BTreeSet::new(), displaced: Vec::new() };
    let counters = Counters::default();
    thread::scope(|scope| {
        scope.spawn(|| save_often(&document, &counters));
        for number in 1.. {
            let saves = counters.saves.load(Ordering::SeqCst);
            keeper.round(number, saves);
            keeper.recheck(counters.saves.load(Ordering::SeqCst));
            counters.rounds.fetch_add(1, Ordering::SeqCst);
            if saves == usize::MAX {
                break;
            }
        }
    });
    let lost: Vec<usize> =
        (1..=SAVES_MAX).filter(|number| !keeper.seen.contains(&format!("save {number}"))).collect();
    assert_eq!(lost, Vec::<usize>::new());
    assert_eq!(names(directory.path()).iter().filter(|name| name.starts_with('.')).count(), 0);
}
