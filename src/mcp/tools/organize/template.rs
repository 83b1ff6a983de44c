//! Task templates: listed, tried and applied.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::domain::group::{TaskGroup, path_of};
use crate::domain::id::{GroupId, SessionId, TaskId};
use crate::domain::lookups::ReadyFilter;
use crate::domain::outcome::Outcome;
use crate::domain::refusal::{Code, Refusal};
use crate::mcp::answer::{Answer, Reply, clip, clip_value, unexpected};
use crate::mcp::params::given;
use crate::mcp::server::{CallboardServer, Caller, current_or};
use crate::mcp::tools::task::wire;
use crate::query::{groups, resolve, tasks};
use crate::store::Reader;
use crate::task_templates::{
    Application, Entry, Library, Parameter, PlannedTask, Preview, Site, created,
};

/// Ready tasks named afterwards.
const READY_MAX: usize = 3;
/// Bytes of a description in the list, and of a value that is told again.
const ABOUT_BYTES: usize = 160;
const VALUE_BYTES: usize = 200;

#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Apply {
    /// Absent: list the templates.
    #[schemars(extend("aliases" = ["template", "template_name", "name", "id"]))]
    template_id: Option<String>,
    #[schemars(extend("aliases" = ["params", "values", "variables", "arguments"]))]
    parameters: Option<Map<String, Value>>,
    /// Task it goes below.
    #[schemars(extend("aliases" = ["parent", "parent_id"]))]
    parent_task_id: Option<String>,
    /// Group it goes into.
    #[schemars(extend("aliases" = ["group_id", "target_group", "task_group"]))]
    group: Option<String>,
    #[schemars(extend("hidden" = true, "aliases" = ["session"]))]
    session_id: Option<String>,
    dry_run: Option<bool>,
}

/// Where a call wants its tasks, in ids.
struct Target {
    session: SessionId,
    group: Option<GroupId>,
    parent: Option<TaskId>,
    groups: Vec<TaskGroup>,
}

impl Target {
    fn find(reader: &Reader, input: &Apply) -> Result<Self, Refusal> {
        let session = current_or(reader, input.session_id.as_deref())?;
        let group = given(input.group.as_deref());
        let parent = given(input.parent_task_id.as_deref());
        Ok(Self {
            session,
            group: group.map(|text| resolve::group(reader, session, text)).transpose()?,
            parent: parent.map(|text| resolve::task(reader, Some(session), text)).transpose()?,
            groups: groups::all(reader, session)?,
        })
    }

    fn application(&self, preview: &Preview) -> Result<Application, Refusal> {
        let Self { session, group, parent, groups } = self;
        preview.application(&Site { session: *session, group: *group, parent: *parent, groups })
    }

    /// The groups that the tasks go to, with whole paths.
    fn told(&self, application: &Application) -> Option<Vec<Value>> {
        let outer = self.groups.iter().find(|group| Some(group.id) == self.group);
        let outer = outer.map(|group| path_of(group, &self.groups));
        let told = application.groups.iter().map(|group| {
            let path = match &outer {
                Some(outer) => format!("{outer} / {}", group.path),
                None => group.path.clone(),
            };
            let is_new = group.is_new.then_some(true);
            json!({ "group_id": is_new.is_none().then_some(group.group_id), "path": path, "new": is_new })
        });
        (!application.groups.is_empty()).then(|| told.collect())
    }
}

impl CallboardServer {
    pub(super) async fn apply_template(&self, caller: &Caller, input: Apply) -> Reply {
        let folder = self.peer.paths.task_templates();
        let Some(name) = given(input.template_id.as_deref()).map(str::to_owned) else {
            return apart(move || Ok(listed(&Library::open(&folder).all()))).await;
        };
        let values = input.parameters.clone().unwrap_or_default();
        let (entry, preview) = apart(move || {
            let entry = Library::open(&folder).fit(&name)?;
            let preview = entry.template.preview(&values);
            Ok((entry, preview))
        })
        .await?;
        if !preview.is_fit() {
            return Err(preview.refusal().with("parameters", parameters(&entry)));
        }
        let target = self.read(|reader| Target::find(reader, &input))?;
        let application = target.application(&preview)?;
        if input.dry_run.unwrap_or(false) {
            return Ok(tried(&entry, &preview, (&target, &application)));
        }
        let outcome = match self.submit(caller, application.command.clone()).await {
            // Somebody else made one of the groups in this moment: then that one is used.
            Err(refusal) if refusal.code == Code::NameTaken => {
                let target = self.read(|reader| Target::find(reader, &input))?;
                self.submit(caller, target.application(&preview)?.command).await?
            }
            ended => ended?,
        };
        self.applied(&entry, &preview, (outcome, application.notes))
    }

    fn applied(
        &self,
        entry: &Entry,
        preview: &Preview,
        (outcome, notes): (Outcome, Vec<String>),
    ) -> Reply {
        let created = created(&outcome);
        let Some(first) = created.first() else { return Err(unexpected()) };
        let ready = self.read(|reader| {
            let session = tasks::row(reader, first.id)?.session_id;
            tasks::next(reader, session, &ReadyFilter::default(), READY_MAX)
        })?;
        let below_none =
            preview.tasks.iter().zip(created).filter(|(task, _)| task.parent.is_none());
        let roots: Vec<TaskId> = below_none.map(|(_, made)| made.id).collect();
        let made = created.iter().map(|one| {
            json!({ "task_id": one.id, "local": one.local, "title": clip(&one.title, VALUE_BYTES) })
        });
        let answer = json!({
            "template_id": entry.template.name,
            "root_task_id": first.id,
            "root_task_ids": (1 < roots.len()).then_some(roots),
            "tasks_created": made.collect::<Vec<_>>(),
            "parameters_applied": values(preview),
            "next_ready": ready.iter().map(wire::line).collect::<Vec<_>>(),
        });
        Ok(Answer::data(&answer)
            .noting(notes)
            .noting(entry.note())
            .noting(outcome.notes)
            .rest("orchestrator_task_query"))
    }
}

/// Does what may take a moment, such as filling in a template made to be slow, apart from what
/// answers calls.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(unexpected()))
}

fn listed(entries: &[Entry]) -> Answer {
    let told = entries.iter().map(|entry| {
        let problems = entry.problems.iter().map(|one| format!("{}:{one}", entry.file()));
        json!({
            "template_id": entry.template.name,
            "title": entry.template.title,
            "about": clip(first_lines(&entry.template.description), ABOUT_BYTES),
            "parameters": parameters(entry),
            "problems": (!entry.problems.is_empty()).then(|| problems.take(3).collect::<Vec<_>>()),
        })
    });
    let answer = json!({ "templates": told.collect::<Vec<_>>(), "total": entries.len() });
    Answer::data(&answer).rest("orchestrator_task_template_apply with one template_id and dry_run")
}

fn first_lines(text: &str) -> &str {
    text.split("\n\n").next().unwrap_or_default().trim()
}

/// What a template takes, by name, in few words.
fn parameters(entry: &Entry) -> Map<String, Value> {
    let one = |parameter: &Parameter| (parameter.name.clone(), Value::from(described(parameter)));
    entry.template.parameters.iter().map(one).collect()
}

fn described(parameter: &Parameter) -> String {
    let takes = parameter.takes();
    let about = first_lines(&parameter.description);
    let words = if about.is_empty() { takes } else { format!("{takes}: {about}") };
    clip(&words, ABOUT_BYTES)
}

fn values(preview: &Preview) -> Map<String, Value> {
    let values = preview.parameters.iter();
    values.map(|(name, value)| (name.clone(), clip_value(value, VALUE_BYTES))).collect()
}

fn tried(
    entry: &Entry,
    preview: &Preview,
    (target, application): (&Target, &Application),
) -> Answer {
    let group = |task: &PlannedTask| {
        let used = application.groups.get(task.group?)?;
        Some(used.path.clone())
    };
    let parent = |task: &PlannedTask| preview.tasks.get(task.parent?).map(|above| &above.local);
    let told = preview.tasks.iter().map(|task| {
        json!({
            "local": task.local,
            "title": clip(&task.title, VALUE_BYTES),
            "role": task.role,
            "priority": task.priority,
            "estimate_minutes": task.estimate_minutes,
            "group": group(task),
            "parent": parent(task),
            "depends_on": (!task.depends_on.is_empty()).then_some(&task.depends_on),
        })
    });
    let answer = json!({
        "dry_run": true,
        "template_id": entry.template.name,
        "would_create": preview.tasks.len(),
        "tasks": told.collect::<Vec<_>>(),
        "groups": target.told(application),
        "parameters_applied": values(preview),
    });
    Answer::data(&answer).noting(application.notes.clone()).noting(entry.note())
}
