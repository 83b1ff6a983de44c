//! The real program, as real processes on one project: races, sudden deaths, bad ground.

#[cfg(unix)]
mod bad_ground;
mod claims;
mod deaths;
mod program;
mod races;
