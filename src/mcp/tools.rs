//! One family of tools a file.
//!
//! A tool is a method with parameters of its own and at most four other arguments:
//!
//! * `caller: Caller` – who calls; a writing tool hands it to [`CallboardServer::submit`],
//! * `Parameters(input): Parameters<…>` – its input, in the form of its schema,
//! * `caller.follow` – where the work may take long: it tells how far that is, and when nobody waits,
//!
//! and returns a [`Reply`](super::answer::Reply). Reading tools are plain functions, writing ones
//! `async`. The schema is made from the parameters' type: the doc comment of a field is what the
//! model reads of it; `#[schemars(extend("aliases" = ["…"]))]` names other spellings of a field,
//! `"hidden" = true` keeps a field of earlier plans out of the published list, and
//! `#[schemars(extend("accepts" = ["…"]))]` on the type names parameters that are taken and have no
//! effect. A new family is one line in [`super::catalogue`].

mod artifact;
mod backup;
pub(super) mod conflict;
mod context;
mod events;
mod first_generation;
mod maintenance;
mod mode;
mod organize;
mod search;
pub(super) mod session;
pub(super) mod task;
