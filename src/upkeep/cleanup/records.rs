//! Records that lie about: each with the command that puts it right.

use std::collections::BTreeSet;

use super::look::Look;
use super::sort::{STALE_BY_ROLE, STALE_HOURS};
use super::{Act, ITEMS_MAX, Item, Sort};
use crate::domain::command::{ClaimTask, Command, Edge, GroupContents, MoveSession, PlaceTask};
use crate::domain::conflict::{Choice, ResolveConflict};
use crate::domain::id::TaskId;
use crate::domain::refusal::Refusal;
use crate::domain::session::{Session, SessionMove, SessionState};
use crate::domain::time::{HOUR_MS, age};
use crate::peer::presence;
use crate::query::sessions::{self, SessionFilter, SessionOrder};
use crate::query::upkeep::{self, Lying, Of, Patience, Thorough};
use crate::query::{LIMIT_MAX, tasks};
use crate::store::audit::{CHECKS, Check, Fault};
use crate::store::tend::Chore;
use crate::upkeep::finding::Fix;

/// Pages of sessions that are looked through.
const PAGES_MAX: usize = 100;

type Found = Result<Vec<Item>, Refusal>;

fn item(sort: Sort, record: impl std::fmt::Display, message: impl Into<String>, act: Act) -> Item {
    Item { sort, record: format!("{record}"), message: message.into(), act }
}

fn command(command: Command) -> Act {
    Act::Command(Box::new(command))
}

impl Look<'_> {
    /// What the audit finds of some faults, with the check that found it.
    fn audit(&self, faults: &[Fault]) -> Result<Vec<(&'static Check, String)>, Refusal> {
        let mut found = Vec::new();
        for check in CHECKS.iter().filter(|check| faults.contains(&check.fault)) {
            self.work.step(0, 1, check.what)?;
            let cases = self.read(|reader| check.cases_of(reader, self.wanted.session))?;
            found.extend(cases.into_iter().map(|case| (check, case)));
        }
        Ok(found)
    }

    /// What is asked of the records of the session that is wanted, or of all.
    fn of(&self) -> Of {
        Of { session: self.wanted.session, limit: ITEMS_MAX }
    }
}

/// Tasks and groups in places that are none: they go to the top, or out of their group.
pub(super) fn misplaced(look: &Look<'_>) -> Found {
    let sort = Sort::OrphanedTasks;
    let mut found = Vec::new();
    let mut known = BTreeSet::new();
    for (check, record) in look.audit(&[Fault::Place])? {
        if !known.insert(record.clone()) {
            continue;
        }
        let act = match (record.parse::<TaskId>(), record.parse()) {
            (Ok(id), _) => {
                let is_of_group = check.what.contains("in a group");
                command(Command::PlaceTask(PlaceTask {
                    id,
                    group: is_of_group.then_some(None),
                    parent: (!is_of_group).then_some(None),
                    place: None,
                }))
            }
            (Err(_), Ok(id)) => command(Command::PlaceGroup { id, parent: None, before: None }),
            (Err(_), Err(_)) => continue,
        };
        found.push(item(sort, record, check.what, act));
    }
    Ok(found)
}

/// Dependencies on nothing, in circles, on what contains the task: they go. Those on tasks that
/// were given up are a person's to decide.
pub(super) fn dependencies(look: &Look<'_>) -> Found {
    let sort = Sort::BrokenDependencies;
    let mut found = Vec::new();
    for (check, record) in look.audit(&[Fault::Dependency])? {
        let edges = match record.split_once('>') {
            Some((task, on)) => edge(task, on).into_iter().collect(),
            None => look.edges_to_kin(&record)?,
        };
        if edges.is_empty() && record.contains('>') {
            // Nobody can speak of a task that is not there.
            found.push(item(sort, &record, check.what, Act::Chore(Chore::Recount)));
        }
        for edge in edges {
            let name = format!("{}>{}", edge.task, edge.depends_on);
            let act = if look.has_task(edge.task)? {
                command(Command::ChangeDependencies { add: Vec::new(), remove: vec![edge] })
            } else {
                Act::Chore(Chore::Recount)
            };
            found.push(item(sort, name, check.what, act));
        }
    }
    // Of a circle one dependency is taken away, and the next look tells whether that was enough.
    let mut circles = 0;
    found.retain(|one| {
        circles += usize::from(one.message == "dependency circle");
        one.message != "dependency circle" || circles == 1
    });
    found.extend(look.waiting_in_vain()?);
    Ok(found)
}

fn edge(task: &str, on: &str) -> Option<Edge> {
    Some(Edge { task: task.parse().ok()?, depends_on: on.parse().ok()? })
}

impl Look<'_> {
    fn has_task(&self, id: TaskId) -> Result<bool, Refusal> {
        self.read(|reader| Ok(tasks::row(reader, id).is_ok()))
    }

    /// The dependencies between a task and those that contain it or that it contains.
    fn edges_to_kin(&self, record: &str) -> Result<Vec<Edge>, Refusal> {
        let Ok(id) = record.parse::<TaskId>() else { return Ok(Vec::new()) };
        self.read(|reader| {
            let mut above = Vec::new();
            let mut here = tasks::row(reader, id)?.parent_id;
            while let Some(parent) = here.filter(|parent| !above.contains(parent)) {
                above.push(parent);
                here = tasks::row(reader, parent)?.parent_id;
            }
            let view = tasks::view(reader, id)?;
            let down = view.depends_on.iter().filter(|link| above.contains(&link.id));
            let up = view.dependents.iter().filter(|link| above.contains(&link.id));
            let down = down.map(|link| Edge { task: id, depends_on: link.id });
            Ok(down.chain(up.map(|link| Edge { task: link.id, depends_on: id })).collect())
        })
    }

    fn waiting_in_vain(&self) -> Found {
        let sort = Sort::BrokenDependencies;
        let mut found = Vec::new();
        for session in self.sessions(&[SessionState::Active, SessionState::Suspended])? {
            let pairs =
                self.read(|reader| tasks::waiting_in_vain(reader, session.id, ITEMS_MAX))?;
            for (task, gone) in pairs {
                let message = format!("it waits for {gone}, which will not be completed");
                let fix = Fix::shell(format!("callboard done {gone} --status pending"))
                    .or_tool(format!("orchestrator_task_dependencies_map {{\"remove\": [{{\"task\": \"{task}\", \"depends_on\": \"{gone}\"}}]}}"));
                found.push(item(sort, format!("{task}>{gone}"), message, Act::Person(fix)));
            }
        }
        Ok(found)
    }

    /// The sessions in some states, of those that are wanted.
    pub(super) fn sessions(&self, states: &[SessionState]) -> Result<Vec<Session>, Refusal> {
        if let Some(only) = self.wanted.session {
            let session = self.read(|reader| sessions::get(reader, only))?;
            return Ok(Some(session)
                .filter(|one| states.contains(&one.state))
                .into_iter()
                .collect());
        }
        let mut found = Vec::new();
        let mut filter = SessionFilter {
            states: states.to_vec(),
            order: SessionOrder::Activity,
            limit: LIMIT_MAX,
            cursor: None,
        };
        // Those of long ago come last.
        for _ in 0..PAGES_MAX {
            let page = self.read(|reader| sessions::list(reader, &filter))?;
            found.extend(page.items.into_iter().map(|row| row.session));
            filter.cursor = page.cursor;
            if filter.cursor.is_none() {
                break;
            }
        }
        Ok(found)
    }
}

/// Conflicts about nothing: what the database has stays, which is nothing.
pub(super) fn conflicts(look: &Look<'_>) -> Found {
    let found = look.read(|reader| upkeep::conflicts_about_nothing(reader, look.of()))?;
    let act = |id| {
        command(Command::ResolveConflict(ResolveConflict {
            id,
            choice: Choice::Ours,
            value: None,
            remark: Some("what it is about is gone".to_owned()),
            if_version: None,
        }))
    };
    let one = |(id, record)| {
        item(Sort::SyncConflicts, id, format!("it is about {record}, which is gone"), act(id))
    };
    Ok(found.into_iter().map(one).collect())
}

/// Groups that hold nothing.
pub(super) fn groups(look: &Look<'_>) -> Found {
    let sort = Sort::UnusedTaskGroups;
    let before = look.old(sort);
    let found = look.read(|reader| upkeep::unused_groups(reader, before, look.of()))?;
    let act = |id| command(Command::DeleteGroup { id, into: GroupContents::Refuse });
    let one = |(id, name): (_, String)| item(sort, id, format!("{name} holds nothing"), act(id));
    Ok(found.into_iter().map(one).collect())
}

/// Claims that ran out, and those that nobody can have.
pub(super) fn claims(look: &Look<'_>) -> Found {
    let sort = Sort::ExpiredClaims;
    let mut found = Vec::new();
    let expired = look.read(|reader| upkeep::expired_claims(reader, look.now, look.of()))?;
    for task in expired {
        let holder = task.holder.as_ref().map_or("somebody", |holder| holder.name());
        let ago = age(look.now.since_ms(task.since));
        let message = format!("the claim of {holder} on {} ran out {ago} ago", task.title);
        found.push(item(sort, task.id, message, release(task.id, "its claim ran out")));
    }
    for (check, record) in look.audit(&[Fault::Claim])? {
        let (Ok(id), false) =
            (record.parse::<TaskId>(), found.iter().any(|one| one.record == record))
        else {
            continue;
        };
        found.push(item(sort, id, check.what, release(id, "nobody can hold it")));
    }
    Ok(found)
}

fn release(id: TaskId, reason: &str) -> Act {
    command(Command::ReleaseClaim { id, claim: None, reason: Some(reason.to_owned()) })
}

/// Active work that nobody holds and nobody has touched for longer than its role takes.
pub(super) fn stale_tasks(look: &Look<'_>) -> Found {
    let sort = Sort::StaleTasks;
    let mut found = Vec::new();
    let ago = |ms: i64| look.now.plus_ms(-ms);
    let patience = if look.wanted.days.is_some() {
        Patience { of_roles: Vec::new(), of_others: look.old(sort) }
    } else {
        let of_roles = STALE_BY_ROLE.iter().map(|(role, hours)| (*role, ago(hours * HOUR_MS)));
        Patience { of_roles: of_roles.collect(), of_others: ago(STALE_HOURS * HOUR_MS) }
    };
    for session in look.sessions(&[SessionState::Active])? {
        let asked = (&patience, ITEMS_MAX - found.len());
        let lying = look.read(|reader| upkeep::left_lying(reader, session.id, asked))?;
        for task in lying {
            let idle = look.now.since_ms(task.since);
            let of = task.role.as_deref().map_or_else(String::new, |role| format!(" of {role}"));
            let message = format!(
                "work{of} on {} is begun, held by nobody and untouched for {}",
                task.title,
                age(idle)
            );
            found.push(item(sort, task.id, message, command(given_back(&task))));
        }
    }
    Ok(found)
}

/// Work that nobody holds becomes pending by being taken hold of and let go: no other move leads
/// there, and whoever took it meanwhile keeps it.
fn given_back(task: &Lying) -> Command {
    let take = Command::ClaimTask(ClaimTask {
        session_id: task.session_id,
        task: Some(task.id),
        or_next: false,
        role: None,
        group: None,
        minutes: None,
        paths: Vec::new(),
        hold_only: true,
    });
    let reason = Some("nobody has worked on it".to_owned());
    let let_go = Command::ReleaseClaim { id: task.id, claim: None, reason: reason.clone() };
    Command::Batch { commands: vec![take, let_go], reason }
}

/// Sessions whose move was broken off, and those that were laid aside long ago.
pub(super) fn sessions(look: &Look<'_>) -> Found {
    let sort = Sort::AbandonedSessions;
    let mut found = Vec::new();
    let transient = [SessionState::Initializing, SessionState::Resuming, SessionState::Completing];
    let living = presence::living(&look.peer.paths);
    for session in look.sessions(&transient)? {
        if session.owner.as_ref().is_some_and(|owner| living.contains(owner)) {
            continue;
        }
        let message = format!("{} is {} and whoever moved it is gone", session.name, session.state);
        let lead_out = Command::RecoverSessions { living: living.clone() };
        found.push(item(sort, session.id, message, command(lead_out)));
    }
    let before = look.old(sort);
    for session in look.sessions(&[SessionState::Suspended, SessionState::Completed])? {
        if before < session.state_since {
            continue;
        }
        let since = age(look.now.since_ms(session.state_since));
        let message = format!("{} is {} for {since}", session.name, session.state);
        let archive = Command::MoveSession(MoveSession {
            reason: Some(format!("{} for {since}", session.state)),
            ..MoveSession::plain(session.id, SessionMove::Archive)
        });
        found.push(item(sort, session.id, message, command(archive)));
    }
    Ok(found)
}

/// Sums, counts and books that are not what the records say.
pub(super) fn counts(look: &Look<'_>) -> Found {
    let found = look.audit(&[Fault::Counts, Fault::Books])?;
    let one = |(check, record): (&Check, String)| {
        item(Sort::WrongCounts, record, check.what, Act::Chore(Chore::Recount))
    };
    Ok(found.into_iter().map(one).collect())
}

/// Search indexes that miss something.
pub(super) fn search(look: &Look<'_>) -> Found {
    let gaps = look.read(upkeep::search_gaps)?;
    let one = |(index, message)| {
        item(Sort::SearchIndex, index, message, Act::Chore(Chore::RebuildSearch))
    };
    Ok(gaps.into_iter().map(one).collect())
}

/// Indexes that are not what their tables say.
pub(super) fn indexes(look: &Look<'_>) -> Found {
    let damage = look.peer.readers.read_anew(look.work.cancel, |reader| {
        upkeep::damage(reader, Thorough::Wholly, ITEMS_MAX)
    })?;
    let one = |line: String| {
        let chore = mended_by(&line)?;
        Some(item(Sort::DamagedIndexes, "callboard.db", line, Act::Chore(chore)))
    };
    Ok(damage.into_iter().filter_map(one).collect())
}

/// What makes anew that which a line of damage is about; none where it holds what is nowhere else.
pub(in crate::upkeep) fn mended_by(line: &str) -> Option<Chore> {
    let is_of_search = line.to_ascii_lowercase().contains("fts5");
    match (is_of_search, line.contains("index ")) {
        (true, _) => Some(Chore::RebuildSearch),
        (false, true) => Some(Chore::Reindex),
        (false, false) => None,
    }
}
