//! `callboard search`: anything by its words, the best first.

use callboard_engine::domain::task::{Priority, Status};
use callboard_engine::query::search::{
    Filter, Found, Hit, Kind, Marked, Mode, Scope, SearchQuery, search, statuses,
};
use callboard_engine::query::sessions;
use clap::Args;
use serde_json::{Value, json};

use super::failure::Failure;
use super::options::count;
use super::output::Output;
use super::project::Scene;
use super::readable::readable;
use crate::theme::Meaning;
use crate::widgets::fit;

/// Columns of a kind of hit.
const KIND_COLUMNS: usize = 8;
/// What is said of a query in which nothing can be searched for.
const EMPTY: &str = "There is no word and no filter in it: give a word or the beginning of one, or a \
    filter such as status:open.";

/// Find tasks, groups, sessions, context, artifacts, messages and notes by their words
///
/// Words are beginnings. "a phrase", -without, a OR b, in:title, status:open, role:tester,
/// by:codex, tags:api, since:7d and type:note can be typed among them. Options come before the
/// words, or words that begin with - after --.
#[derive(Debug, Args)]
pub(super) struct SearchArguments {
    /// What to search for
    #[arg(required = true)]
    words: Vec<String>,
    /// Only these kinds, separated by commas: task, group, session, context, artifact, message, note
    #[arg(long = "type", short, value_delimiter = ',', value_name = "KIND")]
    kinds: Vec<Kind>,
    /// Only tasks in these statuses, separated by commas; open and closed mean several
    #[arg(long, value_delimiter = ',')]
    status: Vec<String>,
    /// Only these priorities, separated by commas
    #[arg(long, short, value_delimiter = ',')]
    priority: Vec<Priority>,
    /// Only tasks of this role
    #[arg(long)]
    role: Option<String>,
    /// Only what this person or agent made, holds or is to do
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// A session by id or name, `current` or `archived`; else all of them
    #[arg(long, short)]
    session: Option<String>,
    /// Only words exactly as they are written
    #[arg(long)]
    exact: bool,
    /// How many at most, from 1 to 1000
    #[arg(long, short = 'n', default_value_t = 20, value_parser = count, value_name = "COUNT")]
    limit: usize,
    /// Continues a list after its end
    #[arg(long)]
    cursor: Option<String>,
}

pub(super) fn run(
    arguments: &SearchArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let now = peer.clock.now();
    let query = SearchQuery {
        scope: Scope::All,
        mode: if arguments.exact { Mode::Exact } else { Mode::Fuzzy },
        filter: Filter {
            kinds: arguments.kinds.clone(),
            status: wanted_statuses(&arguments.status)?,
            priority: arguments.priority.clone(),
            role: arguments.role.clone(),
            by: arguments.by.clone(),
            session: arguments.session.clone(),
            now,
            ..Filter::default()
        },
        limit: arguments.limit,
        cursor: arguments.cursor.clone(),
        ..SearchQuery::new(typed(&arguments.words), now)
    };
    let is_empty = query.is_empty();
    let (mut found, current) = peer.readers.read(|reader| {
        let current = sessions::current(reader)?.map(|session| session.id);
        Ok((search(reader, &query)?, current))
    })?;
    if is_empty {
        found.problems.insert(0, EMPTY.to_owned());
    }
    if output.is_json() {
        return output.json(&in_json(&found)).map(|()| 0);
    }
    for hit in &found.hits {
        let is_elsewhere = Some(hit.session_id) != current;
        write_hit(output, hit, is_elsewhere)?;
    }
    close(output, &found)
}

/// What was found as programs read it: a page as all lists are, with plain titles.
fn in_json(found: &Found) -> Value {
    let mut page = readable(found);
    let items: Vec<Value> = found.hits.iter().map(hit_in_json).collect();
    if let Some(fields) = page.as_object_mut() {
        fields.remove("hits");
        fields.insert("items".to_owned(), items.into());
    }
    page
}

fn hit_in_json(hit: &Hit) -> Value {
    let mut item = readable(hit);
    if let Some(fields) = item.as_object_mut() {
        fields.insert("title".to_owned(), json!(hit.title.text));
        fields.insert("title_marks".to_owned(), json!(hit.title.marks));
        let excerpt = hit
            .excerpt
            .as_ref()
            .map(|(field, text)| json!({ "field": field, "text": text.text, "marks": text.marks }));
        fields.insert("excerpt".to_owned(), json!(excerpt));
    }
    item
}

/// The words as one query; what the shell has taken the quotation marks off stays together.
fn typed(words: &[String]) -> String {
    let one = |word: &String| {
        let is_phrase = word.contains(' ') && !word.contains('"');
        if is_phrase && 1 < words.len() { format!("\"{word}\"") } else { word.clone() }
    };
    words.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn wanted_statuses(words: &[String]) -> Result<Vec<Status>, Failure> {
    let mut wanted = Vec::new();
    for word in words {
        match statuses(word) {
            Some(statuses) => wanted.extend(statuses),
            // The refusal names the words there are.
            None => wanted.push(word.parse::<Status>()?),
        }
    }
    Ok(wanted)
}

fn write_hit(output: &mut Output, hit: &Hit, is_elsewhere: bool) -> Result<(), Failure> {
    let (icon, style) = match hit.status {
        Some(status) => (output.icons().status(status), output.theme().status(status)),
        None => (output.icons().bullet, output.theme().style(Meaning::Dim)),
    };
    let icon = output.paint_in(icon, style);
    let kind = output.paint(&format!("{:<KIND_COLUMNS$}", hit.kind.as_str()), Meaning::Dim);
    let has_id = !matches!(hit.kind, Kind::Context | Kind::Note | Kind::Message);
    let id =
        if has_id { format!("{} ", output.paint(&hit.id, Meaning::Dim)) } else { String::new() };
    let title = marked(output, &hit.title, Meaning::Strong);
    let mut place = hit.group.clone().unwrap_or_default();
    if is_elsewhere {
        place = format!("{place} {}", hit.session_id);
    }
    let place = output.paint(place.trim(), Meaning::Dim);
    output.line(format!("{icon} {kind} {id}{title}  {place}").trim_end())?;
    if let Some((_, text)) = &hit.excerpt {
        let room = output.columns().saturating_sub(KIND_COLUMNS + 3);
        let indent = " ".repeat(KIND_COLUMNS + 3);
        let text = shortened(text, room, output.icons().ellipsis);
        let text = marked(output, &text, Meaning::Dim);
        output.line(&format!("{indent}{text}"))?;
    }
    Ok(())
}

/// A text with what was found in it in its own look; plain where nobody looks.
fn marked(output: &Output, text: &Marked, plain: Meaning) -> String {
    let piece = |(piece, is_found): (&str, bool)| {
        output.paint(piece, if is_found { Meaning::Match } else { plain })
    };
    text.pieces().into_iter().map(piece).collect()
}

/// As much of a text as there is room for.
fn shortened(text: &Marked, columns: usize, ellipsis: &str) -> Marked {
    let cut = fit::fit(&text.text, columns, ellipsis).into_owned();
    let kept = if cut.len() < text.text.len() || !text.text.starts_with(&cut) {
        cut.len().saturating_sub(ellipsis.len())
    } else {
        cut.len()
    };
    let marks = text.marks.iter().copied().filter(|(_, to)| *to <= kept).collect();
    Marked { text: cut, marks }
}

fn close(output: &mut Output, found: &Found) -> Result<u8, Failure> {
    let mut told = Vec::new();
    if let Some(instead) = &found.instead {
        told.push(format!("Nothing has these words; this is what {instead:?} finds."));
    }
    let is_empty = found.problems.iter().any(|problem| problem == EMPTY);
    if found.hits.is_empty() && !is_empty {
        told.push("Nothing fits.".to_owned());
    }
    if found.total == 0 && !found.suggestions.is_empty() {
        told.push(format!("Did you mean {}?", found.suggestions.join(", ")));
    }
    told.extend(found.problems.iter().map(|problem| match problem.as_str() {
        EMPTY => EMPTY.to_owned(),
        problem => format!("Not understood: {problem}."),
    }));
    if let Some(cursor) = &found.cursor {
        let total = if found.at_least { "more than " } else { "" };
        let (shown, all) = (found.hits.len(), found.total);
        told.push(format!("{shown} of {total}{all} shown; the rest with --cursor {cursor}"));
    }
    for line in told {
        let line = output.paint(&line, Meaning::Dim);
        output.line(&line)?;
    }
    Ok(0)
}
