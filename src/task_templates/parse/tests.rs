//! Templates as they are written, and what is told of them.

use super::*;
use crate::task_templates::library::BUILT_IN;

/// Reads a text, and returns its problems in lines.
fn told(text: &str) -> String {
    let (_, problems) = parse("mine", text);
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn what_is_built_in_has_no_problems() {
    for (name, text) in BUILT_IN {
        assert_eq!(parse(name, text).1, [], "{name}");
    }
}
