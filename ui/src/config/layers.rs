//! The layers of the configuration, one over the other, each value with its source.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Config, ConfigError, KEYS, Source};

/// Largest configuration file, in bytes.
const FILE_MAX: usize = 256 * 1024;
/// What a variable of the environment begins with.
const PREFIX: &str = "CALLBOARD_";
/// Variables with that beginning that are no settings.
const OTHER_VARIABLES: [&str; 4] =
    ["CALLBOARD_PROJECT", "CALLBOARD_LOG", "CALLBOARD_TOKEN", "CALLBOARD_AGENT"];

/// Everything a configuration is made of.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    /// Files, the weaker first; one that does not exist says nothing.
    pub files: Vec<PathBuf>,
    /// The variables of the environment, all of them.
    pub variables: BTreeMap<String, String>,
    /// Flags that were given, by the names of their settings.
    pub flags: Vec<(&'static str, Value)>,
}

/// A configuration, and where each of its values comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    pub config: Config,
    pub sources: BTreeMap<&'static str, Source>,
}

/// Lays one layer over the other.
///
/// # Errors
///
/// [`ConfigError`] for the first thing that is wrong, naming where it stands.
pub fn load(layers: &Layers) -> Result<Loaded, ConfigError> {
    let sources = KEYS.iter().map(|key| (key.name, Source::Default)).collect();
    let mut loaded = Loaded { config: Config::built_in(), sources };
    for path in &layers.files {
        let source = Source::File(path.clone());
        for (name, value) in flat(read(path)?) {
            loaded.set(&source, &name, &value)?;
        }
    }
    for (variable, value) in &layers.variables {
        let Some(name) = variable.strip_prefix(PREFIX) else { continue };
        if !OTHER_VARIABLES.contains(&variable.as_str()) {
            let source = Source::Variable(variable.clone());
            let name = name.to_ascii_lowercase();
            // A variable's name has no dots: `CALLBOARD_CONFLICTS_TEXTS` is `conflicts.texts`.
            let known = KEYS.iter().find(|key| key.name.replace('.', "_") == name);
            let name = known.map_or(name.as_str(), |key| key.name);
            loaded.set(&source, name, &Value::from(value.as_str()))?;
        }
    }
    for (name, value) in &layers.flags {
        loaded.set(&Source::Flag(name), name, value)?;
    }
    Ok(loaded)
}

impl Loaded {
    fn set(&mut self, source: &Source, name: &str, value: &Value) -> Result<(), ConfigError> {
        let name = self.config.set(source, name, value)?;
        self.sources.insert(name, source.clone());
        Ok(())
    }
}

/// Settings that are written inside of their family, as `conflicts: { texts: ask }`.
fn flat(settings: Map<String, Value>) -> Vec<(String, Value)> {
    let is_family = |name: &str| KEYS.iter().any(|key| key.name.starts_with(&format!("{name}.")));
    let mut all = Vec::new();
    for (name, value) in settings {
        match value.as_object().filter(|_| is_family(&name)) {
            Some(inner) => {
                let inner = inner.iter();
                all.extend(inner.map(|(key, value)| (format!("{name}.{key}"), value.clone())));
            }
            None => all.push((name, value)),
        }
    }
    all
}

fn read(path: &Path) -> Result<Map<String, Value>, ConfigError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Map::new()),
        Err(source) => return Err(ConfigError::Read { path: path.to_owned(), source }),
    };
    let refuse = |problem: String| {
        let source_name = path.display().to_string();
        ConfigError::Syntax { source_name, problem }
    };
    if FILE_MAX < text.len() {
        return Err(refuse(format!("it is {} bytes long; the limit is {FILE_MAX}", text.len())));
    }
    let is_content = |line: &str| !line.trim().is_empty() && !line.trim().starts_with('#');
    if !text.lines().any(is_content) {
        return Ok(Map::new());
    }
    serde_yaml::from_str(&text).map_err(|error| refuse(error.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scene(files: &[&str], variables: &[(&str, &str)]) -> (tempfile::TempDir, Layers) {
        let folder = tempfile::tempdir().unwrap();
        let mut paths = Vec::new();
        for (number, text) in files.iter().enumerate() {
            let path = folder.path().join(format!("{number}.yaml"));
            fs::write(&path, text).unwrap();
            paths.push(path);
        }
        let variables =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let layers = Layers { files: paths, variables: variables.collect(), flags: Vec::new() };
        (folder, layers)
    }

    #[test]
    fn each_layer_covers_the_one_before() {
        let (_guard, mut layers) = scene(
            &[
                "theme: light\nmouse: false\nkeys: { quit: [q, x], help: '?' }",
                "theme: dark\nport: 0",
            ],
            &[("CALLBOARD_PORT", "8123"), ("CALLBOARD_PROJECT", "/x"), ("HOME", "/y")],
        );
        layers.flags.push(("ascii", json!(true)));
        let loaded = load(&layers).unwrap();
        let config = &loaded.config;
        assert_eq!((config.theme.as_str(), config.mouse, config.port), ("dark", false, 8123));
        assert_eq!(config.ascii, Some(true));
        assert_eq!(config.keys["quit"], ["q", "x"]);
        assert_eq!(config.keys["help"], ["?"]);
        let sources: Vec<String> = ["theme", "mouse", "port", "ascii", "auth"]
            .iter()
            .map(|name| match &loaded.sources[name] {
                Source::File(path) => path.file_name().unwrap().to_str().unwrap().to_owned(),
                other @ (Source::Default | Source::Variable(_) | Source::Flag(_)) => {
                    other.to_string()
                }
            })
            .collect();
        assert_eq!(sources, ["1.yaml", "0.yaml", "CALLBOARD_PORT", "--ascii", "default"]);
    }

    #[test]
    fn settings_of_a_family_are_written_together_or_with_a_dot() {
        use callboard_engine::domain::document::Policy;

        let files =
            ["conflicts: { texts: file_wins, scalars: ask }", "conflicts.scalars: database_wins"];
        let variables = [("CALLBOARD_CONFLICTS_AGENTS_MAY_RESOLVE", "true")];
        let (_guard, layers) = scene(&files, &variables);
        let config = load(&layers).unwrap().config;
        assert_eq!(config.conflicts.texts, Policy::FileWins);
        assert_eq!(config.conflicts.scalars, Policy::DatabaseWins);
        assert_eq!(config.conflicts.removals, Policy::Ask);
        assert!(config.agents_may_resolve);
    }

    #[test]
    fn what_is_wrong_is_named_with_where_it_stands() {
        let check = |text: &str, variables: &[(&str, &str)], expected: &str| {
            let (_guard, layers) = scene(&[text], variables);
            let error = load(&layers).unwrap_err().to_string();
            assert!(error.ends_with(expected), "{error}\n{expected}");
        };
        check("thme: dark", &[], "0.yaml: there is no setting \"thme\"; did you mean \"theme\"?");
        check("port: 70000", &[], "0.yaml: port must be a whole number up to 65535, not 70000");
        check("auth: none", &[], "0.yaml: auth must be required or off, not \"none\"");
        check(
            "",
            &[("CALLBOARD_MOSE", "1")],
            "CALLBOARD_MOSE: there is no setting \"mose\"; did you mean \"mouse\"?",
        );
        check(
            "conflicts: { texts: maybe }",
            &[],
            "conflicts.texts must be ask, file_wins, database_wins, not \"maybe\"",
        );
        check("claim_minutes: 0", &[], "0.yaml: claim_minutes must be at least 1");
    }

    #[test]
    fn missing_and_empty_files_say_nothing() {
        let (_guard, mut layers) = scene(&["# only a comment\n"], &[]);
        layers.files.push(PathBuf::from("/nowhere/config.yaml"));
        assert_eq!(load(&layers).unwrap().config, Config::built_in());
    }
}
