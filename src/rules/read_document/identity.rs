//! Whose record each item of a document is.

use std::collections::{HashMap, HashSet};

use super::{Edit, Plan, base};
use crate::domain::document::DocumentKind;
use crate::domain::draft::{Draft, DraftRecord, RecordKind, Section};
use crate::domain::id::{GroupId, TaskId};
use crate::domain::record::{Fields, Record, RecordKey};
use crate::domain::refusal::Refusal;
use crate::domain::task::Task;

/// What an item of a document is.
pub(super) enum Identity {
    /// As it was when both sides agreed last: the file has not changed it.
    Unchanged(RecordKey),
    /// A record of the database.
    Known(RecordKey, Box<Record>),
    /// To be made, under this id: typed here, or made in another clone.
    New(RecordKey),
    /// A record that was deleted, as it was then.
    Deleted(RecordKey, Fields),
    /// Not to be read; what is wrong was said.
    Ignored,
}

impl Identity {
    pub(super) fn key(&self) -> Option<&RecordKey> {
        match self {
            Self::Unchanged(key) | Self::Known(key, _) | Self::New(key) => Some(key),
            Self::Deleted(..) | Self::Ignored => None,
        }
    }
}

/// Finds whose record each item is, in the order of the draft.
pub(super) fn find(edit: &Edit<'_>, plan: &mut Plan) -> Result<Vec<Identity>, Refusal> {
    let finder = Finder::new(edit)?;
    let mut taken: HashSet<String> = HashSet::new();
    let mut found = Vec::with_capacity(edit.read.draft.records.len());
    for (index, item) in edit.read.draft.records.iter().enumerate() {
        let identity = finder.identity(index, item, &taken, plan)?;
        if let Some(key) = identity.key() {
            taken.insert(key.to_string());
            if item.stamp.as_ref().is_none_or(|stamp| stamp.record != key.to_string()) {
                plan.adopted.push((index, key.to_string()));
            }
        }
        found.push(identity);
    }
    Ok(found)
}

/// So long after an item was typed and became a task, the same item without a stamp is that task:
/// an editor saved once more what it had before the stamp was there.
const TYPED_MS: i64 = 60_000;

struct Finder<'a> {
    edit: &'a Edit<'a>,
    /// The tasks that were lately typed in this document.
    typed: Vec<Task>,
    /// The place of each stamped record in what was agreed on.
    agreed: HashMap<&'a str, usize>,
    /// How often each stamp stands in the document, and where its best copy is.
    copies: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Finder<'a> {
    fn new(edit: &'a Edit<'a>) -> Result<Self, Refusal> {
        let mut copies: HashMap<&str, Vec<usize>> = HashMap::new();
        for (index, item) in edit.read.draft.records.iter().enumerate() {
            if let Some(stamp) = &item.stamp {
                copies.entry(&stamp.record).or_default().push(index);
            }
        }
        let is_typed = |item: &DraftRecord| item.stamp.is_none() && item.kind == RecordKind::Task;
        let typed = if edit.read.draft.records.iter().any(is_typed) {
            let since = edit.scene.now.plus_ms(-TYPED_MS);
            edit.scene.lookups.made_lately(&edit.side, since)?
        } else {
            Vec::new()
        };
        Ok(Self { edit, typed, agreed: places(&edit.read.agreed), copies })
    }

    fn identity(
        &self,
        index: usize,
        item: &DraftRecord,
        taken: &HashSet<String>,
        plan: &mut Plan,
    ) -> Result<Identity, Refusal> {
        let Some(stamp) = &item.stamp else { return self.unstamped(item, taken) };
        let Some(key) = stamp.key() else { return self.unstamped(item, taken) };
        if stamp.kind() != Some(item.kind) {
            plan.complain(item.line, format!("{key} is no {} and was left alone", item.kind));
            return Ok(Identity::Ignored);
        }
        if self.best_copy(&stamp.record) != Some(index) {
            if matches!(item.kind, RecordKind::Context | RecordKind::Session) {
                plan.complain(item.line, format!("{key} is here twice; this one was left alone"));
            }
            return self.unstamped(item, taken);
        }
        if self.is_unchanged(item, &stamp.record) {
            return Ok(Identity::Unchanged(key));
        }
        match self.edit.scene.lookups.record(&key)? {
            Some(record) if record.session_id() == self.edit.read.session_id => {
                Ok(Identity::Known(key, Box::new(record)))
            }
            Some(record) => {
                let message = format!("{key} belongs to session {}", record.session_id());
                plan.refuse(&key.to_string(), "", item.line, message);
                Ok(Identity::Ignored)
            }
            None => self.unknown(key, item, taken),
        }
    }

    /// An id that is not in the database: deleted here, or made elsewhere.
    fn unknown(
        &self,
        key: RecordKey,
        item: &DraftRecord,
        taken: &HashSet<String>,
    ) -> Result<Identity, Refusal> {
        let history = self.edit.scene.lookups.history(&key)?;
        if history.is_empty() {
            if let Some(meant) = self.mistyped(item, taken)
                && let Some(record) = self.edit.scene.lookups.record(&meant)?
            {
                return Ok(Identity::Known(meant, Box::new(record)));
            }
            let is_session = matches!(key, RecordKey::Session(_));
            return Ok(if is_session { Identity::Ignored } else { Identity::New(key) });
        }
        let names = [
            "title",
            "description",
            "status",
            "priority",
            "role",
            "group_id",
            "parent_id",
            "estimate_minutes",
            "tags",
            "due",
            "assignee",
            "name",
            "value",
        ];
        Ok(match base::at_deletion(&history, &names) {
            Some(fields) => Identity::Deleted(key, fields),
            None => Identity::Ignored,
        })
    }

    /// The copy of a stamp that keeps it: the one that says what was agreed on, else the first.
    fn best_copy(&self, record: &str) -> Option<usize> {
        let copies = self.copies.get(record)?;
        let agreed = self.agreed.get(record).and_then(|at| self.edit.read.agreed.records.get(*at));
        let nearest = agreed.and_then(|agreed| {
            copies.iter().copied().find(|index| {
                let item = self.edit.read.draft.records.get(*index);
                item.is_some_and(|item| item.fields.get("title") == agreed.fields.get("title"))
            })
        });
        nearest.or_else(|| copies.first().copied())
    }

    fn is_unchanged(&self, item: &DraftRecord, record: &str) -> bool {
        let (draft, agreed) = (&self.edit.read.draft, &self.edit.read.agreed);
        let held = self
            .edit
            .ledger
            .as_ref()
            .is_some_and(|ledger| ledger.held.iter().any(|held| held.record == record));
        let open = self.edit.open.iter().any(|conflict| conflict.record == record);
        let before = self.agreed.get(record).and_then(|at| agreed.records.get(*at));
        before.is_some_and(|before| {
            !held
                && !open
                && before.stamp == item.stamp
                && before.fields == item.fields
                && before.day == item.day
                && place(agreed, before) == place(draft, item)
        })
    }

    /// An item without a stamp: the one that is missing and looks like it, else a new one.
    fn unstamped(&self, item: &DraftRecord, taken: &HashSet<String>) -> Result<Identity, Refusal> {
        if item.kind == RecordKind::Context || item.kind == RecordKind::Session {
            return Ok(Identity::Ignored);
        }
        if let Some(key) = self.missing_alike(item, taken)
            && let Some(record) = self.edit.scene.lookups.record(&key)?
        {
            return Ok(Identity::Known(key, Box::new(record)));
        }
        if let Some(task) = self.typed_before(item, taken) {
            let key = RecordKey::Task(task.id);
            return Ok(Identity::Known(key, Box::new(Record::Task(Box::new(task.clone())))));
        }
        if item.kind == RecordKind::Group
            && let Some(record) = self.group_of_name(item, taken)?
        {
            return Ok(Identity::Known(record.key(), Box::new(record)));
        }
        Ok(self.another(item))
    }

    /// The record that both agreed on, is missing now, and says the same; or alone has the title.
    fn missing_alike(&self, item: &DraftRecord, taken: &HashSet<String>) -> Option<RecordKey> {
        let name = if item.kind == RecordKind::Task { "title" } else { "name" };
        let mut alike = self.edit.read.agreed.records.iter().filter(|before| {
            let record = before.stamp.as_ref().map(|stamp| stamp.record.as_str());
            before.kind == item.kind
                && before.fields.get(name) == item.fields.get(name)
                && record.is_some_and(|record| {
                    !self.copies.contains_key(record) && !taken.contains(record)
                })
        });
        let all: Vec<&DraftRecord> = alike.by_ref().collect();
        let same = all.iter().find(|before| before.fields == item.fields);
        let chosen = match (same, all.as_slice()) {
            (Some(before), _) => Some(*before),
            (None, [only]) => Some(*only),
            (None, _) => None,
        };
        chosen?.stamp.as_ref()?.key()
    }

    /// The missing record whose text and mark an item has, under an id that means nothing.
    fn mistyped(&self, item: &DraftRecord, taken: &HashSet<String>) -> Option<RecordKey> {
        let meant = self.missing_alike(item, taken)?;
        let at = self.agreed.get(meant.to_string().as_str())?;
        let before = self.edit.read.agreed.records.get(*at)?.stamp.as_ref()?;
        let mark = item.stamp.as_ref()?.mark?;
        (before.mark == Some(mark)).then_some(meant)
    }

    /// The task that this very item became a moment ago, if it stands nowhere else in the document.
    fn typed_before(&self, item: &DraftRecord, taken: &HashSet<String>) -> Option<&Task> {
        let title = item.fields.get("title")?.as_str()?;
        self.typed.iter().find(|task| {
            let id = task.id.to_string();
            item.kind == RecordKind::Task
                && task.title == title
                && task.session_id == self.edit.read.session_id
                && !self.copies.contains_key(id.as_str())
                && !taken.contains(&id)
        })
    }

    fn group_of_name(
        &self,
        item: &DraftRecord,
        taken: &HashSet<String>,
    ) -> Result<Option<Record>, Refusal> {
        let groups = self.edit.scene.lookups.groups(self.edit.read.session_id)?;
        let path = super::said::group_path(item);
        let found = groups.iter().find(|group| {
            let id = group.id.to_string();
            !taken.contains(&id)
                && !self.copies.contains_key(id.as_str())
                && crate::domain::group::path_of(group, &groups) == path
        });
        Ok(found.cloned().map(Record::Group))
    }

    fn another(&self, item: &DraftRecord) -> Identity {
        let random = (self.edit.scene.random)();
        match item.kind {
            RecordKind::Task => Identity::New(RecordKey::Task(TaskId::from_random(random))),
            RecordKind::Group => Identity::New(RecordKey::Group(GroupId::from_random(random))),
            RecordKind::Session | RecordKind::Context => Identity::Ignored,
        }
    }
}

/// The place of each stamped record of a draft.
pub(super) fn places(draft: &Draft) -> HashMap<&str, usize> {
    let stamped = draft.records.iter().enumerate();
    stamped.filter_map(|(at, item)| Some((item.stamp.as_ref()?.record.as_str(), at))).collect()
}

/// The stamps of the section and of the task that an item stands in.
pub(super) fn place<'a>(draft: &'a Draft, item: &DraftRecord) -> (Home<'a>, Option<&'a str>) {
    let stamp = |at: usize| draft.records.get(at)?.stamp.as_ref().map(|it| it.record.as_str());
    let home = match item.section {
        Section::Unsaid => Home::Unsaid,
        Section::NoGroup => Home::NoGroup,
        Section::Group(at) => Home::Group(stamp(at)),
    };
    (home, item.parent.map(|at| stamp(at).unwrap_or_default()))
}

/// A section, by the stamp of its heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home<'a> {
    Unsaid,
    NoGroup,
    Group(Option<&'a str>),
}

/// Tells whether a document of this kind says where its tasks stand.
pub(super) fn says_places(kind: DocumentKind) -> bool {
    match kind {
        DocumentKind::ActiveTasks | DocumentKind::Group(_) => true,
        DocumentKind::Session
        | DocumentKind::CompletedTasks
        | DocumentKind::Activity
        | DocumentKind::Assignments
        | DocumentKind::Performance
        | DocumentKind::Artifacts => false,
    }
}
