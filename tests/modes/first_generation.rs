//! Mode files in the format of the first generation.

/// The default file: an orchestrator, six blocks, and a tester that is only listed.
const DEFAULT: &str = r#"task_orchestrator:
  role_definition: "You are a Senior Project Manager specializing in breaking down complex tasks"
  expertise:
    - "Breaking down complex projects into manageable tasks"
    - "Identifying dependencies"
  approach:
    - "Carefully analyze the requirements"
    - "Consider technical, operational, and strategic aspects"
  output_format: "Structured task breakdown with clear assignments"
  specialist_roles:
    architect: "System design and architecture planning"
    implementer: "Writing code and implementing features"
    debugger: "Troubleshooting and fixing issues"
    documenter: "Creating documentation and guides"
    reviewer: "Code review and quality assurance"
    tester: "Testing and validation"
    researcher: "Research and information gathering"

architect:
  role_definition: "You are a Senior Software Architect"
  expertise:
    - "Designing scalable systems"
  approach:
    - "Think about the big picture"
  output_format: "Detailed architectural plans"

implementer:
  role_definition: "You are a Senior Software Developer"
  expertise:
    - "Writing clean, efficient code"
  approach:
    - "Write clean code"
  output_format: "Complete, working implementations"

debugger: {role_definition: "You are a Debugger", expertise: ["Finding root causes"], approach: ["Analyze"], output_format: "Fixes"}
documenter: {role_definition: "You write", expertise: ["Writing"], approach: ["Be clear"], output_format: "Docs"}
reviewer: {role_definition: "You review", expertise: ["Quality"], approach: ["Be fair"], output_format: "Reviews"}
researcher: {role_definition: "You research", expertise: ["Sources"], approach: ["Be thorough"], output_format: "Reports"}
"#;

/// An example of domain roles without an orchestrator.
const PIPELINE: &str = r#"# Data Pipeline Roles

data_ingestion_specialist:
  role_definition: "You are a Data Ingestion Specialist with expertise in collecting data"
  expertise:
    - "ETL/ELT pipeline design"
    - "API integration: REST, GraphQL"
  approach:
    - "Assess data sources"
  output_format: "Pipeline code with documentation"

data_quality_engineer:
  role_definition: |
    You are a Data Quality Engineer.

    You see to it that data is right.
  expertise: "Validation"
  approach:
    - Profile the data
  output_format: >
    Reports
    and rules
"#;

/// A file with all of the enhanced blocks.
const ENHANCED: &str = r#"mode_metadata:
  name: "Development Mode"
  description: "Full-stack development"
  version: "1.0.0"
  created_by: "system"
  created_at: 2025-05-30T10:00:00Z
  compatible_versions: ["1.4.0", "1.5.0"]

mode_configuration:
  default_complexity: moderate
  auto_task_routing: true
  max_subtask_depth: 5
  progress_aggregation: weighted

task_orchestrator:
  role_definition: "You coordinate"
  expertise: ["Coordination"]
  approach: ["Plan"]
  output_format: "Plans"
  specialist_roles:
    architect: "Design"
    implementer: "Code"
    documenter: "Docs"
    security_auditor: "Security"

architect: {role_definition: "You design"}
implementer: {role_definition: "You code"}
documenter: {role_definition: "You document"}
security_auditor: {role_definition: "You audit"}

task_routing_rules:
  security_tasks:
    required_specialist: security_auditor
    secondary_review: [architect, implementer]
    complexity_boost: true
  documentation_tasks:
    required_specialist: documenter
    secondary_review: architect
    parallel_execution: true

validation_rules:
  required_roles: [architect, implementer, documenter]
  optional_roles: [security_auditor]
  minimum_specialist_count: 4
  maximum_specialist_count: 12
"#;

pub(super) const FILES: &[(&str, &str, &[&str])] = &[
    (
        "default_roles.yaml",
        DEFAULT,
        &["architect", "implementer", "debugger", "documenter", "reviewer", "researcher", "tester"],
    ),
    ("pipeline.yaml", PIPELINE, &["data_ingestion_specialist", "data_quality_engineer"]),
    (
        "development_mode.yaml",
        ENHANCED,
        &["architect", "implementer", "documenter", "security_auditor"],
    ),
];
