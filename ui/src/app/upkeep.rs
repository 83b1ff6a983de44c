//! Looking after the project from the terminal: what is wrong, what lies about, and clearing it.

use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::export::{Exported, Format};
use callboard_engine::upkeep::cleanup::{Cleared, Item, Sort};
use callboard_engine::upkeep::{Finding, Progress};

use super::work::{Ends, Stop};
use super::{Effect, Model};
use crate::action::Action;
use crate::overlay::finder::{Entry, Finder};
use crate::overlay::menu::Menu;
use crate::overlay::{Choice, Overlay};
use crate::sizes::bytes;
use crate::widgets::toast::Tone;

/// Things that are named before they go.
const NAMED: usize = 6;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Look what is wrong.
    Check,
    /// Look what lies about.
    Look,
    /// Clear things of these sorts, after a backup.
    Clear(Vec<Sort>),
    /// Write a session into one file.
    Export(SessionId, Format),
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    /// How far the work is.
    Goes(Progress),
    Checked(Result<Vec<Finding>, Refusal>),
    Looked(Result<Vec<Item>, Refusal>),
    Cleared(Box<Result<Cleared, Refusal>>),
    Exported(Result<Exported, Refusal>),
}

/// A piece of work that looks after the project.
pub type Work = super::work::Work<Progress>;

/// What goes on, and what was found while the person was at something else.
#[derive(Debug, Default)]
pub struct UpkeepModel {
    pub work: Option<Work>,
    ready: Option<(Wish, &'static str, Vec<Entry>)>,
}

/// Asks for something that takes a while, or shows what was found meanwhile.
pub fn ask(model: &mut Model, wish: Wish) -> Vec<Effect> {
    if let Some((_, title, entries)) = model.upkeep.ready.take_if(|(known, ..)| *known == wish) {
        model.overlay = Some(Overlay::Finder(Finder::new(title, entries)));
        return Vec::new();
    }
    let what = match &wish {
        Wish::Check => "Checking the project",
        Wish::Look => "Looking for what lies about",
        Wish::Clear(_) => "Clearing, after a backup",
        Wish::Export(..) => "Exporting the session",
    };
    let Some(stop) = begin(model, what) else { return Vec::new() };
    vec![Effect::Upkeep(wish, stop)]
}

/// Begins a piece of work, unless one goes on; what calls it off.
pub fn begin(model: &mut Model, what: &'static str) -> Option<Stop> {
    if let Some(work) = &model.upkeep.work {
        let told = format!("{} goes on already.", work.what);
        model.tell(Tone::Info, told);
        return None;
    }
    let work = Work::new(what, Ends::WhenCalledOff);
    let stop = work.stop.clone();
    model.upkeep.ready = None;
    model.upkeep.work = Some(work);
    Some(stop)
}

/// Takes how far the work is.
pub fn goes(model: &mut Model, progress: Progress) {
    if let Some(work) = &mut model.upkeep.work {
        work.progress = Some(progress);
    }
}

/// The work has ended; tells so where it was called off before, and whether it was.
pub fn ended(model: &mut Model) -> bool {
    let called_off = model.upkeep.work.take().is_some_and(|work| work.is_ending());
    if called_off {
        model.tell(Tone::Info, "Called off; what was done before stays.");
    }
    called_off
}

/// Calls the work off.
pub fn call_off(model: &Model) -> Vec<Effect> {
    model.upkeep.work.iter().for_each(|work| work.stop.call_off());
    Vec::new()
}

/// Takes what came of it.
pub fn answered(model: &mut Model, answer: Answer) -> Vec<Effect> {
    if let Answer::Goes(progress) = answer {
        goes(model, progress);
        return Vec::new();
    }
    let called_off = ended(model);
    match answer {
        Answer::Checked(Ok(found)) if found.is_empty() => model.tell(Tone::Info, "All is well."),
        Answer::Checked(Ok(found)) => {
            let title = "What is wrong; Enter mends it or copies the command";
            let entries = found.iter().map(|one| finding(one, &found)).collect();
            offer(model, (Wish::Check, title, entries), Action::CheckProject);
        }
        Answer::Looked(Ok(found)) if found.is_empty() => {
            model.tell(Tone::Info, "Nothing lies about.");
        }
        Answer::Looked(Ok(found)) => {
            let title = "What lies about; Enter clears all of its sort";
            offer(model, (Wish::Look, title, items(&found)), Action::CleanUp);
        }
        Answer::Cleared(cleared) => {
            match *cleared {
                Ok(cleared) => {
                    let told = told(model, &cleared);
                    model.tell(Tone::Info, told);
                }
                Err(refusal) if !called_off => model.tell(Tone::Bad, refusal.message),
                Err(_) => {}
            }
            return vec![model.reload()];
        }
        Answer::Exported(Ok(made)) => {
            let told = format!("Exported to {}, {}.", made.path, bytes(made.bytes));
            model.tell(Tone::Info, told);
        }
        Answer::Exported(Err(refusal)) => model.tell(Tone::Bad, refusal.message),
        Answer::Checked(Err(refusal)) | Answer::Looked(Err(refusal)) if !called_off => {
            model.tell(Tone::Bad, refusal.message);
        }
        Answer::Goes(_) | Answer::Checked(Err(_)) | Answer::Looked(Err(_)) => {}
    }
    Vec::new()
}

/// What was cleared, and what takes it back: commands are undone, files and chores are not.
fn told(model: &Model, cleared: &Cleared) -> String {
    let (fixed, left) = (cleared.fixed.len(), cleared.left.len());
    let left = if left == 0 { String::new() } else { format!(", {left} left to you") };
    let undo = model.keymap.shown(Action::Undo);
    let how = match cleared.seqs.as_slice() {
        [] => ".".to_owned(),
        [_] => format!("; {undo} takes it back."),
        more => format!("; {undo} takes it back, {} times for all of it.", more.len()),
    };
    format!("{fixed} cleared{left}{how}")
}

/// Shows a list, unless the person is in the middle of something else by now: then it waits.
fn offer(model: &mut Model, found: (Wish, &'static str, Vec<Entry>), by: Action) {
    let (_, title, entries) = &found;
    if !model.is_occupied() {
        let (_, title, entries) = found;
        model.overlay = Some(Overlay::Finder(Finder::new(title, entries)));
        return;
    }
    let count = match entries.len() {
        1 => "One thing was found".to_owned(),
        more => format!("{more} things were found"),
    };
    let told = format!("{title}: {count}; \"{}\" shows it.", by.row().title);
    model.upkeep.ready = Some(found);
    model.tell(Tone::Info, told);
}

/// Tells whether clearing things of a sort is beyond undo.
fn is_for_good(sort: Sort) -> bool {
    match sort {
        Sort::StaleLocks
        | Sort::TemporaryFiles
        | Sort::OrphanedDocuments
        | Sort::OldChanges
        | Sort::OldEditBackups
        | Sort::OldLogs => true,
        // Files that no record names are kept among the edit backups.
        Sort::OrphanedArtifacts
        | Sort::OrphanedTasks
        | Sort::BrokenDependencies
        | Sort::SyncConflicts
        | Sort::InvalidFileReferences
        | Sort::UnusedTaskGroups
        | Sort::ExpiredClaims
        | Sort::StaleTasks
        | Sort::AbandonedSessions
        | Sort::WrongCounts
        | Sort::SearchIndex
        | Sort::DamagedIndexes
        | Sort::Permissions => false,
    }
}

/// Clears a sort; where that is for good, asks before.
fn clear(sort: Sort, named: &[String]) -> Choice {
    let now = Choice::Upkeep(Wish::Clear(vec![sort]));
    if !is_for_good(sort) {
        return now;
    }
    let mut lines: Vec<String> = named.iter().take(NAMED).cloned().collect();
    let more = named.len().saturating_sub(NAMED);
    if 0 < more {
        lines.push(format!("and {more} more"));
    }
    lines.push(if sort.is_of_files() {
        "The backup that is made first holds the database, not these files.".to_owned()
    } else {
        "Undo does not bring them back; the backup that is made first holds them.".to_owned()
    });
    let what = sort.as_str().replace('_', " ");
    let menu = Menu::new(format!("Clear {what}?"))
        .about(lines.join("\n"))
        .keep("keep them")
        .item('y', format!("remove {} for good", counted(named.len())), now)
        .ready();
    Choice::Menu(Box::new(menu))
}

fn counted(count: usize) -> String {
    if count == 1 { "it".to_owned() } else { format!("all {count}") }
}

fn finding(finding: &Finding, all: &[Finding]) -> Entry {
    let kind = finding.kind.as_str().replace('_', " ");
    let shell = finding.fix.shell.clone().unwrap_or_default();
    let (note, choice) = match finding.fix.cleanup {
        Some(sort) => {
            let same = all.iter().filter(|one| one.fix.cleanup == Some(sort));
            let named: Vec<String> =
                same.map(|one| format!("{}: {}", one.record, one.message)).collect();
            ("mends it".to_owned(), clear(sort, &named))
        }
        None => ("copies the command".to_owned(), copy(shell.clone())),
    };
    Entry {
        label: format!("{}: {kind}: {}  {}", finding.severity, finding.record, finding.message),
        note,
        words: shell,
        closed: None,
        choice,
    }
}

fn items(found: &[Item]) -> Vec<Entry> {
    let one = |item: &Item| {
        let sort = item.sort.as_str().replace('_', " ");
        let (note, choice) = if let Some(fix) = item.act.advice() {
            ("yours to decide".to_owned(), copy(fix.shell.clone().unwrap_or_default()))
        } else {
            let same = found.iter().filter(|one| one.sort == item.sort);
            let named: Vec<String> =
                same.map(|one| format!("{}: {}", one.record, one.message)).collect();
            (format!("clears {sort}"), clear(item.sort, &named))
        };
        Entry {
            label: format!("{sort}: {}  {}", item.record, item.message),
            note,
            words: String::new(),
            closed: None,
            choice,
        }
    };
    found.iter().map(one).collect()
}

fn copy(text: String) -> Choice {
    Choice::Copy { what: text.clone(), text }
}
