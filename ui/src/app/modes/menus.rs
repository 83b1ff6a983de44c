//! The questions about modes: which one, whether to select it, what repairing would change.

use callboard_engine::domain::count::{by_count, counted};
use callboard_engine::domain::gate;
use callboard_engine::modes::folder::{ListedMode, Mended};

use super::acts::{closed, tally};
use super::{Shown, Wish};
use crate::action::Action;
use crate::app::{Effect, Model};
use crate::overlay::finder::{Entry, Finder};
use crate::overlay::menu::Menu;
use crate::overlay::prompt::{Prompt, Purpose};
use crate::overlay::{Choice, Overlay};
use crate::widgets::fit;

/// The title by which the menu of modes is known while it is open.
const TITLE: &str = "Mode";
/// Modes that a menu has a key for; where there are more, they are found by their letters.
const MENU_MAX: usize = 16;
/// Keys that do something else in a menu.
const TAKEN: [char; 3] = ['j', 'k', 'q'];
/// Columns of a reason behind an item.
const REASON_MAX: usize = 30;
/// Repairs that are listed before they are done.
const REPAIRS_SHOWN: usize = 8;

/// Opens the menu that puts a mode in force.
pub fn open_menu(model: &mut Model) -> Vec<Effect> {
    model.overlay = Some(list(model));
    vec![Effect::Modes(Wish::List)]
}

/// Brings the menu, if it is open, up to date with the files.
pub(super) fn refresh(model: &mut Model) {
    let Some(Overlay::Menu(open)) = &model.overlay else { return };
    if open.title != TITLE {
        return;
    }
    let cursor = open.cursor;
    let was_empty = open.items.is_empty();
    let mut fresh = list(model);
    if let (Overlay::Menu(menu), false) = (&mut fresh, was_empty) {
        menu.cursor = cursor.min(menu.items.len().saturating_sub(1));
    }
    model.overlay = Some(fresh);
}

fn list(model: &Model) -> Overlay {
    // A file that another one of its name goes before cannot be meant.
    let mut seen: Vec<&str> = Vec::new();
    let mut rows: Vec<&ListedMode> = Vec::new();
    for row in model.modes.rows() {
        if !seen.contains(&row.name.as_str()) {
            seen.push(&row.name);
            rows.push(row);
        }
    }
    if MENU_MAX < rows.len() {
        let entries = rows.into_iter().map(|row| entry(model, row)).collect();
        return Overlay::Finder(Finder::new(TITLE, entries));
    }
    let about = match (model.mode(), model.modes.is_listed) {
        (_, false) => "Looking…".to_owned(),
        (Some(mode), true) => format!(
            "{mode} is in force. Choosing another puts that in force at once; u takes it back."
        ),
        (None, true) => "The next session begins with the mode you choose.".to_owned(),
    };
    let mut menu = Menu::new(TITLE).about(about);
    let mut keys = Vec::new();
    for row in rows {
        let key = key_for(&row.name, &keys);
        keys.push(key);
        menu = menu.item_if(key, label(row), state(model, row), choice(row));
    }
    Overlay::Menu(menu.ready())
}

/// A letter of the name that is free: first letters of its words before others, then digits.
fn key_for(name: &str, taken: &[char]) -> char {
    let is_free = |key: &char| !taken.contains(key) && !TAKEN.contains(key);
    let firsts = name.split(['_', '-']).filter_map(|word| word.chars().next());
    let letters = firsts.chain(name.chars()).filter(char::is_ascii_alphanumeric);
    let letters = letters.map(|letter| letter.to_ascii_lowercase());
    letters.chain('1'..='9').chain('a'..='z').find(is_free).unwrap_or('0')
}

fn label(row: &ListedMode) -> String {
    if row.title.is_empty() || row.title == row.name {
        row.name.clone()
    } else {
        format!("{}  {}", row.name, row.title)
    }
}

/// Why a mode cannot be chosen now.
fn state(model: &Model, row: &ListedMode) -> Option<String> {
    let is_bound = model.mode() == Some(row.name.as_str());
    let view = model.keymap.shown(Action::ViewModes);
    match closed(row) {
        Some(_) if row.errors == 1 => Some(format!("1 error; {view} shows it")),
        Some(_) if 1 < row.errors => Some(format!("{} errors; {view} shows them", row.errors)),
        Some(problem) => Some(fit::fit(&problem, REASON_MAX, "…").into_owned()),
        None if is_bound && !model.mode_is_recovered() => Some("in force".to_owned()),
        None => None,
    }
}

fn choice(row: &ListedMode) -> Choice {
    Choice::Modes(Wish::Select { mode: row.name.clone(), reason: None })
}

fn entry(model: &Model, row: &ListedMode) -> Entry {
    Entry {
        label: label(row),
        note: row.roles.join(" "),
        words: row.description.clone(),
        closed: state(model, row),
        choice: choice(row),
    }
}

/// Asks whether the mode under the cursor is to be selected, with what its validation says.
pub(super) fn select(model: &Model) -> Option<Menu> {
    let row = model.modes.selected()?;
    let name = row.name.clone();
    let problem = closed(row);
    let shown = model.modes.shown();
    let menu = Menu::new(format!("Select {name}")).about(about(model, row, shown));
    let word = problem.is_some().then(|| "it has errors".to_owned());
    let now = Choice::Modes(Wish::Select { mode: name.clone(), reason: None });
    let why = Prompt::new(
        format!("Why {name}?"),
        "kept in the history; agents read it",
        "",
        Purpose::SelectMode { mode: name },
    );
    let mends = shown.is_some_and(|shown| shown.mends);
    let no_mends = (!mends).then(|| "nothing to repair by itself".to_owned());
    let mut menu = menu.item_if('y', "put it in force", word.clone(), now).item_if(
        'r',
        "put it in force, with a reason",
        word,
        Choice::Prompt(Box::new(why)),
    );
    if problem.is_some() || mends {
        menu = menu.item_if(
            'F',
            "repair what is mechanical",
            no_mends,
            Choice::Act(Action::RepairMode),
        );
    }
    Some(menu.item('E', "edit it", Choice::Act(Action::EditMode)).ready())
}

/// What there is to know before a mode is selected.
fn about(model: &Model, row: &ListedMode, shown: Option<&Shown>) -> String {
    if let Some(problem) = closed(row) {
        return format!("It cannot be put in force: {problem}.");
    }
    let mut about = Vec::new();
    let reading = shown.and_then(|shown| shown.reading.as_ref().ok());
    about.push(match reading.filter(|reading| !reading.problems.is_empty()) {
        Some(reading) => format!("It is valid, with {}.", tally(reading)),
        None => "It is valid.".to_owned(),
    });
    let gates = reading.and_then(|reading| reading.mode.as_ref()).map(|mode| &mode.gates);
    if let (Some(before), Some(gates)) = (&model.modes.in_force, gates) {
        let lost: Vec<String> = gate::lost(&before.gates, gates)
            .iter()
            .flat_map(|gate| {
                gate.needs.iter().map(|need| format!("{} to be {}", need.in_words(), gate.to))
            })
            .collect();
        if !lost.is_empty() {
            about.push(format!("It does not demand what is demanded now: {}.", lost.join(", ")));
        }
    }
    for stray in shown.map(|shown| shown.strays.as_slice()).unwrap_or_default() {
        let (tasks, have) = (counted(stray.tasks, "task"), by_count(stray.tasks, "has", "have"));
        about.push(format!("{tasks} {have} the role {}, which it lacks.", stray.role));
    }
    match model.mode() {
        Some(mode) if mode == row.name && !model.mode_is_recovered() => {
            about.push("It is in force already.".to_owned());
        }
        Some(mode) => about.push(format!("{mode} is backed up and replaced; u takes it back.")),
        None => about.push("No session is live; the next one begins with it.".to_owned()),
    }
    about.join(" ")
}

/// The backups to restore: those of the mode first.
pub(super) fn backups(model: &Model, name: &str) -> Finder {
    let own = model.modes.backups_of(name);
    let others = model.modes.files.backups.iter().filter(|backup| backup.mode != name);
    let entries = own.chain(others).map(|backup| {
        let menu = Menu::new("Restore")
            .about(format!(
                "{} becomes what it was then. What stands there now is backed up first.",
                backup.mode
            ))
            .keep("leave it as it is")
            .item(
                'y',
                format!("restore {}", backup.name),
                Choice::Modes(Wish::Restore(backup.name.clone())),
            );
        Entry {
            label: format!("{}  {}", backup.mode, backup.created_at),
            note: backup.name.clone(),
            words: String::new(),
            closed: None,
            choice: Choice::Menu(Box::new(menu)),
        }
    });
    Finder::new("Restore a mode file", entries.collect())
}

/// Asks whether a newer built-in file is taken.
pub(super) fn newer(model: &Model, name: &str) -> Option<Menu> {
    let offer = model.modes.offer(name)?;
    let about = if offer.is_changed {
        format!(
            "{} was changed here; the newer file replaces it. Yours is backed up first.",
            offer.file
        )
    } else {
        format!("{} is as it once was built in; the newer file replaces it.", offer.file)
    };
    let menu = Menu::new("A newer built-in file")
        .about(about)
        .item('y', "take the newer file", Choice::Modes(Wish::TakeNewer(name.to_owned())))
        .item(
            'n',
            "keep mine, and do not offer this one again",
            Choice::Modes(Wish::KeepOwn(name.to_owned())),
        );
    Some(menu)
}

/// Shows what repairing would change, and asks whether it is to be done.
pub(super) fn repair(name: &str, mended: &Mended) -> Menu {
    let repaired = &mended.repaired;
    let mut about: Vec<String> = repaired
        .repairs
        .iter()
        .take(REPAIRS_SHOWN)
        .map(|repair| format!("line {}: {}", repair.line, repair.what))
        .collect();
    let more = repaired.repairs.len().saturating_sub(REPAIRS_SHOWN);
    if 0 < more {
        about.push(format!("and {more} more"));
    }
    let left = &repaired.reading;
    about.push(match left.error_in_words() {
        None => "It is valid then. The file is backed up first.".to_owned(),
        Some(error) => format!("What is left: {error}. The file is backed up first."),
    });
    let closed = repaired.repairs.is_empty().then(|| "nothing to repair".to_owned());
    Menu::new(format!("Repair {}", mended.file))
        .about(about.join("\n"))
        .item_if('y', "repair it", closed, Choice::Modes(Wish::Repair(name.to_owned())))
        .ready()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_gets_a_key_of_its_own_from_its_name() {
        let mut keys = Vec::new();
        for name in ["default_roles", "data_analysis", "project_roles", "quick", "d"] {
            let key = key_for(name, &keys);
            keys.push(key);
        }
        assert_eq!(keys, ['d', 'a', 'p', 'u', '1']);
    }
}
