//! How the entries for Callboard stand in a client's file: right, wrong, or another project's.
//!
//! A file of the project has one entry, for this project. A user's own file may have one for each of
//! several projects, and those of the others are right as they are.

use std::path::{Path, PathBuf};

use callboard_engine::mcp::http::Endpoint;
use callboard_engine::paths::ProjectPaths;
use clap::ValueEnum as _;
use serde_json::Value;

use super::client::{Client, How, Server};
use super::{NAME, stdio};
use crate::cli::environment::Environment;

/// A client's configuration, as a check finds it.
pub(in crate::cli) struct Configured {
    /// The client's name on the command line.
    pub(in crate::cli) client: String,
    pub(in crate::cli) file: PathBuf,
    /// Its entry for this project is not what this program would write, or the file cannot be read.
    pub(in crate::cli) problem: Option<String>,
}

/// The clients that have an entry for this project.
pub(in crate::cli) fn configured(
    environment: &Environment,
    paths: &ProjectPaths,
) -> Vec<Configured> {
    let own = Own {
        root: &paths.root,
        url: Endpoint::read(&paths.endpoint_json()).ok().map(|endpoint| endpoint.url),
        server: stdio(NAME, environment, paths),
    };
    let one = |client: &Client| {
        let file = client.file(&paths.root, environment)?;
        let text = std::fs::read_to_string(&file).ok()?;
        let problem = match own.standing(*client, &text, file.starts_with(&paths.root)) {
            Ok(Standing::Absent) => return None,
            Ok(Standing::Right) => None,
            // What cannot be read says nothing of Callboard, unless it names it.
            Err(_) if !text.contains(NAME) => return None,
            Ok(Standing::Wrong(problem)) | Err(problem) => Some(problem),
        };
        let client = client.to_possible_value()?.get_name().to_owned();
        Some(Configured { client, file, problem })
    };
    Client::value_variants().iter().filter_map(one).collect()
}

/// How a file stands to this project.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    Absent,
    Right,
    Wrong(String),
}

/// What an entry for this project says.
struct Own<'a> {
    root: &'a Path,
    /// Where the project is served, or was.
    url: Option<String>,
    server: Server,
}

impl Own<'_> {
    /// Looks at each entry of a file by itself: any that leads to this project is enough.
    fn standing(
        &self,
        client: Client,
        text: &str,
        is_of_project: bool,
    ) -> Result<Standing, String> {
        let mut found = Standing::Absent;
        for (name, entry) in client.entries(text)? {
            match self.entry(&entry) {
                Leads::Here => return Ok(Standing::Right),
                Leads::Elsewhere(_) if name != NAME || !is_of_project => {}
                Leads::Elsewhere(to) => {
                    found = Standing::Wrong(format!("its entry {name:?} leads to {to}"));
                }
                Leads::Nowhere if name == NAME => {
                    let problem = "its entry is not what this program would write";
                    found = Standing::Wrong(problem.to_owned());
                }
                Leads::Nowhere => {}
            }
        }
        Ok(found)
    }

    fn entry(&self, entry: &Value) -> Leads {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        if let Some(url) = text("url").or_else(|| text("httpUrl")) {
            return match &self.url {
                Some(own) if own == url => Leads::Here,
                Some(own) => Leads::Elsewhere(format!("{url}; this project is served at {own}")),
                None => Leads::Elsewhere(url.to_owned()),
            };
        }
        let listed = entry.get("args").and_then(Value::as_array).into_iter().flatten();
        let words: Vec<&str> = listed.filter_map(Value::as_str).collect();
        let named = words.iter().position(|word| matches!(*word, "--project" | "-C"));
        let project = named.and_then(|at| words.get(at + 1)).map(Path::new);
        let How::Stdio { command, arguments } = &self.server.how else { return Leads::Nowhere };
        match project {
            Some(project) if project != self.root => {
                Leads::Elsewhere(format!("another project, {}", project.display()))
            }
            Some(_) if text("command") == Some(command) && words == *arguments => Leads::Here,
            Some(_) | None => Leads::Nowhere,
        }
    }
}

/// Where an entry leads.
enum Leads {
    Here,
    Elsewhere(String),
    Nowhere,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(client: Client, text: &str, is_of_project: bool) -> Standing {
        let arguments = ["mcp", "--project", "/here"].map(str::to_owned).to_vec();
        let how = How::Stdio { command: "callboard".to_owned(), arguments };
        let server = Server { name: NAME.to_owned(), how };
        let url = Some("http://127.0.0.1:7420/mcp".to_owned());
        Own { root: Path::new("/here"), url, server }.standing(client, text, is_of_project).unwrap()
    }

    fn entry(name: &str, project: &str) -> String {
        format!(
            "[mcp_servers.{name}]\ncommand = \"callboard\"\nargs = [\"mcp\", \"--project\", \"{project}\"]\n"
        )
    }

    #[test]
    fn another_project_in_a_users_own_file_is_not_wrong() {
        let both = format!("{}{}", entry("callboard", "/there"), entry("callboard-2", "/here"));
        assert_eq!(check(Client::Codex, &entry("callboard", "/there"), false), Standing::Absent);
        assert_eq!(check(Client::Codex, &both, false), Standing::Right);
        let wrong = check(Client::Codex, &entry("callboard", "/there"), true);
        assert!(matches!(wrong, Standing::Wrong(why) if why.contains("/there")));
        let old = entry("callboard", "/here").replace("\"mcp\"", "\"serve\"");
        assert!(matches!(check(Client::Codex, &old, false), Standing::Wrong(_)));
    }

    #[test]
    fn only_an_entry_that_leads_here_counts() {
        let json = |entry: &str| format!("{{ \"mcpServers\": {{ {entry} }} }} // callboard");
        let here = "\"callboard\": { \"url\": \"http://127.0.0.1:7420/mcp\" }";
        let other = "\"docs\": { \"url\": \"https://example.org/mcp\" }";
        let moved = "\"callboard\": { \"url\": \"http://127.0.0.1:9/mcp\" }";
        assert_eq!(check(Client::Cursor, &json(here), true), Standing::Right);
        assert_eq!(check(Client::Cursor, &json(other), true), Standing::Absent);
        let both = json(&format!("{other}, {moved}"));
        assert!(matches!(check(Client::Cursor, &both, true), Standing::Wrong(_)));
    }
}
