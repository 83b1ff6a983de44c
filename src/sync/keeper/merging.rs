//! From the disk to the database: edits are handed to the writer, those that do not depend on one
//! another together.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::reading::{Asked, Edit, is_in, keys};
use super::{Deed, Keeper};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::document::{DocumentState, Policies, ReadDocument};
use crate::domain::id::SessionId;
use crate::domain::outcome::{Answer, Outcome};
use crate::domain::refusal::{Code, Refusal};
use crate::door::Request;
use crate::sync::files::Point;

/// Edits that are merged together: others wait for so many.
const TOGETHER_MAX: usize = 32;
/// Where something is gone from more documents than that, it is a checkout, and nobody is at cutting
/// here and pasting there.
const FEW: usize = 8;

/// What is known of an edit while the writer has it.
struct Sent {
    path: String,
    session_id: SessionId,
    /// Records that are gone from the document.
    gone: BTreeSet<String>,
    present: BTreeSet<String>,
}

impl Keeper {
    /// Reads files that have settled, those that do not depend on one another together. What is gone
    /// from one may just have come to another, which is merged before.
    pub(super) fn read_all(&mut self, files: &[PathBuf]) {
        for some in files.chunks(TOGETHER_MAX) {
            let edits: Vec<Edit> = some.iter().filter_map(|file| self.look_into(file)).collect();
            let (lacking, whole): (Vec<Edit>, Vec<Edit>) =
                edits.into_iter().partition(|edit| !missing(edit).is_empty());
            self.merge_all(whole);
            if FEW < lacking.len() {
                self.merge_all(lacking);
            } else {
                self.merge_each(lacking);
            }
        }
    }

    fn merge_each(&mut self, edits: Vec<Edit>) {
        for edit in edits {
            self.merge(edit, Asked::default());
        }
    }

    fn merge_all(&mut self, edits: Vec<Edit>) {
        let lacking = edits.iter().filter(|edit| !missing(edit).is_empty());
        let states = self.states(&lacking.map(|edit| edit.session_id).collect());
        let mut send = |edit: Edit| {
            let gone = missing(&edit);
            let gone = match states.get(&edit.session_id).filter(|_| !gone.is_empty()) {
                Some(state) => self.shown_by(state, edit.kind, &gone),
                None => BTreeSet::new(),
            };
            sent(edit, gone, Asked::default(), self.policies)
        };
        let (sent, requests): (Vec<Sent>, Vec<Request>) = edits.into_iter().map(&mut send).unzip();
        if requests.is_empty() {
            return;
        }
        self.files.reached(Point::Read);
        let answers = self.peer.door.submit_all_blocking(requests);
        self.files.reached(Point::Merged);
        for (sent, answer) in sent.into_iter().zip(answers) {
            self.merged(sent, answer);
        }
    }

    /// Hands one edit to the writer; false where it could not be merged.
    pub(super) fn merge(&mut self, edit: Edit, asked: Asked) -> bool {
        let mut gone = missing(&edit);
        if gone.iter().all(|record| asked.removed.contains(record)) {
            gone.clear();
        }
        let gone = self.still_shown(edit.session_id, edit.kind, &gone);
        let (sent, request) = sent(edit, gone, asked, self.policies);
        self.files.reached(Point::Read);
        let answer = self.peer.door.submit_blocking(request);
        self.files.reached(Point::Merged);
        self.merged(sent, answer)
    }

    /// Takes note of what became of an edit, and puts what is gone from the document into
    /// quarantine; false where it could not be merged.
    fn merged(&mut self, sent: Sent, answer: Result<Outcome, Refusal>) -> bool {
        let Sent { path, session_id, mut gone, mut present } = sent;
        let refusal = match answer {
            Ok(outcome) => {
                if let Answer::DocumentRead(read) = outcome.answer {
                    gone.retain(|record| read.taken_out.contains(record));
                    // They are there, without their stamps.
                    present.extend(read.adopted.into_iter().map(|(_, record)| record));
                }
                self.quarantine.set(&path, &gone, &present, super::now());
                self.status.succeeded(&path);
                self.did(&path, Deed::Read);
                self.dirty.insert(session_id);
                self.write_at = Some(super::now());
                return true;
            }
            Err(refusal) => refusal,
        };
        if refusal.code == Code::Busy {
            let file = self.file(&path);
            self.again(&file);
        } else if refusal.code == Code::TooMuch {
            self.hold(&path, &refusal.message);
        } else {
            self.unread(&path, &refusal);
        }
        false
    }
}

/// The records that both agreed on last and that an edit lacks. What this process wrote itself lacks
/// nothing.
fn missing(edit: &Edit) -> BTreeSet<String> {
    let intent = edit.ledger.as_ref().and_then(|known| known.intent.as_deref());
    if intent == Some(edit.hash.as_str()) {
        return BTreeSet::new();
    }
    let present = keys(&edit.draft);
    let agreed = keys(&edit.agreed);
    agreed.difference(&present).cloned().collect()
}

/// An edit from which some records are gone, on its way.
fn sent(edit: Edit, gone: BTreeSet<String>, asked: Asked, policies: Policies) -> (Sent, Request) {
    let Asked { removed, unasked } = asked;
    let Edit { path, session_id, kind, text, hash, draft, agreed, ledger, .. } = edit;
    let present = keys(&draft);
    let read = ReadDocument {
        path: path.clone(),
        session_id,
        kind,
        text,
        hash: String::from(hash),
        draft,
        agreed_hash: ledger.as_ref().map(|known| known.agreed_hash.clone()),
        agreed,
        gone: gone.iter().cloned().collect(),
        confirmed: is_in(ledger.as_ref(), DocumentState::Accepted),
        removed,
        unasked,
        policies,
    };
    let request = Request::new(Actor::File(path.clone()), Command::ReadDocument(Box::new(read)));
    (Sent { path, session_id, gone, present }, request)
}
