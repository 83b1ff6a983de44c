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
use std::path::{Path, PathBuf};
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
    lock: Option<File>,
}

/// The name of an agent, and what naming it changed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) name: String,
    /// Whether it was given just now.
    pub(super) new: bool,
    /// The name that the agent had before it said who it is.
    pub(super) gone: Option<String>,
}

impl Identities {
    /// The names of a project, whose `run/` directory is given.
    pub(super) fn new(run: &Path) -> Self {
        Self { directory: run.join("agents"), names: RwLock::default() }
    }

    /// The name of an agent. `in_use` tells of a name whether somebody else still counts as it.
    ///
    /// Some clients say who they are only with their first call: a connection that had a name by
    /// then goes on under it.
    pub(super) fn name(
        &self,
        identity: &Identity,
        connection: u64,
        in_use: impl Fn(&str) -> bool,
    ) -> Named {
        if let Some(name) = self.known(identity) {
            return Named { name, ..Named::default() };
        }
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(identity) {
            return Named { name: known.name.clone(), ..Named::default() };
        }
        if AGENTS_MAX <= names.len() {
            // Those that come back are called what they were called before.
            names.retain(|_, known| known.connection != 0);
        }
        let unnamed = Identity { lasting: false, id: anonymous(connection), ..identity.clone() };
        let before = if identity.lasting { names.remove(&unnamed) } else { None };
        let own = self.taken_before(identity);
        let named = match (own, before) {
            (Some((name, lock)), before) => {
                let known = Known { name: name.clone(), connection, lock: Some(lock) };
                names.insert(identity.clone(), known);
                Named { name, new: true, gone: before.map(|known| known.name) }
            }
            (None, Some(mut known)) => {
                if let Some(lock) = &mut known.lock {
                    sign(lock, identity);
                }
                let name = known.name.clone();
                names.insert(identity.clone(), known);
                Named { name, ..Named::default() }
            }
            (None, None) => {
                let (name, lock) = self.take(identity, in_use);
                names.insert(identity.clone(), Known { name: name.clone(), connection, lock });
                Named { name, new: true, gone: None }
            }
        };
        drop(names);
        named
    }

    /// An agent by a name that it gave itself, which is its own word and not numbered.
    pub(super) fn given(&self, name: &str, connection: u64) -> Named {
        let identity = Identity { client: String::new(), id: name.to_owned(), lasting: true };
        if self.known(&identity).is_some() {
            return Named { name: name.to_owned(), ..Named::default() };
        }
        let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
        let known = Known { name: name.to_owned(), connection, lock: None };
        let new = names.insert(identity, known).is_none();
        Named { name: name.to_owned(), new, gone: None }
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

    fn known(&self, identity: &Identity) -> Option<String> {
        let names = self.names.read().unwrap_or_else(PoisonError::into_inner);
        names.get(identity).map(|known| known.name.clone())
    }

    /// The name that an agent had when it was here before, if nobody else has it now.
    fn taken_before(&self, identity: &Identity) -> Option<(String, File)> {
        if !identity.lasting {
            return None;
        }
        let base = base_name(&identity.client);
        (1..=NUMBERS_MAX)
            .map(|number| numbered(&base, number))
            .take_while(|name| self.directory.join(name).exists())
            .find_map(|name| self.lock(&name, |owner| owner == identity.id))
    }

    /// Takes the first name that is free.
    fn take(&self, identity: &Identity, in_use: impl Fn(&str) -> bool) -> (String, Option<File>) {
        let base = base_name(&identity.client);
        // Where files cannot be made, agents of one client cannot be told apart across processes.
        if fs::create_dir_all(&self.directory).is_err() {
            return (base, None);
        }
        let free = (1..=NUMBERS_MAX)
            .map(|number| numbered(&base, number))
            .find_map(|name| self.lock(&name, |owner| owner.is_empty() || !in_use(&name)));
        match free {
            Some((name, mut lock)) => {
                sign(&mut lock, identity);
                (name, Some(lock))
            }
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

/// The id of an agent of which nothing but its connection is known.
pub(super) fn anonymous(connection: u64) -> String {
    format!("connection {connection}")
}

/// Writes down whose name it is, so that an agent that comes back is known again.
fn sign(lock: &mut File, identity: &Identity) {
    let owner = if identity.lasting { identity.id.as_str() } else { "" };
    // A name whose owner cannot be written down is still a name.
    lock.set_len(0)
        .and_then(|()| lock.rewind())
        .and_then(|()| lock.write_all(owner.as_bytes()))
        .ok();
}

fn numbered(base: &str, number: usize) -> String {
    if number == 1 { base.to_owned() } else { format!("{base}-{number}") }
}

/// A client's name as part of a file name and an actor's name.
fn base_name(client: &str) -> String {
    let plain: String = Actor::agent(client)
        .name()
        .chars()
        .take(NAME_MAX)
        .map(|character| match character {
            '.' | '_' | '-' => character,
            // Of whatever script: names that differ stay different.
            letter if letter.is_alphanumeric() => letter,
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
        let here = Identities::new(directory.path());
        let there = Identities::new(directory.path());
        let name = |process: &Identities, id| process.name(&agent("codex", id), 1, |_| false).name;
        assert_eq!(name(&here, "a"), "codex");
        assert_eq!(name(&here, "b"), "codex-2");
        assert_eq!(name(&there, "c"), "codex-3");
        assert_eq!(name(&here, "a"), "codex");
    }

    #[test]
    fn names_of_any_script_stay_apart() {
        assert_eq!(base_name("日本"), "日本");
        assert_eq!(base_name("Agent Müller/2"), "Agent-Müller-2");
        assert_eq!(base_name("🤖🤖"), "agent");
    }

    #[test]
    fn an_agent_that_comes_back_has_its_name_again() {
        let directory = tempfile::tempdir().unwrap();
        let first = Identities::new(directory.path());
        for id in ["a", "b"] {
            first.name(&agent("codex", id), 1, |_| true);
        }
        drop(first);
        let second = Identities::new(directory.path());
        let name = |id| second.name(&agent("codex", id), 1, |_| true).name;
        assert_eq!([name("b"), name("c"), name("a")], ["codex-2", "codex-3", "codex"]);
    }

    #[test]
    fn a_name_that_is_let_go_is_free() {
        let directory = tempfile::tempdir().unwrap();
        let names = Identities::new(directory.path());
        names.name(&agent("zed", "a"), 7, |_| false);
        assert_eq!(names.release(7), ["zed"]);
        assert_eq!(names.name(&agent("zed", "b"), 8, |_| false).name, "zed");
    }

    #[test]
    fn a_connection_that_says_who_it_is_keeps_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let names = Identities::new(directory.path());
        let unnamed = Identity { lasting: false, ..agent("codex", &anonymous(5)) };
        assert_eq!(names.name(&unnamed, 5, |_| true).name, "codex");
        let thread = names.name(&agent("codex", "thread"), 5, |_| true);
        assert_eq!(thread, Named { name: "codex".to_owned(), new: false, gone: None });
        assert_eq!(names.name(&agent("codex", "other"), 5, |_| true).name, "codex-2");
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
