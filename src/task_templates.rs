//! Task templates: plans for work that comes again, filled in and put on the board at once.
//!
//! A template is a YAML file ([`library`]); reading it never fails and tells all problems at once
//! ([`parse()`]). Values for its parameters make a [`Preview`] of it, which is pure and bounded, so
//! that a form can show it with every key; a preview that is fit becomes one command
//! ([`Preview::application`]). Values are data: they are never taken for expressions.

mod apply;
mod expand;
pub mod library;
mod model;
mod parse;
mod pattern;
mod problem;
mod texts;
mod values;
mod yaml;

pub use apply::{Application, GroupUse, Site, created};
pub use expand::{PlannedGroup, PlannedTask, Preview};
pub use library::{Entry, Library, Source};
pub use model::{Parameter, ParameterKind, TaskTemplate};
pub use parse::parse;
pub use pattern::Pattern;
pub use problem::{Fault, Place, Problem};
