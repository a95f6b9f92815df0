"""Gateways that get killed. This process imports everything once, and forks a gateway per order.

An order is one line of JSON on stdin; the answer on stdout is how the gateway ended, as
`os.waitpid` gives it. What a gateway says (acknowledged entries first of all) it writes to the file
`out` with single writes, which a kill cannot take back.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

from sallyport.adapters.mcp.upstreams import McpUpstreams
from sallyport.adapters.notify.webhook import WebhookNotifier
from sallyport.adapters.storage.store import DATABASE, SqliteStore
from sallyport.errors import SallyportError
from sallyport.flow.house import House
from sallyport.model import Ending
from sallyport.ports import Append, Appended, Blocked, Hear, Launch, Outbound, Reply, Sent
from sallyport.rules.commands import Ended
from sallyport.rules.notices import Notice
from tests.crash import bookkeeping
from tests.crash.upstream import ROOT, Desk

NEVER = 10**9
WAITS_S = 20


# --- The gateway, in a process of its own. ---


@dataclass
class Life:
    """One gateway process: its order, and what it counts on the way to its end.

    `steps` counts the moments around every commit and every call that leaves, `events` every
    function that is entered or left in any thread; both only once `counting`.
    """

    order: dict[str, Any]
    out: int
    counting: bool = False
    steps: int = 0
    events: int = 0
    acknowledged: list[int] = field(default_factory=list[int])

    @property
    def home(self) -> Path:
        """The home folder."""
        return Path(self.order["home"])

    @property
    def desk(self) -> Desk:
        """The system that is called."""
        return Desk(self.order["port"])

    def say(self, **what: Any) -> None:
        """Write one line that survives."""
        os.write(self.out, json.dumps(what).encode() + b"\n")

    def step(self) -> None:
        """Die here if this is the step to die at."""
        self.steps += self.counting
        if self.counting and self.steps == self.order.get("die_at_step", NEVER):
            die()

    def event(self, frame: FrameType, kind: str, arg: object) -> None:
        """Die here if this is the function to die in (for `sys.setprofile`)."""
        del frame, kind, arg
        if self.counting:
            self.events += 1
            if self.events == self.order["die_at_event"]:
                die()

    def plan(self) -> None:
        """Tell the system when to shoot at this process."""
        if "plan" in self.order:
            self.desk.control("plan", pid=os.getpid(), **self.order["plan"])


def die() -> None:
    """End as kill -9 ends it."""
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def watched(life: Life) -> Generator[None]:
    """Have every acknowledged entry told, and every step counted, in the real adapters."""
    append, call, send = SqliteStore.append, McpUpstreams.call, WebhookNotifier.send

    async def counted_send(notifier: WebhookNotifier, notice: Notice) -> Sent:
        life.step()
        sent = await send(notifier, notice)
        life.step()
        return sent

    async def told_append(store: SqliteStore, item: Append) -> Appended | Blocked:
        life.step()
        done = await append(store, item)
        life.step()
        if isinstance(done, Appended):
            life.say(seqs=done.seqs, kinds=[record.kind for record in item.records])
        return done

    async def counted_call(
        ups: McpUpstreams, outbound: Outbound, launch: Launch, hear: Hear | None = None
    ) -> Reply:
        life.step()
        if life.order.get("halt") == outbound.tool:
            life.desk.control("kill", pid=os.getpid())
        if life.order.get("stop_before") == outbound.tool:
            (life.home / ".sallyport" / "STOP").write_text("everything")
        reply = await call(ups, outbound, launch, hear)
        life.step()
        return reply

    with (
        patch.object(SqliteStore, "append", told_append),
        patch.object(McpUpstreams, "call", counted_call),
        patch.object(WebhookNotifier, "send", counted_send),
    ):
        yield


async def set_up(life: Life) -> None:
    """Make the home folder."""
    await bookkeeping.set_up(life.home, life.order["port"])


async def only_open(life: Life) -> None:
    """Recover, and close."""
    life.plan()
    life.counting = True
    async with bookkeeping.open_home(life.home) as house:
        recovered = house.recovered
        assert recovered is not None
        life.say(in_doubt=recovered.in_doubt, carried_on=recovered.carried_on)


async def propose(life: Life) -> None:
    """Propose one call."""
    async with bookkeeping.open_home(life.home) as house:
        life.plan()
        life.counting = True
        await _propose(life, house)


async def _propose(life: Life, house: House) -> Ended:
    ended = await bookkeeping.propose(house, life.home, life.order["tool"], life.order["id"])
    life.say(told=json.loads(bookkeeping.told(ended)))
    return ended


async def pay(life: Life) -> None:
    """Pay an amount, in a run that has read nothing yet."""
    async with bookkeeping.open_home(life.home) as house:
        args = {name: life.order[name] for name in ("id", "amount")}
        task = await bookkeeping.new_task(house, life.home, "bookkeeping", f"run-{args['id']}")
        life.counting = True
        ended = await house.call(task, "once.pay", args, channel="test", hold_ms=0)
        life.counting = False
        life.say(told=json.loads(bookkeeping.told(ended)), steps=life.steps)


async def approve(life: Life) -> None:
    """Propose a call that asks, answer it with yes, and wait for its end."""
    async with bookkeeping.open_home(life.home) as house:
        ended = await _propose(life, house)
        assert ended.ending is Ending.WAITING
        assert ended.approval is not None
        over = asyncio.Event()
        house.gateway.when_over(ended.call.id, lambda _: over.set())
        life.plan()
        life.counting = "die_at_step" in life.order
        await bookkeeping.answer_yes(house, life.home, ended.approval)
        life.counting = True
        if "die_at_event" in life.order:
            sys.setprofile(life.event)
        await over.wait()
        sys.setprofile(None)
        life.counting = False
        life.say(steps=life.steps, events=life.events)


async def only_ask(life: Life) -> None:
    """Propose a call that asks, twice, and answer the second without anything following."""
    async with bookkeeping.open_home(life.home) as house:
        await _propose(life, house)
        life.order["id"] += "-answered"
        ended = await _propose(life, house)
        assert ended.approval is not None
        with patch.object(house.inbox, "_follow"):
            await bookkeeping.answer_yes(house, life.home, ended.approval)


async def cool(life: Life) -> None:
    """Answer a call that leaves the house with yes, and die while the yes can be taken back."""
    async with bookkeeping.open_home(life.home) as house:
        ended = await _propose(life, house)
        assert ended.approval is not None
        await bookkeeping.answer_yes(house, life.home, ended.approval)
        die()


async def undo(life: Life) -> None:
    """Take back the yes that another life left, and die the moment that is done."""
    async with bookkeeping.open_home(life.home) as house:
        (cooling,) = await house.inbox.cooling()
        assert cooling.approval is not None
        await house.inbox.undo(cooling.approval.id, person="ben")
        die()


async def wait(life: Life) -> None:
    """Recover, and wait until nothing waits any more before it leaves."""
    async with bookkeeping.open_home(life.home) as house:
        waiting = await house.inbox.cooling()
        over = [asyncio.Event() for _ in waiting]
        for one, event in zip(waiting, over, strict=True):
            house.gateway.when_over(one.call.id, _sets(event))
        life.say(cooling=len(waiting), carried_on=house.recovered and house.recovered.carried_on)
        for event in over:
            await asyncio.wait_for(event.wait(), WAITS_S)


async def hook(life: Life) -> None:
    """Have people told from the next start on."""
    async with bookkeeping.open_home(life.home) as house:
        key = "whsec_" + base64.b64encode(b"k" * 32).decode()
        await house.secrets.put("hook_key", key, evidence=house.gateway.evidence)
    (life.home / "hook").write_text(f"http://127.0.0.1:{life.order['port']}/told")


async def tell(life: Life) -> None:
    """Propose a call that asks, if one is named, and send all that waits to be told."""
    async with bookkeeping.open_home(life.home) as house:
        life.plan()
        life.counting = True
        if "die_at_event" in life.order:
            sys.setprofile(life.event)
        if "tool" in life.order:
            await _propose(life, house)
        while await house.gateway.outside.store.rows("outbox", {"state": "waiting"}):
            await house.notices.send_due("hook")
        sys.setprofile(None)
        life.counting = False
        life.say(steps=life.steps, events=life.events)


async def tell_full(life: Life) -> None:
    """Propose calls that ask while the disk is full, and one when there is room again."""
    async with bookkeeping.open_home(life.home) as house:
        with full_disk(life):
            life.say(errors=[await _refused(life, house, f"full-{n}") for n in range(3)])
        await _propose(life, house)


def _sets(event: asyncio.Event) -> Callable[[Ended], None]:
    def over(ended: Ended) -> None:
        del ended
        event.set()

    return over


async def stop(life: Life) -> None:
    """Stop a scope, and die the moment that is done."""
    async with bookkeeping.open_home(life.home) as house:
        await house.controls.stop(life.order["scope"], because="tested", by="anna")
        die()


async def run_full(life: Life) -> None:
    """Serve while the disk is full for a while: before the intent, and after a call has left."""
    async with bookkeeping.open_home(life.home) as house:
        life.order["id"] = "roomy"
        await _propose(life, house)
        with full_disk(life):
            life.say(errors=[await _refused(life, house, f"full-{n}") for n in range(3)])
        life.order["id"] = "roomy-again"
        await _propose(life, house)
        await _fill_while_out(life, house)


async def _refused(life: Life, house: House, name: str) -> dict[str, str]:
    try:
        await bookkeeping.propose(house, life.home, life.order["tool"], name)
    except SallyportError as error:
        return error.as_dict()
    return {"code": "none"}


async def _fill_while_out(life: Life, house: House) -> None:
    call = McpUpstreams.call
    full = ExitStack()

    async def filling(
        ups: McpUpstreams, outbound: Outbound, launch: Launch, hear: Hear | None = None
    ) -> Reply:
        reply = await call(ups, outbound, launch, hear)
        full.enter_context(full_disk(life))
        return reply

    task = await bookkeeping.new_task(house, life.home, "bookkeeping", "run-caught")

    async def caught() -> Ended:
        tool: str = life.order["tool"]
        return await house.call(task, tool, {"id": "caught"}, channel="test", hold_ms=0)

    with patch.object(McpUpstreams, "call", filling):
        try:
            await caught()
        except SallyportError as error:
            life.say(caught=error.as_dict())
        finally:
            full.close()
    ended = await caught()
    life.say(repeated=json.loads(bookkeeping.told(ended)))


@contextmanager
def full_disk(life: Life) -> Generator[None]:
    """Let no file of the gateway grow."""
    wal = life.home / ".sallyport" / f"{DATABASE}-wal"
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal.stat().st_size, unlimited[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)


ACTIONS: dict[str, Callable[[Life], Awaitable[None]]] = {
    "set_up": set_up,
    "open": only_open,
    "propose": propose,
    "approve": approve,
    "pay": pay,
    "ask": only_ask,
    "stop": stop,
    "cool": cool,
    "undo": undo,
    "wait": wait,
    "full": run_full,
    "hook": hook,
    "tell": tell,
    "tell_full": tell_full,
}


def live(order: dict[str, Any]) -> int:
    """Be the gateway of one order; return the exit code."""
    out = os.open(order["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    life = Life(order, out)
    if "die_at_event" in order:
        threading.setprofile(life.event)

    async def main() -> None:
        with watched(life):
            await ACTIONS[order["action"]](life)

    try:
        asyncio.run(main())
    except SallyportError as error:
        life.say(error=error.as_dict())
        return 2
    except BaseException:  # noqa: BLE001 - the parent shows it
        traceback.print_exc()
        return 1
    return 0


# --- The process that forks them. ---


def main() -> None:
    """Fork a gateway for each order until there are no more."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(live(json.loads(line)))
        _, status = os.waitpid(child, 0)
        os.write(1, f"{status}\n".encode())


# --- The parent's side. ---


@dataclass(frozen=True)
class Ran:
    """How a gateway ended, and what it had said."""

    killed: bool
    code: int
    said: list[dict[str, Any]]

    @property
    def acknowledged(self) -> dict[int, str]:
        """The kind of each ledger entry that was acknowledged, by number."""
        return {
            seq: kind
            for line in self.said
            if "seqs" in line
            for seq, kind in zip(line["seqs"], line["kinds"], strict=True)
        }

    def what(self, name: str) -> Any:
        """Return the last thing said under a name, or None."""
        return next((line[name] for line in reversed(self.said) if name in line), None)


class Nursery:
    """Gives orders."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self._count = 0

    def run(self, action: str, home: Path, port: int, **more: Any) -> Ran:
        """Run a gateway to its end, whatever end that is."""
        self._count += 1
        out = self._folder / f"out-{self._count}"
        order = {"action": action, "home": str(home), "port": port, "out": str(out), **more}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        said = [json.loads(line) for line in out.read_text().splitlines()]
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        assert killed or os.WEXITSTATUS(status) in {0, 2}, "a gateway failed: see its stderr"
        return Ran(killed, -1 if killed else os.WEXITSTATUS(status), said)


@contextmanager
def nursery(folder: Path) -> Generator[Nursery]:
    """Run the process that forks gateways."""
    command = [sys.executable, "-m", "tests.crash.gateway_child"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            yield Nursery(process, folder)
        finally:
            assert process.stdin is not None
            process.stdin.close()


if __name__ == "__main__":
    main()
