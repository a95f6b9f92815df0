"""The way out over stdio: what a child sees and hears, what it can do, and how it ends."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest

from sallyport.adapters.mcp import Limits, McpUpstreams, pool, stdio
from sallyport.adapters.mcp.stdio import StdioLink
from sallyport.errors import UpstreamDownError, UpstreamLostError, UpstreamProtocolError
from sallyport.model import System
from sallyport.ports import NotLaunchedError, Reply
from tests.integration.upstream.conftest import RAW_CHILD, Gateway
from tests.integration.upstream.raw import Launches, Spied, go, launch_into, outbound

pytestmark = pytest.mark.anyio

Child = Callable[..., System]


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdio, "GRACE_S", 0.2)


def texts(reply: Reply) -> list[Any]:
    """Return the JSON in each text of a result."""
    assert reply.result is not None
    content = reply.result["content"]
    assert isinstance(content, list)
    return [json.loads(str(block["text"])) for block in content if isinstance(block, dict)]


def wait_for_end(pid: int) -> None:
    """Return when this process has ended; fail after ten seconds."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select([handle], [], [], 10)
        assert ended, f"process {pid} is still there"
    finally:
        os.close(handle)


# What it sees


async def test_a_child_sees_only_what_was_declared(
    stdio_system: System, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the gateway's own environment; declared secrets filled in; a plain PATH."""
    monkeypatch.setenv("SALLYPORT_PLANTED", "gateway-secret")
    system = System(
        name="desk",
        command=stdio_system.command,
        environment={"DESK_URL": "http://desk", "DESK_TOKEN": "secret:token"},
    )
    async with gateway(system, secrets={"token": "s3cret"}) as upstreams:
        (seen,) = texts(await upstreams.call(outbound("environment"), go))

    own_folder = str(Path(sys.executable).parent)
    # Python itself may add LC_CTYPE to its own environment when it starts without a locale.
    seen.pop("LC_CTYPE", None)
    assert seen == {
        "DESK_URL": "http://desk",
        "DESK_TOKEN": "s3cret",
        "PATH": f"{own_folder}:/usr/local/bin:/usr/bin:/bin",
    }


async def test_a_new_secret_starts_a_new_child(stdio_system: System, gateway: Gateway) -> None:
    """Rotation takes effect with the next call, as it does over HTTP."""
    system = System(
        name="desk", command=stdio_system.command, environment={"DESK_TOKEN": "secret:token"}
    )
    secrets = {"token": "old"}
    async with gateway(system, secrets=secrets) as upstreams:
        (before,) = texts(await upstreams.call(outbound("environment"), go))
        secrets["token"] = "new"
        (after,) = texts(await upstreams.call(outbound("environment"), go))

    assert (before["DESK_TOKEN"], after["DESK_TOKEN"]) == ("old", "new")


async def test_a_secret_that_was_taken_away_ends_its_child_and_nothing_else(
    child_system: Child, gateway: Gateway
) -> None:
    """The next call of that system is down; another system goes on."""
    other = System(name="other", command=child_system("good").command)
    system = child_system("family", environment={"T": "secret:token"})
    secrets = {"token": "s3cret"}
    async with gateway(system, other, secrets=secrets) as upstreams:
        ((pid, _),) = texts(await upstreams.call(outbound(), go))
        secrets.clear()
        with pytest.raises(UpstreamDownError):
            await upstreams.call(outbound(), go)
        assert (await upstreams.call(replace(outbound(), system="other"), go)).result is not None
        await anyio.to_thread.run_sync(wait_for_end, pid)


async def test_one_child_serves_all_principals(child_system: Child, gateway: Gateway) -> None:
    """A process has no sessions to keep apart."""
    async with gateway(child_system("family")) as upstreams:
        first = texts(await upstreams.call(outbound(principal="a"), go))
        second = texts(await upstreams.call(outbound(principal="b"), go))

    assert first[0][0] == second[0][0]


async def test_a_command_that_is_not_there_is_down(gateway: Gateway) -> None:
    """Nothing was sent, and the sentence names the command."""
    launches = Launches()
    system = System(name="desk", command=("no-such-command",))
    async with gateway(system) as upstreams:
        with pytest.raises(UpstreamDownError, match="`no-such-command` of system `desk`"):
            await upstreams.call(outbound(), launches)
    assert not launches.count


# When it leaves


async def test_nothing_runs_between_the_launch_and_the_first_byte(
    child_system: Child, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same law as over HTTP."""
    order: list[str] = []
    stdin: Any = vars(StdioLink)["_stdin"]

    def spied(link: StdioLink) -> Any:
        return Spied(stdin(link), order)

    monkeypatch.setattr(StdioLink, "_stdin", spied)
    async with gateway(child_system("good")) as upstreams:
        for _ in range(2):
            await upstreams.call(outbound(), launch_into(order))

    assert order == ["launch", "write", "anything else"] * 2


async def test_a_refused_launch_sends_no_byte(child_system: Child, gateway: Gateway) -> None:
    """The child repeats what it received: the refused call is not in it."""

    def refuse() -> None:
        raise NotLaunchedError("stopped")

    async with gateway(child_system("good")) as upstreams:
        with pytest.raises(NotLaunchedError):
            await upstreams.call(outbound("refused"), refuse)
        await upstreams.call(outbound("launched"), go)
        received = upstreams.complaints("desk")

    assert '"launched"' in received
    assert '"refused"' not in received


# What it can do


@pytest.mark.parametrize("mode", ["good", "wrong_id", "twice", "noise"])
async def test_what_answers_nothing_is_ignored(
    child_system: Child, gateway: Gateway, mode: str
) -> None:
    """Foreign ids, second answers, banners and broken lines: each call gets its own answer."""
    async with gateway(child_system(mode)) as upstreams:
        for _ in range(3):
            reply = await upstreams.call(outbound(), go)
            assert reply.result == {"content": [{"type": "text", "text": "done"}]}


@pytest.mark.parametrize(
    "mode, kind",
    [
        ("doubled", UpstreamProtocolError),
        ("flood", UpstreamProtocolError),
        ("dies", UpstreamLostError),
    ],
)
async def test_a_child_that_does_not_answer_leaves_the_call_in_doubt(
    child_system: Child, gateway: Gateway, mode: str, kind: type[UpstreamLostError]
) -> None:
    """Doubled keys, a line without end, death."""
    async with gateway(child_system(mode), limits=Limits(answer_bytes=200_000)) as upstreams:
        with anyio.fail_after(20), pytest.raises(kind) as caught:
            await upstreams.call(outbound(), go)

    assert type(caught.value) is kind


async def test_a_silent_child_leaves_the_call_in_doubt(
    child_system: Child, gateway: Gateway
) -> None:
    """The call has a bound; its answer, had it come later, would be nobody's."""
    async with gateway(child_system("silent")) as upstreams:
        with pytest.raises(UpstreamProtocolError):
            await upstreams.tools("desk")
        with pytest.raises(UpstreamLostError, match="no answer in time"):
            await upstreams.call(outbound(timeout_ms=50), go)


async def test_last_words_count(child_system: Child, gateway: Gateway) -> None:
    """A child that answers and ends at once has answered."""
    async with gateway(child_system("last_words")) as upstreams:
        reply = await upstreams.call(outbound(), go)

    assert reply.result is not None


async def test_what_a_child_asks_of_us_is_declined_and_a_ping_answered(
    child_system: Child, gateway: Gateway
) -> None:
    """The same law as over HTTP."""
    async with gateway(child_system("asks")) as upstreams:
        ping, roots, sampling = texts(await upstreams.call(outbound(), go))

    assert ping == {"jsonrpc": "2.0", "id": "own-0", "result": {}}
    for declined in (roots, sampling):
        assert declined["error"]["code"] == -32601


async def test_a_change_of_tools_is_heard(child_system: Child, gateway: Gateway) -> None:
    """Before the answer that follows it."""
    changed: list[str] = []
    async with gateway(child_system("changes")) as upstreams:
        upstreams.watch(changed.append)
        await upstreams.call(outbound(), go)

    assert changed == ["desk"]


async def test_what_a_child_complains_of_is_bounded(child_system: Child, gateway: Gateway) -> None:
    """The end of its stderr is kept for the operator, not all of it."""
    long = json.dumps({"text": "x" * 5000}).encode()
    async with gateway(child_system("good"), limits=Limits(stderr_bytes=1000)) as upstreams:
        for _ in range(3):
            await upstreams.call(outbound(arguments=long), go)
        assert len(upstreams.complaints("desk")) <= 1000


# How it ends and starts again


async def test_a_child_that_died_is_started_again_and_watchers_hear_it_first(
    child_system: Child, gateway: Gateway
) -> None:
    """It may come back with other tools, so they are told before the next call is launched."""
    changed: list[str] = []
    at_launch: list[int] = []
    async with gateway(child_system("family")) as upstreams:
        upstreams.watch(changed.append)
        ((pid, _),) = texts(await upstreams.call(outbound(), go))
        os.kill(pid, signal.SIGKILL)
        wait_for_end(pid)
        with anyio.fail_after(20):
            again = await _until_answered(upstreams, lambda: at_launch.append(len(changed)))

    assert texts(again)[0][0] != pid
    assert at_launch[-1] == 1


async def test_a_child_that_keeps_ending_is_not_started_at_once(
    child_system: Child, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that comes in the pause is told so, and nothing is started."""
    monkeypatch.setattr(pool, "PAUSES_S", (0.0, 1000.0))
    async with gateway(child_system("stillborn")) as upstreams:
        for sentence in ("ended while", "ended while", "keeps ending"):
            with anyio.fail_after(20), pytest.raises(UpstreamDownError, match=sentence):
                await upstreams.call(outbound(), go)


async def test_closing_ends_a_stubborn_child_and_its_children(
    child_system: Child, gateway: Gateway
) -> None:
    """One that ignores the end of its stdin and SIGTERM, and what it started itself."""
    async with gateway(child_system("family")) as upstreams:
        ((child, grandchild),) = texts(await upstreams.call(outbound(), go))

    wait_for_end(child)
    wait_for_end(grandchild)


def test_a_child_dies_with_a_killed_gateway() -> None:
    """Even by `kill -9`, which leaves the gateway no time to do anything."""
    program = f"""
import asyncio, sys
from sallyport.adapters.mcp import McpUpstreams
from sallyport.model import System
from sallyport.ports import Outbound

async def main():
    system = System(name="desk", command=(sys.executable, {str(RAW_CHILD)!r}, "family"))
    upstreams = McpUpstreams(lambda: {{"desk": system}}, str)
    reply = await upstreams.call(Outbound(call_id="c", system="desk", tool="t", arguments=b"{{}}",
        meta={{}}, principal="", timeout_ms=20000), lambda: None)
    print(reply.result["content"][0]["text"], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        child, grandchild = json.loads(owner.stdout.readline())
        owner.kill()
    wait_for_end(child)
    os.kill(grandchild, signal.SIGKILL)


async def _until_answered(upstreams: McpUpstreams, launch: Callable[[], None]) -> Reply:
    """Call until the gateway has noticed that the child died."""
    while True:
        try:
            return await upstreams.call(outbound(), launch)
        except UpstreamLostError:
            continue
