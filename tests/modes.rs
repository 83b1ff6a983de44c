//! Mode files: what becomes of every way in which a person may write one.

mod first_generation;
mod folder;
mod mistakes;
mod odd;
mod reading;
mod repairing;
mod upkeep;
