//! Merging an edit of a document into the database, field by field, three ways.
//!
//! [`plan`] is a function of (lookups, edit): for each record the base is chosen by the mark on its
//! stamp, whatever was synced since, so that a stale buffer or an old branch reverts nothing. What
//! the rules refuse of it is held and reported; the rest goes through.

mod absent;
mod base;
mod days;
mod fields;
mod identity;
mod made;
mod order;
mod parts;
mod removed;
mod said;

use std::cell::OnceCell;
use std::collections::HashMap;

use self::parts::{Parts, Step};
use super::conflict::Sides;
use super::{Judged, Judgement, Scene, conflict};
use crate::domain::actor::Actor;
use crate::domain::conflict::Conflict;
use crate::domain::document::{
    Absent, Document, DocumentNote, HeldField, PROBLEMS_MAX, ReadDocument,
};
use crate::domain::draft::Problem;
use crate::domain::mark::Mark;
use crate::domain::outcome::{Answer, DocumentRead};
use crate::domain::refusal::{Code, Refusal};

/// What an edit comes to.
#[derive(Default)]
pub(crate) struct Plan {
    parts: Parts,
    /// Commands that were carried out.
    pub applied: usize,
    conflicts: Vec<Sides>,
    withdrawn: Vec<Conflict>,
    problems: Vec<Problem>,
    held: Vec<HeldField>,
    adopted: Vec<(usize, String)>,
    taken_out: Vec<String>,
    removed: Vec<String>,
    /// Records that are gone and not asked about yet, and since when.
    absent: Absent,
}

impl Plan {
    /// Takes the next part that can be carried out.
    pub(crate) fn next_part(&mut self) -> Option<Part> {
        while let Some(step) = self.parts.next() {
            match step {
                Step::Do(part) => return Some(part),
                Step::Refuse(part) => {
                    self.keep_as_typed(&part, "what it stands in was refused".to_owned());
                }
            }
        }
        None
    }

    /// The records that items without a stamp of their own became, by their place in the draft.
    pub(crate) fn adopted(&self) -> &[(usize, String)] {
        &self.adopted
    }

    /// Notes that a part was refused.
    pub(crate) fn hold(&mut self, part: &Part, refusal: &Refusal) {
        let advice = refusal.suggested_action.as_deref().map(|text| format!("; {text}"));
        let message = format!("{}{}", refusal.message, advice.unwrap_or_default());
        self.keep_as_typed(part, message);
    }

    /// Leaves in the document what a part was made of. An item that becomes no record keeps its
    /// text and is read anew with the next edit.
    fn keep_as_typed(&mut self, part: &Part, message: String) {
        if part.makes() {
            self.adopted.retain(|(_, record)| *record != part.record);
            self.parts.refuse(&part.record);
        }
        self.refuse(&part.record, &part.field, part.line, message);
    }

    fn refuse(&mut self, record: &str, field: &str, line: usize, message: String) {
        let (record, field) = (record.to_owned(), field.to_owned());
        self.held.push(HeldField { record, field, line, message });
    }

    fn complain(&mut self, line: usize, message: String) {
        self.problems.push(Problem { line, message });
    }
}

pub(crate) use self::parts::Part;

/// Everything that the steps of a plan look at.
struct Edit<'a> {
    scene: &'a Scene<'a>,
    read: &'a ReadDocument,
    /// The document as one side of conflicts.
    side: Actor,
    ledger: Option<Document>,
    /// Open conflicts that come from this document.
    open: Vec<Conflict>,
    identities: Vec<identity::Identity>,
    elsewhere: OnceCell<HashMap<String, Mark>>,
}

impl Edit<'_> {
    /// The mark that a record had in the session's documents when they were written last.
    fn mark_elsewhere(&self, record: &str) -> Result<Option<Mark>, Refusal> {
        if let Some(known) = self.elsewhere.get() {
            return Ok(known.get(record).copied());
        }
        let texts = self.scene.lookups.rendered(self.read.session_id)?;
        let known =
            self.elsewhere.get_or_init(|| texts.iter().flat_map(|text| marks(text)).collect());
        Ok(known.get(record).copied())
    }
}

/// The stamps at the ends of a text's lines.
fn marks(text: &str) -> impl Iterator<Item = (String, Mark)> {
    text.lines().filter_map(|line| {
        let (_, stamp) = line.rsplit_once("<!-- ")?;
        let (record, mark) = stamp.strip_suffix(" -->")?.split_once(' ')?;
        Some((record.to_owned(), mark.parse().ok()?))
    })
}

/// Plans what an edit comes to.
///
/// # Errors
///
/// [`Code::Busy`] when the ledger has moved on since the edit was compared with it, and failures of
/// the store.
pub(crate) fn plan(scene: &Scene<'_>, read: &ReadDocument) -> Result<Plan, Refusal> {
    let ledger = scene.lookups.document(&read.path)?;
    if ledger.as_ref().map(|known| &known.agreed_hash) != read.agreed_hash.as_ref() {
        let message = format!("{} was read or written meanwhile", read.path);
        return Err(Refusal::new(Code::Busy, message).suggest("read it again"));
    }
    let side = Actor::File(read.path.clone());
    let open = scene.lookups.open_conflicts_from(&side)?;
    let (identities, elsewhere) = (Vec::new(), OnceCell::new());
    let mut edit = Edit { scene, read, side, ledger, open, identities, elsewhere };
    let mut plan = Plan::default();
    edit.identities = identity::find(&edit, &mut plan)?;
    made::plan(&edit, &mut plan)?;
    fields::plan(&edit, &mut plan)?;
    days::plan(&edit, &mut plan)?;
    order::plan(&edit, &mut plan)?;
    removed::plan(&edit, &mut plan)?;
    absent::plan(&edit, &mut plan);
    Ok(plan)
}

/// What is written when the parts were carried out: conflicts and problems.
///
/// # Errors
///
/// When the store fails.
pub(crate) fn conclude(scene: &Scene<'_>, read: &ReadDocument, plan: Plan) -> Judged {
    let mut answer = DocumentRead {
        applied: plan.applied,
        conflicts: Vec::new(),
        problems: Vec::new(),
        adopted: plan.adopted,
        taken_out: plan.taken_out,
        removed: plan.removed,
    };
    let mut judgement = Judgement::new(Answer::Done);
    for sides in plan.conflicts {
        let (conflict, write) = conflict::record(scene, sides)?;
        answer.conflicts.push(conflict.id);
        judgement = judgement.writing_all(write);
    }
    for conflict in plan.withdrawn {
        judgement = judgement.writing(conflict::withdraw(scene, conflict));
    }
    let held =
        plan.held.iter().map(|held| Problem { line: held.line, message: held.message.clone() });
    let mut problems: Vec<Problem> = read.draft.problems.clone();
    problems.extend(plan.problems);
    problems.extend(held);
    problems.sort_by_key(|problem| problem.line);
    problems.truncate(PROBLEMS_MAX);
    answer.problems.clone_from(&problems);
    judgement.documents.push(DocumentNote::Problems {
        path: read.path.clone(),
        problems,
        held: plan.held,
    });
    judgement.documents.push(DocumentNote::Absent { path: read.path.clone(), absent: plan.absent });
    judgement.answer = Answer::DocumentRead(Box::new(answer));
    Ok(judgement)
}
