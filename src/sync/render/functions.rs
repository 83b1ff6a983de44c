//! The functions and filters that templates have of us.
//!
//! Records come from functions only: a template arranges them, and what it prints is read back as
//! the same records. The functions take their text from the value they are given, so that they need
//! to know nothing of the session that is rendered.

use std::sync::Arc;

use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::guard::{LINE, STEP, WEIGH};
use super::meter::{Meter, VALUE_MAX, too_large};
use super::text;
use crate::sync::grammar::line;

/// Fields of values that only our functions use.
pub(super) const FIRST_LINE: &str = "first_line";
pub(super) const STAMPED: &str = "stamped";
pub(super) const QUOTED: &str = "description";
pub(super) const DEPTH: &str = "depth";
pub(super) const PROSE: &str = "prose";
/// Longest list that `range` makes.
const RANGE_MAX: i64 = 10_000;

/// Makes known what every template needs to stay bounded, and bounds some of Tera's filters.
pub(super) fn register_common(tera: &mut Tera, meter: &Arc<Meter>) {
    register_meter(tera, meter);
    tera.register_function("range", |options: Kwargs, _: &State<'_>| range(&options));
    register_bounded(tera);
}

/// Makes the functions and filters of documents known as well.
pub(super) fn register(tera: &mut Tera, meter: &Arc<Meter>) {
    register_common(tera, meter);
    tera.register_function("task_line", |options: Kwargs, _: &State<'_>| task_line(&options));
    tera.register_function("record_heading", |options: Kwargs, _: &State<'_>| {
        record_heading(&options)
    });
    tera.register_function("description", |options: Kwargs, _: &State<'_>| description(&options));
    tera.register_function("prose", |options: Kwargs, _: &State<'_>| prose(&options));
    tera.register_filter("plain", |value: &str, _: Kwargs, _: &State<'_>| text::plain(value));
    tera.register_filter("code", |value: &str, _: Kwargs, _: &State<'_>| text::code(value));
    tera.register_filter("yaml", |value: &str, _: Kwargs, _: &State<'_>| text::yaml(value));
    tera.register_filter("label", |value: &str, _: Kwargs, _: &State<'_>| text::title(value));
    tera.register_filter("bar", |percent: u8, options: Kwargs, _: &State<'_>| {
        let width = options.get::<usize>("width")?.unwrap_or(20).min(200);
        TeraResult::Ok(text::bar(percent, width))
    });
    tera.register_filter("fenced", |value: &str, options: Kwargs, _: &State<'_>| {
        let language = options.get::<String>("language")?.unwrap_or_default();
        TeraResult::Ok(text::fenced(value, &language))
    });
    tera.register_filter("gist", |value: &str, options: Kwargs, _: &State<'_>| {
        let length = options.get::<usize>("length")?.unwrap_or(200);
        TeraResult::Ok(text::gist(value, length))
    });
}

fn register_meter(tera: &mut Tera, meter: &Arc<Meter>) {
    let stepping = Arc::clone(meter);
    tera.register_function(STEP, move |options: Kwargs, _: &State<'_>| {
        stepping.reach(options.must_get("line")?);
        stepping.step().map(|()| "")
    });
    let weighing = Arc::clone(meter);
    tera.register_function(WEIGH, move |options: Kwargs, _: &State<'_>| {
        weighing.reach(options.must_get("line")?);
        weighing.weigh(options.must_get("value")?).map(|()| "")
    });
    let reaching = Arc::clone(meter);
    tera.register_function(LINE, move |options: Kwargs, _: &State<'_>| {
        reaching.reach(options.must_get("line")?);
        reaching.in_time().map(|()| "")
    });
}

/// The line of a task, indented under its parents.
fn task_line(options: &Kwargs) -> TeraResult<String> {
    let task: &Value = options.must_get("task")?;
    let line = must_have(task, FIRST_LINE, "task_line", "a task")?;
    Ok(format!("{}{line}", "  ".repeat(depth_of(task))))
}

/// The heading of a group, the session or a piece of its context.
fn record_heading(options: &Kwargs) -> TeraResult<String> {
    let record: &Value = options.must_get("record")?;
    let level = options.get::<usize>("level")?.unwrap_or(2);
    if !(1..=6).contains(&level) {
        return Err(Error::message("the level of a heading is 1 to 6"));
    }
    if has(record, PROSE) && level != 2 {
        return Err(Error::message("the heading of a context is of level 2"));
    }
    let what = "the session, a group or a context";
    let heading = must_have(record, STAMPED, "record_heading", what)?;
    Ok(format!("{} {heading}", "#".repeat(level)))
}

/// The description of a task or a group, or the goal of the session, as a block quote with its
/// line endings; empty where there is none.
fn description(options: &Kwargs) -> TeraResult<String> {
    let record: &Value = options.must_get("record")?;
    let what = "a task, a group or the session";
    let quoted = must_have(record, QUOTED, "description", what)?;
    let indent = if has(record, FIRST_LINE) { 2 * (depth_of(record) + 1) } else { 0 };
    Ok(line::description(quoted, indent))
}

/// The text of a piece of context, with its line endings.
fn prose(options: &Kwargs) -> TeraResult<String> {
    let context: &Value = options.must_get("context")?;
    must_have(context, PROSE, "prose", "a context").map(str::to_owned)
}

fn must_have<'a>(
    value: &'a Value,
    field: &'a str,
    function: &str,
    what: &str,
) -> TeraResult<&'a str> {
    value
        .get_from_path(field)
        .and_then(Value::as_str)
        .ok_or_else(|| Error::message(format!("`{function}` needs {what}")))
}

fn has(value: &Value, field: &str) -> bool {
    value.get_from_path(field).is_some()
}

fn depth_of(task: &Value) -> usize {
    let depth = task.get_from_path(DEPTH).and_then(Value::as_i64);
    depth.and_then(|depth| usize::try_from(depth).ok()).unwrap_or(0)
}

fn range(options: &Kwargs) -> TeraResult<Vec<i64>> {
    let start = options.get::<i64>("start")?.unwrap_or(0);
    let end = options.must_get::<i64>("end")?;
    let step = options.get::<i64>("step_by")?.unwrap_or(1);
    if step <= 0 {
        return Err(Error::message("`step_by` of `range` is at least 1"));
    }
    if RANGE_MAX < end.saturating_sub(start) / step {
        return Err(Error::message(format!("`range` makes at most {RANGE_MAX} numbers")));
    }
    let mut numbers = Vec::new();
    let mut number = start;
    while number < end {
        numbers.push(number);
        number = number.saturating_add(step);
    }
    Ok(numbers)
}

/// Filters of Tera's that can make much of little.
fn register_bounded(tera: &mut Tera) {
    tera.register_filter("replace", |value: &str, options: Kwargs, _: &State<'_>| {
        let (from, to): (&str, &str) = (options.must_get("from")?, options.must_get("to")?);
        let growth = value.matches(from).count().saturating_mul(to.len());
        bounded(value.len().saturating_add(growth), || value.replace(from, to))
    });
    tera.register_filter("join", |value: &[Value], options: Kwargs, _: &State<'_>| {
        let separator = options.get::<String>("sep")?.unwrap_or_default();
        let mut joined = String::new();
        for (index, part) in value.iter().enumerate() {
            if 0 < index {
                joined.push_str(&separator);
            }
            match part.as_str() {
                Some(text) => joined.push_str(text),
                None => joined.push_str(&part.to_string()),
            }
            if VALUE_MAX < joined.len() {
                return Err(too_large());
            }
        }
        TeraResult::Ok(joined)
    });
    tera.register_filter("indent", |value: &str, options: Kwargs, _: &State<'_>| {
        let width = options.get::<usize>("width")?.unwrap_or(4).min(100);
        let first = options.get::<bool>("first")?.unwrap_or(false);
        let indented = |(at, line): (usize, &str)| match (at, line.is_empty()) {
            (0, _) if !first => line.to_owned(),
            (_, true) => String::new(),
            (_, false) => format!("{}{line}", " ".repeat(width)),
        };
        let size = value.len().saturating_add(value.matches('\n').count() * width);
        bounded(size, || value.split('\n').enumerate().map(indented).collect::<Vec<_>>().join("\n"))
    });
}

fn bounded(bytes: usize, make: impl FnOnce() -> String) -> TeraResult<String> {
    if VALUE_MAX < bytes { Err(too_large()) } else { Ok(make()) }
}
