//! Backups that are made without being asked for.

use std::time::Duration;

use callboard_engine::backup::keeper::{self, Settings};
use callboard_engine::backup::{self, Retention, unwatched};
use callboard_engine::domain::backup::{Backup, Reason, Scope};
use callboard_engine::domain::command::{Command, LastBackup, MoveSession};
use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::session::SessionMove;
use callboard_engine::query::backups;

use super::{create, until};
use crate::scene::Scene;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn only_completed() -> Settings {
    Settings { every: None, retention: Retention::default() }
}

fn known(scene: &Scene) -> Vec<Backup> {
    scene.peer.readers.read(backups::known).unwrap()
}

fn complete(scene: &Scene, id: SessionId) {
    complete_with(scene, id, LastBackup::Follows);
}

fn complete_with(scene: &Scene, id: SessionId, last_backup: LastBackup) {
    let plain = MoveSession::plain(id, SessionMove::Complete);
    let wanted = MoveSession { allow_open: true, last_backup, ..plain };
    scene.does("human", Command::MoveSession(wanted));
}

#[test]
fn a_session_that_is_completed_gets_a_last_backup() {
    let (scene, session) = Scene::live();
    let _keeper = keeper::start(&scene.peer, only_completed()).unwrap();
    complete(&scene, session);
    until("it is backed up", || known(&scene).len() == 1);
    let made = &known(&scene)[0];
    assert_eq!((made.reason, made.scope), (Reason::Completed, Scope::Session));
    assert_eq!((made.sessions[0].id, made.sessions[0].state.as_str()), (session, "completed"));
}

#[test]
fn one_that_was_completed_while_nobody_looked_is_not_forgotten_and_backed_up_once() {
    let (scene, session) = Scene::live();
    complete(&scene, session);
    let keeper = keeper::start(&scene.peer, only_completed()).unwrap();
    until("it is backed up", || known(&scene).len() == 1);
    drop(keeper);
    // Another process finds nothing to do, and does what is missing since.
    let other = scene.other_peer();
    let _keeper = keeper::start(&other, only_completed()).unwrap();
    scene.clock.advance_ms(1_000);
    let next = scene.session("Next").id;
    complete(&scene, next);
    until("the next is backed up", || known(&scene).len() == 2);
    let ids: Vec<SessionId> = known(&scene).iter().map(|made| made.sessions[0].id).collect();
    assert_eq!(ids, [next, session]);
}

#[test]
fn however_many_make_the_last_backup_of_a_session_there_is_one() {
    let (scene, session) = Scene::live();
    let other = scene.other_peer();
    let _keeper = keeper::start(&other, only_completed()).unwrap();
    complete(&scene, session);
    let made = std::thread::scope(|scope| {
        let make = || backup::last::of(&scene.peer, session, &unwatched).unwrap().unwrap().id;
        let all = [0; 4].map(|_| scope.spawn(make));
        all.map(|one| one.join().unwrap())
    });
    assert!(made.windows(2).all(|two| two[0] == two[1]), "{made:?}");
    // The keeper has looked at that, too, when it has seen the next one.
    scene.clock.advance_ms(1_000);
    let next = scene.session("Next").id;
    complete(&scene, next);
    until("the next is backed up", || known(&scene).len() == 2);
    let of_first = known(&scene).iter().filter(|one| one.sessions[0].id == session).count();
    assert_eq!(of_first, 1);
}

#[test]
fn a_session_whose_completer_wants_no_backup_gets_none_until_it_is_completed_anew() {
    let (scene, session) = Scene::live();
    complete_with(&scene, session, LastBackup::LeftOut);
    assert_eq!(backup::last::of(&scene.peer, session, &unwatched).unwrap(), None);
    scene.does("human", Command::MoveSession(MoveSession::plain(session, SessionMove::Resume)));
    complete(&scene, session);
    let made = backup::last::of(&scene.peer, session, &unwatched).unwrap().unwrap();
    assert_eq!((made.reason, made.sessions[0].id), (Reason::Completed, session));
}

#[test]
fn a_backup_that_was_asked_for_after_the_completion_counts_too() {
    let (scene, session) = Scene::live();
    complete(&scene, session);
    create(&scene, Scope::All);
    let _keeper = keeper::start(&scene.peer, only_completed()).unwrap();
    scene.clock.advance_ms(1_000);
    let next = scene.session("Next").id;
    complete(&scene, next);
    until("the next is backed up", || known(&scene).len() == 2);
    assert_eq!(known(&scene)[0].sessions[0].id, next);
}

#[test]
fn a_day_after_the_last_one_a_backup_is_made_if_something_changed() {
    let (scene, session) = Scene::live();
    create(&scene, Scope::All);
    scene.clock.advance_ms(2 * 24 * 60 * 60 * 1_000);
    let settings = Settings { every: Some(DAY), retention: Retention::default() };
    let keeper = keeper::start(&scene.peer, settings).unwrap();
    // Nothing has changed: nothing is made, whatever the clock says.
    scene.tasks(session, &["a"]);
    until("it is backed up", || known(&scene).len() == 2);
    let made = known(&scene);
    assert_eq!((made[0].reason, made[0].scope), (Reason::Scheduled, Scope::All));
    assert_eq!(made[0].seq, scene.latest());
    drop(keeper);
}

#[test]
fn what_is_not_to_be_kept_goes_after_each_backup() {
    let (scene, session) = Scene::live();
    for _ in 0..3 {
        create(&scene, Scope::Database);
        scene.clock.advance_ms(60_000);
    }
    let retention = Retention { count: Some(2), newest: 1, ..Retention::default() };
    let _keeper = keeper::start(&scene.peer, Settings { every: None, retention }).unwrap();
    until("old ones are gone", || known(&scene).len() == 2);
    complete(&scene, session);
    until("the new one is there", || {
        known(&scene).first().is_some_and(|made| made.reason == Reason::Completed)
    });
    until("old ones are gone again", || known(&scene).len() == 2);
    assert_eq!(backup::list(&scene.peer).unwrap().len(), 2);
}

#[test]
fn sessions_whose_last_backups_were_removed_do_not_get_others() {
    let (scene, first) = Scene::live();
    let retention = Retention { count: Some(2), newest: 1, ..Retention::default() };
    let _keeper = keeper::start(&scene.peer, Settings { every: None, retention }).unwrap();
    let mut session = first;
    for name in ["two", "three", "four", "five"] {
        complete(&scene, session);
        until("it is backed up", || {
            known(&scene).iter().any(|made| made.sessions.iter().any(|one| one.id == session))
        });
        scene.clock.advance_ms(60_000);
        session = scene.session(name).id;
    }
    until("old ones are gone", || known(&scene).len() == 2);
    let files = || known(&scene).into_iter().map(|made| made.file).collect::<Vec<_>>();
    let before = files();
    // The keeper looks at every change; after this one it would have made those that are missing.
    scene.clock.advance_ms(60_000);
    complete(&scene, session);
    until("the last one is backed up", || {
        known(&scene)[0].sessions.iter().any(|one| one.id == session)
    });
    until("an old one is gone", || known(&scene).len() == 2);
    assert_eq!(files()[1], before[0]);
}

#[test]
fn a_clock_that_ran_ahead_puts_no_backup_off() {
    let (scene, session) = Scene::live();
    scene.clock.advance_ms(30 * 24 * 60 * 60 * 1_000);
    create(&scene, Scope::All);
    scene.clock.advance_ms(-30 * 24 * 60 * 60 * 1_000);
    scene.tasks(session, &["a"]);
    let settings = Settings { every: Some(DAY), retention: Retention::default() };
    let _keeper = keeper::start(&scene.peer, settings).unwrap();
    until("it is backed up", || known(&scene).len() == 2);
}
