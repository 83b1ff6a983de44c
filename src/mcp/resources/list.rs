//! Which resources there are: what is worth attaching, section by section.
//!
//! Every task can be read, but not every task is listed: those that are worked on are, and all
//! others are found by completing the template.

use rmcp::model::Resource;

use super::name::Named;
use super::read::within_session;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::{Session, SessionState};
use crate::domain::task::Status;
use crate::domain::text::visible_line;
use crate::mcp::answer::clip;
use crate::modes::ModesFolder;
use crate::peer::Peer;
use crate::query::artifacts::ArtifactFilter;
use crate::query::sessions::{SessionFilter, SessionOrder};
use crate::query::tasks::TaskQuery;
use crate::query::{artifacts, groups, ledger, sessions, tasks};
use crate::store::Reader;

/// Resources on a page.
const PAGE: usize = 100;
/// Entries of a section.
const SECTION_MAX: usize = 200;
/// Bytes of a name.
const NAME_BYTES: usize = 120;

/// A resource and the section that it is listed in.
type Entry = (u8, Resource);

/// A page of resources, and the cursor after them.
///
/// # Errors
///
/// [`Code::InvalidValue`] for a cursor that no list gave.
pub(super) fn page(
    peer: &Peer,
    cursor: Option<&str>,
) -> Result<(Vec<Resource>, Option<String>), Refusal> {
    let after = cursor.map(read_cursor).transpose()?;
    let mut all = peer.readers.read(records)?;
    all.extend(modes(peer));
    all.sort_by(|left, right| key(left).cmp(&key(right)));
    let is_after = |entry: &Entry| after.is_none_or(|after| after < key(entry));
    let mut rest = all.into_iter().filter(is_after).peekable();
    let shown: Vec<Entry> = rest.by_ref().take(PAGE).collect();
    let more = rest.peek().is_some();
    let last = shown.last().filter(|_| more);
    let next = last.map(|(section, resource)| format!("{section} {}", resource.uri));
    Ok((shown.into_iter().map(|(_, resource)| resource).collect(), next))
}

fn key(entry: &Entry) -> (u8, &str) {
    (entry.0, &entry.1.uri)
}

fn read_cursor(cursor: &str) -> Result<(u8, &str), Refusal> {
    let read = cursor.split_once(' ').and_then(|(section, uri)| Some((section.parse().ok()?, uri)));
    read.filter(|(_, uri)| Named::read(uri).is_some()).ok_or_else(|| {
        Refusal::new(Code::InvalidValue, "cursor is not one that this list gave")
            .suggest("list without cursor to begin again")
    })
}

fn resource(named: &Named, name: &str, about: &str) -> Resource {
    let name = clip(&visible_line(name), NAME_BYTES);
    let mime_type = match named {
        Named::Document { .. } | Named::Mode(_) => "text/markdown",
        Named::Current
        | Named::Session(_)
        | Named::Task(_)
        | Named::Group(_)
        | Named::Conflicts => "application/json",
        Named::Artifact(_) => "text/plain",
    };
    Resource::new(named.to_string(), name).with_description(about).with_mime_type(mime_type)
}

/// What the board holds.
fn records(reader: &Reader) -> Result<Vec<Entry>, Refusal> {
    let conflicts = resource(&Named::Conflicts, "Conflicts", "What waits for a decision.");
    let mut found = vec![(1, conflicts)];
    if let Some(current) = sessions::current(reader)? {
        let about = "Where the session stands: progress, who works on what, what is ready.";
        found.push((0, resource(&Named::Current, &current.name, about)));
        found.extend(of_session(reader, &current)?);
    }
    let states = SessionState::ALL.iter().copied();
    let filter = SessionFilter {
        states: states.filter(|state| *state != SessionState::Archived).collect(),
        order: SessionOrder::Activity,
        limit: SECTION_MAX,
        cursor: None,
    };
    found.extend(sessions::list(reader, &filter)?.items.iter().map(|row| {
        let named = Named::Session(row.session.id.to_string());
        (3, resource(&named, &row.session.name, &format!("A session, {}.", row.session.state)))
    }));
    Ok(found)
}

/// The tasks that are worked on, the groups and the documents of a session.
fn of_session(reader: &Reader, session: &Session) -> Result<Vec<Entry>, Refusal> {
    let query = TaskQuery {
        status: vec![Status::Active, Status::Blocked, Status::Review],
        limit: SECTION_MAX,
        ..TaskQuery::new(session.id)
    };
    let worked_on = tasks::list(reader, &query)?.items;
    let tasks = worked_on.iter().map(|row| {
        let about = format!("A task, {}.", row.status);
        (2, resource(&Named::Task(row.id.to_string()), &row.title, &about))
    });
    let groups = groups::all(reader, session.id)?;
    let groups = groups.iter().take(SECTION_MAX).map(|group| {
        (4, resource(&Named::Group(group.id.to_string()), &group.name, "A group of tasks."))
    });
    let rows = ledger::of_session(reader, session.id)?;
    let documents = rows.iter().take(SECTION_MAX).filter_map(|row| {
        let path = within_session(&row.path)?;
        let named = Named::Document { session: session.id.to_string(), path: path.to_owned() };
        Some((5, resource(&named, path, &format!("A document, {}.", row.state))))
    });
    let filter = ArtifactFilter {
        session: Some(session.id),
        limit: SECTION_MAX,
        ..ArtifactFilter::default()
    };
    let artifacts = artifacts::list(reader, &filter)?.items;
    let artifacts = artifacts.iter().map(|item| {
        let named = Named::Artifact(item.artifact.id.to_string());
        let about = format!("An artifact, {}.", visible_line(&item.artifact.kind));
        (7, resource(&named, &item.artifact.title, &about))
    });
    Ok(tasks.chain(groups).chain(documents).chain(artifacts).collect())
}

fn modes(peer: &Peer) -> Vec<Entry> {
    let listed = ModesFolder::of(&peer.paths).list().into_iter();
    listed
        .take(SECTION_MAX)
        .map(|mode| {
            let title = if mode.title.is_empty() { &mode.name } else { &mode.title };
            (6, resource(&Named::Mode(mode.name.clone()), title, "A mode: roles and gates."))
        })
        .collect()
}
