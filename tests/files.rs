//! Nothing that anybody saved is lost, whatever happens between two steps of writing.

mod crash;
mod odd;
mod race;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use callboard_engine::sync::files::{ContentHash, Files, ReplaceError, Step, Steps};

const OLD: &[u8] = b"- [ ] old\n";
const NEW: &[u8] = b"- [x] new\n";
const SAVED: &[u8] = b"- [/] saved at that very moment\n";

const STEPS: [Step; 8] = [
    Step::Checked,
    Step::Made,
    Step::Written,
    Step::Synced,
    Step::Linked,
    Step::Swapped,
    Step::Compared,
    Step::DirectorySynced,
];

/// How a file system replaces files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Exchange,
    Rename,
}

/// Somebody who does something at every step.
struct Watcher<F> {
    way: Way,
    act: F,
}

impl<F> std::fmt::Debug for Watcher<F> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?}", self.way)
    }
}

impl<F: Fn(Step) -> io::Result<()> + Send + Sync> Steps for Watcher<F> {
    fn at(&self, step: Step) -> io::Result<()> {
        (self.act)(step)
    }

    fn may_exchange(&self) -> bool {
        self.way == Way::Exchange
    }
}

fn stepping<F>(root: &Path, way: Way, act: F) -> Files
where
    F: Fn(Step) -> io::Result<()> + Send + Sync + 'static,
{
    Files::stepping(root, Arc::new(Watcher { way, act })).unwrap()
}

/// A directory in memory, where there is one: a test that syncs a thousand times needs no disk.
fn scene() -> (tempfile::TempDir, PathBuf) {
    let memory = Path::new("/dev/shm");
    let directory =
        if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let directory = directory.unwrap();
    let document = directory.path().join("a.md");
    (directory, document)
}

fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn hash(bytes: &[u8]) -> ContentHash {
    ContentHash::of(bytes)
}

/// The texts that a refusal hands over, those found by a second look among them.
fn handed_over(error: ReplaceError) -> Vec<Vec<u8>> {
    let ReplaceError::Raced { raced, .. } = error else { panic!("{error:?}") };
    let mut texts = raced.texts;
    if let Some(displaced) = raced.displaced {
        texts.extend(displaced.recheck().unwrap());
        displaced.discard().unwrap();
    }
    texts
}
