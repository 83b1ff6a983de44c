//! Every tool of the server, once: its family, whether it is of the core, its cleaned schemas.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::model::{MetaObject, Tool};
use serde_json::{Value, json};

use super::schema;
use super::server::CallboardServer;
use crate::domain::refusal::{Code, Refusal, closest};

/// What every tool's name begins with.
pub(super) const PREFIX: &str = "orchestrator_";
/// The parameter by which a repeated write is known; every writing tool takes it.
pub(super) const KEY: &str = "idempotency_key";

/// One family of tools: its name for `--tools`, and its router.
struct Family {
    name: &'static str,
    tools: fn() -> ToolRouter<CallboardServer>,
    /// Tools of the first generation keep exactly their parameters.
    first_generation: bool,
}

const fn family_of(name: &'static str, tools: fn() -> ToolRouter<CallboardServer>) -> Family {
    Family { name, tools, first_generation: false }
}

const FAMILIES: &[Family] = &[
    family_of("session", CallboardServer::session_tools),
    family_of("task", CallboardServer::task_tools),
    family_of("organization", CallboardServer::organize_tools),
    family_of("context", CallboardServer::context_tools),
    family_of("artifact", CallboardServer::artifact_tools),
    family_of("conflict", CallboardServer::conflict_tools),
    family_of("modes", CallboardServer::mode_tools),
    family_of("search", CallboardServer::search_tools),
    family_of("backup", || CallboardServer::backup_tools() + CallboardServer::restore_tools()),
    family_of("events", CallboardServer::event_tools),
    family_of("maintenance", CallboardServer::maintenance_tools),
    Family {
        name: "first_generation",
        tools: CallboardServer::first_generation_tools,
        first_generation: true,
    },
];

/// What an agent needs to take work and finish it, without the prefix.
const CORE: &[&str] = &[
    "session_create",
    "session_status",
    "task_create",
    "task_get",
    "task_query",
    "task_claim",
    "task_complete",
    "task_batch_update",
    "context",
    "events",
];

/// The tools that clients which search for tools should show at once, without the prefix.
const UP_FRONT: &[&str] = &["session_status", "task_claim", "task_create"];

/// Every route and every tool. Built once: building the routes for every call costs half a
/// millisecond.
static BUILT: LazyLock<(ToolRouter<CallboardServer>, Catalogue)> = LazyLock::new(|| {
    let mut entries = HashMap::new();
    let routes = FAMILIES.iter().fold(ToolRouter::new(), |routes, family| {
        let tools = (family.tools)();
        let of_family = tools.list_all().into_iter().map(|tool| entry(family, tool));
        entries.extend(of_family.map(|entry| (entry.name, entry)));
        routes + tools
    });
    (routes, Catalogue(entries))
});

/// Makes the schemas of the tools on a thread of their own, so that they are there when a server
/// wants them: it takes about as long as opening a project.
pub fn prepare() {
    std::thread::spawn(|| LazyLock::force(&BUILT));
}

/// Every route.
pub(super) fn routes() -> &'static ToolRouter<CallboardServer> {
    &BUILT.0
}

/// Every tool by its name.
pub(super) fn catalogue() -> &'static Catalogue {
    &BUILT.1
}

/// One tool.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) family: &'static str,
    /// What calls are held to.
    pub(super) accepting: Value,
    /// What the list shows.
    pub(super) tool: Tool,
}

#[derive(Debug)]
pub(super) struct Catalogue(HashMap<&'static str, Entry>);

impl Catalogue {
    pub(super) fn entry(&self, name: &str) -> Option<&Entry> {
        self.0.get(name)
    }

    /// The published tools of a toolset, by name.
    pub(super) fn tools(&self, toolset: &Toolset) -> Vec<Tool> {
        let mut tools: Vec<Tool> = self
            .0
            .values()
            .filter(|entry| toolset.holds(entry))
            .map(|entry| entry.tool.clone())
            .collect();
        tools.sort_by(|left, right| left.name.cmp(&right.name));
        tools
    }

    /// The name that was probably meant.
    pub(super) fn closest(&self, name: &str) -> Option<&'static str> {
        closest(name, self.0.keys().copied())
    }
}

fn entry(family: &'static Family, mut tool: Tool) -> Entry {
    let name: &'static str = match &tool.name {
        std::borrow::Cow::Borrowed(name) => name,
        // The names in the macros are literals; a name made at run time is kept for good, once.
        std::borrow::Cow::Owned(name) => Box::leak(name.clone().into_boxed_str()),
    };
    let schema = schema::clean(&tool.input_schema);
    let (mut accepting, mut published) = (schema.accepting, (*schema.published).clone());
    let hints = tool.annotations.as_ref();
    let reads = hints.is_some_and(|hints| hints.read_only_hint == Some(true));
    // Told where a call that is made again would do its work again; understood everywhere.
    let repeats = hints.is_none_or(|hints| hints.idempotent_hint != Some(true));
    if !reads {
        let key = json!({ "type": "string" });
        if let Some(properties) = accepting.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert(KEY.to_owned(), key.clone());
        }
        if repeats
            && !family.first_generation
            && let Some(Value::Object(properties)) = published.get_mut("properties")
        {
            properties.insert(KEY.to_owned(), key);
        }
    }
    tool.input_schema = Arc::new(published);
    tool.output_schema = None;
    if UP_FRONT.contains(&bare(name)) {
        let mut meta = MetaObject::new();
        meta.insert("anthropic/alwaysLoad".to_owned(), json!(true));
        tool.meta = Some(meta);
    }
    Entry { name, family: family.name, accepting, tool }
}

fn bare(name: &str) -> &str {
    name.strip_prefix(PREFIX).unwrap_or(name)
}

/// Which tools a server offers: `core`, `all`, or families by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Toolset {
    /// Every tool.
    #[default]
    All,
    /// About a dozen: what an agent needs to take work and finish it.
    Core,
    /// The tools of some families.
    Families(Vec<&'static str>),
}

impl Toolset {
    /// The names of the families.
    pub fn families() -> impl Iterator<Item = &'static str> {
        FAMILIES.iter().map(|family| family.name)
    }

    pub(super) fn holds(&self, entry: &Entry) -> bool {
        match self {
            Self::All => true,
            Self::Core => CORE.contains(&bare(entry.name)),
            Self::Families(names) => names.contains(&entry.family),
        }
    }
}

impl FromStr for Toolset {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        match text.trim().to_ascii_lowercase().as_str() {
            "" | "all" => return Ok(Self::All),
            "core" => return Ok(Self::Core),
            _ => {}
        }
        let wanted = text.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty());
        let found: Result<Vec<_>, _> = wanted.map(family).collect();
        found.map(Self::Families)
    }
}

fn family(name: &str) -> Result<&'static str, Refusal> {
    Toolset::families().find(|known| known.eq_ignore_ascii_case(name)).ok_or_else(|| {
        let known: Vec<&str> = ["all", "core"].into_iter().chain(Toolset::families()).collect();
        Refusal { code: Code::InvalidValue, ..Refusal::invalid_value("tools", name, &known) }
    })
}

impl fmt::Display for Toolset {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => formatter.write_str("all"),
            Self::Core => formatter.write_str("core"),
            Self::Families(names) => formatter.write_str(&names.join(",")),
        }
    }
}
