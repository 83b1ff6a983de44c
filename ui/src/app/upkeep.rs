//! Looking after the project from the terminal: what is wrong, what lies about, and clearing it.

use callboard_engine::domain::refusal::Refusal;
use callboard_engine::upkeep::Finding;
use callboard_engine::upkeep::cleanup::{Act, Cleared, Item, Sort};

use super::{Effect, Model};
use crate::overlay::finder::{Entry, Finder};
use crate::overlay::{Choice, Overlay};
use crate::widgets::toast::Tone;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// Look what is wrong.
    Check,
    /// Look what lies about.
    Look,
    /// Clear things of these sorts, after a backup.
    Clear(Vec<Sort>),
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    Checked(Result<Vec<Finding>, Refusal>),
    Looked(Result<Vec<Item>, Refusal>),
    Cleared(Box<Result<Cleared, Refusal>>),
}

/// Asks for something that takes a moment.
pub fn ask(model: &mut Model, wish: Wish) -> Vec<Effect> {
    let told = match &wish {
        Wish::Check => "Looking after the project…".to_owned(),
        Wish::Look => "Looking for what lies about…".to_owned(),
        Wish::Clear(sorts) => {
            let sorts: Vec<&str> = sorts.iter().map(|sort| sort.as_str()).collect();
            format!("Clearing {}, after a backup…", sorts.join(", ").replace('_', " "))
        }
    };
    model.tell(Tone::Info, told);
    vec![Effect::Upkeep(wish)]
}

/// Takes what came of it.
pub fn answered(model: &mut Model, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Checked(Ok(found)) if found.is_empty() => model.tell(Tone::Info, "All is well."),
        Answer::Checked(Ok(found)) => {
            let title = "What is wrong; Enter mends it or copies the command";
            offer(model, title, found.iter().map(finding).collect());
        }
        Answer::Looked(Ok(found)) if found.is_empty() => {
            model.tell(Tone::Info, "Nothing lies about.");
        }
        Answer::Looked(Ok(found)) => {
            let title = "What lies about; Enter clears all of its sort";
            offer(model, title, items(&found));
        }
        Answer::Cleared(cleared) => match *cleared {
            Ok(cleared) => {
                let (fixed, left) = (cleared.fixed.len(), cleared.left.len());
                let left = if left == 0 { String::new() } else { format!(", {left} left to you") };
                model.tell(Tone::Info, format!("{fixed} cleared{left}; u takes commands back."));
                return vec![model.reload()];
            }
            Err(refusal) => model.tell(Tone::Bad, refusal.message),
        },
        Answer::Checked(Err(refusal)) | Answer::Looked(Err(refusal)) => {
            model.tell(Tone::Bad, refusal.message);
        }
    }
    Vec::new()
}

/// Shows a list, unless the person is in the middle of something else by now.
fn offer(model: &mut Model, title: &str, entries: Vec<Entry>) {
    if model.overlay.is_some() {
        return model.tell(Tone::Info, format!("{} things were found.", entries.len()));
    }
    model.overlay = Some(Overlay::Finder(Finder::new(title, entries)));
}

fn finding(finding: &Finding) -> Entry {
    let kind = finding.kind.as_str().replace('_', " ");
    let shell = finding.fix.shell.clone().unwrap_or_default();
    let (note, choice) = match finding.fix.cleanup {
        Some(sort) => ("mends it".to_owned(), Choice::Upkeep(Wish::Clear(vec![sort]))),
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
        let (note, choice) = match &item.act {
            Act::Person(fix) => {
                ("yours to decide".to_owned(), copy(fix.shell.clone().unwrap_or_default()))
            }
            Act::Command(_)
            | Act::Remove(_)
            | Act::SetAside(_)
            | Act::Sweep(_)
            | Act::Private(_)
            | Act::Chore(_)
            | Act::Prune(_) => {
                (format!("clears {sort}"), Choice::Upkeep(Wish::Clear(vec![item.sort])))
            }
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
