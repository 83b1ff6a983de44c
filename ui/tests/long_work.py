"""Long work, followed and broken off by the PyPI package `mcp`, and by clients that just go away.

    long_work.py stdio PROGRAM PROJECT ERA         starts the program itself
    long_work.py http  URL TOKEN PROJECT ERA PID   speaks to one that serves, in process PID

PROJECT holds a board that is large enough for work on it to take a while.
"""

import json
import os
import socket
import sqlite3
import time
from urllib.parse import urlsplit

import anyio
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from ended import run

PREFIX = "orchestrator_"
PATIENCE = 60
# Long work, and how often it tells of itself at least, however fast the machine.
LONG = [("backup_create", {"scope": "all"}, 3), ("validate_integrity", {"level": "full_audit"}, 2)]


class Place:
    """What can be seen of the work from outside."""

    def __init__(self, project):
        self.home = os.path.join(project, ".task_orchestrator")
        database = os.path.join(self.home, "callboard.db")
        self.rows = sqlite3.connect(f"file:{database}?mode=ro", uri=True)

    def backups(self):
        (count,) = self.rows.execute("SELECT count(*) FROM backups").fetchone()
        return count

    def archives(self):
        folder = os.path.join(self.home, "backups/archives")
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def half_done(self):
        """What is only there while work goes on."""
        parts = [name for name in self.archives() if not name.endswith(".tar.zst")]
        here = os.listdir(os.path.join(self.home, "run"))
        return parts + [name for name in here if name.startswith(("scratch-", "restore-"))]


async def until(what, look):
    """Waits until something is so; it must become so by itself."""
    ends = time.monotonic() + PATIENCE
    while not look():
        assert time.monotonic() < ends, f"never: {what}"
        await anyio.sleep(0.02)


async def follows(client, tool, arguments, least):
    """A call that is followed: its progress rises to the end."""
    told = []

    async def hear(progress, total, message):
        told.append((progress, total, message))

    result = await client.call_tool(PREFIX + tool, arguments, progress_callback=hear)
    assert not result.is_error, result
    # What is told last may come behind the answer.
    values = [progress for progress, _, _ in told]
    assert least <= len(values), f"{tool}: {told}"
    assert all(one < two for one, two in zip(values, values[1:])), f"{tool}: {values}"
    assert all(total is None or progress <= total for progress, total, _ in told), told
    assert any(message for _, _, message in told), told
    return result.structured_content


async def cancelled(client, tool, arguments):
    """Cancels a call as soon as it tells of its progress; False where it was answered before that."""
    answered = []
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            async def hear(progress, total, message):
                group.cancel_scope.cancel()

            async def call():
                answered.append(await client.call_tool(PREFIX + tool, arguments, progress_callback=hear))

            group.start_soon(call)
    return not answered


async def breaks_off(client, place, tool, arguments):
    """A call that is cancelled leaves nothing behind and is not carried out later."""
    for _ in range(5):
        before = (place.backups(), place.archives())
        if await cancelled(client, tool, arguments):
            break
    else:
        raise AssertionError(f"{tool} always ends before it can be broken off")
    await until(f"{tool} leaves nothing behind", lambda: not place.half_done())
    # It goes on answering, and what was broken off does not come later.
    for _ in range(3):
        status = await client.call_tool(PREFIX + "session_status", {})
        assert not status.is_error, status
    assert (place.backups(), place.archives()) == before, f"{tool} went on to the end"


class Dropping:
    """A client in the manner of 2025-06-18 that hangs up in the middle of a call."""

    def __init__(self, url, token):
        parts = urlsplit(url)
        self.place, self.path = (parts.hostname, parts.port), parts.path
        self.headers = {"Host": f"{parts.hostname}:{parts.port}", "Content-Type": "application/json",
                        "Accept": "application/json, text/event-stream", "Authorization": f"Bearer {token}"}
        hello = {"protocolVersion": "2025-06-18", "capabilities": {},
                 "clientInfo": {"name": "dropping", "version": "1"}}
        head = self.read(self.send({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello}))
        lines = dict(line.split(": ", 1) for line in head.split("\r\n") if ": " in line)
        self.headers["Mcp-Session-Id"] = {name.lower(): value for name, value in lines.items()}["mcp-session-id"]
        self.read(self.send({"jsonrpc": "2.0", "method": "notifications/initialized"}))

    def send(self, message):
        stream = socket.create_connection(self.place, timeout=PATIENCE)
        body = json.dumps(message).encode()
        head = [f"POST {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in self.headers.items()),
                f"Content-Length: {len(body)}", "Connection: close", "", ""]
        stream.sendall("\r\n".join(head).encode() + body)
        return stream

    def read(self, stream, end=None):
        """Reads to the end, or until something was said."""
        text = b""
        while end is None or end not in text:
            piece = stream.recv(65536)
            if not piece:
                break
            text += piece
        if end is None:
            stream.close()
        return text.decode()

    def drop(self, number, tool, arguments, at_once):
        """Sends a call and hangs up, at once or when the first progress is told."""
        params = {"name": PREFIX + tool, "arguments": arguments, "_meta": {"progressToken": number}}
        stream = self.send({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params})
        if not at_once:
            said = self.read(stream, b"notifications/progress")
            assert "notifications/progress" in said, said
        # Hard: without a word, as a client that is killed.
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        stream.close()


def descriptors(pid):
    """Open files of a process, by what they are: sockets come and go."""
    folder, found = f"/proc/{pid}/fd", []
    for name in os.listdir(folder):
        try:
            found.append(os.readlink(os.path.join(folder, name)))
        except FileNotFoundError:
            pass
    return found


async def is_dropped(client, place, url, token, pid):
    """Requests whose clients hang up: the work ends somehow, whole or not at all, and nothing leaks."""
    dropping = Dropping(url, token)
    await client.call_tool(PREFIX + "session_status", {})
    files = lambda: sum(1 for one in descriptors(pid) if not one.startswith(("socket:", "anon_inode:")))
    sockets = lambda: sum(1 for one in descriptors(pid) if one.startswith("socket:"))
    at_rest, connected = files(), sockets()
    for round in range(2):
        for tool, arguments, _ in LONG:
            for at_once in (True, False):
                dropping.drop(100 + round * 10 + len(tool) + at_once, tool, arguments, at_once)
                status = await client.call_tool(PREFIX + "session_status", {})
                assert not status.is_error, status
                await until(f"{tool} is over", lambda: not place.half_done())
    # Readers of the database may be kept for later, a bounded number; nothing grows with every call.
    await until("files are closed", lambda: files() <= at_rest + 8)
    await until("sockets are closed", lambda: sockets() <= connected + 4)
    # What is there is whole.
    listed = (await client.call_tool(PREFIX + "backup_list", {"limit": 50})).structured_content
    assert listed["total_backups"] == place.backups() == len(place.archives()), listed
    assert all(one["integrity_status"] == "valid" for one in listed["backups"]), listed
    made = await client.call_tool(PREFIX + "task_create", {"title": "It goes on."})
    assert not made.is_error, made


async def main(how, *arguments):
    if how == "stdio":
        program, project, era = arguments
        server = StdioServerParameters(command=program, args=["mcp", "--project", project])
    else:
        url, token, project, era, pid = arguments
        http = httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE)
        server = streamable_http_client(url, http_client=http)
    async with Client(server, mode=era) as client:
        # Written by the first call at the latest.
        assert not (await client.call_tool(PREFIX + "session_status", {})).is_error
        place = Place(project)
        for tool, wanted, _ in LONG:
            await breaks_off(client, place, tool, wanted)
        known = place.backups()
        for tool, wanted, least in LONG:
            await follows(client, tool, wanted, least)
        assert place.backups() == len(place.archives()) == known + 1, place.archives()
        if how == "http":
            await is_dropped(client, place, url, token, pid)


run(main)
