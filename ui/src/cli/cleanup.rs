//! `callboard cleanup`: clears what lies about.

use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::refusal::Refusal;

use callboard_engine::upkeep::cleanup::{self, Cleared, Item, Sort, Wanted};
use callboard_engine::upkeep::{Cancel, Work};
use clap::Args;
use serde_json::{Value, json};

use super::failure::Failure;
use super::output::Output;
use super::person;
use super::pieces::Pieces;
use super::project::{Scene, session_of};
use crate::theme::Meaning;

/// Lines of one sort that are shown.
const SHOWN_MAX: usize = 10;

/// Clear what lies about; without --yes it is only told
///
/// Ended claims, work that was left, groups that hold nothing, leftovers of processes that ended,
/// changes of more than 90 days ago that nothing stands on. Records go by commands, which `callboard
/// undo` takes back. The database is backed up first.
#[derive(Debug, Args)]
pub(super) struct CleanupArguments {
    /// Only these, separated by commas; else all that are told, or the usual with --yes
    #[arg(long, value_delimiter = ',', value_name = "TYPES")]
    only: Vec<Sort>,
    /// From how many days on something counts as old
    #[arg(long, value_name = "DAYS")]
    older_than: Option<u32>,
    /// Only what belongs to this session: id, beginning of one, or name
    #[arg(long, short)]
    session: Option<String>,
    /// Do it
    #[arg(long, short)]
    yes: bool,
    /// Without a backup first
    #[arg(long, requires = "yes")]
    no_backup: bool,
}

pub(super) fn run(
    arguments: &CleanupArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let sorts = match (arguments.only.as_slice(), arguments.yes) {
        ([], false) => Sort::told(),
        ([], true) => Sort::USUAL.to_vec(),
        (only, _) => only.to_vec(),
    };
    if arguments.yes && sorts.iter().any(|sort| sort.is_a_persons()) {
        person::required(scene, "clearing what cannot be taken back")?;
    }
    let named = arguments.session.as_deref();
    let session = named.map(|text| session_of(&peer, Some(text))).transpose()?;
    let wanted = Wanted { sorts, session, days: arguments.older_than };
    let cancel = Cancel::new();
    let work = Work::quiet(&cancel);
    let found = cleanup::look(&peer, &wanted, work)?;
    if !arguments.yes {
        return told(&found, output).map(|()| 0);
    }
    let has_work = found.iter().any(|item| item.act.is_mechanical());
    let backup = if has_work && !arguments.no_backup {
        cleanup::back_up(&peer, &Actor::Human, work)?
    } else {
        None
    };
    let cleared: Result<Cleared, Refusal> = cleanup::carry_out(&peer, &Actor::Human, found, work);
    done(&cleared?, backup.as_deref(), output)?;
    if arguments.only.is_empty() && !output.is_json() {
        others(&cleanup::look(&peer, &Wanted { sorts: unusual(), ..wanted }, work)?, output)?;
    }
    Ok(0)
}

/// What is told of and cleared only where it is named.
fn unusual() -> Vec<Sort> {
    Sort::told().into_iter().filter(|sort| !Sort::USUAL.contains(sort)).collect()
}

/// Says what lies about besides, and how it is cleared.
fn others(found: &[Item], output: &mut Output) -> Result<(), Failure> {
    let mut sorts: Vec<&str> = found.iter().map(|item| item.sort.as_str()).collect();
    sorts.dedup();
    if sorts.is_empty() {
        return Ok(());
    }
    let text = format!(
        "Besides, of other types: {}. `callboard cleanup` tells of it, --only <types> --yes clears it.",
        sorts.join(", ")
    );
    let text = output.paint(&text, Meaning::Dim);
    output.line(&text)
}

/// Says what would be cleared, and what is somebody's to decide.
fn told(found: &[Item], output: &mut Output) -> Result<(), Failure> {
    if output.is_json() {
        let (mechanical, others): (Vec<&Item>, Vec<&Item>) =
            found.iter().partition(|item| item.act.is_mechanical());
        let items = |items: &[&Item]| items.iter().map(|item| value(item)).collect::<Vec<_>>();
        let value = json!({ "dry_run": true, "found": items(&mechanical), "left": items(&others) });
        return output.json(&value);
    }
    list(found, output.icons().bullet, output)?;
    let text = if found.is_empty() {
        "Nothing lies about."
    } else if found.iter().any(|item| item.act.is_mechanical()) {
        "Nothing was changed; --only <types> --yes clears it."
    } else {
        "Nothing was changed; what is left is yours to decide."
    };
    let text = output.paint(text, Meaning::Dim);
    output.line(&text)
}

fn done(cleared: &Cleared, backup: Option<&str>, output: &mut Output) -> Result<(), Failure> {
    if output.is_json() {
        let items = |items: &[Item]| items.iter().map(value).collect::<Vec<_>>();
        let value = json!({
            "dry_run": false,
            "fixed": items(&cleared.fixed),
            "left": items(&cleared.left),
            "changes": cleared.seqs,
            "backup": backup,
        });
        return output.json(&value);
    }
    list(&cleared.fixed, output.icons().good, output)?;
    list(&cleared.left, output.icons().warn, output)?;
    if let Some(backup) = backup {
        let line = output.paint(&format!("Backed up as {backup} before."), Meaning::Dim);
        output.line(&line)?;
    }
    let undo = cleared.seqs.first();
    let undo = undo.map(|seq| format!(" `callboard undo {seq}` takes the first back."));
    let text = format!(
        "{} cleared, {} left.{}",
        cleared.fixed.len(),
        cleared.left.len(),
        undo.unwrap_or_default()
    );
    let text = output.paint(&text, Meaning::Strong);
    output.line(&text)
}

/// The first of each sort, with what mends those that are somebody's to decide.
fn list(items: &[Item], icon: &str, output: &mut Output) -> Result<(), Failure> {
    let mut sorts: Vec<Sort> = items.iter().map(|item| item.sort).collect();
    sorts.sort_unstable();
    sorts.dedup();
    for sort in sorts {
        let of: Vec<&Item> = items.iter().filter(|item| item.sort == sort).collect();
        let words = sort.as_str().replace('_', " ");
        let head =
            output.paint(&format!("{words} ({}), --only {sort}", of.len()), Meaning::Heading);
        output.line(&head)?;
        for item in of.iter().take(SHOWN_MAX) {
            let line = Pieces::default()
                .with(output, &format!("  {icon} "), Meaning::Dim)
                .with(output, &item.record, Meaning::Strong)
                .with(output, &format!("  {}", item.message), Meaning::Text)
                .paint(output);
            output.line(&line)?;
            if let Some(fix) = fix(item) {
                let fix = output.paint(&fix, Meaning::Accent);
                output.line(&format!("      {fix}"))?;
            }
        }
    }
    Ok(())
}

fn fix(item: &Item) -> Option<String> {
    item.act.advice()?.shell.clone()
}

fn value(item: &Item) -> Value {
    json!({ "type": item.sort, "record": item.record, "message": item.message, "fix": fix(item) })
}
