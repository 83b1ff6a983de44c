//! What is said of documents: what happened with them, or what would.

use std::collections::BTreeMap;

use callboard_engine::domain::count::counted;
use callboard_engine::sync::keeper::{Deed, Finding, Standing, SyncStatus};
use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::pieces::Pieces;
use crate::theme::Meaning;

/// What happened, and how it stands since.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) findings: Vec<Finding>,
    pub(super) deeds: BTreeMap<String, Vec<Deed>>,
    pub(super) status: SyncStatus,
    /// Another process keeps the documents, and its number where that is known.
    pub(super) keeper: Option<Option<u32>>,
}

impl Report {
    fn deeds(&self, path: &str) -> &[Deed] {
        self.deeds.get(path).map(Vec::as_slice).unwrap_or_default()
    }

    fn is_well(&self) -> bool {
        self.status.paused.is_none()
            && self.status.failures.is_empty()
            && self.status.templates.is_empty()
            && self.findings.iter().all(Finding::is_settled)
    }
}

/// Says that another process keeps the documents.
pub(super) fn waits(keeper: Option<u32>, output: &mut Output) -> Result<(), Failure> {
    if output.is_json() {
        return Ok(());
    }
    let who = keeper.map_or_else(|| "Another process".to_owned(), |id| format!("Process {id}"));
    let line = format!("{who} keeps the documents in step; waiting for it.");
    let line = output.paint(&line, Meaning::Dim);
    output.line(&line)
}

/// Says of each document what happened; 1 where something waits.
pub(super) fn happened(report: &Report, output: &mut Output) -> Result<u8, Failure> {
    let code = u8::from(!report.is_well());
    if output.is_json() {
        return output.json(&in_json(report)).map(|()| code);
    }
    for (path, deeds) in &report.deeds {
        if !report.findings.iter().any(|finding| finding.path == *path) {
            let said = said(deeds, None);
            line(output, (path, &said), (output.icons().good, Meaning::Good))?;
        }
    }
    for finding in &report.findings {
        let said = said(report.deeds(&finding.path), Some(&finding.standing));
        one(output, finding, &said)?;
    }
    if let Some(operation) = &report.status.paused {
        let text = format!("Git is in the middle of {operation}: nothing was read or written.");
        let text = output.paint(&text, Meaning::Warn);
        output.line(&text)?;
    }
    for problem in &report.status.templates {
        line(output, (problem, "not used"), (output.icons().bad, Meaning::Bad))?;
    }
    for (path, message) in &report.status.failures {
        line(output, (path, message), (output.icons().bad, Meaning::Bad))?;
    }
    end(&report.findings, output)?;
    Ok(code)
}

/// Says of each document what would happen; 1 where it is not in step.
pub(super) fn planned(findings: &[Finding], output: &mut Output) -> Result<u8, Failure> {
    let code = u8::from(!findings.iter().all(Finding::is_settled));
    if output.is_json() {
        return output.json(&findings).map(|()| code);
    }
    for finding in findings {
        let said = match &finding.standing {
            Standing::InStep => "in step".to_owned(),
            Standing::ToRead => "somebody wrote in it; it would be read".to_owned(),
            Standing::ToWrite => "the database has changed; it would be written".to_owned(),
            Standing::ToRemove => "it would be taken away".to_owned(),
            Standing::ToRebuild => {
                "its session is not in the database; it would be brought back".to_owned()
            }
            Standing::Held(reason) => held(reason),
        };
        one(output, finding, &said)?;
    }
    end(findings, output)?;
    Ok(code)
}

fn end(findings: &[Finding], output: &mut Output) -> Result<(), Failure> {
    let conflicts: usize = findings.iter().map(|finding| finding.conflicts).sum();
    if 0 < conflicts {
        let hint = "`callboard conflict list` shows what is to be decided.";
        let hint = output.paint(hint, Meaning::Dim);
        output.line(&hint)?;
    }
    if findings.iter().any(|finding| matches!(finding.standing, Standing::Held(_))) {
        let hint = "`callboard sync restore PATH` writes a held document again, \
                    `callboard sync accept PATH` reads it as it stands.";
        let hint = output.paint(hint, Meaning::Dim);
        output.line(&hint)?;
    }
    if findings.is_empty() {
        let nothing = output.paint("There are no documents yet.", Meaning::Dim);
        output.line(&nothing)?;
    }
    Ok(())
}

fn held(reason: &str) -> String {
    format!("held back: {reason}")
}

/// What was done with a document and how it stands, in words.
fn said(deeds: &[Deed], standing: Option<&Standing>) -> String {
    let mut words: Vec<String> = deeds.iter().map(|deed| word(*deed).to_owned()).collect();
    match standing {
        Some(Standing::InStep) if words.is_empty() => words.push("in step".to_owned()),
        Some(Standing::InStep) | None => {}
        Some(Standing::Held(reason)) => words.push(held(reason)),
        Some(Standing::ToRead) => words.push("not read yet".to_owned()),
        Some(Standing::ToWrite) => words.push("not written yet".to_owned()),
        Some(Standing::ToRemove) => words.push("not taken away yet".to_owned()),
        Some(Standing::ToRebuild) => words.push("its session is not in the database".to_owned()),
    }
    words.join(", ")
}

fn word(deed: Deed) -> &'static str {
    match deed {
        Deed::Rebuilt => "brought back",
        Deed::Read => "read",
        Deed::Kept => "a text kept as an edit backup",
        Deed::Written => "written",
        Deed::Removed => "taken away",
    }
}

/// A document with everything that is to be known of it.
fn one(output: &mut Output, finding: &Finding, said: &str) -> Result<(), Failure> {
    let icons = output.icons();
    let icon = match &finding.standing {
        Standing::Held(_) => (icons.bad, Meaning::Bad),
        Standing::InStep if finding.is_settled() => (icons.good, Meaning::Good),
        Standing::InStep
        | Standing::ToRead
        | Standing::ToWrite
        | Standing::ToRemove
        | Standing::ToRebuild => (icons.warn, Meaning::Warn),
    };
    line(output, (&finding.path, said), icon)?;
    for problem in &finding.problems {
        let text = format!("    line {}: {}", problem.line, problem.message);
        let text = Pieces::default().with(output, &text, Meaning::Warn).paint(output);
        output.line(&text)?;
    }
    if 0 < finding.conflicts {
        let text = format!("    {} to decide", counted(finding.conflicts, "conflict"));
        let text = output.paint(&text, Meaning::Bad);
        output.line(&text)?;
    }
    Ok(())
}

fn line(
    output: &mut Output,
    (path, said): (&str, &str),
    (icon, meaning): (&str, Meaning),
) -> Result<(), Failure> {
    let line = Pieces::default()
        .with(output, &format!("{icon} "), meaning)
        .with(output, path, Meaning::Strong)
        .with(output, &format!("  {said}"), Meaning::Dim)
        .paint(output);
    output.line(&line)
}

fn in_json(report: &Report) -> Value {
    let with_deeds = |finding: &Finding| {
        let mut value = json!(finding);
        if let Some(map) = value.as_object_mut() {
            map.insert("done".to_owned(), json!(report.deeds(&finding.path)));
        }
        value
    };
    let failure = |(path, message): &(String, String)| json!({ "path": path, "message": message });
    json!({
        "in_step": report.is_well(),
        "kept_by": report.keeper.map(|process| json!({ "process": process })),
        "paused": report.status.paused,
        "documents": report.findings.iter().map(with_deeds).collect::<Vec<_>>(),
        "failures": report.status.failures.iter().map(failure).collect::<Vec<_>>(),
        "templates": report.status.templates,
    })
}
