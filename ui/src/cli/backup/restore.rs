//! Bringing back what a backup holds. It tells what would change, and asks, before it does.

use std::io::{self, BufRead as _, Write as _};

use callboard_engine::backup::restore::{First, Report, RestoreScope, Wanted, restore};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::count::{by_count, counted};
use callboard_engine::domain::restore::{MergeStrategy, Purpose, Restored, What};
use callboard_engine::domain::text::visible_line;
use clap::Args;

use super::Place;
use super::progress::Told;
use crate::cli::failure::Failure;
use crate::cli::lines;
use crate::cli::output::Output;
use crate::cli::person;
use crate::cli::readable::readable;
use crate::theme::Meaning;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct RestoreArguments {
    /// An id, a name or a file
    backup: String,
    /// full (all that it holds), database, documents or session
    #[arg(long, value_name = "SCOPE")]
    scope: Option<RestoreScope>,
    /// Only this session: its id, the beginning of one, or its name
    #[arg(long, value_name = "SESSION")]
    session: Vec<String>,
    /// replace (as it was, whatever came since), merge or `skip_existing`
    #[arg(long, value_name = "STRATEGY", default_value = "replace")]
    strategy: MergeStrategy,
    /// Only tell what would change
    #[arg(long)]
    dry_run: bool,
    /// Do it without asking
    #[arg(long, short)]
    yes: bool,
    /// Do not back up what is there before
    #[arg(long)]
    no_backup: bool,
}

pub(super) fn run(
    place: &Place<'_>,
    arguments: &RestoreArguments,
    output: &mut Output,
) -> Result<u8, Failure> {
    let asks = !arguments.yes && !arguments.dry_run;
    if asks && !place.environment.stdin_is_terminal {
        return Err(Failure::Usage {
            message: "a restore asks before it changes anything, and there is nobody to ask"
                .to_owned(),
            advice: "look with --dry-run, then give --yes".to_owned(),
        });
    }
    if asks || arguments.dry_run {
        let told = carry_out(place, arguments, (Purpose::Try, output))?;
        if arguments.dry_run && output.is_json() {
            return output.json(&readable(&told)).map(|()| 0);
        }
        say(&told, output)?;
        if arguments.dry_run || !is_agreed(output)? {
            return Ok(0);
        }
    }
    person::may_restore(place.environment, &place.peer)?;
    let told = carry_out(place, arguments, (Purpose::Keep, output))?;
    let code = u8::from(!told.files.failed.is_empty());
    if output.is_json() {
        return output.json(&readable(&told)).map(|()| code);
    }
    say(&told, output).map(|()| code)
}

fn carry_out(
    place: &Place<'_>,
    arguments: &RestoreArguments,
    (purpose, output): (Purpose, &Output),
) -> Result<Report, Failure> {
    let fallback =
        if arguments.session.is_empty() { RestoreScope::Full } else { RestoreScope::Session };
    let wanted = Wanted {
        scope: arguments.scope.unwrap_or(fallback),
        sessions: arguments.session.clone(),
        strategy: arguments.strategy,
        purpose,
        first: if arguments.no_backup { First::GoOn } else { First::BackUp },
        actor: Actor::Human,
    };
    let told = Told::new(place, output.is_json());
    let report = restore(&place.peer, &arguments.backup, &wanted, &|progress| told.tell(progress));
    drop(told);
    Ok(report?)
}

fn is_agreed(output: &mut Output) -> Result<bool, Failure> {
    output.finish()?;
    // Where standard error is closed, there is nobody to ask.
    write!(io::stderr(), "Do it? [y/N] ").ok();
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|source| Failure::Io { what: "cannot read the answer".to_owned(), source })?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

fn say(told: &Report, output: &mut Output) -> Result<(), Failure> {
    let (head, meaning) = if told.dry_run {
        (format!("Restoring {} would change:", told.backup), Meaning::Warn)
    } else {
        (format!("Restored {}.", told.backup), Meaning::Good)
    };
    let head = output.paint(&head, meaning);
    output.line(&head)?;
    if let Some(rows) = &told.rows {
        say_rows(rows, told.dry_run, output)?;
    }
    let files = &told.files;
    let left = if files.skipped == 0 { String::new() } else { format!(", {} left", files.skipped) };
    let counts = format!("{} written, {} as they were{left}", files.written, files.unchanged);
    output.field("files", &counts)?;
    if 0 < files.kept {
        let are = by_count(files.kept, "is", "are");
        let texts = counted(files.kept, "replaced text");
        output.field("kept", &format!("{texts} {are} among the edit backups"))?;
    }
    for failed in &files.failed {
        output.field("failed", &visible_line(failed))?;
    }
    if let Some(before) = &told.before {
        output.field("before", &format!("what was there is backup {before}"))?;
    }
    if !told.dry_run && told.seq != 0 {
        output.field("undo", &format!("callboard undo {}", told.seq))?;
    }
    lines::notes(output, &told.notes)
}

fn say_rows(rows: &Restored, is_trial: bool, output: &mut Output) -> Result<(), Failure> {
    let counts = format!(
        "{} come back, {} change, {} go, {} are as they were",
        rows.created, rows.updated, rows.deleted, rows.unchanged
    );
    output.field("records", &counts)?;
    if is_trial {
        for one in &rows.differences {
            let fields = if one.fields.is_empty() {
                String::new()
            } else {
                format!(" ({})", one.fields.join(", "))
            };
            let what = match one.what {
                What::Created => "comes back",
                What::Updated => "changes",
                What::Deleted => "goes",
            };
            let line = format!("{} {}{fields}", one.record, visible_line(&one.title));
            output.field(what, &line)?;
        }
        let more = rows.changed().saturating_sub(rows.differences.len());
        if 0 < more {
            output.field("", &format!("and {more} more"))?;
        }
    }
    for clash in &rows.clashes {
        output.field("stays", &format!("{} of {}: {}", clash.field, clash.record, clash.why))?;
    }
    let more = rows.clashes_found.saturating_sub(rows.clashes.len());
    if 0 < more {
        let stay = by_count(more, "stays", "stay");
        output.field("", &format!("and {} {stay}", counted(more, "more field")))?;
    }
    Ok(())
}
