//! Mode files: what becomes of every way in which a person may write one.

mod folder;
mod reading;
