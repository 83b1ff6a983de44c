//! Keys to actions: the catalogue's own keys, then those that the person's configuration sets.

use std::collections::HashMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::action::{ACTIONS, Action, Scope};

/// A key with its modifiers, in the one form that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Key {
    /// The key of an event; Shift counts only where the character does not already say it.
    pub fn of(event: KeyEvent) -> Self {
        let mut modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let mut code = event.code;
        if let KeyCode::Char(character) = code {
            if modifiers.contains(KeyModifiers::CONTROL) {
                code = KeyCode::Char(character.to_ascii_lowercase());
            }
            modifiers.remove(KeyModifiers::SHIFT);
        }
        if code == KeyCode::BackTab {
            modifiers.remove(KeyModifiers::SHIFT);
        }
        Self { code, modifiers }
    }

    /// The event of pressing the key.
    pub fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }

    /// Reads a key as people write it: `j`, `Ctrl-p`, `Alt-Up`, `F1`, `Space`, `BackTab`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        while let Some((head, tail)) = rest.split_once('-').filter(|(_, tail)| !tail.is_empty()) {
            modifiers |= match head.to_ascii_lowercase().as_str() {
                "ctrl" | "c" => KeyModifiers::CONTROL,
                "alt" | "a" => KeyModifiers::ALT,
                "shift" => KeyModifiers::SHIFT,
                _ => return None,
            };
            rest = tail;
        }
        let mut letters = rest.chars();
        let code = match (letters.next(), letters.next()) {
            (Some(character), None) => KeyCode::Char(character),
            _ => named(rest)?,
        };
        Some(Self { code, modifiers })
    }
}

fn named(name: &str) -> Option<KeyCode> {
    Some(match name.to_ascii_lowercase().as_str() {
        "space" => KeyCode::Char(' '),
        "enter" | "return" => KeyCode::Enter,
        "esc" | "escape" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" | "shift-tab" => KeyCode::BackTab,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pageup" => KeyCode::PageUp,
        "pagedown" => KeyCode::PageDown,
        "delete" | "del" => KeyCode::Delete,
        "backspace" => KeyCode::Backspace,
        other => KeyCode::F(other.strip_prefix('f')?.parse().ok()?),
    })
}

/// Which key does what in which scope.
#[derive(Debug, Clone)]
pub struct Keymap {
    actions: HashMap<(Scope, Key), Action>,
    shown: HashMap<Action, String>,
    /// All keys of an action, the first being the one that is shown.
    all: HashMap<Action, Vec<String>>,
}

impl Keymap {
    /// The catalogue's keys, changed by the person's own: action name to keys.
    ///
    /// Returns what was not understood beside it.
    pub fn new(own: &[(String, Vec<String>)]) -> (Self, Vec<String>) {
        let mut map = Self { actions: HashMap::new(), shown: HashMap::new(), all: HashMap::new() };
        let mut problems = Vec::new();
        for row in ACTIONS {
            let changed = own.iter().find(|(id, _)| id == row.id);
            let keys: Vec<String> = match changed {
                Some((_, keys)) => keys.clone(),
                None => row.keys.iter().map(|key| (*key).to_owned()).collect(),
            };
            for text in &keys {
                match Key::parse(text) {
                    Some(key) => map.bind(row.scopes, key, row.action),
                    None => problems.push(format!("keys.{}: {text:?} is not a key", row.id)),
                }
            }
            if let Some(first) = keys.first() {
                map.shown.insert(row.action, first.clone());
            }
            map.all.insert(row.action, keys);
        }
        for (id, _) in own.iter().filter(|(id, _)| !ACTIONS.iter().any(|row| row.id == id)) {
            problems.push(format!("keys: there is no action {id:?}"));
        }
        (map, problems)
    }

    fn bind(&mut self, scopes: &[Scope], key: Key, action: Action) {
        for scope in scopes {
            self.actions.insert((*scope, key), action);
        }
    }

    /// The action of a key: the first of the scopes that knows it.
    pub fn lookup(&self, scopes: &[Scope], event: KeyEvent) -> Option<Action> {
        let key = Key::of(event);
        scopes.iter().find_map(|scope| self.actions.get(&(*scope, key)).copied())
    }

    /// Every key of an action, for help.
    pub fn all(&self, action: Action) -> String {
        self.all.get(&action).map(|keys| keys.join(" ")).unwrap_or_default()
    }

    /// The key to show for an action; empty when it has none.
    pub fn shown(&self, action: Action) -> &str {
        self.shown.get(&action).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_the_scopes_of_a_view() {
        let views = [
            Scope::Board,
            Scope::Sessions,
            Scope::Modes,
            Scope::Agents,
            Scope::Conflicts,
            Scope::Edits,
            Scope::Artifacts,
            Scope::Metrics,
            Scope::Backups,
            Scope::Search,
        ];
        for view in views {
            let mut taken: HashMap<&str, &str> = HashMap::new();
            let here = [view, Scope::List, Scope::Global];
            let rows = ACTIONS.iter().filter(|row| row.scopes.iter().any(|at| here.contains(at)));
            for (id, key) in rows.flat_map(|row| row.keys.iter().map(|key| (row.id, key))) {
                let other = taken.insert(key, id);
                assert_eq!(other, None, "{key} in {view:?}: {id}");
            }
        }
    }

    #[test]
    fn every_key_of_the_catalogue_is_understood() {
        assert_eq!(Keymap::new(&[]).1, Vec::<String>::new());
    }

    #[test]
    fn a_person_can_set_keys_and_is_told_what_is_not_understood() {
        let own = [
            ("undo".to_owned(), vec!["Ctrl-u".to_owned(), "Hyper-x".to_owned()]),
            ("fly".to_owned(), vec![]),
        ];
        let (map, problems) = Keymap::new(&own);
        assert_eq!(map.shown(Action::Undo), "Ctrl-u");
        assert_eq!(
            problems,
            ["keys.undo: \"Hyper-x\" is not a key", "keys: there is no action \"fly\""]
        );
    }
}
