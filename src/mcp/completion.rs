//! Completion: what an argument of a prompt, or a part of a resource's URI, could be.

use rmcp::model::{CompleteRequestParams, CompletionInfo, Reference};

use super::prompts::TASK;
use super::resources::within_session;
use super::server::{CallboardServer, session_of};
use crate::domain::id::{ArtifactId, GroupId, SessionId, TaskId, canonical_prefix};
use crate::domain::refusal::Refusal;
use crate::domain::session::SessionState;
use crate::domain::text::visible_line;
use crate::modes::ModesFolder;
use crate::query::artifacts::ArtifactFilter;
use crate::query::sessions::{SessionFilter, SessionOrder};
use crate::query::tasks::{self, TaskQuery};
use crate::query::{artifacts, groups, ledger, sessions};
use crate::store::Reader;

/// Values that complete an argument.
const VALUES_MAX: usize = 20;
/// Records that are looked through for them.
const LOOKED_MAX: usize = 200;

/// What tasks are completed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Ids where an id was begun, else titles: a person reads them.
    IdOrTitle,
    /// Ids: they become part of a URI.
    Id,
}

impl CallboardServer {
    /// What an argument could be.
    pub(super) fn completion(&self, request: &CompleteRequestParams) -> CompletionInfo {
        let typed = request.argument.value.trim();
        let argument = request.argument.name.as_str();
        let given = |name: &str| {
            let context = request.context.as_ref()?.arguments.as_ref()?;
            context.get(name).cloned()
        };
        #[expect(clippy::wildcard_enum_match_arm, reason = "a later protocol may have more kinds")]
        let values = match &request.r#ref {
            Reference::Prompt(_) if argument == TASK => {
                self.read(|reader| tasks_like(reader, typed, Form::IdOrTitle))
            }
            Reference::Resource(template) => match (kind_of(&template.uri), argument) {
                ("task", _) => self.read(|reader| tasks_like(reader, typed, Form::Id)),
                ("session", _) | ("document", "session") => {
                    self.read(|reader| sessions_like(reader, typed))
                }
                ("group", _) => self.read(|reader| groups_like(reader, typed)),
                ("document", _) => {
                    self.read(|reader| documents_like(reader, given("session").as_deref(), typed))
                }
                ("artifact", _) => self.read(|reader| artifacts_like(reader, typed)),
                ("mode", _) => Ok(self.modes_like(typed)),
                _ => Ok(Vec::new()),
            },
            _ => Ok(Vec::new()),
        };
        let info = CompletionInfo::with_all_values(values.unwrap_or_default());
        info.unwrap_or_default()
    }

    fn modes_like(&self, typed: &str) -> Vec<String> {
        let listed = ModesFolder::of(&self.peer.paths).list().into_iter().map(|mode| mode.name);
        listed.filter(|name| holds(name, typed)).take(VALUES_MAX).collect()
    }
}

/// What a template is about: the word after its scheme.
fn kind_of(template: &str) -> &str {
    let rest = template.strip_prefix("callboard://").unwrap_or_default();
    rest.split('/').next().unwrap_or_default()
}

fn holds(text: &str, typed: &str) -> bool {
    text.to_lowercase().contains(&typed.to_lowercase())
}

/// Those whose id begins with what was typed, or whose name holds it, by their ids.
fn fitting(
    known: impl Iterator<Item = (String, String)>,
    (letter, typed): (char, &str),
) -> Vec<String> {
    let prefix = canonical_prefix(letter, typed);
    let fits = known.filter(|(id, name)| {
        prefix.as_ref().is_some_and(|prefix| id.starts_with(prefix)) || holds(name, typed)
    });
    fits.map(|(id, _)| id).take(VALUES_MAX).collect()
}

/// Tasks that a text may mean: by the beginning of their ids, else by words of their titles.
fn tasks_like(reader: &Reader, typed: &str, form: Form) -> Result<Vec<String>, Refusal> {
    let Some(session) = sessions::current(reader)? else { return Ok(Vec::new()) };
    let prefix = canonical_prefix(TaskId::LETTER, typed);
    let words = (prefix.is_none() && !typed.is_empty()).then(|| typed.to_owned());
    let limit = if prefix.is_some() { LOOKED_MAX } else { VALUES_MAX };
    let query = TaskQuery { text: words, limit, ..TaskQuery::new(session.id) };
    let rows = tasks::list(reader, &query)?.items.into_iter();
    let ids = rows.map(|row| (row.id.to_string(), row.title));
    Ok(match prefix {
        Some(prefix) => {
            let fits = ids.map(|(id, _)| id).filter(|id| id.starts_with(&prefix));
            fits.take(VALUES_MAX).collect()
        }
        None if typed.is_empty() || form == Form::Id => ids.map(|(id, _)| id).collect(),
        None => ids.map(|(_, title)| visible_line(&title)).collect(),
    })
}

fn sessions_like(reader: &Reader, typed: &str) -> Result<Vec<String>, Refusal> {
    let filter = SessionFilter {
        states: SessionState::ALL.to_vec(),
        order: SessionOrder::Activity,
        limit: LOOKED_MAX,
        cursor: None,
    };
    let rows = sessions::list(reader, &filter)?.items.into_iter();
    let known = rows.map(|row| (row.session.id.to_string(), row.session.name));
    Ok(fitting(known, (SessionId::LETTER, typed)))
}

fn groups_like(reader: &Reader, typed: &str) -> Result<Vec<String>, Refusal> {
    let Some(session) = sessions::current(reader)? else { return Ok(Vec::new()) };
    let rows = groups::all(reader, session.id)?.into_iter();
    let known = rows.map(|group| (group.id.to_string(), group.name));
    Ok(fitting(known, (GroupId::LETTER, typed)))
}

fn artifacts_like(reader: &Reader, typed: &str) -> Result<Vec<String>, Refusal> {
    let filter = ArtifactFilter { limit: LOOKED_MAX, ..ArtifactFilter::default() };
    let rows = artifacts::list(reader, &filter)?.items.into_iter();
    let known = rows.map(|row| (row.artifact.id.to_string(), row.artifact.title));
    Ok(fitting(known, (ArtifactId::LETTER, typed)))
}

fn documents_like(
    reader: &Reader,
    session: Option<&str>,
    typed: &str,
) -> Result<Vec<String>, Refusal> {
    let session = session_of(reader, session)?;
    let rows = ledger::of_session(reader, session)?;
    let paths = rows.iter().filter_map(|row| within_session(&row.path));
    Ok(paths.filter(|path| holds(path, typed)).take(VALUES_MAX).map(str::to_owned).collect())
}
