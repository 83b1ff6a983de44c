//! The configuration: defaults, then the user's file, the project's, the environment, flags.
//!
//! Every key is one row of [`KEYS`]; files, variables, errors and `callboard config` are made from
//! it. Unknown keys are errors that name the closest known one.

mod backups;
mod layers;

use std::collections::BTreeMap;
use std::path::PathBuf;

use callboard_engine::backup::keeper::Settings as Backups;
use callboard_engine::domain::claim::{CLAIM_MINUTES, CLAIM_MINUTES_MAX};
use callboard_engine::domain::document::{Policies, Policy};
use callboard_engine::domain::refusal::closest;
use callboard_engine::mcp::Toolset;
use serde_json::{Value, json};

pub use layers::{Layers, Loaded, load};

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{source_name} is not understood: {problem}")]
    Syntax { source_name: String, problem: String },
    #[error("{source_name}: there is no setting {key:?}{}", hint(*closest))]
    UnknownKey { source_name: String, key: String, closest: Option<&'static str> },
    #[error("{source_name}: {key} {problem}")]
    Value { source_name: String, key: &'static str, problem: String },
}

fn hint(closest: Option<&'static str>) -> String {
    closest.map_or_else(String::new, |key| format!("; did you mean {key:?}?"))
}

/// Where a value comes from, the weakest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Default,
    File(PathBuf),
    Variable(String),
    Flag(&'static str),
}

impl std::fmt::Display for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Variable(name) => formatter.write_str(name),
            Self::Flag(name) => write!(formatter, "--{name}"),
        }
    }
}

/// Whether agents must send the token to the HTTP endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    Required,
    Off,
}

/// What holds for this run of the program.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Config {
    /// A theme's name, or `auto`: by the terminal's background.
    pub theme: String,
    /// ASCII instead of Unicode icons; `None` lets the locale decide.
    pub ascii: Option<bool>,
    pub accessible: bool,
    pub mouse: bool,
    /// The port of the HTTP endpoint that is tried first; 0 lets the system choose.
    pub port: u16,
    pub auth: Auth,
    /// How long a claim lasts that names no time.
    pub claim_minutes: u32,
    /// Keys by the name of their action.
    pub keys: BTreeMap<String, Vec<String>>,
    /// The tools that agents are offered.
    pub tools: Toolset,
    /// What becomes of a field that a document and the database changed differently.
    pub conflicts: Policies,
    /// Lets agents decide conflicts, where they otherwise only propose.
    pub agents_may_resolve: bool,
    /// When backups are made without being asked for, and how many are kept.
    pub backups: Backups,
}

/// One setting: its name, what it is for, and how a value is taken and shown.
pub struct Key {
    pub name: &'static str,
    pub help: &'static str,
    take: fn(&mut Config, &Value) -> Result<(), String>,
    show: fn(&Config) -> Value,
}

/// Every setting.
pub const KEYS: &[Key] = &[
    Key {
        name: "theme",
        help: "auto, dark, light, high-contrast, colour-blind-safe, or the name of a file of yours",
        take: |config, value| text(value).map(|name| config.theme = name),
        show: |config| json!(config.theme),
    },
    Key {
        name: "ascii",
        help: "true draws with ASCII only; auto asks the locale",
        take: |config, value| {
            let auto = value.as_str() == Some("auto");
            config.ascii = if auto { None } else { Some(switch(value)?) };
            Ok(())
        },
        show: |config| config.ascii.map_or_else(|| json!("auto"), Value::from),
    },
    Key {
        name: "accessible",
        help: "true leaves out boxes and animation and marks everything by text",
        take: |config, value| switch(value).map(|on| config.accessible = on),
        show: |config| json!(config.accessible),
    },
    Key {
        name: "mouse",
        help: "true reports clicks and the wheel; selecting text then needs Shift",
        take: |config, value| switch(value).map(|on| config.mouse = on),
        show: |config| json!(config.mouse),
    },
    Key {
        name: "port",
        help: "the port of the HTTP endpoint that is tried first; 0 lets the system choose",
        take: |config, value| {
            number(value, u64::from(u16::MAX))
                .map(|port| config.port = u16::try_from(port).unwrap_or(0))
        },
        show: |config| json!(config.port),
    },
    Key {
        name: "auth",
        help: "required or off: whether agents must send the token over HTTP",
        take: |config, value| {
            config.auth = match (value.as_str(), value.as_bool()) {
                (Some("required"), _) => Auth::Required,
                (Some("off"), _) | (_, Some(false)) => Auth::Off,
                _ => return Err(format!("must be required or off, not {value}")),
            };
            Ok(())
        },
        show: |config| match config.auth {
            Auth::Required => json!("required"),
            Auth::Off => json!("off"),
        },
    },
    Key {
        name: "claim_minutes",
        help: "how long a claim lasts that names no time",
        take: |config, value| {
            let minutes = number(value, u64::from(CLAIM_MINUTES_MAX))?;
            if minutes == 0 {
                return Err("must be at least 1".to_owned());
            }
            config.claim_minutes = u32::try_from(minutes).unwrap_or(CLAIM_MINUTES);
            Ok(())
        },
        show: |config| json!(config.claim_minutes),
    },
    Key {
        name: "keys",
        help: "a map from actions to their keys, as in `quit: [q, ctrl-c]`",
        take: |config, value| bindings(value).map(|keys| config.keys.extend(keys)),
        show: |config| json!(config.keys),
    },
    Key {
        name: "tools",
        help: "the tools that agents are offered: all, core, or names of families",
        take: |config, value| {
            let names = match value {
                Value::Array(names) => {
                    names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
                }
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Object(_) => text(value)?,
            };
            config.tools = names.parse().map_err(|refusal| format!("is refused: {refusal}"))?;
            Ok(())
        },
        show: |config| json!(config.tools.to_string()),
    },
    Key {
        name: "conflicts.scalars",
        help: "ask, file_wins or database_wins: titles, status and other single values that clash",
        take: |config, value| policy(value).map(|it| config.conflicts.scalars = it),
        show: |config| json!(config.conflicts.scalars),
    },
    Key {
        name: "conflicts.texts",
        help: "ask, file_wins or database_wins: descriptions and prose that clash",
        take: |config, value| policy(value).map(|it| config.conflicts.texts = it),
        show: |config| json!(config.conflicts.texts),
    },
    Key {
        name: "conflicts.removals",
        help: "ask, file_wins or database_wins: items that are gone from a document",
        take: |config, value| policy(value).map(|it| config.conflicts.removals = it),
        show: |config| json!(config.conflicts.removals),
    },
    Key {
        name: "conflicts.agents_may_resolve",
        help: "true lets agents decide conflicts, where they otherwise only propose",
        take: |config, value| switch(value).map(|on| config.agents_may_resolve = on),
        show: |config| json!(config.agents_may_resolve),
    },
    backups::EVERY,
    backups::KEEP,
    backups::DAYS,
    backups::TOTAL_MB,
    backups::NEWEST,
    backups::STRATEGY,
];

impl Config {
    /// What holds where nothing else is said.
    pub fn built_in() -> Self {
        Self {
            theme: "auto".to_owned(),
            ascii: None,
            accessible: false,
            mouse: true,
            port: callboard_engine::mcp::http::PORT,
            auth: Auth::Required,
            claim_minutes: CLAIM_MINUTES,
            keys: BTreeMap::new(),
            tools: Toolset::All,
            conflicts: Policies::default(),
            agents_may_resolve: false,
            backups: Backups::default(),
        }
    }

    /// Every setting with its value, by name.
    pub fn values(&self) -> Vec<(&'static str, Value)> {
        KEYS.iter().map(|key| (key.name, (key.show)(self))).collect()
    }

    /// Takes one value from a source.
    fn set(
        &mut self,
        source: &Source,
        name: &str,
        value: &Value,
    ) -> Result<&'static str, ConfigError> {
        let source_name = source.to_string();
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            let closest = closest(name, KEYS.iter().map(|key| key.name));
            return Err(ConfigError::UnknownKey { source_name, key: name.to_owned(), closest });
        };
        match (key.take)(self, value) {
            Ok(()) => Ok(key.name),
            Err(problem) => Err(ConfigError::Value { source_name, key: key.name, problem }),
        }
    }
}

fn text(value: &Value) -> Result<String, String> {
    match value.as_str().map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        Some(_) | None => Err(format!("must be a name, not {value}")),
    }
}

fn switch(value: &Value) -> Result<bool, String> {
    match (value.as_bool(), value.as_str()) {
        (Some(on), _) => Ok(on),
        (None, Some("true" | "1" | "on" | "yes")) => Ok(true),
        (None, Some("false" | "0" | "off" | "no")) => Ok(false),
        _ => Err(format!("must be true or false, not {value}")),
    }
}

fn policy(value: &Value) -> Result<Policy, String> {
    let known = value.as_str().and_then(|text| text.parse::<Policy>().ok());
    known.ok_or_else(|| format!("must be {}, not {value}", Policy::TEXTS.join(", ")))
}

fn number(value: &Value, most: u64) -> Result<u64, String> {
    let read = value.as_str().and_then(|text| text.trim().parse().ok());
    match value.as_u64().or(read).filter(|number| *number <= most) {
        Some(number) => Ok(number),
        None => Err(format!("must be a whole number up to {most}, not {value}")),
    }
}

/// `action: key`, `action: [key, key]`, or in a variable `action=key key, action=key`.
fn bindings(value: &Value) -> Result<BTreeMap<String, Vec<String>>, String> {
    let wrong = || format!("must map actions to keys, not {value}");
    let entries = match value {
        Value::Object(map) => map.iter().map(|(name, keys)| (name.clone(), keys.clone())).collect(),
        Value::String(line) => line
            .split(',')
            .filter(|part| !part.trim().is_empty())
            .map(|part| {
                let (name, keys) = part.split_once('=').ok_or_else(wrong)?;
                let keys: Vec<&str> = keys.split_whitespace().collect();
                Ok((name.trim().to_owned(), json!(keys)))
            })
            .collect::<Result<Vec<(String, Value)>, String>>()?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => return Err(wrong()),
    };
    entries
        .into_iter()
        .map(|(name, keys)| {
            let keys = match keys {
                Value::String(key) => vec![key],
                Value::Array(keys) => keys
                    .iter()
                    .map(|key| key.as_str().map(str::to_owned).ok_or_else(wrong))
                    .collect::<Result<Vec<String>, String>>()?,
                Value::Null => Vec::new(),
                Value::Bool(_) | Value::Number(_) | Value::Object(_) => return Err(wrong()),
            };
            Ok((name, keys))
        })
        .collect()
}
