//! The environment, read once, here and nowhere else.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use crate::terminal::Editor;
use crate::theme::icons::locale_is_unicode;
use crate::theme::{ColorWords, Depth};

/// What surrounds the program.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "three streams, each a terminal or not")]
pub struct Environment {
    /// Variables whose values are text; others mean nothing to the program.
    pub variables: BTreeMap<String, String>,
    pub current_directory: PathBuf,
    /// This program's own file.
    pub program: PathBuf,
    pub stdout_is_terminal: bool,
    pub stderr_is_terminal: bool,
    pub stdin_is_terminal: bool,
}

impl Environment {
    /// Reads the environment of the process.
    ///
    /// # Errors
    ///
    /// When there is no current directory.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn read() -> io::Result<Self> {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Ok(Self {
            variables: std::env::vars_os().filter_map(text).collect(),
            current_directory: std::env::current_dir()?,
            program: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("callboard")),
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal: io::stderr().is_terminal(),
            stdin_is_terminal: io::stdin().is_terminal(),
        })
    }

    /// A variable, unless it is unset or empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn folder(&self, name: &str) -> Option<PathBuf> {
        self.variable(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// The user's home directory.
    pub fn home(&self) -> Option<PathBuf> {
        self.folder("HOME").or_else(|| self.folder("USERPROFILE"))
    }

    /// Where the user keeps Callboard's configuration and themes.
    pub fn config_folder(&self) -> Option<PathBuf> {
        let base = self.folder("XDG_CONFIG_HOME").or_else(|| Some(self.home()?.join(".config")));
        base.map(|base| base.join("callboard"))
    }

    /// How many colors the terminal shows.
    pub fn depth(&self) -> Depth {
        Depth::of(ColorWords {
            no_color: self.variable("NO_COLOR"),
            colorterm: self.variable("COLORTERM"),
            term: self.variable("TERM"),
        })
    }

    /// Tells whether the locale has more than ASCII.
    pub fn is_unicode(&self) -> bool {
        locale_is_unicode(self.variable("LC_ALL"), self.variable("LC_CTYPE"), self.variable("LANG"))
    }

    /// Tells whether the terminal says of itself that it is light.
    pub fn is_light(&self) -> bool {
        let ground = self.variable("COLORFGBG").and_then(|words| words.rsplit(';').next());
        matches!(ground, Some("7" | "15"))
    }

    /// The person's editor.
    pub fn editor(&self) -> Editor {
        Editor::of(self.variable("VISUAL"), self.variable("EDITOR"))
    }

    /// How this program is started by others: its name where that finds it, else its path.
    pub fn command(&self) -> String {
        let name = "callboard";
        let own = self.program.canonicalize().ok();
        let path = self.variables.get("PATH").map(String::as_str).unwrap_or_default();
        let found = std::env::split_paths(path)
            .map(|folder| folder.join(name))
            .find(|candidate| candidate.is_file());
        match found.and_then(|found| found.canonicalize().ok()) {
            Some(found) if Some(&found) == own.as_ref() => name.to_owned(),
            Some(_) | None => own.unwrap_or_else(|| self.program.clone()).display().to_string(),
        }
    }
}
