//! From the disk to the database: edits are handed to the writer, those that do not depend on one
//! another together.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::reading::{Asked, Edit, is_in, keys};
use super::{Deed, Keeper};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::document::{DocumentState, ReadDocument};
use crate::domain::id::SessionId;
use crate::domain::outcome::{Answer, Outcome};
use crate::domain::refusal::{Code, Refusal};
use crate::door::Request;
use crate::sync::files::Point;

/// Edits that are merged together: others wait for so many.
const TOGETHER_MAX: usize = 32;

/// What is known of an edit while the writer has it.
struct Sent {
    path: String,
    session_id: SessionId,
    /// Records that are gone from the document.
    gone: BTreeSet<String>,
    present: BTreeSet<String>,
}

impl Keeper {
    /// Reads files that have settled. Those from which nothing is gone share commits; what is gone
    /// from one may just have come to another, which is merged before.
    pub(super) fn read_all(&mut self, files: &[PathBuf]) {
        let mut together = Vec::new();
        for file in files {
            let Some(edit) = self.look_into(file) else { continue };
            if missing(&edit).is_empty() {
                together.push(edit);
            } else {
                self.merge_all(std::mem::take(&mut together));
                self.merge(edit, Asked::default());
            }
            if TOGETHER_MAX <= together.len() {
                self.merge_all(std::mem::take(&mut together));
            }
        }
        self.merge_all(together);
    }

    fn merge_all(&mut self, edits: Vec<Edit>) {
        let sent = edits.into_iter().map(|edit| self.send(edit, Asked::default()));
        let (sent, requests): (Vec<Sent>, Vec<Request>) = sent.unzip();
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
        let (sent, request) = self.send(edit, asked);
        self.files.reached(Point::Read);
        let answer = self.peer.door.submit_blocking(request);
        self.files.reached(Point::Merged);
        self.merged(sent, answer)
    }

    fn send(&mut self, edit: Edit, asked: Asked) -> (Sent, Request) {
        let Asked { removed, unasked } = asked;
        let mut gone = missing(&edit);
        if gone.iter().all(|record| removed.contains(record)) {
            gone.clear();
        }
        if !gone.is_empty() {
            gone = self.still_shown(edit.session_id, edit.kind, &gone);
        }
        let Edit { path, session_id, kind, text, hash, draft, agreed, ledger, .. } = edit;
        let sent = Sent {
            path: path.clone(),
            session_id,
            gone,
            present: keys(&draft),
        };
        let read = ReadDocument {
            path: path.clone(),
            session_id,
            kind,
            text,
            hash: String::from(hash),
            draft,
            agreed_hash: ledger.as_ref().map(|known| known.agreed_hash.clone()),
            agreed,
            gone: sent.gone.iter().cloned().collect(),
            confirmed: is_in(ledger.as_ref(), DocumentState::Accepted),
            removed,
            unasked,
            policies: self.policies,
        };
        (sent, Request::new(Actor::File(path), Command::ReadDocument(Box::new(read))))
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

/// The records that both agreed on last and that an edit lacks, those left out that were added since
/// it was opened. What this process wrote itself lacks nothing.
fn missing(edit: &Edit) -> BTreeSet<String> {
    let intent = edit.ledger.as_ref().and_then(|known| known.intent.as_deref());
    if intent == Some(edit.hash.as_str()) {
        return BTreeSet::new();
    }
    let present = keys(&edit.draft);
    let agreed = keys(&edit.agreed);
    agreed.difference(&present).filter(|it| !edit.younger.contains(*it)).cloned().collect()
}
