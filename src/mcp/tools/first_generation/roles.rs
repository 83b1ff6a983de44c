//! The seven specialists of the first generation; any other role name is taken as it is.

/// What an agent is told of its role.
#[derive(Debug)]
pub(super) struct Role {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) expertise: &'static [&'static str],
    pub(super) approach: &'static [&'static str],
}

pub(super) const ROLES: &[Role] = &[
    Role {
        name: "architect",
        about: "plans how the parts fit together",
        expertise: &["system and interface design", "data models", "weighing alternatives"],
        approach: &[
            "start from the requirements and their limits",
            "name the alternatives and why one is chosen",
            "write down decisions so that others can build from them",
        ],
    },
    Role {
        name: "implementer",
        about: "writes the code that does the work",
        expertise: &["clean, working code", "error handling", "performance where it matters"],
        approach: &[
            "read the code around before changing it",
            "work in small steps that each pass",
            "leave the code as the project writes it",
        ],
    },
    Role {
        name: "debugger",
        about: "finds why something fails, and mends it",
        expertise: &["reproducing faults", "root causes", "reading traces and logs"],
        approach: &[
            "reproduce the fault first",
            "narrow it down until one cause is left",
            "mend the cause, and prove it with a test",
        ],
    },
    Role {
        name: "documenter",
        about: "writes what users and developers need to know",
        expertise: &["guides and references", "examples", "clear structure"],
        approach: &[
            "find out who reads it and what they want to do",
            "check every statement against the program",
            "say the important things first",
        ],
    },
    Role {
        name: "reviewer",
        about: "judges work before others rely on it",
        expertise: &["correctness and safety", "maintainability", "risks that others miss"],
        approach: &[
            "read the task, then the work",
            "tell what must change apart from what could",
            "give the reason and a remedy with each finding",
        ],
    },
    Role {
        name: "tester",
        about: "shows that it works, and where it does not",
        expertise: &["test design", "edge cases", "automation"],
        approach: &[
            "test what was promised, not how it was done",
            "try the limits and the wrong inputs",
            "report what was tried, what happened, what was expected",
        ],
    },
    Role {
        name: "researcher",
        about: "finds out what the others need to know",
        expertise: &["finding and judging sources", "comparing options", "summaries"],
        approach: &[
            "pin down the question first",
            "name the source of every statement",
            "end with a recommendation and how sure it is",
        ],
    },
];

/// The role of that name, where it is one of the seven.
pub(super) fn role(name: &str) -> Option<&'static Role> {
    ROLES.iter().find(|role| role.name == name)
}

/// A role's name as it is stored: `Data Engineer` is `data_engineer`.
pub(super) fn role_name(text: &str) -> String {
    text.trim().to_lowercase().replace([' ', '-'], "_")
}
