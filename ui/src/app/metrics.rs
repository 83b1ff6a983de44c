//! How the work goes: charts over a stretch of time, the log of errors, what was said to agents.

use callboard_engine::domain::id::SessionId;
use callboard_engine::domain::refusal::Refusal;
use callboard_engine::domain::time::Timestamp;
use callboard_engine::query::metrics::{self, ErrorEntry, ErrorQuery, Range, Said, Summary};
use callboard_engine::store::Reader;

use super::work::Look;
use super::{Effect, Model, Pane, View, scroll};
use crate::action::Action;
use crate::widgets::toast::Tone;

/// Lines that are read at first, and so many more when the cursor comes to the end.
const PAGE: usize = 200;
/// Lines that are read at the most.
const LINES_MAX: usize = 1_000;

/// How a row of the tables is called: tools as they are spoken of, and whoever reads this.
pub fn named(name: &str) -> &str {
    match name.strip_prefix("orchestrator_").unwrap_or(name) {
        "human" => "you",
        name => name,
    }
}

/// What the view shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Page {
    #[default]
    Charts,
    Errors,
    Said,
}

/// What is to be read for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    page: Page,
    range: Range,
    only: Option<String>,
    /// A message that is to be among those that are read.
    through: Option<i64>,
    limit: usize,
}

/// Sums that are to be made aside, which may take a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    session: Option<SessionId>,
    range: Range,
    now: Timestamp,
}

/// Makes the sums.
///
/// # Errors
///
/// When the store cannot be read.
pub fn sum_up(reader: &Reader, wish: &Wish) -> Result<Summary, Refusal> {
    metrics::summary(reader, wish.session, (wish.range, wish.now))
}

/// What was read.
#[derive(Debug)]
pub enum Answer {
    Errors(Vec<ErrorEntry>),
    Said(Vec<Said>),
}

/// How the work goes, as it is shown.
#[derive(Debug)]
pub struct MetricsModel {
    pub page: Page,
    pub range: Range,
    pub summary: Option<Summary>,
    pub errors: Vec<ErrorEntry>,
    pub said: Vec<Said>,
    /// Whose errors alone are shown.
    pub only: Option<String>,
    /// What failed last that nobody was told of.
    failed: Option<ErrorEntry>,
    /// The newest line of the log that was shown.
    seen: i64,
    /// The message that was gone to.
    through: Option<i64>,
    limit: usize,
    /// The number of the line under the cursor.
    cursor: Option<i64>,
    /// The first line on the screen.
    pub offset: usize,
    /// Whether the sums are being made.
    look: Look,
}

impl Default for MetricsModel {
    fn default() -> Self {
        Self {
            page: Page::Charts,
            range: Range::Day,
            summary: None,
            errors: Vec::new(),
            said: Vec::new(),
            only: None,
            failed: None,
            seen: 0,
            through: None,
            limit: PAGE,
            cursor: None,
            offset: 0,
            look: Look::Done,
        }
    }
}

impl MetricsModel {
    /// What is to be read for what is shown.
    pub fn asked(&self) -> Asked {
        let (page, range, limit) = (self.page, self.range, self.limit);
        Asked { page, range, only: self.only.clone(), through: self.through, limit }
    }

    /// Takes what failed last, and what was read where the view is shown; the cursor stays on its
    /// line. The two belong together: a log that is shown is a failure that is seen.
    pub fn take(&mut self, failed: Option<ErrorEntry>, answer: Option<Answer>) {
        self.failed = failed;
        match answer {
            Some(Answer::Errors(rows)) => {
                self.seen = rows.first().map_or(self.seen, |row| row.number.max(self.seen));
                self.errors = rows;
            }
            Some(Answer::Said(rows)) => self.said = rows,
            None => {}
        }
    }

    /// What failed last, until the log was looked at.
    pub fn failure(&self) -> Option<&ErrorEntry> {
        self.failed.as_ref().filter(|entry| self.seen < entry.number)
    }

    fn numbers(&self) -> Vec<i64> {
        match self.page {
            Page::Charts => Vec::new(),
            Page::Errors => self.errors.iter().map(|row| row.number).collect(),
            Page::Said => self.said.iter().map(|row| row.number).collect(),
        }
    }

    /// The place of the cursor.
    pub fn index(&self) -> usize {
        let numbers = self.numbers();
        self.cursor.and_then(|cursor| numbers.iter().position(|one| *one == cursor)).unwrap_or(0)
    }

    /// The error under the cursor.
    pub fn error(&self) -> Option<&ErrorEntry> {
        self.errors.get(self.index()).filter(|_| self.page == Page::Errors)
    }

    /// What was said, under the cursor.
    pub fn message(&self) -> Option<&Said> {
        self.said.get(self.index()).filter(|_| self.page == Page::Said)
    }

    /// The first line to draw so that the cursor is seen, where so many fit.
    pub fn scrolled(&self, fits: usize) -> usize {
        scroll::offset(self.offset, self.index(), (fits, self.numbers().len()))
    }

    fn go(&mut self, index: usize) -> bool {
        let numbers = self.numbers();
        let last = numbers.len().saturating_sub(1);
        self.cursor = numbers.get(index.min(last)).copied();
        let is_short = last <= index && numbers.len() == self.limit && self.limit < LINES_MAX;
        if is_short {
            self.limit = (self.limit + PAGE).min(LINES_MAX);
        }
        is_short
    }

    fn turn(&mut self, page: Page) {
        (self.page, self.only) = (page, None);
        (self.cursor, self.through) = (None, None);
        (self.limit, self.offset) = (PAGE, 0);
    }
}

/// Reads the log that is shown; the sums of the charts are made aside.
///
/// # Errors
///
/// When the store cannot be read.
pub fn read(reader: &Reader, asked: &Asked) -> Result<Option<Answer>, Refusal> {
    match asked.page {
        Page::Charts => Ok(None),
        Page::Errors => {
            let query = ErrorQuery {
                actor: asked.only.clone(),
                limit: asked.limit,
                ..ErrorQuery::default()
            };
            Ok(Some(Answer::Errors(metrics::errors(reader, &query)?.items)))
        }
        Page::Said => Ok(Some(Answer::Said(said(reader, asked)?))),
    }
}

/// Asks for the sums where the charts are shown, unless they are being made: then once more after
/// that.
pub fn wish(model: &mut Model) -> Vec<Effect> {
    let is_shown = model.view == View::Metrics && model.metrics.page == Page::Charts;
    if is_shown && model.metrics.look.begins() { vec![wanted(model)] } else { Vec::new() }
}

fn wanted(model: &Model) -> Effect {
    let (session, range, now) = (model.session_id(), model.metrics.range, model.now);
    Effect::SumUp(Wish { session, range, now })
}

/// Takes the sums.
pub fn summed(model: &mut Model, summary: Result<Box<Summary>, Refusal>) -> Vec<Effect> {
    match summary {
        // The stretch may have been changed meanwhile.
        Ok(summary) if summary.range == model.metrics.range => {
            model.metrics.summary = Some(*summary);
        }
        Ok(_) => {}
        Err(refusal) => model.tell(Tone::Bad, refusal.message),
    }
    if model.metrics.look.begins_again() { vec![wanted(model)] } else { Vec::new() }
}

/// What was said last; where the message that was gone to lies further back, from that one on.
fn said(reader: &Reader, asked: &Asked) -> Result<Vec<Said>, Refusal> {
    let newest = metrics::said(reader, None, asked.limit)?.items;
    let oldest = newest.last().map_or(0, |said| said.number);
    match asked.through {
        Some(number) if number < oldest => {
            Ok(metrics::said(reader, Some(number.saturating_add(1)), asked.limit)?.items)
        }
        Some(_) | None => Ok(newest),
    }
}

/// Moves the cursor, or scrolls the charts.
pub fn step(model: &mut Model, by: isize) -> Vec<Effect> {
    if model.metrics.page == Page::Charts {
        let here = model.metrics.offset.saturating_add_signed(by);
        model.metrics.offset = here.min(crate::panes::metrics_hidden(model));
        return Vec::new();
    }
    let index = model.metrics.index().saturating_add_signed(by);
    let wants_more = model.metrics.go(index);
    model.metrics.offset = model.metrics.scrolled(crate::panes::list_rows(model));
    model.board.detail_scroll = 0;
    if wants_more { vec![model.reload()] } else { Vec::new() }
}

/// Puts the cursor on a row of the screen.
pub fn point_at(model: &mut Model, row: usize) -> Vec<Effect> {
    if model.metrics.page != Page::Charts {
        let first = model.metrics.scrolled(crate::panes::list_rows(model));
        model.metrics.go(first + row);
        model.board.detail_scroll = 0;
    }
    vec![model.reload()]
}

/// Tells whether an action is open now; otherwise why not.
pub fn enabled(model: &Model, action: Action) -> Result<(), &'static str> {
    match (action, model.metrics.page, model.metrics.range) {
        (Action::ShorterRange | Action::LongerRange, Page::Errors | Page::Said, _) => {
            Err("only the charts are of a stretch of time")
        }
        (Action::ShorterRange, Page::Charts, Range::Hour) => Err("this is the shortest"),
        (Action::LongerRange, Page::Charts, Range::All) => Err("this is the longest"),
        _ => Ok(()),
    }
}

/// Does what a key of the view asks for.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are of other views")]
pub fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let all = Range::ALL;
    let here = all.iter().position(|range| *range == model.metrics.range).unwrap_or(0);
    match action {
        Action::LongerRange | Action::ShorterRange => {
            let step = if action == Action::LongerRange { 1 } else { -1 };
            let next = here.saturating_add_signed(step).min(all.len().saturating_sub(1));
            model.metrics.range = all.get(next).copied().unwrap_or(Range::Day);
            model.metrics.offset = 0;
        }
        Action::MetricsPage => {
            let next = match model.metrics.page {
                Page::Charts => Page::Errors,
                Page::Errors => Page::Said,
                Page::Said => Page::Charts,
            };
            model.metrics.turn(next);
        }
        Action::ErrorLog => return show(model, Page::Errors),
        Action::SaidLog => return show(model, Page::Said),
        _ if model.metrics.page != Page::Errors => {
            model.focus = Pane::Details;
            return Vec::new();
        }
        // An error opened shows only those of the same one.
        _ => {
            let was_narrow = model.metrics.only.take().is_some();
            let actor = model.metrics.error().map(|error| error.actor.clone());
            model.metrics.only = actor.filter(|_| !was_narrow);
        }
    }
    vec![model.reload()]
}

/// Leaves the narrowed list; false where none is.
pub fn widen(model: &mut Model) -> bool {
    model.view == View::Metrics && model.metrics.only.take().is_some()
}

/// Goes to a message among those that were said to agents.
pub fn show_message(model: &mut Model, number: i64) -> Vec<Effect> {
    model.metrics.turn(Page::Said);
    (model.metrics.cursor, model.metrics.through) = (Some(number), Some(number));
    model.metrics.limit = LINES_MAX;
    enter(model)
}

fn show(model: &mut Model, page: Page) -> Vec<Effect> {
    model.metrics.turn(page);
    enter(model)
}

fn enter(model: &mut Model) -> Vec<Effect> {
    model.view = View::Metrics;
    model.focus = Pane::Main;
    model.zoomed = false;
    model.board.detail_scroll = 0;
    vec![model.reload()]
}
