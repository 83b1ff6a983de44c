//! The database that was taken out of a backup: checked, brought to the schema of this program,
//! and read.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::domain::bounds;
use crate::domain::document::Document;
use crate::domain::id::SessionId;
use crate::domain::mode::{Mode, content_hash};
use crate::domain::record::Record;
use crate::domain::refusal::{Code, Refusal, closest};
use crate::domain::restore::{Ledger, SessionRows, Snapshot, Source};
use crate::domain::session::Session;
use crate::query;
use crate::store::mend::Mended;
use crate::store::{Reader, Readers, Store, StoreError, refuse, whole};

/// Sessions named in a refusal.
const NAMED_MAX: usize = 20;
/// What is left to do where a backup cannot be used.
const ANOTHER: &str = "restore another backup";

/// A database out of a backup, ready to be read.
#[derive(Debug)]
pub struct OpenSnapshot {
    path: PathBuf,
    readers: Readers,
    sessions: Vec<Session>,
    mended: Mended,
}

impl OpenSnapshot {
    /// Opens the copy of a database, which is migrated where it is older than this program, and mended
    /// where its rows refer to what is not there.
    ///
    /// # Errors
    ///
    /// When it is no sound database, or of a newer program.
    pub fn open(path: &Path) -> Result<Self, Refusal> {
        let mut store = Store::open(path).map_err(|error| unsound(&error))?;
        let mended = store.mend()?;
        drop(store);
        let readers = Readers::new(path.to_owned());
        let look = |reader: &Reader| {
            let fault = whole::fault(&reader.connection).map_err(|error| refuse(&error))?;
            if let Some(fault) = fault {
                return Err(damaged(&fault));
            }
            whole::sessions(&reader.connection).map_err(|error| refuse(&error))
        };
        let sessions = readers.read(look)?;
        Ok(Self { path: path.to_owned(), readers, sessions, mended })
    }

    /// What was mended in it, in words; nothing where all its rows refer to what is there.
    pub(super) fn mended(&self) -> Option<String> {
        let Mended { count, named } = &self.mended;
        let more = count.saturating_sub(named.len());
        let more = if more == 0 { String::new() } else { format!("; and {more} more") };
        let were =
            if *count == 1 { "row of the backup refers" } else { "rows of the backup refer" };
        let named = named.join("; ");
        (0 < *count).then(|| format!("{count} {were} to what is not there: {named}{more}"))
    }

    /// The sessions in it.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// The sessions that are meant: by id, the beginning of one, or name; all when none is named.
    ///
    /// # Errors
    ///
    /// A name that none of them has, or several.
    pub fn named(&self, names: &[String]) -> Result<Vec<SessionId>, Refusal> {
        if names.is_empty() {
            return Ok(self.sessions.iter().map(|session| session.id).collect());
        }
        names.iter().map(|name| self.one(name.trim())).collect()
    }

    fn one(&self, name: &str) -> Result<SessionId, Refusal> {
        let by_id = |session: &&Session| session.id.to_string() == name.to_ascii_lowercase();
        let by_name = |session: &&Session| session.name.eq_ignore_ascii_case(name);
        let by_start = |session: &&Session| {
            2 < name.len() && session.id.to_string().starts_with(&name.to_ascii_lowercase())
        };
        for fits in [&by_id as &dyn Fn(&&Session) -> bool, &by_name, &by_start] {
            let mut found = self.sessions.iter().filter(fits);
            match (found.next(), found.next()) {
                (Some(one), None) => return Ok(one.id),
                (Some(_), Some(_)) => {
                    let message = format!("several sessions of the backup fit {name:?}");
                    return Err(Refusal::new(Code::AmbiguousId, message)
                        .with("sessions", self.listed())
                        .suggest("give the whole id"));
                }
                (None, _) => {}
            }
        }
        let names = self.sessions.iter().map(|session| session.name.as_str());
        let refusal =
            Refusal::new(Code::UnknownId, format!("the backup holds no session {name:?}"))
                .with("sessions", self.listed());
        let advice = match closest(name, names) {
            Some(near) => format!("{near:?} is in it"),
            None => {
                format!("it holds {}; name one of these, or none for all", self.listed().join(", "))
            }
        };
        Err(refusal.suggest(advice))
    }

    fn listed(&self) -> Vec<String> {
        let named = self.sessions.iter().take(NAMED_MAX);
        named.map(|session| format!("{} {}", session.id, session.name)).collect()
    }

    /// All that it holds, for a database that holds nothing.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn whole(&self, ledger: Ledger) -> Result<Source, Refusal> {
        let records = self.readers.read(|reader| {
            let connection = &reader.connection;
            for session in &self.sessions {
                bounded(&Record::Session(session.clone()))?;
                whole::each(connection, session.id, |record| bounded(&record))?;
            }
            match whole::oversized(connection).map_err(|error| refuse(&error))? {
                Some(what) => Err(out_of_bounds(&what)),
                None => whole::count(connection).map_err(|error| refuse(&error)),
            }
        })?;
        let sessions = self.sessions.iter().map(|session| session.id).collect();
        Ok(Source::Whole(Snapshot { path: self.path.clone(), ledger, sessions, records }))
    }

    /// What it holds of some sessions.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn rows(&self, wanted: &[SessionId]) -> Result<Source, Refusal> {
        let sessions = self.sessions.iter().filter(|session| wanted.contains(&session.id));
        self.readers.read(|reader| {
            let rows = sessions.map(|session| rows_of(reader, session));
            rows.collect::<Result<_, Refusal>>().map(Source::Sessions)
        })
    }

    /// The modes of the sessions that are live in it.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn modes_of_live(&self) -> Result<Vec<Mode>, Refusal> {
        let live = self.sessions.iter().filter(|session| session.state.is_live());
        self.readers.read(|reader| {
            let found = live.map(|session| mode(reader, session).map(Option::unwrap_or_default));
            found.collect()
        })
    }

    /// What it knows of the documents of a session.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn ledger(&self, session: SessionId) -> Result<Vec<Document>, Refusal> {
        self.readers.read(|reader| query::documents::ledger(reader, session))
    }

    /// The newest entry that its feed has in common with that of a project.
    ///
    /// # Errors
    ///
    /// When one of them cannot be read.
    pub fn common_with(&self, project: &Readers) -> Result<i64, Refusal> {
        self.readers.read(|there| {
            project.read(|here| {
                whole::common(&here.connection, &there.connection).map_err(|error| refuse(&error))
            })
        })
    }

    /// The number of its newest change, and what tells that from any other; none where it has none.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(super) fn last_entry(&self) -> Result<Option<(i64, String)>, Refusal> {
        self.readers.read(|reader| query::changes::fingerprint(reader, i64::MAX))
    }
}

/// Tells whether a project holds nothing yet.
///
/// # Errors
///
/// When it cannot be read.
pub fn is_empty(project: &Readers) -> Result<bool, Refusal> {
    project.read(|reader| whole::is_empty(&reader.connection).map_err(|error| refuse(&error)))
}

/// All rows of a session, each of which a command could have written.
fn rows_of(reader: &Reader, session: &Session) -> Result<SessionRows, Refusal> {
    bounded(&Record::Session(session.clone()))?;
    let mut records = Vec::new();
    whole::each(&reader.connection, session.id, |record| {
        bounded(&record)?;
        records.push(record);
        Ok(())
    })?;
    Ok(SessionRows { session: session.clone(), records, mode: mode(reader, session)? })
}

/// The mode that a session is bound to; none where its content is not what its name says.
fn mode(reader: &Reader, session: &Session) -> Result<Option<Mode>, Refusal> {
    let found = query::modes::in_force(reader, session)?;
    let named = session.binding.as_ref().map(|binding| binding.hash.as_str());
    Ok(found.filter(|mode| named == Some(content_hash(mode).as_str())))
}

/// What could not have been written by a command is not brought back, either.
fn bounded(record: &Record) -> Result<(), Refusal> {
    bounds::within(record).map_err(|refusal| {
        let shown = refusal.details.get("record").and_then(Value::as_str).unwrap_or_default();
        let message = format!("{shown} in the backup is out of bounds: {}", refusal.message);
        Refusal { message, ..refusal }.suggest(ANOTHER)
    })
}

fn out_of_bounds(what: &str) -> Refusal {
    let message = format!("the database in the backup is out of bounds: {what}");
    Refusal::new(Code::InvalidText, message).suggest(ANOTHER)
}

fn unsound(error: &StoreError) -> Refusal {
    damaged(&error.to_string())
}

fn damaged(why: &str) -> Refusal {
    Refusal::new(Code::StoreFailed, format!("the database in the backup cannot be used: {why}"))
        .suggest(ANOTHER)
}
