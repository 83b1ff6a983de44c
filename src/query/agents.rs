//! Agents, and what they hold.

use super::many;
use super::rows::{AgentRow, Held};
use crate::domain::actor::Actor;
use crate::domain::refusal::Refusal;
use crate::domain::time::{MINUTE_MS, Timestamp};
use crate::store::Reader;
use crate::store::rows::{json_option, moment, moment_option, parsed};

/// Agents shown, those seen last first.
const AGENTS_MAX: i64 = 200;
/// How long an agent without an open connection counts as connected after a call.
const CONNECTED_MS: i64 = 5 * MINUTE_MS;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// The agents seen last, with what each holds.
pub fn list(reader: &Reader, now: Timestamp) -> Result<Vec<AgentRow>, Refusal> {
    let sql = "SELECT name, client, version, transport, first_seen, last_seen, gone_at, calls, errors, last_tool,
                   (SELECT coalesce(sum(calls), 0) FROM session_performance_metrics WHERE agent = name AND ?1 <= hour)
               FROM agents ORDER BY last_seen DESC, name LIMIT ?2";
    let since = now.0.div_euclid(HOUR_MS) * HOUR_MS;
    let mut agents = many(reader, sql, [since, AGENTS_MAX], |row| {
        let transport: String = row.get(3)?;
        let last_seen = moment(row, 5)?;
        let gone = moment_option(row, 6)?.is_some();
        let recent = now.since_ms(last_seen) < CONNECTED_MS;
        Ok(AgentRow {
            name: row.get(0)?,
            client: row.get(1)?,
            version: row.get(2)?,
            connected: !gone && (transport == "stdio" || recent),
            transport,
            first_seen: moment(row, 4)?,
            last_seen,
            calls: row.get(7)?,
            errors: row.get(8)?,
            last_tool: row.get(9)?,
            calls_hour: row.get(10)?,
            holds: Vec::new(),
        })
    })?;
    for agent in &mut agents {
        agent.holds = held_by(reader, &Actor::Agent(agent.name.clone()), now)?;
    }
    Ok(agents)
}

/// The tasks that somebody holds in the live session; nobody holds any elsewhere.
pub fn held_by(reader: &Reader, holder: &Actor, now: Timestamp) -> Result<Vec<Held>, Refusal> {
    let sql = "SELECT id, title, claim_until, claim_paths FROM tasks
               WHERE session_id = (SELECT id FROM orchestration_sessions WHERE state IN ('active', 'resuming', 'completing'))
                   AND claim_holder = ? ORDER BY number LIMIT 100";
    many(reader, sql, [holder.to_string()], |row| {
        let until = moment(row, 2)?;
        let paths = json_option(row, 3)?.unwrap_or_default();
        Ok(Held { id: parsed(row, 0)?, title: row.get(1)?, until, stale: until <= now, paths })
    })
}
