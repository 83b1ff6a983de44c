//! One conflict, in full.

use callboard_engine::domain::text::visible;
use callboard_engine::peer::Peer;
use callboard_engine::query::conflicts::ConflictRow;

use crate::cli::failure::Failure;
use crate::cli::lines;
use crate::cli::output::Output;
use crate::cli::readable::readable;
use crate::conflict::{value, whole, words};
use crate::theme::Meaning;

pub(super) fn run(output: &mut Output, row: &ConflictRow, peer: &Peer) -> Result<u8, Failure> {
    if output.is_json() {
        return output.json(&readable(row)).map(|()| 0);
    }
    let (conflict, now) = (&row.conflict, peer.clock.now());
    let title =
        output.paint(&format!("{} of {}", words::field(conflict), row.title), Meaning::Title);
    let id = lines::id(output, conflict.id, row.short);
    output.line(&format!("{title}  {id}"))?;
    if let Some(question) = words::question(row) {
        output.line(&visible(&question))?;
    }
    output.field("state", conflict.state.as_str())?;
    output.field("record", &conflict.record)?;
    output.field("group", row.group.as_deref().unwrap_or_default())?;
    let side = |actor: &callboard_engine::domain::actor::Actor, at| {
        format!("{}, {}", actor.name(), lines::ago(at, now))
    };
    text(output, ("base", ""), &value::shown(row, &conflict.base))?;
    let ours = side(&conflict.ours_by, conflict.ours_at);
    text(output, ("database", &ours), &whole::ours(row))?;
    let theirs = side(&conflict.theirs_by, conflict.theirs_at);
    let name = words::other_side(conflict).to_lowercase();
    text(output, (&name, &theirs), &value::shown(row, &conflict.theirs))?;
    for proposal in &conflict.proposals {
        let choice = words::choice(conflict, proposal.choice);
        let merged = proposal.value.as_ref().map(|own| value::shown(row, own)).unwrap_or_default();
        let remark = proposal.remark.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
        let told = format!("{} proposes {choice} {merged}{remark}", proposal.by.name());
        output.field("proposal", &visible(&told))?;
    }
    if let Some(end) = &conflict.resolution {
        let choice = words::choice(conflict, end.choice);
        output.field("decided", &format!("{choice} by {}", end.by.name()))?;
        output.field("because", &visible(end.remark.as_deref().unwrap_or_default()))?;
        text(output, ("result", ""), &value::shown(row, &end.value))?;
    }
    Ok(0)
}

/// A value below its name.
fn text(output: &mut Output, (name, by): (&str, &str), value: &str) -> Result<(), Failure> {
    let name = output.paint(name, Meaning::Heading);
    let by = output.paint(by, Meaning::Dim);
    output.line(format!("{name}  {by}").trim_end())?;
    for line in value.lines() {
        output.line(&format!("  {}", visible(line)))?;
    }
    Ok(())
}
