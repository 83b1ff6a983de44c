//! House rules that neither compiler nor lints know: which layer may speak of what, how long a file
//! may be, and that each says what it is.

use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a file.
const LINES_MAX: usize = 400;

/// Files that were longer when this was written, with the length they must not exceed. A line here
/// only ever gets a smaller number or goes.
const LONG: &[(&str, usize)] = &[("src/domain/command.rs", 410), ("src/mcp/server.rs", 415)];

/// A layer, by the beginnings of its paths, and words that its code may not contain.
struct Layer {
    paths: &'static [&'static str],
    never: &'static [&'static str],
}

const LAYERS: &[Layer] = &[
    // Pure: no input, no output, no clock, no chance, no threads, and nothing above it.
    Layer {
        paths: &["src/domain", "src/rules"],
        never: &[
            "std::fs",
            "std::env",
            "std::io",
            "std::net",
            "std::thread",
            "tokio",
            "rusqlite",
            "getrandom",
            "SystemTime",
            "Instant",
            "Timestamp::now(",
            "crate::clock",
            "crate::store",
            "crate::door",
            "crate::peer",
            "crate::query",
            "crate::mcp",
        ],
    },
    Layer { paths: &["src/domain"], never: &["crate::rules"] },
    Layer {
        paths: &["src/store"],
        never: &["crate::rules", "crate::door", "crate::query", "crate::mcp", "crate::peer"],
    },
    Layer {
        paths: &["src/query"],
        never: &[
            "crate::rules",
            "crate::door",
            "crate::mcp",
            "crate::peer",
            "INSERT",
            "DELETE FROM",
        ],
    },
    Layer { paths: &["src/door"], never: &["crate::mcp", "crate::query", "rusqlite"] },
    // Documents become commands, and what is read comes by queries.
    Layer {
        paths: &["src/sync"],
        never: &[
            "rusqlite",
            "crate::rules",
            "crate::mcp",
            "Transaction",
            "SELECT ",
            "INSERT ",
            "UPDATE ",
            "DELETE FROM",
        ],
    },
    // What a document says, and how it is put together, is a function of texts and state.
    Layer {
        paths: &["src/sync/grammar", "src/sync/splice", "src/sync/render/"],
        never: &[
            "std::fs",
            "std::env",
            "std::net",
            "std::thread",
            "tokio",
            "SystemTime",
            "crate::clock",
            "crate::store",
            "crate::door",
            "crate::peer",
        ],
    },
    // Mode files become values; when they are bound is decided elsewhere, and time is passed in.
    Layer {
        paths: &["src/modes"],
        never: &[
            "std::env",
            "std::net",
            "std::thread",
            "tokio",
            "rusqlite",
            "SystemTime",
            "Instant",
            "crate::clock",
            "crate::rules",
            "crate::store",
            "crate::door",
            "crate::query",
            "crate::mcp",
        ],
    },
    // What a mode file says is a function of its text and of those that it extends.
    Layer {
        paths: &["src/modes/tree", "src/modes/read", "src/modes/repair"],
        never: &["std::fs", "std::io", "crate::sync", "crate::paths"],
    },
    // Task templates become commands; which files there are is read in one place.
    Layer {
        paths: &["src/task_templates"],
        never: &[
            "std::env",
            "std::net",
            "std::thread",
            "tokio",
            "rusqlite",
            "SystemTime",
            "crate::clock",
            "crate::rules",
            "crate::store",
            "crate::door",
            "crate::query",
            "crate::mcp",
        ],
    },
    Layer {
        paths: &[
            "src/task_templates/apply",
            "src/task_templates/expand",
            "src/task_templates/parse",
            "src/task_templates/texts",
            "src/task_templates/values",
            "src/task_templates/yaml",
        ],
        never: &["std::fs", "std::io", "crate::paths"],
    },
    // Front ends send commands and read by queries; SQL and rules are not theirs.
    Layer {
        paths: &["src/mcp", "ui/src"],
        never: &["rusqlite", "crate::rules", "Transaction", "SELECT ", "INSERT INTO"],
    },
    Layer { paths: &["src/"], never: &["ratatui", "crossterm", "clap", "stdout()", "println!"] },
    // What is shown is a function of the model.
    Layer {
        paths: &["ui/src/panes"],
        never: &[
            "KeyCode",
            "crossterm",
            "std::fs",
            "Instant",
            "Readers",
            "Reader",
            "Door",
            "Peer",
            "&mut Model",
            "Color::",
        ],
    },
    // The model changes by messages and asks for effects.
    Layer {
        paths: &["ui/src/app", "ui/src/overlay"],
        never: &[
            "std::fs",
            "std::env",
            "std::io",
            "Instant",
            "tokio",
            "Readers",
            "Door",
            "Peer",
            ".submit_blocking(",
            "Color::",
        ],
    },
    Layer {
        paths: &["ui/src/widgets"],
        never: &[
            "crate::app",
            "domain::task",
            "domain::session",
            "::query",
            "::store",
            "::door",
            "Color::",
        ],
    },
];

/// Words that belong to one place each, by the beginnings of the paths that may contain them.
const PLACES: &[(&str, &[&str])] = &[
    ("Timestamp::now()", &["src/clock.rs", "ui/src/runtime.rs"]),
    ("SystemTime::now", &[]),
    ("Color::Rgb", &["ui/src/theme"]),
    ("stdout()", &["ui/src/terminal", "ui/src/cli/output.rs", "ui/src/cli/environment.rs"]),
    ("BEGIN IMMEDIATE", &["src/store/transaction.rs"]),
    ("std::env::var", &["ui/src/cli/environment.rs"]),
    ("unbounded_channel", &[]),
];

/// A file of the project: its path from the root, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The lines of the program in it, with their numbers: neither comments nor its own tests.
    fn program(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().take_while(|line| *line != "#[cfg(test)]");
        (1..).zip(lines).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn is_of(&self, beginnings: &[&str]) -> bool {
        beginnings.iter().any(|beginning| self.path.starts_with(beginning))
    }

    fn lines_max(&self) -> usize {
        LONG.iter().find(|(path, _)| *path == self.path).map_or(LINES_MAX, |(_, lines)| *lines)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file of the folders.
fn sources(folders: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut left: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            found.push(Source { path, text });
        }
    }
    assert!(!found.is_empty(), "nothing was looked at");
    found.sort_by(|left, right| left.path.cmp(&right.path));
    found
}

#[test]
fn no_layer_speaks_of_what_is_not_its_own() {
    let sources = sources(&["src", "ui/src"]);
    let mut found = Vec::new();
    for layer in LAYERS {
        for source in sources.iter().filter(|source| source.is_of(layer.paths)) {
            for (number, line) in source.program() {
                let words = layer.never.iter().filter(|word| line.contains(**word));
                found.extend(words.map(|word| format!("{}:{number}: {word}", source.path)));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn what_enters_at_one_place_enters_nowhere_else() {
    let mut found = Vec::new();
    for source in &sources(&["src", "ui/src"]) {
        for (word, places) in PLACES {
            let elsewhere = source.program().filter(|(_, line)| line.contains(word));
            let elsewhere = elsewhere.filter(|_| !source.is_of(places));
            found.extend(elsewhere.map(|(number, _)| format!("{}:{number}: {word}", source.path)));
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn every_file_says_what_it_is_and_is_short_enough_to_be_read() {
    let mut found = Vec::new();
    for source in &sources(&["src", "ui/src", "tests", "ui/tests", "benches", "ui/benches"]) {
        if !source.text.starts_with("//! ") {
            found.push(format!("{} does not open with //!", source.path));
        }
        let lines = source.text.lines().count();
        if source.lines_max() < lines {
            found.push(format!("{} has {lines} lines of {}", source.path, source.lines_max()));
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let folder = fs::read_dir(root().join("migrations")).unwrap();
    let mut names: Vec<String> =
        folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    for (name, number) in names.iter().zip(1..) {
        assert!(name.starts_with(&format!("{number:04}_")), "{name} is not number {number}");
    }
}

#[test]
fn documents_at_the_top_are_there_and_their_links_lead_somewhere() {
    for name in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"] {
        let text = fs::read_to_string(root().join(name)).unwrap();
        for (_, rest) in text.match_indices("](").map(|(at, _)| text.split_at(at + 2)) {
            let target = rest.split([')', '#']).next().unwrap();
            let is_here = !target.is_empty() && !target.contains("://");
            assert!(!is_here || root().join(target).exists(), "{name} links to {target}");
        }
    }
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    assert!(architecture.lines().count() <= 220, "ARCHITECTURE.md is to be read in one go");
}
