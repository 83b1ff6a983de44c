//! Bringing back what a backup holds. It tells what would change, and asks, before it does.

use std::io::{self, BufRead as _, Write as _};

use callboard_engine::backup::restore::{First, Report, RestoreScope, Wanted, restore_of, unseen};
use callboard_engine::backup::{self, Watch};
use callboard_engine::domain::actor::Actor;
use callboard_engine::domain::count::{by_count, counted};
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::restore::{MergeStrategy, Purpose, Restored, What};
use callboard_engine::domain::text::visible_line;
use clap::Args;

use super::Place;
use super::progress::Told;
use crate::cli::environment::Environment;
use crate::cli::failure::Failure;
use crate::cli::lines;
use crate::cli::output::Output;
use crate::cli::person;
use crate::cli::readable::readable;
use crate::theme::Meaning;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct RestoreArguments {
    /// An id, a name or the path of an archive, wherever it lies
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

/// One way to carry a restore out.
pub(super) type Way<'a> = &'a dyn Fn(&Wanted, Watch<'_>) -> Result<Report, Refusal>;

pub(super) fn run(
    place: &Place<'_>,
    arguments: &RestoreArguments,
    output: &mut Output,
) -> Result<u8, Failure> {
    let named = (arguments.backup.as_str(), place.environment.current_directory.as_path());
    let backup = backup::resolve_file(&place.peer, named).map_err(Refusal::from)?;
    let way = |wanted: &Wanted, watch: Watch<'_>| {
        if wanted.purpose == Purpose::Keep {
            person::may_restore(place.environment, &place.peer)?;
        }
        restore_of(&place.peer, &backup, wanted, (watch, &unseen))
    };
    carry_out(arguments, (&way, place.environment), output)
}

/// Shows what would change, asks, and does it.
pub(super) fn carry_out(
    arguments: &RestoreArguments,
    (way, environment): (Way<'_>, &Environment),
    output: &mut Output,
) -> Result<u8, Failure> {
    let asks = !arguments.yes && !arguments.dry_run;
    if asks && !environment.stdin_is_terminal {
        return Err(Failure::Usage {
            message: "a restore asks before it changes anything, and there is nobody to ask"
                .to_owned(),
            advice: "look with --dry-run, then give --yes".to_owned(),
        });
    }
    let by = |purpose: Purpose, output: &Output| -> Result<Report, Failure> {
        let told = Told::new(environment, output.is_json());
        let report = way(&arguments.wanted(purpose), &|progress| told.tell(progress));
        drop(told);
        Ok(report?)
    };
    if asks || arguments.dry_run {
        let told = by(Purpose::Try, output)?;
        if arguments.dry_run && output.is_json() {
            return output.json(&readable(&told)).map(|()| 0);
        }
        say(&told, output)?;
        if arguments.dry_run || !is_agreed("Do it?", output)? {
            return Ok(0);
        }
    }
    let told = by(Purpose::Keep, output)?;
    let code = u8::from(!told.files.failed.is_empty());
    if output.is_json() {
        return output.json(&readable(&told)).map(|()| code);
    }
    say(&told, output).map(|()| code)
}

impl RestoreArguments {
    /// The backup as it was named.
    pub(super) fn backup(&self) -> &str {
        &self.backup
    }

    fn wanted(&self, purpose: Purpose) -> Wanted {
        let fallback =
            if self.session.is_empty() { RestoreScope::Full } else { RestoreScope::Session };
        Wanted {
            scope: self.scope.unwrap_or(fallback),
            sessions: self.session.clone(),
            strategy: self.strategy,
            purpose,
            first: if self.no_backup { First::GoOn } else { First::BackUp },
            actor: Actor::Human,
        }
    }
}

/// Asks the person at the terminal.
pub(super) fn is_agreed(question: &str, output: &mut Output) -> Result<bool, Failure> {
    output.finish()?;
    // Where standard error is closed, there is nobody to ask.
    write!(io::stderr(), "{question} [y/N] ").ok();
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
    if let Some(aside) = &told.aside {
        let kept = format!("the damaged database is kept in .task_orchestrator/{aside}");
        output.field("aside", &kept)?;
    } else if told.before.is_none() && told.undo.is_none() && 0 < told.seq {
        output.field("before", "nothing was here before")?;
    }
    if let Some(undo) = told.undo {
        output.field("undo", &format!("callboard undo {undo}"))?;
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
        // Of a whole project none is named.
        if 0 < more && !rows.differences.is_empty() {
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
