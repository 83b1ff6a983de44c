//! The person's own editor, started directly, never through a shell.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Command;

use super::{Events, Terminal};

/// An editor as the person names it: a program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    words: Vec<String>,
}

/// What became of a text in the editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// The new text.
    Changed(String),
    /// The person left it as it was.
    Unchanged,
    /// Nothing is left of it: whoever empties a file gives the edit up.
    Emptied,
    /// The editor ended with an error; the text is as it was.
    Failed(String),
}

impl Editor {
    /// Chooses by the environment: `VISUAL`, then `EDITOR`, then `vi`.
    pub fn of(visual: Option<&str>, editor: Option<&str>) -> Self {
        let words =
            [visual, editor].into_iter().flatten().map(split).find(|found| !found.is_empty());
        Self { words: words.unwrap_or_else(|| vec!["vi".to_owned()]) }
    }

    /// The program's name, for messages.
    pub fn name(&self) -> &str {
        self.words.first().map_or("vi", String::as_str)
    }

    /// Lets the person edit a text where there is no screen of ours, in a file of the folder that
    /// only they can read.
    ///
    /// # Errors
    ///
    /// When the file cannot be written or read, or the editor cannot be started.
    pub fn edit(&self, draft: Draft<'_>) -> io::Result<Edited> {
        let path = draft.folder.join(format!("edit-{}.md", std::process::id()));
        write_private(&path, draft.text)?;
        let problem = self.open(Spot::begin(&path))?;
        let read = fs::read(&path);
        // A file that is left behind does no harm: the next edit replaces it.
        fs::remove_file(&path).ok();
        match problem {
            Some(problem) => Ok(Edited::Failed(problem)),
            None => Ok(outcome(draft.text, &String::from_utf8_lossy(&read?))),
        }
    }

    fn open(&self, spot: Spot<'_>) -> io::Result<Option<String>> {
        let mut command = Command::new(self.name());
        command.args(self.words.iter().skip(1)).args(self.arguments(spot));
        let status = command.status()?;
        Ok((!status.success()).then(|| format!("{} ended with {status}", self.name())))
    }

    /// What names a file and a line to the editor; where nobody knows how, the file alone.
    fn arguments(&self, Spot { path, line }: Spot<'_>) -> Vec<OsString> {
        let program = Path::new(self.name()).file_stem().and_then(OsStr::to_str);
        let (Some(line), Some(program)) = (line, program) else { return vec![path.into()] };
        let with_line = || {
            let mut text = path.as_os_str().to_owned();
            text.push(format!(":{line}"));
            text
        };
        match program {
            "vi" | "vim" | "nvim" | "view" | "nano" | "emacs" | "emacsclient" | "micro" | "kak"
            | "joe" | "mg" | "ne" => vec![format!("+{line}").into(), path.into()],
            "hx" | "helix" | "subl" | "zed" => vec![with_line()],
            "code" | "codium" | "cursor" => vec!["--goto".into(), with_line()],
            _ => vec![path.into()],
        }
    }
}

/// A file that is to be opened, at a line or at its beginning.
#[derive(Debug, Clone, Copy)]
pub struct Spot<'a> {
    pub path: &'a Path,
    pub line: Option<usize>,
}

impl<'a> Spot<'a> {
    fn begin(path: &'a Path) -> Self {
        Self { path, line: None }
    }
}

impl Terminal {
    /// Opens a file in the editor; returns what went wrong with the editor, if something did.
    ///
    /// # Errors
    ///
    /// When the terminal cannot be taken again.
    pub fn edit_file(
        &mut self,
        events: &mut Events,
        editor: &Editor,
        spot: Spot<'_>,
    ) -> io::Result<Option<String>> {
        let opened = self.away(events, || editor.open(spot))?;
        Ok(opened.unwrap_or_else(|error| Some(format!("cannot start {}: {error}", editor.name()))))
    }

    /// Lets the person edit a text, in a file of the folder that only they can read.
    ///
    /// # Errors
    ///
    /// When the file cannot be written or read, or the terminal cannot be taken again.
    pub fn edit_text(
        &mut self,
        events: &mut Events,
        editor: &Editor,
        draft: Draft<'_>,
    ) -> io::Result<Edited> {
        let path = draft.folder.join(format!("edit-{}.md", std::process::id()));
        write_private(&path, draft.text)?;
        let problem = self.edit_file(events, editor, Spot::begin(&path))?;
        let read = fs::read(&path);
        // A file that is left behind does no harm: the next edit replaces it.
        fs::remove_file(&path).ok();
        if let Some(problem) = problem {
            return Ok(Edited::Failed(problem));
        }
        Ok(outcome(draft.text, &String::from_utf8_lossy(&read?)))
    }
}

impl Terminal {
    /// Opens a copy of a text in the editor; nothing of it is kept.
    ///
    /// # Errors
    ///
    /// When the copy cannot be written, or the terminal cannot be taken again.
    pub fn show_copy(
        &mut self,
        events: &mut Events,
        editor: &Editor,
        copy: &CopyOf<'_>,
    ) -> io::Result<Option<String>> {
        let path = copy.folder.join(format!("view-{}-{}", std::process::id(), copy.name));
        write_private(&path, copy.text)?;
        let mut permissions = fs::metadata(&path)?.permissions();
        permissions.set_readonly(true);
        // An editor that does not know that it is only to be read does no harm to a copy.
        fs::set_permissions(&path, permissions).ok();
        let problem = self.edit_file(events, editor, Spot::begin(&path));
        // A file that is left behind does no harm: the next look replaces it.
        fs::remove_file(&path).ok();
        problem
    }
}

/// A text to be looked at, what its file is called, and where that may stand meanwhile.
#[derive(Debug)]
pub struct CopyOf<'a> {
    pub folder: &'a Path,
    pub name: &'a str,
    pub text: &'a str,
}

/// A text to be edited, and where its file may stand meanwhile.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    pub folder: &'a Path,
    pub text: &'a str,
}

/// Editors end files with a newline; that alone is no change.
fn outcome(before: &str, after: &str) -> Edited {
    let after = after.replace("\r\n", "\n");
    if after.trim().is_empty() && !before.trim().is_empty() {
        return Edited::Emptied;
    }
    if after.trim_end_matches('\n') == before.trim_end_matches('\n') {
        Edited::Unchanged
    } else {
        Edited::Changed(after.trim_end_matches('\n').to_owned())
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    create_private(path)?.write_all(text.as_bytes())
}

#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Splits a command into words; quotes of either kind keep spaces, nothing else is special.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    for character in text.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, space) if space.is_whitespace() => words.extend(word.take()),
            (Some(_) | None, _) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_editor_may_have_arguments_and_spaces_in_its_path() {
        let check = |text: &str, words: &[&str]| assert_eq!(split(text), words, "{text}");
        check("code --wait", &["code", "--wait"]);
        check("'/opt/my editor/bin' -n \"a b\"", &["/opt/my editor/bin", "-n", "a b"]);
        check("  ", &[]);
        check("vim ''", &["vim", ""]);
        check("sh -c $(evil);", &["sh", "-c", "$(evil);"]);
    }

    #[test]
    fn visual_comes_before_editor_and_vi_is_always_there() {
        assert_eq!(Editor::of(Some("code"), Some("nano")).name(), "code");
        assert_eq!(Editor::of(Some(" "), Some("nano")).name(), "nano");
        assert_eq!(Editor::of(None, None).name(), "vi");
    }

    #[test]
    fn editors_are_told_the_line_in_their_own_ways() {
        let spot = Spot { path: Path::new("/p/a b.md"), line: Some(7) };
        for (editor, arguments) in [
            ("/usr/bin/nvim", &["+7", "/p/a b.md"][..]),
            ("nano -w", &["+7", "/p/a b.md"]),
            ("code --wait", &["--goto", "/p/a b.md:7"]),
            ("hx", &["/p/a b.md:7"]),
            ("ed", &["/p/a b.md"]),
        ] {
            let editor = Editor::of(Some(editor), None);
            assert_eq!(editor.arguments(spot), arguments, "{editor:?}");
            assert_eq!(editor.arguments(Spot::begin(spot.path)), ["/p/a b.md"]);
        }
    }

    #[test]
    fn a_final_newline_is_no_change() {
        assert_eq!(outcome("text", "text\n"), Edited::Unchanged);
        assert_eq!(outcome("text", "other\r\ntext\n"), Edited::Changed("other\ntext".to_owned()));
    }

    #[test]
    fn an_emptied_file_gives_the_edit_up() {
        assert_eq!(outcome("text", " \n\n"), Edited::Emptied);
        assert_eq!(outcome("", "\n"), Edited::Unchanged);
    }
}
