//! Throughput, calls, refusals and latency as columns; agents, roles and tools as tables.

use callboard_engine::domain::time::age;
use callboard_engine::query::metrics::{Bucket, Range, Row, Summary};
use ratatui::text::{Line, Span};

use crate::action::Action;
use crate::app::{Model, metrics};
use crate::panes::chrome::{clock, moment_short, span};
use crate::theme::Meaning;
use crate::widgets::fit;
use crate::widgets::spark::{Bars, bars};

/// A chart.
struct Chart {
    name: &'static str,
    /// The sum beside the name.
    total: u64,
    /// What is said of it.
    about: String,
    meaning: Meaning,
    /// Its bars.
    value: fn(&Bucket) -> u64,
    /// A value in words, with its unit.
    shown: fn(u64) -> String,
}

impl Chart {
    fn values(&self, summary: &Summary) -> Vec<u64> {
        summary.parts.iter().map(self.value).collect()
    }

    /// Columns of what stands beside its bars.
    fn label_columns(&self, summary: &Summary) -> usize {
        let highest = self.values(summary).into_iter().max().unwrap_or(0);
        fit::width(&(self.shown)(highest))
    }
}

/// Rows of a chart.
const ROWS: u16 = 3;
/// Columns of one part of the time.
const PART_MAX: u16 = 6;
/// Values that are read out where bars cannot be seen.
const READ_OUT: usize = 8;

/// What the stretch of time is, and the keys that change it.
pub(super) fn about(model: &Model) -> String {
    let shorter = model.keymap.shown(Action::ShorterRange);
    let longer = model.keymap.shown(Action::LongerRange);
    format!("{} ({shorter} {longer})", words(model.metrics.range))
}

fn words(range: Range) -> &'static str {
    match range {
        Range::Hour => "the last hour",
        Range::Day => "the last 24 hours",
        Range::Week => "the last 7 days",
        Range::All => "all the time",
    }
}

/// The charts, one below the other.
pub(super) fn lines(model: &Model, width: u16) -> Vec<Line<'static>> {
    let Some(summary) = &model.metrics.summary else {
        return vec![plain(model, " Reading…")];
    };
    if summary.finished == 0 && summary.calls == 0 {
        return empty(model);
    }
    let charts = charts(summary);
    let label = charts.iter().map(|chart| chart.label_columns(summary)).max().unwrap_or(0);
    let columns = part_columns(summary.parts.len(), usize::from(width), label);
    let mut lines = Vec::new();
    for chart in &charts {
        let total = if chart.total == 0 { String::new() } else { format!(" {}", chart.total) };
        let name = format!(" {}{total}  ", chart.name);
        let room = usize::from(width).saturating_sub(fit::width(&name));
        let about = fit::fit(&chart.about, room, model.theme.icons().ellipsis).into_owned();
        lines.push(Line::from(vec![
            span(&model.theme, name, Meaning::Heading),
            span(&model.theme, about, Meaning::Dim),
        ]));
        lines.extend(drawn(model, (chart, summary), columns));
    }
    lines.push(axis(model, summary, columns));
    lines
}

fn charts(summary: &Summary) -> [Chart; 4] {
    let cycle = match (summary.cycle_p50_ms, summary.cycle_p90_ms) {
        (Some(half), Some(most)) => {
            format!("cycle time: half within {}, 9 of 10 within {}", lasted(half), lasted(most))
        }
        (_, _) => "no cycle time yet".to_owned(),
    };
    let calls = format!("{} refused", summary.errors);
    let latency = format!("mean {}, longest {}", time(summary.mean_us), time(summary.max_us));
    let counted = |name, total, about, meaning, value| Chart {
        name,
        total,
        about,
        meaning,
        value,
        shown: |count| count.to_string(),
    };
    let took = Chart {
        shown: time,
        ..counted("Time of a call", 0, latency, Meaning::Warn, Bucket::mean_us)
    };
    [
        counted("Tasks finished", summary.finished, cycle, Meaning::Good, |part| part.finished),
        counted("Calls", summary.calls, calls, Meaning::Spark, |part| part.calls),
        counted("Refused calls", summary.errors, String::new(), Meaning::Bad, |part| part.errors),
        took,
    ]
}

/// A chart with its highest value beside it; who cannot see it reads the newest values.
fn drawn(model: &Model, (chart, summary): (&Chart, &Summary), columns: u16) -> Vec<Line<'static>> {
    let values = chart.values(summary);
    if model.place.accessible {
        let skipped = values.len().saturating_sub(READ_OUT);
        let newest = values.iter().skip(skipped).map(|value| (chart.shown)(*value));
        let newest: Vec<String> = newest.collect();
        return vec![plain(model, &format!("   the newest last: {}", newest.join(", ")))];
    }
    let look = Bars { columns, rows: ROWS, meaning: chart.meaning, shown: chart.shown };
    bars(&values, look, &model.theme)
        .into_iter()
        .map(|mut line| {
            line.spans.insert(0, Span::raw("  "));
            line
        })
        .collect()
}

/// Columns of a part, so that all of them fit with the margin and what stands beside them.
fn part_columns(parts: usize, width: usize, label: usize) -> u16 {
    let room = width.saturating_sub(3 + label);
    u16::try_from(room / parts.max(1)).unwrap_or(PART_MAX).clamp(1, PART_MAX)
}

/// The beginning, the middle and the end of the time.
fn axis(model: &Model, summary: &Summary, part: u16) -> Line<'static> {
    let parts = &summary.parts;
    let columns = usize::from(part) * parts.len();
    let shown = |part: &Bucket| match summary.range {
        Range::Hour | Range::Day => clock(model, part.from),
        Range::Week | Range::All => moment_short(model, part.from),
    };
    let first = parts.first().map(shown).unwrap_or_default();
    let middle = parts.get(parts.len() / 2).map(shown).unwrap_or_default();
    let half = (columns / 2).saturating_sub(fit::width(&first));
    let rest = columns.saturating_sub(columns / 2 + fit::width(&middle) + 3);
    let text = format!("  {first}{}{middle}{}now", " ".repeat(half), " ".repeat(rest));
    Line::from(span(&model.theme, text, Meaning::Dim))
}

fn empty(model: &Model) -> Vec<Line<'static>> {
    let page = model.keymap.shown(Action::MetricsPage);
    let longer = model.keymap.shown(Action::LongerRange);
    [
        " Nothing was finished and no tool was called in this time.".to_owned(),
        format!(" {longer} takes a longer stretch, {page} shows the log of errors."),
    ]
    .iter()
    .map(|text| plain(model, text))
    .collect()
}

fn plain(model: &Model, text: &str) -> Line<'static> {
    Line::from(span(&model.theme, text.to_owned(), Meaning::Dim))
}

/// The tables of agents, roles and tools.
pub(super) fn tables(model: &Model, width: u16) -> Vec<Line<'static>> {
    let Some(summary) = &model.metrics.summary else { return Vec::new() };
    let mut lines = Vec::new();
    let agents: &[Row] = &summary.agents;
    for (name, rows, is_agent) in [
        ("Agents", agents, true),
        ("Roles", &summary.roles, false),
        ("Tools", &summary.tools, false),
    ] {
        if rows.is_empty() {
            continue;
        }
        lines.push(Line::from(span(&model.theme, name, Meaning::Heading)));
        for row in rows {
            let style = if is_agent {
                model.agent_style(&row.name)
            } else {
                model.theme.style(Meaning::Text)
            };
            let room = usize::from(width).saturating_sub(30).clamp(8, 28);
            let shown = metrics::named(&row.name);
            let shown = fit::left(&fit::shown(shown), room, model.theme.icons().ellipsis);
            lines.push(Line::from(vec![
                Span::styled(format!(" {shown} "), style),
                span(&model.theme, figures(row), Meaning::Dim),
            ]));
        }
        lines.push(Line::default());
    }
    lines
}

/// What a row comes to, in words.
fn figures(row: &Row) -> String {
    let mut parts = Vec::new();
    if 0 < row.finished {
        parts.push(format!("{} done", row.finished));
    }
    parts.extend(row.cycle_ms.map(|cycle| format!("in {}", lasted(cycle))));
    if 0 < row.calls {
        parts.push(format!("{} calls", row.calls));
        parts.push(format!("{} each", time(row.mean_us)));
    }
    if 0 < row.errors {
        parts.push(format!("{} refused", row.errors));
    }
    parts.join(", ")
}

/// A span of microseconds: `850 us`, `12 ms`, `3.1 s`.
fn time(microseconds: u64) -> String {
    match microseconds {
        0..1_000 => format!("{microseconds} us"),
        1_000..1_000_000 => format!("{} ms", microseconds / 1_000),
        _ => format!("{}.{} s", microseconds / 1_000_000, microseconds / 100_000 % 10),
    }
}

/// How long something took.
fn lasted(milliseconds: i64) -> String {
    if milliseconds < 1_000 { "a second".to_owned() } else { age(milliseconds) }
}
