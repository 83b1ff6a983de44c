//! What modes there are, what is wrong with them, and what was in force.

use callboard_engine::binding;
use callboard_engine::domain::count::counted;
use callboard_engine::domain::mode::{MODE_PROJECT, Mode, Role};
use callboard_engine::domain::session::Session;
use callboard_engine::modes::folder::{ListedMode, ModeFileState};
use callboard_engine::modes::{ModeProblem, Severity};
use callboard_engine::query::{modes, sessions};
use serde_json::json;

use super::Place;
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::pieces::Pieces;
use crate::cli::readable::readable;
use crate::cli::{lines, project};
use crate::modes::words;
use crate::theme::Meaning;

impl Place<'_> {
    /// The session whose mode is in force.
    pub(super) fn session(&self) -> Result<Option<Session>, Failure> {
        Ok(self.peer.readers.read(sessions::current)?)
    }

    /// A mode that was named, else the one in force.
    pub(super) fn name(&self, given: Option<&str>) -> Result<String, Failure> {
        if let Some(name) = given {
            return Ok(name.to_owned());
        }
        let session = self.session()?;
        Ok(session.map_or_else(|| MODE_PROJECT.to_owned(), |session| session.mode))
    }
}

pub(super) fn list(place: &Place<'_>, output: &mut Output) -> Result<u8, Failure> {
    let session = place.session()?;
    let bound = session.as_ref().map(|session| session.mode.clone());
    let rows = place.folder.list();
    if output.is_json() {
        return output.json(&json!({ "in_force": bound, "items": readable(&rows) })).map(|()| 0);
    }
    for row in &rows {
        let line = line(output, row, bound.as_deref());
        output.line(&line)?;
    }
    recovery(session.as_ref(), output).map(|()| 0)
}

/// A mode on one line: how it stands, name, roles, gates, what is wrong.
fn line(output: &Output, row: &ListedMode, bound: Option<&str>) -> String {
    let icons = output.icons();
    let (icon, word, meaning) = match row.state {
        ModeFileState::Invalid => (icons.bad, "invalid", Meaning::Bad),
        ModeFileState::Unreadable => (icons.bad, "unreadable", Meaning::Bad),
        ModeFileState::Valid | ModeFileState::BuiltIn if bound == Some(row.name.as_str()) => {
            (icons.dot, "in force", Meaning::Good)
        }
        ModeFileState::Valid => (icons.good, "valid", Meaning::Good),
        ModeFileState::BuiltIn => (icons.unselected, "built in", Meaning::Dim),
    };
    let (roles, gates) = (counted(row.roles.len(), "role"), counted(row.gates, "gate"));
    let counts = || format!("{roles}, {gates}  {}", row.title);
    let about = row.problem.clone().unwrap_or_else(counts);
    Pieces::default()
        .with(output, &format!("{icon} {word:<11} "), meaning)
        .with(output, &format!("{:<24} ", row.name), Meaning::Strong)
        .with(output, &about, Meaning::Dim)
        .paint(output)
        .trim_end()
        .to_owned()
}

/// Says where something else than the bound file is in force.
fn recovery(session: Option<&Session>, output: &mut Output) -> Result<(), Failure> {
    let Some((session, binding)) =
        session.and_then(|session| Some((session, session.binding.as_ref()?)))
    else {
        return Ok(());
    };
    let Some(problem) = &binding.problem else { return Ok(()) };
    let told =
        format!("{}: {problem}; in its place: {}", session.mode, words::source(binding.source));
    let told = output.paint(&told, Meaning::Warn);
    output.line(&told)?;
    for attempt in &binding.attempts {
        let attempt = output.paint(&format!("  {attempt}"), Meaning::Dim);
        output.line(&attempt)?;
    }
    Ok(())
}

pub(super) fn show(
    place: &Place<'_>,
    name: Option<&str>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let name = place.name(name)?;
    let loaded = place.folder.look(&name).map_err(|error| binding::refused(&error))?;
    let session = place.session()?;
    let mode = loaded.reading.mode.as_ref();
    let strays = match (&session, mode) {
        (Some(session), Some(mode)) => {
            place.peer.readers.read(|reader| modes::stray_roles(reader, session.id, mode))?
        }
        (Some(_) | None, _) => Vec::new(),
    };
    let backups = place.folder.backups_of(&loaded.name);
    if output.is_json() {
        let value = json!({
            "name": loaded.name,
            "file": loaded.file,
            "valid": loaded.reading.is_valid(),
            "in_force": session.is_some_and(|session| session.mode == loaded.name),
            "mode": mode,
            "problems": loaded.reading.problems,
            "stray_roles": strays,
            "backups": readable(&backups),
        });
        return output.json(&value).map(|()| 0);
    }
    let title = output.paint(&loaded.name, Meaning::Title);
    output.line(&title)?;
    output.field("file", loaded.file.as_deref().unwrap_or("built in"))?;
    if let Some(mode) = mode {
        about(output, mode)?;
    }
    for problem in &loaded.reading.problems {
        self::problem(output, problem)?;
    }
    for stray in &strays {
        let text = format!("{} ({}), which it has not", stray.role, counted(stray.tasks, "task"));
        output.field("stray role", &text)?;
    }
    for backup in &backups {
        output.field("backup", &backup.name)?;
    }
    for role in mode.iter().flat_map(|mode| mode.orchestrator.iter().chain(&mode.roles)) {
        self::role(output, role)?;
    }
    Ok(0)
}

fn about(output: &mut Output, mode: &Mode) -> Result<(), Failure> {
    output.field("title", &mode.title)?;
    output.field("about", &mode.description)?;
    output.field("version", &mode.version)?;
    for gate in &mode.gates {
        output.field("gate", &words::gate(gate))?;
    }
    for rule in &mode.routing {
        let text = format!("{} by {}: {}", rule.role, rule.name, words::rule(rule));
        output.field("routing", &text)?;
    }
    output.field("work", &words::settings(&mode.settings))
}

fn role(output: &mut Output, role: &Role) -> Result<(), Failure> {
    output.line("")?;
    let name = output.paint(&role.name, Meaning::Heading);
    let about = output.paint(&role.about, Meaning::Dim);
    output.line(format!("{name}  {about}").trim_end())?;
    output.text(role.role_definition.trim())?;
    for item in role.expertise.iter().chain(&role.approach) {
        output.text(&format!("- {}", item.trim()))?;
    }
    if !role.output_format.trim().is_empty() {
        output.text(role.output_format.trim())?;
    }
    Ok(())
}

/// A problem with its place, as compilers tell theirs.
pub(super) fn problem(output: &mut Output, problem: &ModeProblem) -> Result<(), Failure> {
    let (word, meaning) = match problem.severity {
        Severity::Error => ("error", Meaning::Bad),
        Severity::Warning => ("warning", Meaning::Warn),
    };
    let word = output.paint(word, meaning);
    let place = format!("{}:{}:{}", problem.file, problem.line, problem.column);
    let place = output.paint(&place, Meaning::Dim);
    let message = output.paint(&problem.message, Meaning::Text);
    output.line(&format!("{place}: {word}: {message}"))?;
    match &problem.suggestion {
        Some(suggestion) => {
            let suggestion = output.paint(suggestion, Meaning::Accent);
            output.line(&format!("    {suggestion}"))
        }
        None => Ok(()),
    }
}

pub(super) fn validate(
    place: &Place<'_>,
    name: Option<&str>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let all = || {
        let mut names: Vec<String> = place.folder.list().into_iter().map(|row| row.name).collect();
        names.dedup();
        names
    };
    let names = name.map_or_else(all, |name| vec![name.to_owned()]);
    let mut looked = Vec::new();
    for name in names {
        looked.push(place.folder.look(&name).map_err(|error| binding::refused(&error))?);
    }
    let code = u8::from(looked.iter().any(|loaded| !loaded.reading.is_valid()));
    if output.is_json() {
        let one = |loaded: &callboard_engine::modes::folder::Loaded| {
            json!({
                "name": loaded.name,
                "file": loaded.file,
                "valid": loaded.reading.is_valid(),
                "problems": loaded.reading.problems,
            })
        };
        let items: Vec<_> = looked.iter().map(one).collect();
        return output.json(&json!({ "items": items })).map(|()| code);
    }
    for loaded in &looked {
        let (icon, meaning) = if loaded.reading.is_valid() {
            (output.icons().good, Meaning::Good)
        } else {
            (output.icons().bad, Meaning::Bad)
        };
        let icon = output.paint(icon, meaning);
        let name = output.paint(&loaded.name, Meaning::Strong);
        output.line(&format!("{icon} {name}"))?;
        for problem in &loaded.reading.problems {
            self::problem(output, problem)?;
        }
    }
    Ok(code)
}

pub(super) fn history(place: &Place<'_>, limit: usize, output: &mut Output) -> Result<u8, Failure> {
    let session = project::session_of(&place.peer, None)?;
    let bindings = place.peer.readers.read(|reader| modes::history(reader, session, limit))?;
    if output.is_json() {
        return output.json(&json!({ "items": readable(&bindings) })).map(|()| 0);
    }
    for bound in &bindings {
        let from = bound.from.as_deref().unwrap_or("new");
        let recovered = bound.binding.as_ref().filter(|binding| binding.problem.is_some());
        let recovered = recovered
            .map(|binding| format!(" recovered from {}", words::source(binding.source)))
            .unwrap_or_default();
        let why = bound.reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
        let line = Pieces::default()
            .with(output, &format!("{}  ", bound.at), Meaning::Dim)
            .with(output, &format!("{from} {} ", output.icons().arrow_right), Meaning::Dim)
            .with(output, &format!("{} ", bound.to), Meaning::Strong)
            .styled(bound.actor.name(), lines::actor_style(output, &bound.actor))
            .with(output, &recovered, Meaning::Warn)
            .with(output, &why, Meaning::Dim)
            .paint(output);
        output.line(&line)?;
    }
    Ok(0)
}
