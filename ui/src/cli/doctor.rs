//! `callboard doctor`: everything that is wrong with a project, and what mends it.

mod mend;
mod surroundings;

use callboard_engine::domain::count::counted;
use callboard_engine::domain::text::visible_line;
use callboard_engine::peer::Peer;
use callboard_engine::upkeep::validate::{self, Aim, Level};
use callboard_engine::upkeep::{Cancel, Finding, Severity, Work};
use clap::Args;
use serde_json::json;

use super::failure::Failure;
use super::output::Output;
use super::pieces::Pieces;
use super::project::{Scene, session_of};
use crate::theme::Meaning;

/// Check the project, and say what mends each finding
///
/// Looks at database, search indexes, documents, artifacts, modes, files, clients and the disk.
/// Ends with 1 where an error or a warning is left, with 0 where nothing is or only notes are.
#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    /// Mend what needs no decision; the database is backed up first
    #[arg(long)]
    fix: bool,
    /// basic, comprehensive or `full_audit`
    #[arg(long, default_value = "comprehensive")]
    level: Level,
    /// Only what belongs to this session: id, beginning of one, or name
    #[arg(long, short)]
    session: Option<String>,
}

pub(super) fn run(
    arguments: &DoctorArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let named = arguments.session.as_deref();
    let session = named.map(|text| session_of(&peer, Some(text))).transpose()?;
    let aim = Aim { level: arguments.level, session };
    let cancel = Cancel::new();
    let mut found = look(&peer, aim, scene, &cancel)?;
    let mut mended = Vec::new();
    if arguments.fix {
        mended = mend::mend(&peer, (&found, aim.session), Work::quiet(&cancel))?;
        found = look(&peer, aim, scene, &cancel)?;
    }
    let [errors, warnings, _] = validate::tally(&found);
    let code = u8::from(0 < errors + warnings);
    if output.is_json() {
        let value = json!({
            "level": arguments.level,
            "healthy": code == 0,
            "errors": errors,
            "warnings": warnings,
            "findings": found,
            "mended": mended,
        });
        return output.json(&value).map(|()| code);
    }
    for line in &mended {
        let icon = output.paint(output.icons().good, Meaning::Good);
        let line = output.paint(line, Meaning::Text);
        output.line(&format!("{icon} {line}"))?;
    }
    for finding in &found {
        write(finding, output)?;
    }
    end(&found, output)?;
    Ok(code)
}

fn look(
    peer: &Peer,
    aim: Aim,
    scene: &Scene<'_>,
    cancel: &Cancel,
) -> Result<Vec<Finding>, Failure> {
    let mut found = validate::validate(peer, aim, Work::quiet(cancel))?;
    found.extend(surroundings::look(&peer.paths, scene.environment));
    found.sort_by_key(|finding| finding.severity);
    Ok(found)
}

/// A finding on one line, and what mends it on the next.
pub(super) fn write(finding: &Finding, output: &mut Output) -> Result<(), Failure> {
    let (icon, meaning) = match finding.severity {
        Severity::Error => (output.icons().bad, Meaning::Bad),
        Severity::Warning => (output.icons().warn, Meaning::Warn),
        Severity::Note => (output.icons().bullet, Meaning::Dim),
    };
    let kind = finding.kind.as_str().replace('_', " ");
    let line = Pieces::default()
        .with(output, &format!("{icon} {}: {kind}: ", finding.severity), meaning)
        .with(output, &finding.record, Meaning::Strong)
        .with(output, &format!("  {}", finding.message), Meaning::Text)
        .paint(output);
    output.line(&line)?;
    match &finding.fix.shell {
        Some(shell) => {
            let shell = output.paint(&visible_line(shell), Meaning::Accent);
            output.line(&format!("    {shell}"))
        }
        None => Ok(()),
    }
}

fn end(found: &[Finding], output: &mut Output) -> Result<(), Failure> {
    let [errors, warnings, notes] = validate::tally(found);
    let (text, meaning) = if errors + warnings == 0 {
        let notes =
            if notes == 0 { String::new() } else { format!(" ({})", counted(notes, "note")) };
        (format!("All is well{notes}."), Meaning::Good)
    } else {
        let mechanical = found.iter().any(|finding| finding.fix.cleanup.is_some());
        let hint =
            if mechanical { " `callboard doctor --fix` mends what needs no decision." } else { "" };
        let all = [(errors, "error"), (warnings, "warning"), (notes, "note")];
        let all = all.map(|(count, noun)| counted(count, noun)).join(", ");
        (format!("{all}.{hint}"), Meaning::Warn)
    };
    let text = output.paint(&text, meaning);
    output.line(&text)
}
