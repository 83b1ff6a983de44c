//! Findings and what lies about, as tools tell them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::upkeep::cleanup::Item;
use crate::upkeep::{Finding, Fix};

/// A finding, with the call that mends it, or else the command.
pub(in crate::mcp::tools) fn finding(finding: &Finding) -> Value {
    json!({
        "kind": finding.kind,
        "severity": finding.severity,
        "record": finding.record,
        "message": finding.message,
        "fix": fix(&finding.fix),
    })
}

/// What an agent can call, else what a person types.
pub(super) fn fix(fix: &Fix) -> Option<String> {
    let shell = || fix.shell.as_ref().map(|shell| format!("a person: {shell}"));
    fix.tool.clone().or_else(shell)
}

/// One that lies about.
pub(super) fn item(item: &Item) -> Value {
    let by = item.act.advice().and_then(fix);
    json!({ "type": item.sort, "record": item.record, "message": item.message, "fix": by })
}

/// How many there are of each sort.
pub(in crate::mcp::tools) fn counts<'a>(
    items: impl Iterator<Item = &'a Item>,
) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item.sort.as_str()).or_default() += 1;
    }
    counts
}
