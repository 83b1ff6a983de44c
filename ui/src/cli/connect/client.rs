//! The clients that can be configured: where each keeps its servers, and how it writes one.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::{jsonc, toml};
use crate::cli::environment::Environment;

/// An agent's client program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Client {
    ClaudeCode,
    Codex,
    Cursor,
    #[value(name = "vscode", alias = "vs-code")]
    VsCode,
    Gemini,
    Zed,
}

/// Callboard as a client is told of it.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) name: String,
    pub(super) how: How,
}

#[derive(Debug)]
pub(super) enum How {
    Stdio { command: String, arguments: Vec<String> },
    Http { url: String, token: Option<String> },
}

impl Client {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::ClaudeCode => "Claude Code",
            Self::Codex => "Codex",
            Self::Cursor => "Cursor",
            Self::VsCode => "VS Code",
            Self::Gemini => "Gemini CLI",
            Self::Zed => "Zed",
        }
    }

    /// The file with its servers: in the project where the client knows such a file, else the
    /// user's own. `None` where the user has no home.
    pub(super) fn file(self, root: &Path, environment: &Environment) -> Option<PathBuf> {
        let own = |variable: &str, folder: &str| {
            let named = environment.variable(variable).map(PathBuf::from);
            named.or_else(|| Some(environment.home()?.join(folder)))
        };
        match self {
            Self::ClaudeCode => Some(root.join(".mcp.json")),
            Self::Codex => own("CODEX_HOME", ".codex").map(|home| home.join("config.toml")),
            Self::Cursor => Some(root.join(".cursor/mcp.json")),
            Self::VsCode => Some(root.join(".vscode/mcp.json")),
            Self::Gemini => Some(root.join(".gemini/settings.json")),
            Self::Zed => {
                own("XDG_CONFIG_HOME", ".config").map(|home| home.join("zed/settings.json"))
            }
        }
    }

    /// The part of the file that lists the servers.
    fn section(self) -> &'static str {
        match self {
            Self::ClaudeCode | Self::Cursor | Self::Gemini => "mcpServers",
            Self::VsCode => "servers",
            Self::Codex => "mcp_servers",
            Self::Zed => "context_servers",
        }
    }

    /// The server as it stands in the file.
    fn entry(self, server: &Server) -> String {
        let fields: Vec<(&str, Value)> = match &server.how {
            How::Stdio { command, arguments } => {
                vec![("command", json!(command)), ("args", json!(arguments))]
            }
            How::Http { url, token } => {
                let key = if self == Self::Gemini { "httpUrl" } else { "url" };
                let headers = if self == Self::Codex { "http_headers" } else { "headers" };
                let token = token.as_ref().map(|token| (headers, json!(bearer(token))));
                [Some((key, json!(url))), token].into_iter().flatten().collect()
            }
        };
        match self {
            Self::Codex => table(&server.name, &fields),
            Self::ClaudeCode | Self::VsCode => {
                let kind = match &server.how {
                    How::Stdio { .. } => "stdio",
                    How::Http { .. } => "http",
                };
                object([("type", json!(kind))].into_iter().chain(fields))
            }
            Self::Cursor | Self::Gemini | Self::Zed => object(fields),
        }
    }

    /// The file with the server in it.
    pub(super) fn put(self, text: &str, server: &Server) -> Result<String, String> {
        let place = (self.section(), server.name.as_str());
        let entry = self.entry(server);
        match self {
            Self::Codex => toml::put(text, place, &entry).map_err(|problem| problem.to_string()),
            Self::ClaudeCode | Self::Cursor | Self::VsCode | Self::Gemini | Self::Zed => {
                jsonc::put(text, place, &entry).map_err(|problem| problem.to_string())
            }
        }
    }

    /// The file without the server.
    pub(super) fn remove(self, text: &str, name: &str) -> Result<String, String> {
        let place = (self.section(), name);
        match self {
            Self::Codex => toml::remove(text, place).map_err(|problem| problem.to_string()),
            Self::ClaudeCode | Self::Cursor | Self::VsCode | Self::Gemini | Self::Zed => {
                jsonc::remove(text, place).map_err(|problem| problem.to_string())
            }
        }
    }

    /// The servers that the file has, by name, as far as their values are plain.
    pub(super) fn entries(self, text: &str) -> Result<Vec<(String, Value)>, String> {
        let section = self.section();
        let (names, texts): (Vec<String>, Result<Vec<_>, String>) = match self {
            Self::Codex => {
                let names = toml::names(text, section).map_err(|problem| problem.to_string())?;
                let one = |name: &String| {
                    let there = toml::get(text, (section, name)).map_err(|it| it.to_string())?;
                    Ok(there.map(|there| toml::plain(&there)))
                };
                let found = names.iter().map(one).collect();
                (names, found)
            }
            Self::ClaudeCode | Self::Cursor | Self::VsCode | Self::Gemini | Self::Zed => {
                let names = jsonc::names(text, section).map_err(|problem| problem.to_string())?;
                let one = |name: &String| {
                    let there = jsonc::get(text, (section, name)).map_err(|it| it.to_string())?;
                    Ok(there.map(|there| serde_json::from_str(&there).unwrap_or(Value::Null)))
                };
                let found = names.iter().map(one).collect();
                (names, found)
            }
        };
        Ok(names.into_iter().zip(texts?).filter_map(|(name, entry)| Some((name, entry?))).collect())
    }

    /// Tells whether the file has a server of this name that is not this one.
    pub(super) fn has_other(self, text: &str, server: &Server) -> Result<bool, String> {
        let place = (self.section(), server.name.as_str());
        let entry = self.entry(server);
        match self {
            Self::Codex => {
                let there = toml::get(text, place).map_err(|problem| problem.to_string())?;
                Ok(there.is_some_and(|there| there != entry))
            }
            Self::ClaudeCode | Self::Cursor | Self::VsCode | Self::Gemini | Self::Zed => {
                let there = jsonc::get(text, place).map_err(|problem| problem.to_string())?;
                let value = |text: &str| serde_json::from_str::<Value>(text).ok();
                Ok(there.is_some_and(|there| value(&there) != value(&entry)))
            }
        }
    }

    /// The command that tells the client, where it has one.
    pub(super) fn line(self, server: &Server) -> Option<String> {
        let name = shell(&server.name);
        match (self, &server.how) {
            (Self::ClaudeCode, How::Stdio { .. }) => {
                Some(format!("claude mcp add {name} -- {}", started(server)))
            }
            (Self::ClaudeCode, How::Http { url, token }) => {
                let header =
                    token.as_ref().map(|token| shell(&format!("Authorization: Bearer {token}")));
                let header = header.map(|header| format!(" --header {header}")).unwrap_or_default();
                Some(format!("claude mcp add --transport http {name} {}{header}", shell(url)))
            }
            (Self::Codex, How::Stdio { .. }) => {
                Some(format!("codex mcp add {name} -- {}", started(server)))
            }
            (Self::VsCode, How::Stdio { command, arguments }) => {
                let told = json!({ "name": server.name, "command": command, "args": arguments });
                Some(format!("code --add-mcp {}", shell(&told.to_string())))
            }
            (Self::Codex | Self::VsCode, How::Http { .. })
            | (Self::Cursor | Self::Gemini | Self::Zed, _) => None,
        }
    }
}

/// The command that starts the server, for a shell.
fn started(server: &Server) -> String {
    match &server.how {
        How::Stdio { command, arguments } => {
            let words = std::iter::once(command).chain(arguments);
            words.map(|word| shell(word)).collect::<Vec<_>>().join(" ")
        }
        How::Http { url, .. } => shell(url),
    }
}

fn bearer(token: &str) -> Value {
    json!({ "Authorization": format!("Bearer {token}") })
}

fn object(fields: impl IntoIterator<Item = (&'static str, Value)>) -> String {
    let lines: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("  \"{name}\": {}", inline(&value, ": ")))
        .collect();
    format!("{{\n{}\n}}", lines.join(",\n"))
}

/// A table of TOML; its texts, lists and inline tables are written as JSON's, but for the colon.
fn table(name: &str, fields: &[(&str, Value)]) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    let name = if name.chars().all(plain) { name.to_owned() } else { json!(name).to_string() };
    let lines = fields.iter().map(|(name, value)| format!("{name} = {}\n", inline(value, " = ")));
    lines.fold(format!("[mcp_servers.{name}]\n"), |text, line| text + &line)
}

/// A value on one line.
fn inline(value: &Value, between: &str) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(item, between)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let quoted = |name: &String| match between {
                ": " => json!(name).to_string(),
                _ => name.clone(),
            };
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{}{between}{}", quoted(name), inline(value, between)))
                .collect();
            format!("{{ {} }}", fields.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// A word as a shell takes it.
fn shell(word: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "-_./:=@%+,".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stdio() -> Server {
        let arguments = ["mcp", "--project", "/my project"].map(str::to_owned).to_vec();
        let how = How::Stdio { command: "callboard".to_owned(), arguments };
        Server { name: "callboard".to_owned(), how }
    }

    fn http() -> Server {
        let (url, token) = ("http://127.0.0.1:7420/mcp".to_owned(), Some("t0".to_owned()));
        Server { name: "callboard".to_owned(), how: How::Http { url, token } }
    }

    #[test]
    fn every_client_is_told_in_its_own_format() {
        let told: Vec<String> = Client::value_variants()
            .iter()
            .flat_map(|client| [client.put("", &stdio()), client.put("", &http())])
            .map(Result::unwrap)
            .collect();
        insta::assert_snapshot!(told.join("---\n"));
    }

    #[test]
    fn the_line_survives_a_shell() {
        assert_eq!(
            Client::ClaudeCode.line(&stdio()).unwrap(),
            "claude mcp add callboard -- callboard mcp --project '/my project'"
        );
        assert_eq!(
            Client::ClaudeCode.line(&http()).unwrap(),
            "claude mcp add --transport http callboard http://127.0.0.1:7420/mcp \
             --header 'Authorization: Bearer t0'"
        );
        assert_eq!(shell("it's"), "'it'\\''s'");
    }

    #[test]
    fn a_server_that_is_there_already_is_no_other() {
        for client in Client::value_variants() {
            let text = client.put("", &stdio()).unwrap();
            assert_eq!(client.has_other(&text, &stdio()), Ok(false), "{client:?}");
            assert_eq!(client.has_other(&text, &http()), Ok(true), "{client:?}");
        }
    }
}
