//! Lists to find something in: keys, commands, themes, and agents to write to.

use callboard_engine::domain::backup::Backup;
use callboard_engine::modes::folder::ListedMode;
use callboard_engine::query::artifacts::ArtifactItem;
use callboard_engine::query::rows::AgentRow;

use crate::action::{ACTIONS, Action, Row as ActionRow};
use crate::app::board::RowKey;
use crate::app::{Effect, Model, View, everything, search};
use crate::backups::reason;
use crate::overlay::finder::{Entry, Finder};
use crate::overlay::prompt::{Prompt, Purpose};
use crate::overlay::{Choice, Overlay};
use crate::widgets::fit;

pub(super) fn message(model: &mut Model) -> Vec<Effect> {
    let prompt = |name: &str| {
        let title = format!("Message to {name}");
        Prompt::new(
            title,
            "it gets this with its next answer",
            "",
            Purpose::Message { agent: name.to_owned() },
        )
    };
    let holder = model
        .board
        .selected_task()
        .and_then(|task| task.holder.as_ref())
        .filter(|_| model.is_board());
    let known = |name: &str| model.agents.rows.iter().any(|row| row.name == name);
    let direct = if model.view == View::Agents {
        model.agents.selected().map(|row| row.name.clone())
    } else {
        holder.map(|actor| actor.name().to_owned()).filter(|name| known(name))
    };
    model.overlay = Some(if let Some(name) = direct {
        Overlay::Prompt(prompt(&name))
    } else {
        let entries = model.agents.rows.iter().map(|row| Entry {
            label: row.name.clone(),
            note: if row.connected { "connected".to_owned() } else { "away".to_owned() },
            words: String::new(),
            closed: None,
            choice: Choice::Prompt(Box::new(prompt(&row.name))),
        });
        Overlay::Finder(Finder::new("Write to", entries.collect()))
    });
    Vec::new()
}

fn action_entries(model: &Model) -> Vec<Entry> {
    let scopes = model.scopes();
    let here = ACTIONS.iter().filter(|row| row.scopes.iter().any(|scope| scopes.contains(scope)));
    here.map(|row| Entry {
        label: row.title.to_owned(),
        note: keys(model, row.action).split(' ').next().unwrap_or_default().to_owned(),
        words: format!("{} {} {}", row.words, row.help, row.id),
        closed: row.action.enabled(model).err().map(str::to_owned),
        choice: Choice::Act(row.action),
    })
    .collect()
}

/// The keys of an action that work now: in the search, letters are typed.
fn keys(model: &Model, action: Action) -> String {
    let all = model.keymap.all(action);
    if model.view != View::Search {
        return all;
    }
    let is_letter = |key: &&str| key.chars().nth(1).is_none() || *key == "Space";
    let works: Vec<&str> = all.split(' ').filter(|key| !is_letter(key)).collect();
    works.join(" ")
}

pub(super) fn help(model: &Model) -> Finder {
    let types = model.view == View::Search;
    let scopes = model.scopes();
    let here = ACTIONS.iter().filter(|row| row.scopes.iter().any(|scope| scopes.contains(scope)));
    let here = here.filter(|row| !types || search::works_while_typing(row.action));
    let here: Vec<(String, &ActionRow)> = here.map(|row| (keys(model, row.action), row)).collect();
    let widest = |all: &mut dyn Iterator<Item = &str>| all.map(fit::width).max().unwrap_or(0);
    let key_columns = widest(&mut here.iter().map(|(keys, _)| keys.as_str()));
    let title_columns = widest(&mut here.iter().map(|(_, row)| row.title));
    let entries = here.into_iter().map(|(keys, row)| Entry {
        label: format!("{keys:<key_columns$} {:<title_columns$} {}", row.title, row.help),
        note: String::new(),
        words: format!("{} {}", row.words, row.id),
        closed: row.action.enabled(model).err().map(str::to_owned),
        choice: Choice::Act(row.action),
    });
    let title = format!("Keys of the {} view; type to find, Enter does it", model.view.title());
    let mut finder = Finder::new(title, entries.collect());
    finder.spells_out = true;
    finder
}

pub(super) fn palette(model: &Model) -> Finder {
    let mut entries = action_entries(model);
    let tasks = model.board.tasks.values();
    entries.extend(tasks.map(|task| everything::task(task.id, task.title.clone())));
    entries.extend(model.board.groups.iter().map(|row| Entry {
        label: row.path.clone(),
        note: row.group.id.to_string(),
        words: "group".to_owned(),
        closed: None,
        choice: Choice::Select(RowKey::Group(Some(row.group.id))),
    }));
    entries.extend(model.sessions.rows.iter().map(everything::session));
    entries.extend(model.agents.rows.iter().map(|row| Entry {
        label: row.name.clone(),
        note: "agent".to_owned(),
        words: row.client.clone(),
        closed: None,
        choice: Choice::Agent(row.name.clone()),
    }));
    let mut finder = Finder::new("Commands", entries);
    finder.finds_everything = true;
    finder
}

/// What the list of the view holds, to be found by a few letters; none where it is the board.
pub(super) fn here(model: &Model) -> Option<Finder> {
    let entry = |label: &str, note: String, choice| Entry {
        label: label.to_owned(),
        note,
        words: String::new(),
        closed: None,
        choice,
    };
    let (title, entries): (_, Vec<Entry>) = match model.view {
        View::Board | View::Search | View::Metrics | View::Conflicts => return None,
        View::Sessions => {
            ("Find a session", model.sessions.rows.iter().map(everything::session).collect())
        }
        View::Modes => {
            let one =
                |row: &ListedMode| entry(&row.name, String::new(), Choice::Mode(row.name.clone()));
            ("Find a mode", model.modes.rows().iter().map(one).collect())
        }
        View::Agents => {
            let one = |row: &AgentRow| {
                entry(&row.name, row.client.clone(), Choice::Agent(row.name.clone()))
            };
            ("Find an agent", model.agents.rows.iter().map(one).collect())
        }
        View::Artifacts => {
            let one = |row: &ArtifactItem| everything::artifact(row.artifact.clone());
            ("Find an artifact", model.artifacts.rows.iter().map(one).collect())
        }
        View::Backups => {
            let one = |row: &Backup| {
                let note = format!("{} {}", row.scope, reason(row.reason));
                entry(&row.name, note, Choice::Backup(row.file.clone()))
            };
            ("Find a backup", model.backups.rows.iter().map(one).collect())
        }
    };
    Some(Finder::new(title, entries))
}

pub(super) fn themes(model: &Model) -> Finder {
    let entries = model.themes.iter().map(|name| Entry {
        label: name.clone(),
        note: if *name == model.theme.name { "now".to_owned() } else { String::new() },
        words: String::new(),
        closed: None,
        choice: Choice::Theme(name.clone()),
    });
    let mut finder = Finder::new("Theme", entries.collect());
    finder.cursor = model.themes.iter().position(|name| *name == model.theme.name).unwrap_or(0);
    finder.restore = Some(model.theme.name.clone());
    finder
}
