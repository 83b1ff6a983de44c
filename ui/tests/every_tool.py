"""Every tool, called by the PyPI package `mcp` with good, bad, huge and hostile input.

    every_tool.py PROGRAM PROJECT OUTSIDE

PROJECT holds a board of 10,000 tasks and a link `link-out` that leads to OUTSIDE, where a file holds
a secret. The cases are made from each tool's own schema; GOOD has a call of each that does its work.
What is checked after each call: the answer is small enough and holds no secret; a refusal says
what, why and what to do; a refused call has changed neither the feed nor any row. At the end a
table of all tools is written to standard output.
"""

import hashlib
import json
import os
import sqlite3
import sys
import time

import anyio
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError

from ended import run

PREFIX = "orchestrator_"
MOST, BRIEF = 40 * 1024, 8 * 1024
SECRET = "the-secret-that-nobody-may-read"
# Good calls of one tool that are measured, where one may be made again and again.
SAMPLES = 30
# Tables of what is counted and remembered about calls, which is not the board.
ASIDE = {"agents", "documents", "session_performance_metrics", "session_error_logs",
         "session_user_interactions", "idempotency_keys"}
# When an archive was looked at, also by a restore that is refused.
LOOKED = {("backups", "used_at"), ("backups", "verified_at")}
# Tools that look at the whole board.
SLOW = {"validate_integrity"}
# Answers in full by nature: prose, or one thing that was asked for whole.
WHOLE = {"execute_subtask", "synthesize_results", "session_resume"}


class Good:
    """A call of each tool that does its work; those that move the session come last, in order."""

    def __init__(self, board):
        self.board, self.count = board, 0

    def title(self):
        self.count += 1
        return f"Made {self.count}"

    async def task(self, **fields):
        answer = await self.board.does("task_create", title=self.title(), **fields)
        return answer["created"][0]["task_id"]

    async def session_status(self): return {}
    async def session_list(self): return {}
    async def task_get(self): return {"task_id": await self.board.open_task()}
    async def task_query(self): return {"status": ["open"]}
    async def events(self): return {}
    async def context(self): return {"key": "decisions", "value": {"store": "sqlite"}}
    async def conflict_list(self): return {}
    async def get_status(self): return {}
    async def initialize_session(self): return {}
    async def task_create(self): return {"tasks": [{"title": self.title(), "children": [{"title": "b"}]}]}
    async def task_claim(self): return {"task_id": await self.task()}
    async def task_complete(self): return {"task_id": await self.task(), "summary": "Done."}
    async def task_group_create(self): return {"name": self.title()}
    async def task_group_organize(self): return {"task_ids": [await self.task()], "target_group": "none"}
    async def task_dependencies_map(self): return {"task_id": await self.task(), "depends_on": [await self.task()]}
    async def task_priority_adjust(self): return {"task_ids": [await self.task()], "priority": "high"}
    async def task_batch_update(self): return {"task_ids": [await self.task()], "updates": {"tags": ["a"]}}
    async def task_template_apply(self): return {}
    async def mode_list(self): return {}
    async def mode_validate(self): return {}
    async def mode_create(self): return {"name": f"made_{self.title()[5:]}", "custom_roles": [{"role_name": "gardener", "prompt": "You water."}]}
    async def mode_select(self): return {"mode": "default_roles"}
    async def mode_backup(self): return {"mode": "default_roles"}
    async def plan_task(self):
        one = {"title": "a", "description": "b", "specialist_type": "tester"}
        return {"description": self.title(), "subtasks_json": json.dumps([one])}

    async def subtask(self):
        plan = await self.board.does("plan_task", **await self.plan_task())
        return plan["subtasks"][0]["task_id"], plan["parent_task_id"]

    async def execute_subtask(self): return {"task_id": (await self.subtask())[0]}
    async def complete_subtask(self):
        task, _ = await self.subtask()
        await self.board.does("execute_subtask", task_id=task)
        return {"task_id": task, "summary": "s", "detailed_work": "w", "next_action": "complete"}

    async def synthesize_results(self):
        task, whole = await self.subtask()
        await self.board.does("execute_subtask", task_id=task)
        work = {"summary": "s", "detailed_work": "w", "next_action": "complete"}
        await self.board.does("complete_subtask", task_id=task, **work)
        return {"parent_task_id": whole}

    async def maintenance_coordinator(self): return {"action": "scan_cleanup"}
    async def mode_restore(self):
        listed = await self.board.does("mode_list", detail="full")
        return {"backup_file": listed["backups"][0]["backup_file"]}

    async def conflict_resolve(self):
        listed = await self.board.does("conflict_list")
        return {"conflict_id": listed["conflicts"][0]["conflict_id"], "choice": "ours"}

    async def artifact_record(self): return {"title": self.title(), "kind": "design", "content": "# Design"}
    async def search(self): return {"query": "task"}
    async def find_related(self): return {"task_id": await self.board.open_task()}
    async def browse_hierarchy(self): return {}
    async def backup_create(self): return {"scope": "database"}
    async def backup_list(self): return {}
    async def backup_cleanup(self): return {}
    async def backup_restore(self):
        listed = await self.board.does("backup_list")
        return {"backup_id": listed["backups"][0]["backup_id"]}

    async def cleanup(self): return {}
    async def validate_integrity(self): return {}
    async def optimize_performance(self): return {}
    async def session_cleanup(self): return {}
    async def session_create(self): return {"name": self.title(), "suspend_current": True}
    async def session_suspend(self): return {}
    async def session_resume(self):
        return {"session_id": await self.board.other_session(), "suspend_current": True}

    async def session_complete(self): return {"allow_open": True}
    async def session_archive(self): return {"session_id": await self.board.completed_session()}


# Tools that are called last, because others need what they end, and those that may be sampled once.
LAST = ["mode_restore", "session_cleanup", "session_create", "session_suspend", "session_resume",
        "session_complete", "session_archive"]
ONCE = set(LAST) | {"backup_create", "backup_restore", "conflict_resolve", "optimize_performance",
                    "validate_integrity", "cleanup"}


def strings(outside):
    """Texts that nobody should send."""
    return ["../../outside/secret.txt", f"{outside}/secret.txt", "/etc/passwd", "link-out/secret.txt",
            "/dev/zero", "a\0b", "-x", "--help", "\x1b]0;x\x07\u202e", "$(id)`id`;id", "'; DROP TABLE tasks;--",
            "", "x" * 1_000_000]


def hostile(schema, outside):
    """Values for a property that should be refused, understood, or do no harm."""
    deep = "x"
    for _ in range(60):
        deep = [deep]
    kind = schema.get("type")
    for value in [None, True, -1, 2**63, 1.5, {}, {"a": {"b": 1}}, [], [[]], deep]:
        yield value
    if kind in ("string", None):
        yield from strings(outside)
    if kind == "integer":
        yield from ["many", 10**18, "1e9", " 7 "]
    if kind == "boolean":
        yield from ["maybe", "[]"]
    if kind == "array":
        yield from [["x"] * 10_000, [{}] * 10_000, ["../../outside/secret.txt", f"{outside}/secret.txt"],
                    "not, a, list", [None], ["x" * 1_000_000]]
    if kind == "object":
        yield from [{f"k{number}": number for number in range(10_000)}, {"title": "x" * 1_000_000},
                    {"__proto__": 1}, "text"]


# Paths that earlier plans knew, which the published schemas do not name.
HIDDEN = {"session_create": ["project_root", "mode"], "session_archive": ["export_path"],
          "mode_select": ["mode_file"], "complete_subtask": ["legacy_artifacts"]}


class Board:
    def __init__(self, client, project):
        self.client = client
        database = os.path.join(project, ".task_orchestrator/callboard.db")
        self.rows = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        names = self.rows.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL")
        skip = ("sqlite_", "task_search", "task_words", "record_search", "record_words")
        self.tables = [name for (name,) in names if name not in ASIDE and not name.startswith(skip)]
        self.main = self.rows.execute("SELECT id FROM orchestration_sessions LIMIT 1").fetchone()[0]
        self.times, self.sizes = {}, {}

    def seq(self):
        """The newest change that an agent made; Callboard itself may be at work behind a call."""
        return self.rows.execute("SELECT max(seq) FROM changes WHERE actor LIKE 'agent:%'").fetchone()[0]

    def digests(self):
        """What each table holds."""
        found = {}
        for table in self.tables:
            digest = hashlib.blake2b()
            names = [row[1] for row in self.rows.execute(f"PRAGMA table_info({table})")]
            columns = ", ".join(name for name in names if (table, name) not in LOOKED)
            for row in self.rows.execute(f"SELECT {columns} FROM {table}"):
                digest.update(repr(row).encode())
            found[table] = digest.hexdigest()
        return found

    async def quiet(self):
        """The same, when nothing goes on any more."""
        before = self.digests()
        while True:
            await anyio.sleep(0.1)
            now = self.digests()
            if now == before:
                return now
            before = now

    async def open_task(self):
        row = self.rows.execute("SELECT id FROM tasks WHERE status = 'pending' AND session_id = ?", [self.main])
        return row.fetchone()[0]

    def session(self, *states):
        marks = ",".join("?" * len(states))
        row = self.rows.execute(f"SELECT id FROM orchestration_sessions WHERE state IN ({marks})", states)
        found = row.fetchone()
        return found and found[0]

    async def other_session(self):
        return self.session("suspended", "completed", "archived")

    async def completed_session(self):
        return self.session("completed", "suspended")

    async def call(self, tool, arguments):
        """The refusal or the answer of a call, whatever it is, and whether it was refused."""
        started = time.perf_counter()
        result = await self.client.call_tool(PREFIX + tool, arguments)
        self.times.setdefault(tool, []).append(time.perf_counter() - started)
        data = result.structured_content
        text = "".join(part.text for part in result.content)
        shown = json.dumps(data, ensure_ascii=False) if data is not None else text
        size = len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()) if data else len(text.encode())
        what = f"{tool} {str(arguments)[:300]}: {shown[:2000]}"
        assert size <= MOST, f"{size} bytes from {what}"
        assert SECRET not in shown and SECRET not in text, f"the secret from {what}"
        assert not any(ord(sign) < 32 and sign not in "\n\t" for sign in shown + text), f"control characters from {what}"
        if result.is_error:
            assert data and data["error_code"] and data["message"] and data["suggested_action"], what
        return result.is_error, data if data is not None else text, size

    async def does(self, tool, **arguments):
        refused, answer, _ = await self.call(tool, arguments)
        assert not refused, f"{tool} {str(arguments)[:300]}: {answer}"
        return answer

    async def settle(self):
        """The big session is the live one again, whatever was moved."""
        if self.session("active") != self.main:
            await self.does("session_resume", session_id=self.main, suspend_current=True)


async def attack(board, tool, schema, good, outside):
    """Calls a tool with everything that its schema invites; returns how many calls were refused."""
    properties = dict(schema.get("properties", {}))
    for name in HIDDEN.get(tool, []):
        properties[name] = {"type": "string"}
    base = await good()
    cases = [{}, {**base, "zz_unknown": 1, "if_versoin": 3}]
    cases += [{**base, name: value} for name, property in properties.items() for value in hostile(property, outside)]
    refused = [arguments for arguments in cases if await is_refused(board, tool, arguments)]
    # What was understood has done its work. What was refused is sent once more, and nothing moves.
    # Work that goes on behind a call, such as writing a report, may end in between: then again.
    for _ in range(3):
        before, moved = await board.quiet(), False
        for arguments in refused if tool not in SLOW else refused[:10]:
            moved |= not await is_refused(board, tool, arguments)
        changed = sorted(name for name, digest in board.digests().items() if digest != before[name])
        if moved or not changed:
            break
    assert moved or not changed, f"refused calls of {tool} changed {changed}"
    await board.settle()
    return len(cases), len(refused)


async def is_refused(board, tool, arguments):
    seq, what = board.seq(), f"{tool} {str(arguments)[:300]}"
    try:
        failed, _, _ = await board.call(tool, arguments)
    except MCPError as error:
        raise AssertionError(f"{what}: {error}") from error
    if failed:
        assert board.seq() == seq, f"a refused call changed the feed: {what}"
    elif tool.startswith(("session_", "initialize")):
        await board.settle()
    return failed


def percentile(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def row(tool, entry, size, cases, times):
    schema = entry.input_schema
    required = set(schema.get("required", []))
    names = ", ".join(f"{name}*" if name in required else name for name in schema.get("properties", {}))
    cost = sum(len(json.dumps(part, separators=(",", ":"), ensure_ascii=False).encode())
               for part in (entry.name, entry.description, schema))
    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    return (f"| {tool} | {names} | {cost} | {size} | {p50:.1f} | {p99:.1f} | "
            f"{cases[0]} ({cases[1]} refused) |")


async def main(program, project, outside):
    server = StdioServerParameters(command=program, args=["mcp", "--project", project])
    async with Client(server, mode="auto") as client:
        board = Board(client, project)
        good = Good(board)
        tools = {tool.name.removeprefix(PREFIX): tool for tool in (await client.list_tools()).tools}
        missing = sorted(set(tools) - {name for name in dir(Good)})
        assert not missing, f"ui/tests/every_tool.py knows no good call of {missing}"
        await board.does("task_query")
        await board.does("backup_create", scope="database") if "backup_create" in tools else None
        await board.does("mode_select", mode="default_roles")
        await board.does("mode_backup", mode="default_roles")
        await board.quiet()
        order = [name for name in tools if name not in LAST] + [name for name in LAST if name in tools]
        rows = {}
        for tool in order:
            begun = time.perf_counter()
            make = getattr(good, tool)
            cases = await attack(board, tool, tools[tool].input_schema, make, outside)
            samples = []
            for _ in range(1 if tool in ONCE else SAMPLES):
                arguments = await make()
                refused, answer, size = await board.call(tool, arguments)
                assert not refused, f"the good call of {tool}: {answer}"
                assert size <= BRIEF or tool in WHOLE, f"{tool} answers with {size} bytes"
                samples.append(board.times[tool][-1])
            rows[tool] = row(tool, tools[tool], size, cases, samples)
            print(f"{tool}: {cases} in {time.perf_counter() - begun:.1f} s", file=sys.stderr)
        for tool in sorted(rows):
            print(rows[tool])


run(main)
