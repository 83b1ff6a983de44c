//! From bytes to a text that the parser takes, with what stood in its way.

use std::borrow::Cow;

use crate::modes::MODE_FILE_MAX;
use crate::modes::problem::{Place, Problems};

/// The text of a file; none where it is not worth reading on.
pub(super) fn text<'a>(bytes: &'a [u8], problems: &mut Problems) -> Option<Cow<'a, str>> {
    if MODE_FILE_MAX < bytes.len() {
        let size = bytes.len();
        problems
            .error(
                Place::START,
                format!("the file has {size} bytes; at most {MODE_FILE_MAX} are read"),
            )
            .suggest("split it, and join the parts by extends");
        return None;
    }
    let mut text = match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Cow::Borrowed(text),
        Cow::Owned(text) => {
            let before = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
            problems
                .error(place_after(before), "this byte is not UTF-8")
                .suggest("save the file with the encoding UTF-8");
            Cow::Owned(text)
        }
    };
    if let Some((before, _)) = text.split_once('\0') {
        problems
            .error(place_after(before), "the file holds a zero byte")
            .suggest("remove it; is this a text file?");
        text = Cow::Owned(text.replace('\0', " "));
    }
    if let Some(without) = without_tabs(&text, problems) {
        text = Cow::Owned(without);
    }
    Some(text)
}

/// The place right behind a text.
fn place_after(before: &str) -> Place {
    let line = before.split('\n').count();
    let last = before.rsplit('\n').next().unwrap_or(before);
    Place { line, column: last.chars().count().saturating_add(1) }
}

/// The text with spaces for the tabs that lines begin with, each of which is reported; none when
/// there are none.
fn without_tabs(text: &str, problems: &mut Problems) -> Option<String> {
    if !text.starts_with('\t') && !text.contains("\n\t") {
        return None;
    }
    let mut clean = String::with_capacity(text.len());
    for (line, number) in text.split_inclusive('\n').zip(1..) {
        let rest = line.trim_start_matches('\t');
        let tabs = line.len().saturating_sub(rest.len());
        let is_blank = rest.trim().is_empty();
        if 0 < tabs && !is_blank {
            problems
                .error(Place { line: number, column: 1 }, "the line is indented by a tab")
                .suggest("indent by two spaces instead");
        }
        clean.extend(std::iter::repeat_n("  ", if is_blank { 0 } else { tabs }));
        clean.push_str(rest);
    }
    Some(clean)
}
