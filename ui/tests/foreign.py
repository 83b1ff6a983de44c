"""The life of a session, told by the PyPI package `mcp`: a client that we did not write.

    foreign.py probe                        says whether the package is there
    foreign.py stdio PROGRAM PROJECT ERA    starts the program itself
    foreign.py http  URL TOKEN PROJECT ERA  speaks to one that serves

ERA is `auto` (the newest protocol that both know) or `legacy` (the handshake of old).
"""

import json
import sys

import anyio
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import PromptReference


class Agent:
    def __init__(self, client):
        self.client = client

    async def result(self, tool, arguments):
        result = await self.client.call_tool(f"orchestrator_{tool}", arguments)
        data = result.structured_content
        text = "".join(part.text for part in result.content)
        size = len(json.dumps(data, ensure_ascii=False).encode()) if data else len(text.encode())
        assert size <= 40 * 1024, f"{tool} answers with {size} bytes"
        return result.is_error, data if data is not None else text

    async def does(self, tool, **arguments):
        failed, answer = await self.result(tool, arguments)
        assert not failed, f"{tool} {arguments}: {answer}"
        return answer

    async def refuses(self, code, tool, **arguments):
        failed, answer = await self.result(tool, arguments)
        assert failed, f"{tool} {str(arguments)[:200]}: {answer}"
        assert answer["error_code"] == code, answer
        assert answer["message"] and answer["suggested_action"], answer
        return answer


async def life(one, other):
    """A session of today: planned, worked on by two, handed over, ended."""
    tools = {tool.name for tool in (await one.client.list_tools()).tools}
    assert {"orchestrator_task_claim", "orchestrator_plan_task"} <= tools, tools
    await one.does("session_create", name="Checkout", description="It works.")
    await one.refuses("session_live", "session_create", name="Another")
    await one.does("task_group_create", group_name="Backend")
    plan = await one.does("task_create", group="Backend", tasks=[
        {"title": "Whole", "children": [
            {"title": "Schema", "priority": "high", "estimate": "2h"},
            {"title": "Routes", "local": "routes", "depends_on": ["Schema"]}]},
        {"title": "Docs", "depends_on": ["routes"]}])
    ids = {task["title"]: task["task_id"] for task in plan["created"]}

    claimed = await one.does("task_claim", paths=["src/db/**"])
    assert claimed["task"]["title"] == "Schema", claimed
    held = await other.refuses("task_held", "task_claim", task_id=ids["Schema"])
    assert held["details"]["holder"], held
    await other.refuses("unmet_dependencies", "task_claim", task_id=ids["Docs"])
    cycle = {"task_id": ids["Schema"], "depends_on": [ids["Docs"]]}
    await other.refuses("dependency_cycle", "task_dependencies_map", **cycle)
    await other.refuses("invalid_text", "task_create", title="x" * 10_000_000)
    await other.refuses("invalid_text", "task_create", title="a\x1b[31mb")
    await other.refuses("unknown_id", "task_get", task_id="t-zzzzzzzz")

    heard = {}

    async def listen(cursor):
        heard.update(await other.does("events", cursor=cursor, wait_seconds=30, others_only=True))

    async with anyio.create_task_group() as group:
        cursor = (await other.does("events", limit=1))["cursor"]
        group.start_soon(listen, cursor)
        await one.does("task_complete", task_id=ids["Schema"], summary="Three tables.")
    assert heard["events"][-1]["verb"] == "task.completed", heard

    await one.does("task_priority_adjust", task_ids=[ids["Docs"]], shift=1)
    await one.does("task_batch_update", task_ids=[ids["Docs"]], updates={"tags": ["user"]})
    await one.does("context", key="decisions", value={"store": "sqlite"})
    await one.does("session_suspend", reason="lunch")
    await one.refuses("no_session", "task_claim")
    resumed = await other.does("session_resume")
    assert resumed["context"]["decisions"] == {"store": "sqlite"}, resumed
    await other.refuses("open_tasks", "session_complete")
    for title in ["Routes", "Whole", "Docs"]:
        await other.does("task_claim", task_id=ids[title])
        await other.does("task_complete", task_id=ids[title], summary=f"{title} is done.")
    done = await one.does("session_complete", final_summary="It works.")
    assert done["session"]["state"] == "completed", done
    await one.does("session_archive", session_id="Checkout")
    await one.does("session_cleanup", cleanup_type="all")


async def first_generation(agent, project):
    """The same through the seven tools of the first generation, with their parameters."""
    begun = await agent.does("initialize_session", working_directory=project)
    assert begun["session_initialized"] and begun["working_directory"] == project, begun
    subtasks = [
        {"task_id": "a", "title": "Design", "description": "d", "specialist_type": "architect"},
        {"task_id": "b", "title": "Build", "description": "b", "specialist_type": "wizard",
         "dependencies": ["a"], "estimated_effort": "2 hours"}]
    plan = await agent.does("plan_task", description="Ship it", complexity_level="complex",
                            subtasks_json=json.dumps(subtasks), context="none")
    design, build = (task["task_id"] for task in plan["subtasks"])
    whole = plan["parent_task_id"]
    await agent.refuses("unmet_dependencies", "execute_subtask", task_id=build)
    assert "architect" in await agent.does("execute_subtask", task_id=design)

    def work(task, action, **more):
        return {"task_id": task, "summary": "s", "detailed_work": "w", "next_action": action, **more}

    outside = work(design, "complete", file_paths=["../outside"])
    await agent.refuses("invalid_value", "complete_subtask", **outside)
    unknown = work("t-zzzzzzzz", "complete")
    await agent.refuses("unknown_id", "complete_subtask", **unknown)
    for action in ["needs_revision", "blocked"]:
        left = await agent.does("complete_subtask", **work(design, action))
        assert left["status"] == action, left
        await agent.refuses("open_tasks", "synthesize_results", parent_task_id=whole)
    await agent.does("execute_subtask", task_id=design)
    done = await agent.does("complete_subtask", **work(design, "complete"))
    assert done["next_recommended_task"]["task_id"] == build, done
    call = done["artifact_info"]["read_with"].removeprefix("orchestrator_context ")
    kept = await agent.does("context", **json.loads(call))
    assert kept["text"] == "w", kept
    assert "wizard" in await agent.does("execute_subtask", task_id=build)
    await agent.does("complete_subtask", **work(build, "continue", artifact_type="code"))
    assert "Build" in await agent.does("synthesize_results", parent_task_id=whole)
    for action in ["scan_cleanup", "validate_structure", "update_documentation",
                   "prepare_handover"]:
        await agent.does("maintenance_coordinator", action=action, scope="full_project")
    status = await agent.does("get_status", include_completed=True)
    assert status["completed"] == 3 and status["pending"] == 0, status


async def modes(one, other, heard):
    """A mode is made and selected; whoever listens is told, and so is every agent's next answer."""
    assert "Mode " in one.client.instructions, one.client.instructions
    await other.does("session_status")
    roles = [{"role_name": "gardener", "prompt": "You water what grows."}]
    await one.does("mode_create", mode_name="garden", custom_roles=roles)

    async def select():
        selected = await one.does("mode_select", mode_file="garden.yaml", validate_first=True)
        assert selected["mode_activated"] == "garden", selected

    with anyio.fail_after(20):
        if other.client.protocol_version >= "2026-07-28":
            async with other.client.listen(prompts_list_changed=True) as changes:
                await select()
                async for _ in changes:
                    break
        else:
            heard.clear()
            await select()
            while not heard:
                await anyio.sleep(0.01)
    told = await other.does("session_status")
    assert [item["mode"] for item in told["inbox"] if item["kind"] == "mode_changed"] == ["garden"]
    assert "gardener" in told["mode"]["roles"], told
    prompts = {prompt.name for prompt in (await other.client.list_prompts()).prompts}
    assert {"start_work", "role_gardener", "role_tester"} <= prompts, prompts
    task = (await one.does("task_create", title="Water", role="gardener"))["created"][0]["task_id"]
    given = await other.client.get_prompt("role_gardener", {"task_id": task})
    text = given.messages[0].content.text
    assert "You water what grows." in text and task in text, text
    reference = PromptReference(name="review_task")
    found = await other.client.complete(reference, {"name": "task_id", "value": "wat"})
    assert found.completion.values == ["Water"], found
    claimed = await other.does("task_claim", task_id=task)
    assert "You water what grows." in str(claimed["as_role"]), claimed
    await other.refuses("unknown_id", "mode_select", mode="gardn")


async def main(how, *arguments):
    *where, project, era = arguments
    heard = []

    async def hear(message):
        if "PromptListChanged" in type(getattr(message, "root", message)).__name__:
            heard.append(message)

    def client():
        if how == "stdio":
            program = ["mcp", "--project", project]
            return Client(StdioServerParameters(command=where[0], args=program), mode=era,
                          message_handler=hear)
        headers = {"Authorization": f"Bearer {where[1]}"}
        http = httpx2.AsyncClient(headers=headers, timeout=60)
        return Client(streamable_http_client(where[0], http_client=http), mode=era,
                      message_handler=hear)

    async with client() as one, client() as other:
        await life(Agent(one), Agent(other))
        await first_generation(Agent(one), project)
        await modes(Agent(one), Agent(other), heard)


if sys.argv[1] != "probe":
    anyio.run(main, *sys.argv[1:])
