//! The first line of a task: bullet, box, title, tokens, stamp.

use serde_json::Value;

use super::escape::{escape, escape_all, unescape};
use super::line::TaskHead;
use super::stamp::{self, Name};
use super::token;
use crate::domain::draft::{LINE_FIELDS, Problem, Span, Stamp};
use crate::domain::record::Fields;
use crate::domain::task::{Priority, Status, TAGS_MAX};
use crate::domain::text::{TITLE_MAX, one_line};

const BLANK: [char; 2] = [' ', '\t'];

/// Columns from one tab stop to the next.
pub(super) const TAB: usize = 4;

/// The characters of boxes.
const BOXES: [(char, Status); 7] = [
    (' ', Status::Pending),
    ('/', Status::Active),
    ('x', Status::Completed),
    ('!', Status::Blocked),
    ('?', Status::Review),
    ('-', Status::Cancelled),
    ('~', Status::Failed),
];

/// The character that stands for a status.
pub(super) fn box_of(status: Status) -> char {
    BOXES.iter().find(|(_, known)| *known == status).map_or(' ', |(character, _)| *character)
}

/// Where the box of a line begins, behind its indentation and bullets; `None` without a bullet.
pub(super) fn box_start(line: &str) -> Option<usize> {
    let mut rest = line.trim_start_matches(BLANK);
    let mut has_bullet = false;
    while !rest.starts_with('[') {
        let digits = rest.len() - rest.trim_start_matches(|it: char| it.is_ascii_digit()).len();
        let after = match digits {
            0 => rest.strip_prefix(['-', '*', '+'])?,
            _ => rest.get(digits..)?.strip_prefix(['.', ')'])?,
        };
        rest = after.trim_start_matches(BLANK);
        if rest.len() == after.len() {
            return None;
        }
        has_bullet = true;
    }
    has_bullet.then_some(line.len() - rest.len())
}

/// The bytes of the box that a text begins with, and what is in it.
pub(super) fn read_box(text: &str) -> Option<(usize, char)> {
    let inner = text.strip_prefix('[')?;
    let (inner, after) = inner.split_once(']')?;
    let mut characters = inner.chars().filter(|character| !BLANK.contains(character));
    let status = characters.next().unwrap_or(' ');
    let is_box = characters.next().is_none()
        && inner.chars().count() <= 3
        && (after.is_empty() || after.starts_with(BLANK));
    is_box.then_some((text.len() - after.len(), status))
}

/// Reads a line with a box at a place.
pub(super) fn read(line: &str, box_start: usize) -> Option<TaskHead> {
    let (before, text) = line.split_at_checked(box_start)?;
    let (box_len, status) = read_box(text)?;
    let start = box_start + box_len;
    let text = line.get(start..)?;
    let blank = text.len() - text.trim_start_matches(BLANK).len();
    let body_start = start + blank;
    let body = Body::of(line.get(body_start..)?);
    let mut head = TaskHead {
        box_start,
        indent: columns(before),
        stamp_span: body.stamp_span(line, body_start, start),
        ..TaskHead::default()
    };
    head.say_status(status);
    head.say_title(body.title);
    head.say_tokens(&body.tokens);
    head.say_stamp(body.found);
    Some(head)
}

/// The columns that a text takes, tabs included.
fn columns(text: &str) -> usize {
    text.chars().fold(0, |column, character| match character {
        '\t' => (column / TAB + 1) * TAB,
        _ => column + 1,
    })
}

/// Writes a title so that it is read back, whatever is in it.
pub(super) fn print_title(title: &str) -> String {
    let title: String =
        title.trim().chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    let title = title.trim();
    let mut printed = escape(title);
    if printed.starts_with('[') {
        printed.insert(0, '\\');
    }
    let mut end = printed.len();
    while let Some((start, word)) = last_word(printed.get(..end).unwrap_or_default())
        && (token::read(word).is_some() || stamp::is_block_id(word))
    {
        let is_sign = word.starts_with(|first: char| first.is_ascii_punctuation());
        let sign = if is_sign { 0 } else { word.find(':').unwrap_or(0) };
        printed.insert(start + sign, '\\');
        end = start;
    }
    let body = Body::of(&printed);
    let is_read_back = body.found.is_none()
        && body.tokens.is_empty()
        && body.title == printed
        && stamp::all(&printed).next().is_none()
        && unescape(body.title) == title;
    if is_read_back { printed } else { escape_all(title) }
}

/// What stands behind the box.
struct Body<'a> {
    title: &'a str,
    /// The last first.
    tokens: Vec<token::Said>,
    found: Option<stamp::Found>,
}

impl<'a> Body<'a> {
    /// Takes the stamp and the tokens off the end. Tokens that were typed behind the stamp count.
    fn of(text: &'a str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text.trim_end();
        let mut found = stamp::at_end(rest);
        if found.is_none() {
            rest = without_tokens(rest, &mut tokens);
            found = if tokens.is_empty() { None } else { stamp::at_end(rest) };
        }
        if let Some(found) = &found {
            rest = text.get(..found.span.start).unwrap_or_default();
            rest = without_tokens(rest, &mut tokens);
        }
        Self { title: rest.trim_end(), tokens, found }
    }

    /// The stamp and one space before it, in the line; where it is to be put if there is none.
    fn stamp_span(&self, line: &str, body_start: usize, box_end: usize) -> Span {
        let Some(found) = &self.found else {
            let end = line.trim_end().len().max(box_end);
            return Span { start: end, end };
        };
        let start = body_start + found.span.start;
        let has_space = line.get(..start).is_some_and(|before| before.ends_with(BLANK));
        Span { start: start - usize::from(has_space), end: body_start + found.span.end }
    }
}

fn without_tokens<'a>(text: &'a str, tokens: &mut Vec<token::Said>) -> &'a str {
    let mut rest = text.trim_end_matches(BLANK);
    while let Some((start, word)) = last_word(rest)
        && let Some(said) = token::read(word)
    {
        tokens.push(said);
        rest = rest.get(..start).unwrap_or_default().trim_end_matches(BLANK);
    }
    rest
}

fn last_word(text: &str) -> Option<(usize, &str)> {
    let text = text.trim_end_matches(BLANK);
    let start = text.rfind(BLANK).map_or(0, |space| space + 1);
    text.get(start..).filter(|word| !word.is_empty()).map(|word| (start, word))
}

impl TaskHead {
    fn problem(&mut self, message: String) {
        self.problems.push(Problem { line: 1, message });
    }

    fn say(&mut self, field: &str, value: impl Into<Value>) {
        self.fields.insert(field.to_owned(), value.into());
    }

    fn say_status(&mut self, character: char) {
        let lower = character.to_ascii_lowercase();
        match BOXES.iter().find(|(known, _)| *known == lower) {
            Some((_, status)) => self.say("status", status.as_str()),
            None => self.problem(format!(
                "[{character}] is no status; it is one of [ ] pending, [/] active, [x] completed, \
                 [!] blocked, [?] review, [-] cancelled, [~] failed"
            )),
        }
    }

    fn say_title(&mut self, raw: &str) {
        if stamp::all(raw).any(|(_, name)| name != Name::NoGroup) {
            let message = "a stamp counts at the end of a line only; move it there, or delete it";
            return self.problem(message.to_owned());
        }
        if raw.is_empty() {
            return self.problem("this item has no title yet; write one behind the box".to_owned());
        }
        match one_line("title", &unescape(raw).replace('\t', " "), TITLE_MAX) {
            Ok(title) => self.say("title", title),
            Err(refusal) => self.problem(refusal.message),
        }
    }

    fn say_tokens(&mut self, tokens: &[token::Said]) {
        for field in LINE_FIELDS {
            let mut said = tokens.iter().rev().filter(|said| said.field == field);
            match field {
                "title" | "status" => {}
                "tags" => self.say_tags(said),
                _ => match (said.next(), said.next()) {
                    (None, _) => self.say(field, at_rest(field)),
                    (Some(said), None) => self.say_one(said),
                    (Some(_), Some(_)) => {
                        self.problem(format!("{field} is said twice; leave one of them"));
                    }
                },
            }
        }
    }

    fn say_one(&mut self, said: &token::Said) {
        match &said.value {
            Ok(value) => self.say(said.field, value.clone()),
            Err(message) => self.problem(message.clone()),
        }
    }

    fn say_tags<'a>(&mut self, said: impl Iterator<Item = &'a token::Said>) {
        let tags: Result<Vec<&str>, &String> = said
            .map(|said| said.value.as_ref().map(|tag| tag.as_str().unwrap_or_default()))
            .collect();
        match tags {
            Ok(mut tags) => {
                tags.sort_unstable();
                tags.dedup();
                if TAGS_MAX < tags.len() {
                    return self.problem(format!("a task has at most {TAGS_MAX} tags"));
                }
                self.say("tags", tags);
            }
            Err(message) => self.problem(message.clone()),
        }
    }

    fn say_stamp(&mut self, found: Option<stamp::Found>) {
        let Some(found) = found else { return };
        if let Some(message) = found.problem {
            self.problem(message);
        }
        match found.name {
            Some(Name::Task(id)) => {
                self.stamp = Some(Stamp { record: id.to_string(), mark: found.mark });
            }
            Some(Name::Group(_) | Name::Session(_) | Name::Context(_) | Name::NoGroup) => {
                let message =
                    "this line has the stamp of something that is no task; delete the stamp";
                self.problem(message.to_owned());
            }
            None => {}
        }
    }
}

fn at_rest(field: &str) -> Value {
    match field {
        "priority" => Priority::Normal.as_str().into(),
        "depends_on" => Value::Array(Vec::new()),
        _ => Value::Null,
    }
}

/// The box, title and tokens of a task.
pub(super) fn print(fields: &Fields) -> String {
    let text = |field: &str| fields.get(field).and_then(Value::as_str).unwrap_or_default();
    let status = text("status").parse().unwrap_or(Status::Pending);
    let mut words = vec![format!("[{}]", box_of(status))];
    words.extend(Some(print_title(text("title"))).filter(|title| !title.is_empty()));
    words.extend(token::print(fields));
    words.join(" ")
}
