//! What waits for what: shown, analysed and changed.

use std::collections::{HashMap, HashSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Map;
use crate::domain::command::{Command, Edge};
use crate::domain::id::{SessionId, TaskId};
use crate::domain::refusal::Refusal;
use crate::domain::text::visible_line;
use crate::mcp::answer::{Answer, Reply};
use crate::mcp::params::{Detail, given, missing};
use crate::mcp::server::{CallboardServer, Caller, current_or};
use crate::mcp::tools::task::wire;
use crate::query::rows::TaskRow;
use crate::query::{graph, resolve, tasks};
use crate::store::Reader;

/// Tasks shown of a graph, in brief and in full.
const BRIEF_MAX: usize = 40;
const FULL_MAX: usize = 200;
/// Bottlenecks named.
const BOTTLENECKS_MAX: usize = 5;
/// Characters of a title in a drawing.
const LABEL_CHARS: usize = 40;

/// How given dependencies are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Operation {
    #[default]
    Add,
    Remove,
    Replace,
}

/// How the graph is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, description = "")]
pub(super) enum Format {
    #[default]
    Json,
    Mermaid,
    Dot,
}

impl CallboardServer {
    pub(super) async fn dependencies(&self, caller: &Caller, input: Map) -> Reply {
        let detail = input.detail.unwrap_or_default();
        let (session, task) = self.read(|reader| {
            let session = current_or(reader, input.session_id.as_deref())?;
            let text = given(input.task_id.as_deref());
            let task = text.map(|text| resolve::task(reader, Some(session), text)).transpose()?;
            Ok((session, task))
        })?;
        let mut notes = Vec::new();
        if input.depends_on.is_some() || input.remove.is_some() {
            let Some(task) = task else {
                return Err(missing("task_id", "whose dependencies shall change?"));
            };
            let command = self.read(|reader| change(reader, session, (task, &input)))?;
            if let Some(command) = command {
                notes = self.submit(caller, command).await?.notes;
            }
        }
        let graph = self.read(|reader| Graph::read(reader, session, task))?;
        let most = if detail == Detail::Full { FULL_MAX } else { BRIEF_MAX };
        let shown: Vec<_> = graph.edges.iter().copied().take(most).collect();
        let answer = match input.format.unwrap_or_default() {
            Format::Json => self.read(|reader| graph.json(reader, task, &shown))?,
            Format::Mermaid => {
                return Ok(Answer::text(self.read(|reader| mermaid(reader, &shown))?));
            }
            Format::Dot => return Ok(Answer::text(self.read(|reader| dot(reader, &shown))?)),
        };
        Ok(Answer::data(&answer)
            .detail(detail)
            .noting(notes)
            .rest("orchestrator_task_dependencies_map with a task_id, or detail full"))
    }
}

fn change(
    reader: &Reader,
    session: SessionId,
    (task, input): (TaskId, &Map),
) -> Result<Option<Command>, Refusal> {
    let read = |texts: Option<&Vec<String>>| {
        let texts = texts.into_iter().flatten();
        let ids = texts.map(|text| resolve::task(reader, Some(session), text));
        ids.collect::<Result<Vec<TaskId>, Refusal>>()
    };
    let (given, mut remove) = (read(input.depends_on.as_ref())?, read(input.remove.as_ref())?);
    let now: Vec<TaskId> =
        tasks::view(reader, task)?.depends_on.iter().map(|link| link.id).collect();
    let mut add = Vec::new();
    match input.operation.unwrap_or_default() {
        Operation::Add => add = given,
        Operation::Remove => remove.extend(given),
        Operation::Replace => {
            remove.extend(now.iter().copied().filter(|id| !given.contains(id)));
            add = given;
        }
    }
    add.retain(|id| !now.contains(id));
    let edge = |depends_on| Edge { task, depends_on };
    let (add, remove): (Vec<Edge>, Vec<Edge>) =
        (add.into_iter().map(edge).collect(), remove.into_iter().map(edge).collect());
    let nothing = add.is_empty() && remove.is_empty();
    Ok((!nothing).then_some(Command::ChangeDependencies { add, remove }))
}

/// The dependencies of a session, or around a task, both ways round.
struct Graph {
    waits_for: HashMap<TaskId, Vec<TaskId>>,
    needed_by: HashMap<TaskId, Vec<TaskId>>,
    edges: Vec<(TaskId, TaskId)>,
    /// Whether the session has dependencies beyond these.
    more: bool,
}

impl Graph {
    fn read(reader: &Reader, session: SessionId, task: Option<TaskId>) -> Result<Self, Refusal> {
        let found = match task {
            Some(task) => graph::around(reader, task)?,
            None => graph::edges(reader, session)?,
        };
        let mut graph = Self {
            waits_for: HashMap::new(),
            needed_by: HashMap::new(),
            more: found.more,
            edges: found.edges,
        };
        for (task, on) in &graph.edges {
            graph.waits_for.entry(*task).or_default().push(*on);
            graph.needed_by.entry(*on).or_default().push(*task);
        }
        Ok(graph)
    }

    /// Open tasks that the most others wait for, directly or not.
    fn bottlenecks(&self, open: &HashMap<TaskId, TaskRow>) -> Vec<(TaskId, usize)> {
        let mut found: Vec<(TaskId, usize)> = self
            .needed_by
            .keys()
            .filter(|id| open.contains_key(id))
            .map(|id| (*id, self.behind(*id, open)))
            .filter(|(_, behind)| 1 < *behind)
            .collect();
        found.sort_by_key(|(id, behind)| (std::cmp::Reverse(*behind), *id));
        found.truncate(BOTTLENECKS_MAX);
        found
    }

    fn behind(&self, id: TaskId, open: &HashMap<TaskId, TaskRow>) -> usize {
        let mut seen = HashSet::from([id]);
        let mut stack = vec![id];
        while let Some(here) = stack.pop() {
            let next = self.needed_by.get(&here).into_iter().flatten();
            stack.extend(next.copied().filter(|id| open.contains_key(id) && seen.insert(*id)));
        }
        seen.len() - 1
    }

    /// The longest chain of open work, by estimate; a task without one counts as an hour.
    fn critical_path(&self, open: &HashMap<TaskId, TaskRow>) -> Vec<TaskId> {
        let mut known: HashMap<TaskId, (u64, Option<TaskId>)> = HashMap::new();
        for id in open.keys() {
            self.longest_from(*id, open, &mut known);
        }
        let best = known.iter().max_by_key(|(id, (length, _))| (*length, std::cmp::Reverse(**id)));
        let mut path = Vec::new();
        let mut here = best.map(|(id, _)| *id);
        while let Some(id) = here {
            path.push(id);
            here = known.get(&id).and_then(|(_, next)| *next);
        }
        path
    }

    /// Walks without recursion: chains may be thousands long.
    fn longest_from(
        &self,
        start: TaskId,
        open: &HashMap<TaskId, TaskRow>,
        known: &mut HashMap<TaskId, (u64, Option<TaskId>)>,
    ) {
        let mut stack = vec![(start, false)];
        while let Some((id, ready)) = stack.pop() {
            if known.contains_key(&id) {
                continue;
            }
            let next = self.needed_by.get(&id).into_iter().flatten();
            let next: Vec<TaskId> = next.copied().filter(|id| open.contains_key(id)).collect();
            if ready || next.is_empty() {
                let best = next
                    .iter()
                    .filter_map(|id| known.get(id).map(|(length, _)| (*length, *id)))
                    .max_by_key(|(length, id)| (*length, std::cmp::Reverse(*id)));
                let own = open.get(&id).and_then(|row| row.estimate_minutes).unwrap_or(60);
                let length = u64::from(own) + best.map_or(0, |(length, _)| length);
                known.insert(id, (length, best.map(|(_, id)| id)));
            } else {
                stack.push((id, true));
                stack.extend(next.into_iter().map(|id| (id, false)));
            }
        }
    }

    fn json(
        &self,
        reader: &Reader,
        task: Option<TaskId>,
        shown: &[(TaskId, TaskId)],
    ) -> Result<Value, Refusal> {
        let ends = |edges: &[(TaskId, TaskId)]| -> Vec<TaskId> {
            edges.iter().flat_map(|(task, on)| [*task, *on]).chain(task).collect()
        };
        let every = rows_of(reader, ends(&self.edges).into_iter())?;
        let named: HashSet<TaskId> = ends(shown).into_iter().collect();
        let mut rows: Vec<&TaskRow> = named.iter().filter_map(|id| every.get(id)).collect();
        rows.sort_by_key(|row| row.id);
        let open: HashMap<TaskId, TaskRow> = every
            .iter()
            .filter(|(_, row)| row.status.is_open())
            .map(|(id, row)| (*id, row.clone()))
            .collect();
        let bottlenecks = self.bottlenecks(&open);
        let bottlenecks: Vec<Value> = bottlenecks
            .into_iter()
            .map(|(id, behind)| json!({ "task_id": id, "title": every.get(&id).map(|row| &row.title), "holds_up": behind }))
            .collect();
        let path = self.critical_path(&open);
        Ok(json!({
            "tasks": rows.iter().map(|row| wire::line(row)).collect::<Vec<_>>(),
            "waits_for": shown.iter().map(|(task, on)| json!([task, on])).collect::<Vec<_>>(),
            "total": (!self.more).then_some(self.edges.len()),
            "more_than": self.more.then_some(self.edges.len()),
            "critical_path": (1 < path.len()).then_some(path),
            "bottlenecks": (!bottlenecks.is_empty()).then_some(bottlenecks),
        }))
    }
}

fn mermaid(reader: &Reader, shown: &[(TaskId, TaskId)]) -> Result<String, Refusal> {
    let rows = rows_of(reader, shown.iter().flat_map(|(task, on)| [*task, *on]))?;
    let mut lines = vec!["graph LR".to_owned()];
    let mut named: Vec<&TaskRow> = rows.values().collect();
    named.sort_by_key(|row| row.id);
    lines.extend(named.iter().map(|row| format!("  {}[\"{}\"]", node(row.id), label(row))));
    lines.extend(shown.iter().map(|(task, on)| format!("  {} --> {}", node(*on), node(*task))));
    Ok(lines.join("\n"))
}

fn dot(reader: &Reader, shown: &[(TaskId, TaskId)]) -> Result<String, Refusal> {
    let rows = rows_of(reader, shown.iter().flat_map(|(task, on)| [*task, *on]))?;
    let mut lines = vec!["digraph tasks {".to_owned(), "  rankdir=LR;".to_owned()];
    let mut named: Vec<&TaskRow> = rows.values().collect();
    named.sort_by_key(|row| row.id);
    lines.extend(named.iter().map(|row| format!("  \"{}\" [label=\"{}\"];", row.id, label(row))));
    lines.extend(shown.iter().map(|(task, on)| format!("  \"{on}\" -> \"{task}\";")));
    lines.push("}".to_owned());
    Ok(lines.join("\n"))
}

fn rows_of(
    reader: &Reader,
    ids: impl Iterator<Item = TaskId>,
) -> Result<HashMap<TaskId, TaskRow>, Refusal> {
    let ids: HashSet<TaskId> = ids.collect();
    ids.into_iter().map(|id| Ok((id, tasks::row(reader, id)?))).collect()
}

/// An id as a name of Mermaid's, which takes dashes for arrows.
fn node(id: TaskId) -> String {
    id.to_string().replace('-', "")
}

fn label(row: &TaskRow) -> String {
    let title: String = visible_line(&row.title).chars().take(LABEL_CHARS).collect();
    format!("{} ({})", title.replace(['"', '\\'], "'"), row.status)
}
