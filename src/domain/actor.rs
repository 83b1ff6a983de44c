//! Who acts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Longest name of an agent, in characters; longer ones are cut.
pub const AGENT_NAME_MAX: usize = 64;

/// Whoever sends a command.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A person, at the terminal or the command line.
    Human,
    /// An agent, by the name that tells it from every other.
    Agent(String),
    /// An edit of a document, by its path.
    File(String),
    /// Callboard itself: timers and recovery.
    System,
}

impl Actor {
    /// Makes an agent of a client's own word for itself, cut and cleaned. No agent can pass for a
    /// person, for Callboard itself or for a file: such names begin with `agent-` then.
    pub fn agent(name: &str) -> Self {
        let clean: String = name
            .trim()
            .chars()
            .map(
                |character| {
                    if character.is_whitespace() || character == ':' { '-' } else { character }
                },
            )
            .filter(|character| !character.is_control() && !super::text::is_invisible(*character))
            .take(AGENT_NAME_MAX)
            .collect();
        Self::Agent(match clean.to_lowercase().as_str() {
            "" => "agent".to_owned(),
            "human" | "system" => format!("agent-{clean}"),
            _ => clean,
        })
    }

    /// The name people see: `human`, the agent's name, the file's path, `system`.
    pub fn name(&self) -> &str {
        match self {
            Self::Human => "human",
            Self::Agent(name) => name,
            Self::File(path) => path,
            Self::System => "system",
        }
    }

    /// Tells whether this is an agent, which claims bind; people may overrule a claim.
    pub fn is_agent(&self) -> bool {
        matches!(self, Self::Agent(_))
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Human => formatter.write_str("human"),
            Self::Agent(name) => write!(formatter, "agent:{name}"),
            Self::File(path) => write!(formatter, "file:{path}"),
            Self::System => formatter.write_str("system"),
        }
    }
}

impl FromStr for Actor {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.split_once(':') {
            Some(("agent", name)) => Self::agent(name),
            Some(("file", path)) => Self::File(path.to_owned()),
            _ if text == "human" => Self::Human,
            _ if text == "system" => Self::System,
            _ => Self::agent(text),
        })
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Actor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Ok(actor) = String::deserialize(deserializer)?.parse();
        Ok(actor)
    }
}
