//! Who calls. Two agents always show as two, in one process and in several.
//!
//! An agent is known by its client's name and whatever identity the client sends with it. Each
//! identity takes the client's name, or that name with a number when another agent has it:
//! `claude-code`, `claude-code-2`. A name is taken by a lock on a file in `run/agents/`, which the
//! operating system frees when the process dies; the file remembers whose name it was, so that an
//! agent that comes back is called what it was called before.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use crate::domain::actor::Actor;

/// Agents that one process tells apart at a time.
const AGENTS_MAX: usize = 1024;
/// Agents of one client program on one project.
const NUMBERS_MAX: usize = 999;
/// Longest part of a client's name that becomes part of a file name, in characters.
const NAME_MAX: usize = 48;

/// One agent as its client describes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    /// The client program's own name.
    pub(super) client: String,
    /// What tells this agent from others of the same client.
    pub(super) id: String,
    /// Whether the id outlives the connection, so that the agent can be known again by it.
    pub(super) lasting: bool,
}

/// The names that agents of this process have.
#[derive(Debug)]
pub(super) struct Identities {
    directory: PathBuf,
    // Read on every call, written when an agent appears: the one place where a lock serves better
    // than a command.
    names: RwLock<HashMap<Identity, Known>>,
}

#[derive(Debug)]
struct Known {
    name: String,
    /// The connection whose end ends the agent; 0 for none.
    connection: u64,
    _lock: Option<File>,
}

/// The name of an agent, and whether it was given just now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) new: bool,
}

impl Identities {
    /// The names of a project, whose `run/` directory is given.
    pub(super) fn new(run: PathBuf) -> Self {
        Self { directory: run.join("agents"), names: RwLock::default() }
    }

    /// The name of an agent. `in_use` tells of a name whether somebody else still counts as it.
    pub(super) fn name(
        &self,
        identity: &Identity,
        connection: u64,
        in_use: impl Fn(&str) -> bool,
    ) -> Named {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(identity) {
            return Named { name: known.name.clone(), new: false };
        }
        drop(names);
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(identity) {
            return Named { name: known.name.clone(), new: false };
        }
        if AGENTS_MAX <= names.len() {
            // Those that come back are called what they were called before.
            names.retain(|_, known| known.connection != 0);
        }
        let (name, lock) = self.take(identity, in_use);
        let known = Known { name: name.clone(), connection, _lock: lock };
        names.insert(identity.clone(), known);
        Named { name, new: true }
    }

    /// The name an agent gave itself, which is its own word and not numbered.
    pub(super) fn given(&self, identity: &Identity, connection: u64, name: &str) -> Named {
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let known = Known { name: name.to_owned(), connection, _lock: None };
        let new = names.insert(identity.clone(), known).is_none();
        Named { name: name.to_owned(), new }
    }

    /// Forgets the agents of a connection that ended and returns their names.
    pub(super) fn release(&self, connection: u64) -> Vec<String> {
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let gone: Vec<Identity> = names
            .iter()
            .filter(|(_, known)| known.connection == connection)
            .map(|(identity, _)| identity.clone())
            .collect();
        gone.iter().filter_map(|identity| names.remove(identity)).map(|known| known.name).collect()
    }

    fn take(&self, identity: &Identity, in_use: impl Fn(&str) -> bool) -> (String, Option<File>) {
        let base = base_name(&identity.client);
        // Where files cannot be made, agents of one client cannot be told apart across processes.
        if fs::create_dir_all(&self.directory).is_err() {
            return (base, None);
        }
        let numbered = |number| if number == 1 { base.clone() } else { format!("{base}-{number}") };
        if identity.lasting {
            let known = (1..=NUMBERS_MAX)
                .map(numbered)
                .take_while(|name| self.directory.join(name).exists())
                .find_map(|name| self.lock(&name, |owner| owner == identity.id));
            if let Some((name, file)) = known {
                return (name, Some(file));
            }
        }
        let free = (1..=NUMBERS_MAX).map(numbered).find_map(|name| {
            let usable = |owner: &str| owner.is_empty() || !in_use(&name);
            let (name, mut file) = self.lock(&name, usable)?;
            let owner = if identity.lasting { identity.id.as_str() } else { "" };
            // A name whose owner cannot be written down is still a name.
            file.set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| file.write_all(owner.as_bytes()))
                .ok();
            Some((name, file))
        });
        match free {
            Some((name, file)) => (name, Some(file)),
            None => (format!("{base}-{:08x}", crate::peer::random() & 0xffff_ffff), None),
        }
    }

    /// Takes a name if nobody has it and its last owner suits.
    fn lock(&self, name: &str, suits: impl Fn(&str) -> bool) -> Option<(String, File)> {
        let path = self.directory.join(name);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .ok()?;
        file.try_lock().ok()?;
        let mut owner = String::new();
        file.read_to_string(&mut owner).ok()?;
        suits(&owner).then(|| (name.to_owned(), file))
    }
}

/// A client's name as part of a file name and an actor's name.
fn base_name(client: &str) -> String {
    let plain: String = Actor::agent(client)
        .name()
        .chars()
        .take(NAME_MAX)
        .map(|character| match character {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '.' | '_' | '-' => character,
            _ => '-',
        })
        .collect();
    let plain = plain.trim_matches(['.', '-']);
    if plain.is_empty() { "agent".to_owned() } else { plain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(client: &str, id: &str) -> Identity {
        Identity { client: client.to_owned(), id: id.to_owned(), lasting: true }
    }

    #[test]
    fn two_agents_of_one_client_are_two() {
        let directory = tempfile::tempdir().unwrap();
        let here = Identities::new(directory.path().to_owned());
        let there = Identities::new(directory.path().to_owned());
        let name = |process: &Identities, id| process.name(&agent("codex", id), 1, |_| false).name;
        assert_eq!(name(&here, "a"), "codex");
        assert_eq!(name(&here, "b"), "codex-2");
        assert_eq!(name(&there, "c"), "codex-3");
        assert_eq!(name(&here, "a"), "codex");
    }

    #[test]
    fn an_agent_that_comes_back_has_its_name_again() {
        let directory = tempfile::tempdir().unwrap();
        let first = Identities::new(directory.path().to_owned());
        for id in ["a", "b"] {
            first.name(&agent("codex", id), 1, |_| true);
        }
        drop(first);
        let second = Identities::new(directory.path().to_owned());
        let name = |id| second.name(&agent("codex", id), 1, |_| true).name;
        assert_eq!([name("b"), name("c"), name("a")], ["codex-2", "codex-3", "codex"]);
    }

    #[test]
    fn a_name_that_is_let_go_is_free() {
        let directory = tempfile::tempdir().unwrap();
        let names = Identities::new(directory.path().to_owned());
        names.name(&agent("zed", "a"), 7, |_| false);
        assert_eq!(names.release(7), ["zed"]);
        assert_eq!(names.name(&agent("zed", "b"), 8, |_| false).name, "zed");
    }

    #[test]
    fn a_client_cannot_name_itself_out_of_the_directory() {
        for (client, name) in
            [("../../etc", "etc"), ("", "agent"), ("Visual Studio Code", "Visual-Studio-Code")]
        {
            assert_eq!(base_name(client), name);
        }
    }
}
