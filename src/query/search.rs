//! Search over everything: tasks, groups, sessions, context, artifacts, messages, and the notes in
//! documents.
//!
//! The index finds, and a bounded number of what it found is ranked here, so that a word of every
//! task costs no more than a rare one. Where more fit than were counted, the answer says so.

mod candidates;
mod excerpt;
mod expression;
mod filter;
mod notes;
mod parse;
mod records;
mod score;
mod suggest;
mod wanted;
mod words;

use std::collections::HashMap;

use serde::Serialize;

pub use candidates::COUNTED_MAX;
pub use excerpt::Marked;
pub use filter::{Field, Filter, ending, moment, statuses};
pub use parse::TEXT_MAX;
pub use wanted::Scope;

use super::{LIMIT, LIMIT_MAX, cursor};
use crate::domain::id::{GroupId, SessionId};
use crate::domain::refusal::Refusal;
use crate::domain::task::Status;
use crate::domain::time::Timestamp;
use crate::store::Reader;
use candidates::Candidates;
use parse::{Parsed, Words, parse};
use score::Document;
use wanted::Where;

/// How the cursors of a search begin.
const CURSOR: &str = "search";

words! {
    /// What kind of thing is found.
    Kind("content_types") {
        Task = "task" | "tasks",
        Group = "group" | "groups" | "task_group" | "task_groups",
        Session = "session" | "sessions",
        Context = "context" | "decisions" | "decision",
        Artifact = "artifact" | "artifacts",
        Message = "message" | "messages",
        /// A line that somebody wrote into a document.
        Note = "note" | "notes" | "documents" | "document" | "markdown_content",
    }
}

impl Kind {
    /// Tells whether it is one of the kinds that share an index.
    fn is_indexed_record(self) -> bool {
        match self {
            Self::Group | Self::Session | Self::Context | Self::Artifact | Self::Message => true,
            Self::Task | Self::Note => false,
        }
    }
}

words! {
    /// How words are compared.
    Mode("search_mode") {
        /// Words as they are.
        Exact = "exact",
        /// Words as beginnings; where nothing fits, words that are spelled alike.
        Fuzzy = "fuzzy" | "prefix",
        /// As fuzzy: there is no index of meanings.
        Semantic = "semantic",
    }
}

/// What is searched for.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchQuery {
    /// As it was typed, filters included.
    pub text: String,
    pub scope: Scope,
    pub mode: Mode,
    pub filter: Filter,
    pub limit: usize,
    pub cursor: Option<String>,
}

impl SearchQuery {
    /// A search in all sessions.
    pub fn new(text: impl Into<String>, now: Timestamp) -> Self {
        Self {
            text: text.into(),
            scope: Scope::All,
            mode: Mode::Fuzzy,
            filter: Filter { now, ..Filter::default() },
            limit: LIMIT,
            cursor: None,
        }
    }
}

impl SearchQuery {
    /// Tells whether it names neither words nor what else is wanted, so that nothing can be found.
    pub fn is_empty(&self) -> bool {
        let parsed = parse(&self.text, Words::Beginnings, self.filter.clone());
        let nothing = Filter {
            now: parsed.filter.now,
            session: parsed.filter.session.clone(),
            ..Filter::default()
        };
        parsed.clauses.is_empty() && parsed.filter == nothing
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    pub kind: Kind,
    /// The id; of context its key, of a note its document's path.
    pub id: String,
    pub title: Marked,
    /// The field that the excerpt is of, and the excerpt.
    pub excerpt: Option<(Field, Marked)>,
    pub session_id: SessionId,
    pub group_id: Option<GroupId>,
    /// The name of the group.
    pub group: Option<String>,
    pub status: Option<Status>,
    /// 1 for the best of all.
    pub score: f64,
    pub at: Timestamp,
}

/// A page of what was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// Hits on the pages before this one.
    #[serde(skip)]
    pub before: usize,
    pub total: usize,
    /// Whether there may be more than `total`.
    pub at_least: bool,
    pub cursor: Option<String>,
    /// What was searched for instead, because nothing fits what was typed.
    pub instead: Option<String>,
    /// Words that are spelled like those that nothing fits.
    pub suggestions: Vec<String>,
    /// What of the query was not understood.
    pub problems: Vec<String>,
}

impl Found {
    /// Keeps the first hits alone, so that the next page begins right after them.
    pub fn keep(&mut self, hits: usize) {
        if hits < self.hits.len() {
            self.hits.truncate(hits);
            self.cursor = Some(after(self.before + hits));
        }
    }
}

/// The words of a text, as the index cuts and folds them; at most so many.
pub(super) fn words_of(text: &str, most: usize) -> Vec<String> {
    words::folded(text, most)
}

/// Searches.
///
/// # Errors
///
/// When the session named does not exist, the cursor is of something else, or the store fails.
pub fn search(reader: &Reader, query: &SearchQuery) -> Result<Found, Refusal> {
    let words = match query.mode {
        Mode::Exact => Words::Whole,
        Mode::Fuzzy | Mode::Semantic => Words::Beginnings,
    };
    let parsed = parse(&query.text, words, query.filter.clone());
    let place = Where::find(reader, query.scope, parsed.filter.session.as_deref())?;
    let mut found = Found { problems: parsed.problems.clone(), ..Found::default() };
    if place.is_empty() {
        return Ok(found);
    }
    let candidates = candidates(reader, &parsed, &place)?;
    if candidates.total == 0 && !parsed.clauses.is_empty() {
        found.suggestions = suggest::suggestions(reader, &parsed, place.main())?;
        let instead = suggest::instead(&parsed, &found.suggestions);
        if let (Some(instead), Words::Beginnings) = (instead, words) {
            let candidates = self::candidates(reader, &instead, &place)?;
            if 0 < candidates.total {
                found.instead = Some(suggest::shown(&instead));
                return page(reader, (query, &instead), candidates, found);
            }
        }
    }
    page(reader, (query, &parsed), candidates, found)
}

fn candidates(reader: &Reader, parsed: &Parsed, place: &Where) -> Result<Candidates, Refusal> {
    let mut all = Candidates::default();
    if parsed.filter.allows(Kind::Task) {
        all.add(candidates::tasks(reader, parsed, place)?);
    }
    all.add(records::records(reader, parsed, place)?);
    if parsed.filter.allows(Kind::Note) {
        all.add(notes::notes(reader, parsed, place)?);
    }
    Ok(all)
}

fn page(
    reader: &Reader,
    (query, parsed): (&SearchQuery, &Parsed),
    candidates: Candidates,
    mut found: Found,
) -> Result<Found, Refusal> {
    let skipped = skipped(query.cursor.as_deref())?;
    found.before = skipped;
    found.total = candidates.total;
    found.at_least = candidates.at_least;
    let limit = query.limit.clamp(1, LIMIT_MAX);
    let ranked = score::rank(candidates.documents, parsed);
    if skipped + limit < ranked.len() {
        found.cursor = Some(after(skipped + limit));
    }
    let shown: Vec<(f64, Document)> = ranked.into_iter().skip(skipped).take(limit).collect();
    let documents: Vec<Document> = shown.iter().map(|(_, document)| document.clone()).collect();
    let groups = records::group_names(reader, &documents)?;
    for (score, document) in shown {
        found.hits.push(hit(reader, (score, document), parsed, &groups)?);
    }
    Ok(found)
}

/// The cursor of the page that begins after so many hits.
fn after(hits: usize) -> String {
    cursor::write(&[CURSOR.to_owned(), hits.to_string()])
}

/// How many hits earlier pages held.
fn skipped(word: Option<&str>) -> Result<usize, Refusal> {
    let Some(word) = word else { return Ok(0) };
    let parts = cursor::read(word, 2)?;
    // A cursor of another list has no such beginning.
    let own = parts.first().filter(|name| *name == CURSOR);
    cursor::number(own.and_then(|_| parts.get(1)))
}

fn hit(
    reader: &Reader,
    (score, document): (f64, Document),
    parsed: &Parsed,
    groups: &HashMap<String, String>,
) -> Result<Hit, Refusal> {
    // Ranking has looked at the beginnings of long texts only.
    let whole = match document.kind {
        Kind::Task => candidates::whole(reader, document.number)?,
        Kind::Group
        | Kind::Session
        | Kind::Context
        | Kind::Artifact
        | Kind::Message
        | Kind::Note => None,
    };
    let document = whole.unwrap_or(document);
    Ok(Hit {
        title: excerpt::title(&document, parsed),
        excerpt: excerpt::excerpt(&document, parsed),
        group: document.group.and_then(|group| groups.get(&group.to_string()).cloned()),
        group_id: document.group,
        kind: document.kind,
        id: document.id,
        session_id: document.session,
        status: document.status,
        score: (score * 1000.0).round() / 1000.0,
        at: document.at,
    })
}
