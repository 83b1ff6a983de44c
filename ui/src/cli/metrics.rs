//! `callboard metrics`: how the work goes over a stretch of time.

use callboard_engine::domain::count::counted;
use callboard_engine::domain::time::age;
use callboard_engine::query::metrics::{self, Range, Row, Summary};
use callboard_engine::query::sessions;
use clap::Args;

use super::failure::Failure;
use super::output::Output;
use super::pieces::Pieces;
use super::project::{Scene, session_of};
use super::readable::readable;
use crate::app::metrics::named;
use crate::theme::Meaning;
use crate::widgets::spark::spark;

/// Rows of a table.
const ROWS_MAX: usize = 10;
/// Columns of a chart.
const COLUMNS: u16 = 30;

/// Show how the work goes: what was finished, how long it took, how the tools answered
#[derive(Debug, Args)]
pub(super) struct MetricsArguments {
    /// 1h, 24h, 7d or all
    #[arg(long, short, default_value = "24h")]
    range: Range,
    /// The session: id, beginning of one, or name; else the current one
    #[arg(long, short)]
    session: Option<String>,
}

pub(super) fn run(
    arguments: &MetricsArguments,
    scene: &Scene<'_>,
    output: &mut Output,
) -> Result<u8, Failure> {
    let peer = scene.open()?;
    let session = match arguments.session.as_deref() {
        Some(text) => Some(session_of(&peer, Some(text))?),
        None => peer.readers.read(sessions::current)?.map(|session| session.id),
    };
    let when = (arguments.range, peer.clock.now());
    let summary = peer.readers.read(|reader| metrics::summary(reader, session, when))?;
    if output.is_json() {
        return output.json(&readable(&summary)).map(|()| 0);
    }
    write(&summary, output).map(|()| 0)
}

fn write(summary: &Summary, output: &mut Output) -> Result<(), Failure> {
    let parts = &summary.parts;
    let of = |value: fn(&metrics::Bucket) -> u64| parts.iter().map(value).collect::<Vec<u64>>();
    let finished = of(|part| part.finished);
    line(output, "finished", &counted(summary.finished, "task"), &finished)?;
    let cycle = match (summary.cycle_p50_ms, summary.cycle_p90_ms) {
        (Some(half), Some(most)) => {
            format!("half within {}, 9 of 10 within {}", age(half), age(most))
        }
        (_, _) => String::new(),
    };
    output.field("cycle time", &cycle)?;
    line(output, "calls", &summary.calls.to_string(), &of(|part| part.calls))?;
    line(output, "refused", &summary.errors.to_string(), &of(|part| part.errors))?;
    let mean = format!("{} us each, at most {} us", summary.mean_us, summary.max_us);
    line(output, "latency", &mean, &of(metrics::Bucket::mean_us))?;
    for (title, rows) in
        [("Agents", &summary.agents), ("Roles", &summary.roles), ("Tools", &summary.tools)]
    {
        table(output, title, rows)?;
    }
    Ok(())
}

fn line(output: &mut Output, label: &str, text: &str, values: &[u64]) -> Result<(), Failure> {
    let chart: String = spark(values, COLUMNS, 1, output.theme())
        .iter()
        .flat_map(|line| line.spans.iter())
        .map(|span| output.paint_in(&span.content, span.style))
        .collect();
    output.field(label, &format!("{chart}  {text}"))
}

fn table(output: &mut Output, title: &str, rows: &[Row]) -> Result<(), Failure> {
    if rows.is_empty() {
        return Ok(());
    }
    let title = output.paint(title, Meaning::Heading);
    output.line(&title)?;
    for row in rows.iter().take(ROWS_MAX) {
        let cycle = row.cycle_ms.map(|cycle| format!(" in {}", age(cycle))).unwrap_or_default();
        let done = if row.finished == 0 {
            String::new()
        } else {
            format!("{} done{cycle}  ", row.finished)
        };
        let calls = if row.calls == 0 {
            String::new()
        } else {
            format!(
                "{}, {} refused, {} us each",
                counted(row.calls, "call"),
                row.errors,
                row.mean_us
            )
        };
        let line = Pieces::default()
            .with(output, &format!("  {:<28} ", named(&row.name)), Meaning::Text)
            .with(output, &format!("{done}{calls}"), Meaning::Dim)
            .paint(output);
        output.line(&line)?;
    }
    Ok(())
}
