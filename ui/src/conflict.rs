//! Conflicts as people see and decide them: values as text, words for questions, differences.
//!
//! The screen and the command line share what is here.

pub mod diff;
pub mod value;
pub mod whole;
pub mod words;
