//! Search, as an agent asks and is answered.

use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use super::{DateRange, Filters, Search};
use crate::domain::refusal::{Code, Refusal};
use crate::domain::time::Timestamp;
use crate::mcp::answer::{
    Answer, BRIEF_BYTES, LIST_SPARE_BYTES, Reply, clip, fitting, without_nulls,
};
use crate::mcp::params::{given, limit, read_all, read_some};
use crate::mcp::server::CallboardServer;
use crate::mcp::tools::task::statuses;
use crate::query::search::{
    Filter, Found, Hit, Marked, Mode, Scope, SearchQuery, ending, moment, search,
};
use crate::query::sessions;
use crate::store::Reader;

/// Characters of a query.
const QUERY_CHARS: usize = 500;
/// Bytes of a title and of an excerpt.
const TITLE_BYTES: usize = 160;
const EXCERPT_BYTES: usize = 280;
/// What is said where nothing is searched for.
const LESSON: &str = "query has no word to search for; give words such as login form, \"a phrase\", \
    begin*, -without, or filters such as status:open, role:tester, type:context, since:7d";
/// The scope that means the session named beside it.
const SPECIFIC: &str = "specific_session";
/// What marks the words that were found.
const SIGN: &str = "**";

impl CallboardServer {
    pub(super) async fn find(&self, stop: CancellationToken, input: Search) -> Reply {
        let sign = if input.highlight_matches == Some(false) { "" } else { SIGN };
        let query = wanted(&input, self.peer.clock.now())?;
        let notes = query.mode == Mode::Semantic;
        let is_empty = query.is_empty();
        let answer = self.look(stop, move |reader| answer(reader, &query, sign)).await?;
        let told = "there is no index of meanings; it was searched as fuzzy".to_owned();
        let lesson = is_empty.then(|| LESSON.to_owned());
        Ok(Answer::data(&answer).noting(notes.then_some(told)).noting(lesson))
    }
}

/// What the parameters ask for.
fn wanted(input: &Search, now: Timestamp) -> Result<SearchQuery, Refusal> {
    if QUERY_CHARS < input.query.chars().count() {
        let message = format!("query has more than {QUERY_CHARS} characters");
        return Err(
            Refusal::new(Code::InvalidValue, message).suggest("search for the words that matter")
        );
    }
    let mut filter = filter(input.filters.clone().unwrap_or_default(), now)?;
    filter.kinds = read_all(input.content_types.as_deref().unwrap_or_default())?;
    let scope = given(input.scope.as_deref());
    let scope = scope.filter(|scope| !scope.eq_ignore_ascii_case(SPECIFIC));
    let session = given(input.session_id.as_deref()).or(scope);
    filter.session = session.map(str::to_owned);
    Ok(SearchQuery {
        scope: Scope::Current,
        mode: read_some(input.mode.as_ref())?.unwrap_or(Mode::Fuzzy),
        filter,
        limit: limit(input.limit),
        cursor: given(input.cursor.as_deref()).map(str::to_owned),
        ..SearchQuery::new(input.query.clone(), now)
    })
}

fn filter(filters: Filters, now: Timestamp) -> Result<Filter, Refusal> {
    let range = filters.date_range.unwrap_or_default();
    let roles = filters.specialist_type.unwrap_or_default();
    if 1 < roles.len() {
        return Err(Refusal::new(Code::InvalidValue, "filters.specialist_type takes one role")
            .suggest("search once for each role"));
    }
    Ok(Filter {
        status: statuses(&filters.status.unwrap_or_default())?,
        priority: read_all(&filters.priority_level.unwrap_or_default())?,
        role: roles.into_iter().next(),
        by: filters.by,
        since: time("start_date", &range, now)?,
        until: time("end_date", &range, now)?,
        now,
        ..Filter::default()
    })
}

fn time(field: &str, range: &DateRange, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let (text, read): (_, fn(&str, Timestamp) -> Option<Timestamp>) = match field {
        "start_date" => (&range.start_date, moment),
        _ => (&range.end_date, ending),
    };
    let Some(text) = given(text.as_deref()) else { return Ok(None) };
    read(text, now).map(Some).ok_or_else(|| {
        let shown: String = text.chars().take(60).collect();
        Refusal::new(Code::InvalidValue, format!("{field} cannot be {shown:?}"))
            .suggest("give a day, such as 2026-11-23, a time of one, such as 2026-11-23T18:00, or an age, such as 7d")
    })
}

fn answer(reader: &Reader, query: &SearchQuery, sign: &str) -> Result<Map<String, Value>, Refusal> {
    let current = sessions::current(reader)?.map(|session| session.id);
    let row = |hit: &Hit| without_nulls(wire(hit, sign, Some(hit.session_id) != current));
    let mut found = search(reader, query)?;
    let mut rows: Vec<Value> = found.hits.iter().map(row).collect();
    let fits = fitting(&rows, BRIEF_BYTES - LIST_SPARE_BYTES - 512).max(1);
    found.keep(fits);
    rows.truncate(fits);
    Ok(told(found, rows))
}

fn told(found: Found, rows: Vec<Value>) -> Map<String, Value> {
    let mut answer = Map::new();
    answer.insert("results".to_owned(), Value::Array(rows));
    answer.insert("total_results".to_owned(), json!(found.total));
    if found.at_least {
        answer.insert("at_least".to_owned(), json!(true));
    }
    if let Some(cursor) = found.cursor {
        answer.insert("cursor".to_owned(), json!(cursor));
    }
    if let Some(instead) = found.instead {
        answer.insert("searched_instead".to_owned(), json!(instead));
    }
    if !found.suggestions.is_empty() {
        answer.insert("suggestions".to_owned(), json!(found.suggestions));
    }
    if !found.problems.is_empty() {
        answer.insert("not_understood".to_owned(), json!(found.problems));
    }
    answer
}

fn wire(hit: &Hit, sign: &str, is_elsewhere: bool) -> Value {
    let marked = |text: &Marked, bytes: usize| clip(&text.with_signs(sign), bytes);
    let excerpt = hit.excerpt.as_ref();
    json!({
        "type": hit.kind,
        "id": hit.id,
        "title": marked(&hit.title, TITLE_BYTES),
        "in": excerpt.map(|(field, _)| *field),
        "excerpt": excerpt.map(|(_, text)| marked(text, EXCERPT_BYTES)),
        "status": hit.status,
        "group": hit.group,
        "session_id": is_elsewhere.then_some(hit.session_id),
        "score": hit.score,
    })
}
