//! The program: parse, open, run, restore.

fn main() {}
