//! Two agents that change the same fields of a task, having seen the same version of it.

use std::path::Path;

use callboard_engine::clock::Clock;
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::command::{Command, Guard, OnClash, TaskPatch, UpdateTask};
use callboard_engine::domain::id::TaskId;
use callboard_engine::door::Request;
use callboard_engine::paths::ProjectPaths;
use callboard_engine::peer::Peer;
use callboard_engine::query;

/// Makes conflicts of the fields that both patches change.
pub(crate) fn clash(peer: &Peer, id: TaskId, (ours, theirs): (TaskPatch, TaskPatch)) {
    let seen = peer.readers.read(|reader| query::tasks::view(reader, id)).unwrap().task;
    for (agent, patch) in [("claude-code", ours), ("codex", theirs)] {
        let guard = Guard {
            if_version: Some(seen.version),
            on_clash: OnClash::Conflict,
            ..Guard::default()
        };
        let command = Command::UpdateTask(UpdateTask { id, patch, guard });
        peer.door.submit_blocking(Request::new(Actor::agent(agent), command)).unwrap();
    }
}

/// The same in a project that other processes work in.
pub(crate) fn clash_in(project: &Path, title: &str, patches: (TaskPatch, TaskPatch)) {
    let peer = Peer::open(&ProjectPaths::at(project), Clock::system()).unwrap();
    let find = |reader: &_| {
        let session = query::sessions::current(reader)?.map(|session| session.id);
        query::resolve::task(reader, session, title)
    };
    let id = peer.readers.read(find).unwrap();
    clash(&peer, id, patches);
}

pub(crate) fn titled(title: &str) -> TaskPatch {
    TaskPatch { title: Some(title.to_owned()), ..TaskPatch::default() }
}

pub(crate) fn described(text: &str) -> TaskPatch {
    TaskPatch { description: Some(text.to_owned()), ..TaskPatch::default() }
}
