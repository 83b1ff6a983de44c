//! The texts of the prompts.

use super::quote::{DATA, name, quoted};
use crate::domain::actor::Actor;
use crate::domain::id::TaskId;
use crate::domain::lookups::ReadyFilter;
use crate::domain::mode::{Mode, Role};
use crate::domain::refusal::Refusal;
use crate::domain::session::Session;
use crate::domain::text::visible_line;
use crate::domain::time::Timestamp;
use crate::mcp::mode;
use crate::query::{agents, sessions, tasks};
use crate::store::Reader;

/// Tasks that are named.
const TASKS_MAX: usize = 5;
/// Bytes of a description, of a result, of a goal, and of what a dependency came to.
const DESCRIPTION_BYTES: usize = 8_000;
const RESULT_BYTES: usize = 5_000;
const GOAL_BYTES: usize = 3_000;
const OTHER_BYTES: usize = 800;

/// Take work and finish it.
pub(super) fn start_work(reader: &Reader) -> Result<String, Refusal> {
    let (session, here) = place(reader)?;
    let mut parts = vec![
        "Work on this project's board until nothing is ready or a person stops you.".to_owned(),
        here,
        "1. Call orchestrator_session_status: it tells what you hold already and what waits.\n\
         2. Call orchestrator_task_claim; without task_id it gives you the next ready task. It returns \
         the task, what it builds on, the text of your role in it (as_role) and what completing it \
         demands (to_complete).\n\
         3. Do the work in that role. Name the files you change in the claim's paths; any call about \
         the task renews the claim.\n\
         4. Call orchestrator_task_complete with a summary for those who go on. If you cannot go on, \
         give it the status blocked with the reason.\n\
         5. Read the inbox in the answers, and take the next task."
            .to_owned(),
    ];
    if let Some(session) = session {
        let ready = tasks::next(reader, session.id, &ReadyFilter::default(), TASKS_MAX)?;
        let lines: Vec<String> = ready
            .iter()
            .map(|row| {
                format!(
                    "> {} {} ({})",
                    row.id,
                    visible_line(&row.title),
                    row.role.as_deref().map_or_else(|| "any role".to_owned(), visible_line)
                )
            })
            .collect();
        if !lines.is_empty() {
            parts.push(format!("Ready now, the most important first:\n\n{}", lines.join("\n")));
            parts.push(DATA.to_owned());
        }
    }
    Ok(parts.join("\n\n"))
}

/// Break a goal into tasks.
pub(super) fn plan_session(reader: &Reader, goal: Option<String>) -> Result<String, Refusal> {
    let (session, here) = place(reader)?;
    let mode = mode::current(reader)?;
    let mut parts = Vec::new();
    if let Some(orchestrator) = &mode.orchestrator {
        parts.push(of_the_file(orchestrator, &mode));
    }
    parts.push("Plan this session's work on the board. Do not do it yet.".to_owned());
    parts.push(here);
    let goal = goal.or_else(|| session.map(|session| session.goal)).unwrap_or_default();
    parts.push(if goal.trim().is_empty() {
        "No goal is written down: ask for it in one question, then plan.".to_owned()
    } else {
        format!("The goal:\n\n{}", quoted(&goal, GOAL_BYTES))
    });
    parts.push(format!(
        "1. Look at what is there: orchestrator_session_status, orchestrator_task_query, the project's \
         files. Do not plan twice what is planned.\n\
         2. Cut the goal into tasks that one agent finishes in one sitting. Each says what is wanted, \
         where to look, and how one sees that it is done.\n\
         3. Give each a role of this mode: {}. A dependency only where one needs the result of another.\n\
         4. Send the whole tree with one orchestrator_task_create: children nest, depends_on by local \
         name, estimates and priorities with it; groups first with orchestrator_task_group_create.\n\
         5. Write decisions and open questions down with orchestrator_context. Then show the plan and \
         ask whether it fits.",
        mode::role_names(&mode).join(", ")
    ));
    parts.push(DATA.to_owned());
    Ok(parts.join("\n\n"))
}

/// Leave the work to others.
pub(super) fn hand_over(
    reader: &Reader,
    (actor, now): (&Actor, Timestamp),
) -> Result<String, Refusal> {
    let (_, here) = place(reader)?;
    let held = agents::held_by(reader, actor, now)?;
    let lines: Vec<String> =
        held.iter().map(|held| format!("> {} {}", held.id, visible_line(&held.title))).collect();
    let holds = if lines.is_empty() {
        "By the board you hold no task now.".to_owned()
    } else {
        format!("By the board you hold:\n\n{}\n\n{DATA}", lines.join("\n"))
    };
    Ok([
        "Leave your work so that whoever continues needs nobody to ask.".to_owned(),
        here,
        holds,
        "1. For each task that you hold: finish it with orchestrator_task_complete where it is done; \
         else write into its description what is done, what is missing and where \
         (orchestrator_task_batch_update), and release it (orchestrator_task_claim, action: release, \
         with a reason).\n\
         2. Make tasks of what you found and did not do (orchestrator_task_create).\n\
         3. Write with orchestrator_context: decisions (what, and why), open_questions (for whom), \
         next_steps (in order), and whatever cost you time to find out.\n\
         4. If everybody stops, orchestrator_session_suspend with the reason; it keeps all of this for \
         whoever resumes.\n\
         5. Answer with what is done, what is open, and what a person must decide."
            .to_owned(),
    ]
    .join("\n\n"))
}

/// Judge what came of a task.
pub(super) fn review_task(reader: &Reader, id: TaskId) -> Result<String, Refusal> {
    let mode = mode_of(reader, id)?;
    let mut parts = Vec::new();
    if let Some(reviewer) = mode.role("reviewer") {
        parts.push(of_the_file(reviewer, &mode));
    }
    parts.push(format!(
        "Review task {id}: judge the work, not its description, before others rely on it. Change \
         nothing of it yourself."
    ));
    parts.push(task(reader, id, &mode)?);
    parts.push(format!(
        "1. Read the task and its history: orchestrator_task_get with task_id {id} and detail full.\n\
         2. Look at the work itself: the files it names, its tests, what was handed in. Try what can be \
         tried.\n\
         3. Tell what must change apart from what could; each finding with its place, its reason and a \
         remedy.\n\
         4. Where something must change and the task is in review: orchestrator_task_batch_update gives \
         it the status pending with the findings as reason. Where it is completed already, make a task of \
         each finding. Where a person's approval is demanded, the person decides: end with a \
         recommendation and what you checked."
    ));
    parts.push(DATA.to_owned());
    Ok(parts.join("\n\n"))
}

/// Work in a role, on a task or on what comes.
pub(super) fn role(reader: &Reader, role: &Role, id: Option<TaskId>) -> Result<String, Refusal> {
    let mode = match id {
        Some(id) => mode_of(reader, id)?,
        None => mode::current(reader)?,
    };
    let mut parts = vec![of_the_file(role, &mode)];
    match id {
        Some(id) => {
            parts.push(task(reader, id, &mode)?);
            parts.push(format!(
                "Take it with orchestrator_task_claim (task_id {id}), unless you hold it already, do it in \
                 this role, and hand it in with orchestrator_task_complete and a summary."
            ));
            parts.push(DATA.to_owned());
        }
        None => parts.push(format!(
            "Take your next task with orchestrator_task_claim (role {}), do it in this role, and hand it \
             in with orchestrator_task_complete and a summary.",
            role.name
        )),
    }
    Ok(parts.join("\n\n"))
}

/// A role's text, and whose words it is.
fn of_the_file(role: &Role, mode: &Mode) -> String {
    let text = mode::role_text(role);
    format!(
        "{text}\n\n(The role as mode {} has it, whose file belongs to the people of this project.)",
        mode.name
    )
}

fn mode_of(reader: &Reader, id: TaskId) -> Result<std::sync::Arc<Mode>, Refusal> {
    let session = tasks::row(reader, id)?.session_id;
    mode::of(reader, &sessions::get(reader, session)?)
}

/// Which session it is, and what its mode demands.
fn place(reader: &Reader) -> Result<(Option<Session>, String), Refusal> {
    let Some(session) = sessions::current(reader)? else {
        let text = "The project has no session yet: begin with orchestrator_session_create.";
        return Ok((None, text.to_owned()));
    };
    let mode = mode::of(reader, &session)?;
    let text = format!(
        "The session is {} ({}, {}); its mode is {}.",
        name(&session.name),
        session.id,
        session.state,
        mode.name
    );
    let gates = mode::gates_in_words(&mode).into_iter();
    let lines: Vec<String> =
        std::iter::once(text).chain(gates.map(|gate| format!("- {gate}"))).collect();
    Ok((Some(session), lines.join("\n")))
}

/// A task with what it builds on, in quoted words.
fn task(reader: &Reader, id: TaskId, mode: &Mode) -> Result<String, Refusal> {
    let view = tasks::view(reader, id)?;
    let task = &view.task;
    let role = task.role.as_ref().map(|role| format!(", role {}", visible_line(role)));
    let mut parts = vec![
        format!("## Task {id}: {}", name(&task.title)),
        format!("status {}, priority {}{}", task.status, task.priority, role.unwrap_or_default()),
    ];
    let mut part = |title: &str, words: &str, bytes: usize| {
        if !words.trim().is_empty() {
            parts.push(format!("{title}:\n\n{}", quoted(words, bytes)));
        }
    };
    part("What is wanted", &task.description, DESCRIPTION_BYTES);
    part("What came of it", task.result_summary.as_deref().unwrap_or_default(), RESULT_BYTES);
    part("Said last", task.reason.as_deref().unwrap_or_default(), OTHER_BYTES);
    for other in view.depends_on.iter().take(TASKS_MAX) {
        let result = tasks::view(reader, other.id)?.task.result_summary;
        let title = format!("It builds on {} {}, {}", other.id, name(&other.title), other.status);
        part(&title, result.as_deref().unwrap_or("(no summary)"), OTHER_BYTES);
    }
    let demands = mode::to_complete_in_words(mode, task);
    if !demands.is_empty() {
        parts.push(demands);
    }
    Ok(parts.join("\n\n"))
}
