//! `callboard config`: every setting with its value and where that comes from.

use clap::Args;
use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::output::Output;
use super::project::Scene;
use crate::config::KEYS;
use crate::theme::Meaning;

/// Show the configuration, each value with its source
///
/// Settings stand in `config.yaml` in your configuration folder, in the project's
/// `.task_orchestrator/config.yaml`, and in variables such as `CALLBOARD_THEME`.
#[derive(Debug, Args)]
pub(super) struct ConfigArguments {
    /// Also say what each setting is for
    #[arg(long, short)]
    verbose: bool,
}

pub(super) fn run(
    arguments: &ConfigArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let loaded = scene.config(&scene.paths(None)?, Vec::new())?;
    let values = loaded.config.values();
    let source = |name: &str| loaded.sources.get(name).map(ToString::to_string).unwrap_or_default();
    if output.is_json() {
        let entries: Map<String, Value> = values
            .into_iter()
            .map(|(name, value)| {
                (name.to_owned(), json!({ "value": value, "source": source(name) }))
            })
            .collect();
        return output.json(&entries).map(|()| 0);
    }
    for ((name, value), key) in values.into_iter().zip(KEYS) {
        let label = output.paint(&format!("{name:<14}"), Meaning::Strong);
        let shown = match value {
            Value::String(text) => text,
            other @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_)) => other.to_string(),
        };
        let source = output.paint(&source(name), Meaning::Dim);
        output.line(&format!("{label} {shown:<24} {source}"))?;
        if arguments.verbose {
            let help = output.paint(key.help, Meaning::Dim);
            output.line(&format!("{:15}{help}", ""))?;
        }
    }
    Ok(0)
}
