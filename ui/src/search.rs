//! Searching for the screen, beside everything else it does: a search ends when the next begins.

use std::str::FromStr;

use callboard_engine::artifacts::read;
use callboard_engine::domain::count::counted;
use callboard_engine::domain::id::{SessionId, TaskId};
use callboard_engine::domain::refusal::{Code, Refusal};
use callboard_engine::peer::Peer;
use callboard_engine::query::search::{Hit, Kind, Mode, SearchQuery, search};
use callboard_engine::query::{artifacts, groups, sessions, tasks};
use callboard_engine::store::{Reader, Stop};

use crate::app::search::{Answer, HITS_MAX, HitKey, Preview, Wish};
use crate::artifacts::as_markdown;
use crate::context;
use crate::widgets::markdown::Fences;

/// Bytes of a file that are previewed.
const PREVIEW_MAX: usize = 16 * 1024;

/// Does what the screen wishes to know, unless it is stopped.
pub fn fulfil(peer: &Peer, wish: Wish, stop: &Stop) -> Answer {
    match wish {
        Wish::Find { text, number, now } => {
            let query =
                SearchQuery { mode: Mode::Fuzzy, limit: HITS_MAX, ..SearchQuery::new(text, now) };
            match peer.readers.read_unless(stop, |reader| search(reader, &query)) {
                Err(refusal) if refusal.code == Code::Busy && stop.is_cancelled() => {
                    Answer::Stopped
                }
                found => Answer::Found { number, found: Box::new(found) },
            }
        }
        Wish::Look(hit) => {
            let preview = preview(peer, &hit);
            let gone = |refusal: Refusal| Preview {
                of: HitKey::from(hit.as_ref()),
                facts: vec![refusal.message],
                text: String::new(),
                fences: Fences::default(),
            };
            Answer::Looked(Box::new(preview.unwrap_or_else(gone)))
        }
    }
}

fn preview(peer: &Peer, hit: &Hit) -> Result<Preview, Refusal> {
    let (facts, mut text) = peer.readers.read(|reader| told(reader, hit))?;
    if hit.kind == Kind::Artifact {
        // A file may take its time, and no look at the database is held meanwhile.
        let artifact = peer.readers.read(|reader| artifacts::get(reader, known(&hit.id)?))?;
        let said = match read(&peer.paths, &artifact, PREVIEW_MAX) {
            Ok(content) => content.text.map(|text| as_markdown(&artifact.path, &text)),
            Err(refusal) => Some(refusal.message),
        };
        let texts = [Some(text), said].into_iter().flatten();
        let texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
        text = texts.join("\n\n");
    }
    let fences = Fences::of(&text);
    Ok(Preview { of: HitKey::from(hit), facts, text, fences })
}

/// What the database tells of a hit: facts, and a text.
fn told(reader: &Reader, hit: &Hit) -> Result<(Vec<String>, String), Refusal> {
    let excerpt = || hit.excerpt.as_ref().map(|(_, text)| text.text.clone()).unwrap_or_default();
    let (facts, text) = match hit.kind {
        Kind::Task => task(reader, &hit.id)?,
        Kind::Group => group(reader, hit)?,
        Kind::Session => {
            let row = sessions::row(reader, hit.session_id)?;
            let counts =
                format!("{}, {} open", counted(row.counts.all(), "task"), row.counts.open());
            (vec![row.session.state.to_string(), counts], row.session.goal)
        }
        Kind::Context => {
            let entry = sessions::context_entry(reader, hit.session_id, &hit.id)?;
            let text = entry.map(|entry| context::markdown(&entry.value));
            (vec!["left for whoever continues".to_owned()], text.unwrap_or_default())
        }
        Kind::Artifact => artifact(reader, &hit.id)?,
        Kind::Message => (vec!["a message to an agent".to_owned()], excerpt()),
        Kind::Note => (vec![format!("written into {}", hit.id)], excerpt()),
    };
    let mut facts = facts;
    facts.push(session_name(reader, hit.session_id)?);
    Ok((facts, text))
}

fn task(reader: &Reader, id: &str) -> Result<(Vec<String>, String), Refusal> {
    let id: TaskId = known(id)?;
    let view = tasks::view(reader, id)?;
    let mut facts = vec![id.to_string(), format!("{} priority", view.task.priority)];
    facts.extend(view.task.role.clone());
    facts.extend(view.task.claim.as_ref().map(|claim| format!("held by {}", claim.holder.name())));
    facts.extend(view.group_path);
    let mut text = view.task.description;
    if let Some(result) = view.task.result_summary {
        text = format!("{text}\n\n## Result\n\n{result}");
    }
    Ok((facts, text))
}

fn group(reader: &Reader, hit: &Hit) -> Result<(Vec<String>, String), Refusal> {
    let tree = groups::tree(reader, hit.session_id)?;
    let row = tree.into_iter().find(|row| row.group.id.to_string() == hit.id);
    let found = row.map(|row| {
        let counts = format!("{}, {}% done", counted(row.tree.all(), "task"), row.tree.percent);
        (vec![row.path, counts], row.group.description)
    });
    Ok(found.unwrap_or_default())
}

fn artifact(reader: &Reader, id: &str) -> Result<(Vec<String>, String), Refusal> {
    let artifact = artifacts::get(reader, known(id)?)?;
    let facts = vec![
        format!("{} {}", artifact.kind, artifact.edition_shown()),
        artifact.path.clone(),
        format!("by {}", artifact.actor.name()),
    ];
    Ok((facts, artifact.summary))
}

/// The id of a hit.
fn known<T: FromStr>(id: &str) -> Result<T, Refusal> {
    id.parse().map_err(|_| Refusal::new(Code::UnknownId, format!("{id} is no id")))
}

fn session_name(reader: &Reader, id: SessionId) -> Result<String, Refusal> {
    Ok(format!("in {}", sessions::get(reader, id)?.name))
}
