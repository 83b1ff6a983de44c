//! Whatever a person and agents do in whatever order, nothing is lost, nothing is taken back
//! silently, and it comes to rest.
//!
//! Every word that is written is unique: a person's begin with `p`, an agent's with `a`. A person
//! edits the current text or one that is older; what the feed says afterwards is judged by rules that
//! know nothing of merging.

mod judge;
mod world;

use proptest::prelude::*;

use self::judge::judge;
use self::world::World;
use super::desk::{ACTIVE, BACKEND, Desk};

/// What a person does to one item of a document.
#[derive(Debug, Clone, Copy)]
pub(super) enum Edit {
    Retitle,
    Tag,
    Urgent,
    Start,
    Describe,
    Add,
    Swap,
    Remove,
}

/// What an agent does to one task.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    Retitle,
    Tag,
    Describe,
    Create,
    Start,
    Delete,
    First,
    Regroup,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Edits of a document as it is, or as it was some writings ago.
    Person {
        document: usize,
        age: usize,
        edits: Vec<(Edit, usize)>,
    },
    Agent {
        act: Act,
        task: usize,
    },
    Decide {
        which: usize,
        theirs: bool,
    },
    Sync,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let edit = prop_oneof![
        3 => Just(Edit::Retitle),
        2 => Just(Edit::Tag),
        1 => Just(Edit::Urgent),
        1 => Just(Edit::Start),
        2 => Just(Edit::Describe),
        2 => Just(Edit::Add),
        1 => Just(Edit::Swap),
        1 => Just(Edit::Remove),
    ];
    let act = prop_oneof![
        3 => Just(Act::Retitle),
        2 => Just(Act::Tag),
        2 => Just(Act::Describe),
        2 => Just(Act::Create),
        1 => Just(Act::Start),
        1 => Just(Act::Delete),
        1 => Just(Act::First),
        1 => Just(Act::Regroup),
    ];
    let age = prop_oneof![3 => Just(0_usize), 2 => 1..4_usize];
    let edits = prop::collection::vec((edit, 0..8_usize), 1..4);
    let step = prop_oneof![
        5 => (0..3_usize, age, edits)
            .prop_map(|(document, age, edits)| Step::Person { document, age, edits }),
        5 => (act, 0..10_usize).prop_map(|(act, task)| Step::Agent { act, task }),
        1 => (0..4_usize, any::<bool>()).prop_map(|(which, theirs)| Step::Decide { which, theirs }),
        2 => Just(Step::Sync),
    ];
    prop::collection::vec(step, 1..14)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_anybody_wrote_is_lost_and_it_comes_to_rest(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.does(step);
        }
        world.settle();
        judge(&world);
        world.desk.all_in_step();
        world.documents_say_what_the_database_says();
    }
}

#[test]
fn two_documents_come_to_the_same_whichever_is_read_first() {
    let edits: [Change; 5] = [
        |text| text.replace("] api", "] the api"),
        |text| text.replace("- [ ] api", "- [/] api !high"),
        |text| text.replace("] store", "] store #kept"),
        |text| text.replace("- [ ] store", "- [x] store"),
        |text| text.replace("- [ ] store", "- [ ] new\n- [ ] store"),
    ];
    for (active, backend) in edits.iter().flat_map(|one| edits.iter().map(move |two| (*one, *two)))
    {
        let one = come_to([(ACTIVE, active), (BACKEND, backend)]);
        let other = come_to([(BACKEND, backend), (ACTIVE, active)]);
        assert_eq!(one.0, other.0);
        // A document of before a task was typed in the other one, which says nothing else of its age,
        // is asked about it.
        for open in [one.1, other.1] {
            assert!(["", "removed new"].contains(&open.as_str()), "{open}");
        }
    }
}

/// An edit of the text of a document.
type Change = fn(&str) -> String;

/// What edits of documents come to that were read in this order: the tasks, and what is asked.
fn come_to(order: [(&str, Change); 2]) -> (Vec<String>, String) {
    let desk = Desk::board();
    let texts = order.map(|(name, edit)| (name, edit(&desk.read(name))));
    for (name, text) in texts {
        desk.edit(name, |_| text.clone());
    }
    desk.all_in_step();
    let shown = desk.shown();
    let mut shown: Vec<String> = shown.split([',', ';']).map(|one| one.trim().to_owned()).collect();
    shown.sort();
    (shown, desk.open())
}
