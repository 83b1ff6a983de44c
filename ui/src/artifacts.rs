//! The files of artifacts for the screen: read, highlighted and looked at again, beside it.

use std::cell::Cell;

use callboard_engine::artifacts::{Checked, check, read};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::artifact::Artifact;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::query::artifacts::ToCheck;

use crate::app::artifacts::{Answer, Preview, Shown, Wish};
use crate::highlight::code;
use crate::seldom::Seldom;
use crate::widgets::laid::Laid;
use crate::widgets::markdown::Fences;

/// Bytes of a file that are read for its preview.
const PREVIEW_MAX: usize = 256 * 1024;
/// What is said of a file that lies in an archive and is not looked at there.
const PACKED: &str =
    "It is packed with its session, which is archived; it is checked with the archive.";

/// Does what the screen wishes to be done with the files; this may take a moment.
pub fn fulfil(peer: &Peer, wish: Wish, tell: &(dyn Fn(Answer) + Sync)) -> Answer {
    match wish {
        Wish::Read(artifact) => {
            Answer::Read { id: artifact.id, preview: preview(&peer.paths, &artifact) }
        }
        Wish::Check(wanted, stop) => {
            let (seldom, looked_at) = (Seldom::default(), Cell::new(0));
            let goes_on = || {
                seldom.tell(|| tell(Answer::Goes(looked_at.get())));
                looked_at.set(looked_at.get() + 1);
                !stop.is_called_off()
            };
            let checked = check(peer, wanted, &Actor::Human, &goes_on);
            Answer::Checked(checked.map(|checked| told(wanted, &checked)).map_err(Box::new))
        }
    }
}

fn preview(paths: &ProjectPaths, artifact: &Artifact) -> Preview {
    match read(paths, artifact, PREVIEW_MAX) {
        Ok(content) => {
            // Files of Windows have lines like all others.
            let text = content.text.map(|text| text.replace("\r\n", "\n"));
            let shown = match text {
                None => Shown::NoText,
                Some(text) if is_markdown(&artifact.path) => {
                    let fences = Fences::of(&text);
                    Shown::Markdown(text, fences)
                }
                Some(text) if is_plain(&artifact.path) => Shown::Plain(text),
                Some(text) => Shown::Code(code(file_name(&artifact.path), &text)),
            };
            Preview { shown, is_cut: content.is_cut, laid: Laid::default() }
        }
        Err(refusal) => {
            let shown = Shown::Problem(refusal.message);
            Preview { shown, is_cut: false, laid: Laid::default() }
        }
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// What a file says, as markdown: what is none is a block of its language.
pub(crate) fn as_markdown(path: &str, text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if is_markdown(path) {
        return text;
    }
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    let ending = file_name(path).rsplit_once('.').map_or("", |(_, ending)| ending);
    format!("{fence}{ending}\n{}\n{fence}", text.trim_end())
}

fn is_markdown(path: &str) -> bool {
    ends_with(path, &["md", "markdown"])
}

fn is_plain(path: &str) -> bool {
    ends_with(path, &["txt", "text"])
}

fn ends_with(path: &str, endings: &[&str]) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| endings.iter().any(|one| ending.eq_ignore_ascii_case(one)))
}

/// What came of a look, in a sentence.
fn told(wanted: ToCheck, checked: &Checked) -> (String, bool) {
    if checked.looked_at == 0 && checked.findings.is_empty() {
        return (PACKED.to_owned(), true);
    }
    let is_well = checked.findings.is_empty();
    let text = match (wanted, checked.findings.as_slice()) {
        (ToCheck::One(_), [finding, ..]) => {
            format!("{}: {}.", finding.artifact.title, finding.problem)
        }
        (ToCheck::One(_), []) => "The file is as it was recorded.".to_owned(),
        (_, []) if checked.looked_at == 1 => "The only file is as it was recorded.".to_owned(),
        (_, []) => format!("{} files are as they were recorded.", checked.looked_at),
        (_, [finding, rest @ ..]) => {
            let more =
                if rest.is_empty() { String::new() } else { format!(", and {} more", rest.len()) };
            format!("{}: {}{more}.", finding.artifact.title, finding.problem)
        }
    };
    (text, is_well)
}
