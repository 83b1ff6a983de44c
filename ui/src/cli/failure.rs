//! Why a verb did not do what it was asked to, and the exit code that says so.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;

use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::domain::text::visible;
use callboard_engine::peer::OpenError;
use callboard_engine::store::DAMAGED_ADVICE;
use serde_json::{Value, json};

use super::environment::Environment;
use super::options::Options;
use super::output::Output;
use crate::config::ConfigError;
use crate::theme::{Meaning, ThemeError};

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("there is no project at {path}")]
    NoProject { path: PathBuf },
    #[error("{path} is not a directory")]
    NoDirectory { path: PathBuf },
    #[error("cannot open the project")]
    Open(#[from] OpenError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Theme(#[from] ThemeError),
    #[error("{message}")]
    Usage { message: String, advice: String },
    #[error("{what}")]
    Io { what: String, source: io::Error },
    #[error("cannot serve over HTTP")]
    Http(#[from] callboard_engine::mcp::http::HttpError),
    #[error("cannot serve over stdio")]
    Stdio(#[from] callboard_engine::mcp::stdio::StdioError),
    #[error("cannot write the output")]
    Output(#[source] io::Error),
    #[error("{path} was left alone: {problem}")]
    LeftAlone { path: PathBuf, problem: String, advice: &'static str },
    #[error("{0}")]
    Failed(String),
}

/// Facts of a refusal that are shown.
const FACTS: [&str; 8] = [
    "candidates",
    "closest",
    "matches",
    "problems",
    "waits_for",
    "dependents",
    "tasks",
    "sessions",
];

/// Advice in the words of the command line, where a tool's would not do.
const IN_FLAGS: [(Code, &str); 4] = [
    (Code::SessionLive, "work in it, or add --suspend-current"),
    (Code::OpenTasks, "finish those first, or add --force and --reason \"<why>\""),
    (Code::UnmetDependencies, "finish those first, or add --force and --reason \"<why>\""),
    (
        Code::HasDependents,
        "add --dependents release (they no longer wait) or --dependents cascade (they go too)",
    ),
];

fn in_flags(refusal: &Refusal) -> Option<&'static str> {
    if refusal.code == Code::OpenTasks && refusal.details.contains_key("open") {
        return Some("complete or cancel them, or add --allow-open");
    }
    IN_FLAGS.iter().find(|(code, _)| *code == refusal.code).map(|(_, advice)| *advice)
}

impl Failure {
    /// 1 refused or failed, 2 wrong usage, 3 nothing there, 4 the project cannot be opened.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Refused(refusal)
                if matches!(refusal.code, Code::NothingReady | Code::NoSession) =>
            {
                3
            }
            Self::NoProject { .. } => 3,
            Self::Config(_) | Self::Theme(_) | Self::Usage { .. } | Self::NoDirectory { .. } => 2,
            Self::Open(_) => 4,
            Self::Refused(_)
            | Self::Io { .. }
            | Self::Http(_)
            | Self::Stdio(_)
            | Self::Output(_)
            | Self::LeftAlone { .. }
            | Self::Failed(_) => 1,
        }
    }

    /// What to do instead.
    fn advice(&self) -> Option<String> {
        match self {
            Self::Refused(refusal) => match in_flags(refusal) {
                Some(advice) => Some(advice.to_owned()),
                None => refusal.suggested_action.clone(),
            },
            Self::NoProject { .. } => Some(
                "run `callboard init` there, or name another directory with --project".to_owned(),
            ),
            Self::LeftAlone { advice, .. } => Some((*advice).to_owned()),
            Self::Usage { advice, .. } => Some(advice.clone()),
            Self::Config(_) | Self::Theme(_) => {
                Some("run `callboard config --help` for the settings there are".to_owned())
            }
            Self::Open(error) => error.is_damage().then(|| DAMAGED_ADVICE.to_owned()),
            Self::NoDirectory { .. }
            | Self::Io { .. }
            | Self::Http(_)
            | Self::Stdio(_)
            | Self::Output(_)
            | Self::Failed(_) => None,
        }
    }

    /// The message with everything that caused it.
    fn message(&self) -> String {
        let mut message = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !message.ends_with(&text) {
                message = format!("{message}: {text}");
            }
            cause = error.source();
        }
        visible(&message)
    }

    /// Says on standard error what happened and what to do.
    pub(super) fn report(&self, options: &Options, environment: &Environment) {
        let mut output = Output::errors(options, environment);
        // Where standard error is closed, there is nobody to tell.
        self.write(&mut output).ok();
        output.finish().ok();
    }

    fn write(&self, output: &mut Output) -> Result<(), Self> {
        if output.is_json() {
            let value = if let Self::Refused(refusal) = self {
                json!(refusal)
            } else {
                let (message, advice) = (self.message(), self.advice());
                json!({ "error_code": "failed", "message": message, "suggested_action": advice })
            };
            return output.json(&value);
        }
        let label = output.paint("callboard:", Meaning::Bad);
        output.line(&format!("{label} {}", self.message()))?;
        if let Self::Refused(refusal) = self {
            let named = FACTS.iter().filter_map(|name| Some((name, refusal.details.get(*name)?)));
            for (name, fact) in named {
                output.fact(name, &untold(fact, self.advice().as_deref()))?;
            }
        }
        match self.advice() {
            Some(advice) => {
                let label = output.paint("hint:", Meaning::Accent);
                output.line(&format!("{label} {}", visible(&advice)))
            }
            None => Ok(()),
        }
    }
}

/// What of a fact the advice does not say already.
fn untold(fact: &Value, advice: Option<&str>) -> Value {
    let is_told = |item: &Value| {
        item.as_str().is_some_and(|text| advice.is_some_and(|advice| advice.contains(text)))
    };
    match fact.as_array() {
        Some(items) => items.iter().filter(|item| !is_told(item)).cloned().collect(),
        None if is_told(fact) => Value::Array(Vec::new()),
        None => fact.clone(),
    }
}
