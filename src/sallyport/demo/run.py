"""The main job, shown: a desk, a gateway, and an agent that believes everything it reads.

First the agent works the queue with nothing in between, so that the harm is no claim. Then the same
agent works a fresh copy of the desk through a gateway, call by call on the screen. What waits is
answered by whoever sits in front of it, or by script with `--unattended`. In the end the desk's own
database tells what did and did not happen, and the exit code says whether that is as it should be.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import secrets
import shlex
import shutil
import sys
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from sallyport.adapters.keys.people import PersonKey
from sallyport.demo import agent, edit, story
from sallyport.demo.browser import Entrance
from sallyport.demo.launch import RunningDesk, running_desk
from sallyport.demo.report import desk_report
from sallyport.doors.client import LocalClient
from sallyport.errors import NotFoundError, SallyportError
from sallyport.model import JsonObject
from sallyport.rules import approval as approvals
from sallyport.rules.boundary.signing import activation
from sallyport.rules.statements import statement

FOLDER = "sallyport-demo"
MARK = "this folder is remade by `sallyport demo`"
AGENT = "support-bot"
START_S = 30
POLL_S = 1.0
SHOWN_MAX = 28
STYLE = {"done": "green", "waiting": "yellow", "draft": "cyan", "refused": "red", "expired": "red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the demo was asked to run."""

    unattended: bool
    as_json: bool
    folder: Path


@dataclass(slots=True)
class Shown:
    """What the run has brought so far."""

    events: list[agent.Event] = field(default_factory=list[agent.Event])
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    answers: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    refusal: edit.Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything that is up: the desk, the gateway, and the people's keys."""

    desk: RunningDesk
    desk_db: Path
    home: Path
    client: LocalClient
    url: str
    keys: dict[str, PersonKey]


def main(argv: list[str] | None = None) -> int:
    """Run the demo. Returns 0 when what should happen did, and nothing else."""
    options = _options(argv)
    console = Console(stderr=options.as_json, highlight=False)
    try:
        return asyncio.run(_run(options, console))
    except KeyboardInterrupt:
        console.print("stopped; nothing is left running")
        return 130
    except SallyportError as error:
        console.print(f"[red]error:[/] {escape(error.what)}\n  fix: {escape(error.fix)}")
        return 2


def _options(argv: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(
        prog="sallyport demo", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--unattended", action="store_true", help="answer by script and exit")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    parser.add_argument(
        "--folder", type=Path, default=Path(FOLDER), help="where to keep the demo's files"
    )
    found = parser.parse_args(argv)
    return Options(unattended=found.unattended, as_json=found.json, folder=found.folder.absolute())


async def _run(options: Options, console: Console) -> int:
    _fresh_folder(options.folder)
    shown = Shown()
    if not options.unattended:
        console.print("[dim]starting a support desk and a gateway[/]")
    async with _stage(options.folder) as stage:
        entrance = Entrance(stage.client, console)
        if not options.unattended:
            entrance.open(_entering(stage))
        harm = await _unguarded(options.folder, console)
        console.rule("2 · The same agent, the same tickets, through Sallyport")
        console.print(f"gateway on {stage.url}, home {stage.home}")
        await _work_queue(stage, shown, console)
        if options.unattended:
            await _answer_by_script(stage, shown, console)
            await _pick_up(stage, shown, console, {_call(e) for e in shown.events})
        else:
            await _stay(stage, shown, entrance)
        shown.refusal = _try_edit(stage, console)
        return _verdict(options, stage, shown, harm, console)


# --- The stage. ---


def _fresh_folder(folder: Path) -> None:
    """Make the demo's folder anew; a folder that is not the demo's is left alone."""
    mark = folder / "README.txt"
    if folder.exists():
        if not mark.is_file() or MARK not in mark.read_text(encoding="utf-8"):
            raise NotFoundError(
                f"`{folder}` exists and is not the demo's", fix="name another one with --folder"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o700)
    mark.write_text(f"{MARK}\n", encoding="utf-8")


async def _unguarded(folder: Path, console: Console) -> tuple[str, ...]:
    console.rule("1 · With nothing in between")
    token = secrets.token_urlsafe(16)
    db = folder / "desk-unguarded.db"
    async with running_desk(db, token) as desk:
        for errand in story.QUEUE:
            await agent.work_ticket(desk.url, token, errand, _say_nothing)
    harm = story.damage(desk_report(db))
    console.print("The agent worked the queue straight at the desk. The desk's own data say:")
    for sentence in harm:
        console.print(f"  [red]✗[/] {escape(sentence)}")
    return harm


@asynccontextmanager
async def _stage(folder: Path) -> AsyncGenerator[Stage]:
    token = secrets.token_urlsafe(16)
    db = folder / "desk.db"
    async with running_desk(db, token) as desk:
        _write_home(folder, desk.url)
        async with _gateway(folder):
            client = LocalClient(folder / ".sallyport")
            url = str(client.get("/admin/status")["url"])
            keys = {name: PersonKey.generate() for name in (story.LEAD, story.SUPPORT)}
            stage = Stage(desk=desk, desk_db=db, home=folder, client=client, url=url, keys=keys)
            _set_up(stage, token)
            yield stage


def _write_home(folder: Path, desk_url: str) -> None:
    """Write the demo's home as an owner would have it, with the desk's address of this run."""
    for name in ("workflows", "systems", "tools"):
        (folder / name).mkdir()
        for file in (story.demo_files() / name).iterdir():
            text = file.read_text(encoding="utf-8")
            text = text.replace("http://127.0.0.1:8787/mcp", desk_url)
            (folder / name / file.name).write_text(text, encoding="utf-8")
    settings = "port: 0\nhold_s: 0\nteam: many\ncool_off_s: 0\ncool_off_money_s: 0\n"
    (folder / "sallyport.yaml").write_text(settings, encoding="utf-8")


@asynccontextmanager
async def _gateway(home: Path) -> AsyncGenerator[None]:
    """Run `sallyport serve` as a process of its own, as anybody would."""
    log = (home / "serve.log").open("wb")
    command = (sys.executable, "-m", "sallyport", "serve", "--home", str(home))
    process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
    try:
        await _answering(home, process)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), START_S)
        if process.returncode is None:
            process.kill()
        log.close()


async def _answering(home: Path, process: asyncio.subprocess.Process) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.returncode is None:
        try:
            LocalClient(home / ".sallyport").get("/admin/status")
        except SallyportError:
            await asyncio.sleep(0.05)
        else:
            return
    tail = (home / "serve.log").read_text(encoding="utf-8", errors="replace")[-2000:]
    raise NotFoundError("the gateway did not start", fix=f"read its log: {tail.strip()}")


def _set_up(stage: Stage, desk_token: str) -> None:
    """Do what an owner does once: people, agent, secret, boundary, opener."""
    client, lead, support = stage.client, story.LEAD, story.SUPPORT
    folder = stage.home / "keys"
    folder.mkdir(mode=0o700)
    for name, key in stage.keys.items():
        key.save(folder / f"{name}.key")
    lead_roles = ["administrator", "operator", "owner", "support_lead"]
    client.post("/admin/people", _person(stage, lead, lead_roles))
    person = _person(stage, support, ["reviewer", "support_agent"])
    client.post("/admin/people", {**person, "signed": _signed(stage, lead, "enrol", person)})
    client.post("/admin/secrets", {"name": story.CREDENTIAL, "value": desk_token})
    client.add_agent(AGENT, owner=lead, purpose="answer tickets", contact=lead, by=lead)
    live: JsonObject = {"agent": AGENT, "stage": "live", "because": "the demo shows the boundary"}
    client.post("/admin/agents/stage", {**live, "signed": _signed(stage, lead, "stage", live)})
    _sign_boundary(stage)


def _sign_boundary(stage: Stage) -> None:
    workflow, systems = _written(stage)
    proposed = stage.client.propose(workflow, file=f"{story.WORKFLOW}.yaml", systems=systems)
    _sign(stage, proposed)


def _written(stage: Stage) -> tuple[str, dict[str, str]]:
    """Return the boundary as its owner wrote it: the workflow's text, and its systems by file."""
    file = stage.home / "workflows" / f"{story.WORKFLOW}.yaml"
    systems = {p.name: p.read_text(encoding="utf-8") for p in (stage.home / "systems").iterdir()}
    return file.read_text(encoding="utf-8"), systems


def _sign(stage: Stage, proposed: dict[str, Any]) -> None:
    """Sign a version, the lead first: a first one, and one that widens, needs a second person."""
    message = activation(**cast(JsonObject, proposed["sign"]))
    for person in (story.LEAD, story.SUPPORT):
        signature = stage.keys[person].sign(message)
        stage.client.activate(proposed["digest"], person=person, signature=signature)


def _entering(stage: Stage) -> JsonObject:
    """Return the lead's signature over the wish to enter the console, made now."""
    return _signed(stage, story.LEAD, "console", {})


# --- The edit. ---


def _try_edit(stage: Stage, console: Console) -> edit.Refusal:
    """Let the lead sign an edit that breaks what the file promises, and show what comes of it.

    It is an edit of the demo's own text: whoever answered may have changed the file meanwhile.
    """
    console.rule("4 · An edit: refunds up to 500.01 EUR")
    own = story.demo_files() / "workflows" / f"{story.WORKFLOW}.yaml"
    workflow, (_, systems) = own.read_text(encoding="utf-8"), _written(stage)
    found = edit.attempt(stage.client, workflow, systems, lambda one: _sign(stage, one))
    console.print(f"{story.LEAD} raises the limit by one cent and signs.")
    console.print("[green]refused[/]" if found.answer else "[red]it was taken[/]")
    for sentence in found.why:
        console.print(f"  {escape(sentence)}")
    for call in found.calls[:1]:
        console.print(f"  {escape(edit.in_words(call))}")
    return found


def _person(stage: Stage, name: str, roles: list[str]) -> JsonObject:
    return {
        "name": name,
        "roles": list[Any](sorted(roles)),
        "public_key": stage.keys[name].public_key,
    }


def _signed(stage: Stage, name: str, verb: str, details: JsonObject) -> JsonObject:
    at_us = time.time_ns() // 1000
    signature = stage.keys[name].sign(statement(verb, details, person=name, at_us=at_us))
    return {"person": name, "at_us": at_us, "signature": signature}


# --- The agent's work. ---


async def _work_queue(stage: Stage, shown: Shown, console: Console) -> None:
    made = stage.client.post(
        "/admin/tokens",
        {
            "kind": "opener",
            "agent": AGENT,
            "workflow": story.WORKFLOW,
            "person": "",
            "label": "ticket queue",
            "lasts_s": 24 * 3600,
            "by": story.LEAD,
        },
    )
    for errand in story.QUEUE:
        token = _open_task(stage, str(made["token"]), errand)
        shown.tokens[errand.ticket_id] = token
        console.print(f"\n[bold]{errand.ticket_id}[/] {escape(errand.point)}")
        screen = Screen(console)
        shown.events += await agent.work_ticket(_mcp(stage), token, errand, screen.tell)
        screen.rest()


def _open_task(stage: Stage, opener: str, errand: story.Errand) -> str:
    """Open a task as the ticket queue's own software would: over REST, with an opener's token."""
    host = urlsplit(stage.url)
    connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=30)
    body = {
        "workflow": story.WORKFLOW,
        "requester": story.SUPPORT,
        "inputs": dict(errand.inputs),
        "words": errand.words,
        "instance": errand.ticket_id,
    }
    headers = {"Authorization": f"Bearer {opener}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/tasks", json.dumps(body), headers)
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    if answer.status != http.client.CREATED:
        raise NotFoundError(f"the task for {errand.ticket_id} was not opened: {told}")
    return str(told["token"])


def _mcp(stage: Stage) -> str:
    return f"{stage.url}/mcp/{story.WORKFLOW}"


def _say_nothing(event: agent.Event) -> None:
    del event


class Screen:
    """Prints calls as they come back; the same call over and over is counted, not repeated."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = ""
        self._times = 0

    def tell(self, event: agent.Event) -> None:
        """Print one call: how it ended, what was asked, and the reasons that decided it."""
        arguments = ", ".join(f"{k}={_short(v)}" for k, v in event.arguments.items())
        line = f"{event.ending} {event.tool}({arguments})"
        if line == self._last:
            self._times += 1
            return
        self.rest()
        self._last = line
        self._console.print(_drawn(event, arguments))

    def rest(self) -> None:
        """Say how often the last call was repeated."""
        if self._times:
            self._console.print(f"           [dim]… and the same again, {self._times} times[/]")
        self._last, self._times = "", 0


def _drawn(event: agent.Event, arguments: str) -> Table:
    """Return a call as two columns, so that what is long folds under its own start."""
    drawn = Table.grid(padding=(0, 1, 0, 0))
    drawn.add_column(width=10)
    drawn.add_column(overflow="fold")
    ending = Text(f"  {event.ending}", style=STYLE.get(event.ending, "white"))
    drawn.add_row(ending, Text(f"{event.tool}({arguments})"))
    for sentence in _why(event) if event.ending != "done" else ():
        drawn.add_row("", Text(sentence, style="dim"))
    return drawn


def _why(event: agent.Event) -> list[str]:
    """Return the reasons that set the verdict: the ones a person would name."""
    word = event.meta.get(agent.CALL_META)
    if not isinstance(word, dict):
        return [event.text.splitlines()[0]] if event.text else []
    told = cast("dict[str, Any]", word)
    found = cast("list[dict[str, str]]", told.get("reasons") or [])
    decisive = [one["sentence"] for one in found if one.get("verdict") == told.get("verdict")]
    return list(dict.fromkeys(decisive or [one["sentence"] for one in found]))[:3]


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 1]}…"


# --- What waits. ---


def _questions(stage: Stage) -> list[dict[str, Any]]:
    items = cast("list[dict[str, Any]]", stage.client.get("/admin/inbox")["items"])
    return [item for item in items if item["kind"] == "question"]


async def _answer_by_script(stage: Stage, shown: Shown, console: Console) -> None:
    console.rule("3 · What waited, answered by script")
    for item in _questions(stage):
        ticket = _ticket_of(shown, item)
        yes = story.scripted_answer(ticket, str(item["tool"]), item["args"])
        because = "as the requester asked" if yes else "nobody of ours asked for this"
        _answer(stage, item, yes=yes, because=because)
        shown.answers.append({"ticket": ticket, "tool": item["tool"], "yes": yes})
        word = "[green]yes[/]" if yes else "[red]no[/] "
        console.print(f"  {word} {ticket} {item['tool']}: {because}")


def _ticket_of(shown: Shown, item: dict[str, Any]) -> str:
    return next((e.ticket_id for e in shown.events if _call(e) == item["call"]), "")


def _call(event: agent.Event) -> str:
    return event.ruling.call_id if event.ruling else ""


def _answer(stage: Stage, item: dict[str, Any], *, yes: bool, because: str) -> None:
    """Answer as `sallyport inbox yes` does: read the question, sign what it binds."""
    shown = stage.client.get(f"/admin/inbox/{item['id']}")
    at_us = time.time_ns() // 1000
    said: JsonObject = {"person": story.LEAD, "yes": yes, "because": because, "at_us": at_us}
    wanted = cast("dict[str, Any] | None", shown["confirm"])
    if not yes:
        said["code"] = "other"
    elif wanted is not None:
        said["typed"] = str(wanted["value"])
    message = approvals.signable(cast(JsonObject, shown["statement_of"]), said)
    stage.client.post(
        "/admin/answer",
        {**said, "approval": item["id"], "signature": stage.keys[story.LEAD].sign(message)},
    )


async def _pick_up(stage: Stage, shown: Shown, console: Console, calls: set[str]) -> None:
    """Let the agent repeat what was held, as it was told to: it gets the real results."""
    for errand in story.QUEUE:
        held = [e for e in shown.events if e.ticket_id == errand.ticket_id and e.is_waiting]
        mine = [e for e in held if _call(e) in calls]
        if mine:
            shown.events = [e for e in shown.events if e not in mine]
            shown.events += await agent.repeat_calls(
                _mcp(stage),
                shown.tokens[errand.ticket_id],
                errand,
                mine,
                Screen(console).tell,
            )


async def _stay(stage: Stage, shown: Shown, entrance: Entrance) -> None:
    """Stay up until everything was answered, showing what each answer sets going."""
    console = entrance.console
    _print_invitation(stage, shown, console)
    while waiting := {_call(e) for e in shown.events if e.is_waiting}:
        await asyncio.sleep(POLL_S)
        if entrance.is_stale():
            entrance.renew(_entering(stage))
        answered = waiting - {str(item["call"]) for item in _questions(stage)}
        await _pick_up(stage, shown, console, answered)
    console.print("\nEverything was answered.")


def _print_invitation(stage: Stage, shown: Shown, console: Console) -> None:
    console.rule("3 · Your turn")
    items = _questions(stage)
    console.print(f"You are {story.LEAD}, the support lead. {len(items)} calls wait for a person.")
    console.print(
        "None of them has happened yet. In the browser, open the refund: its page has you"
    )
    console.print("add a passkey first, then answer. Or without a browser, in another terminal,")
    console.print("where `sallyport console` makes another link as well:\n")
    lines = [
        f"cd {shlex.quote(str(stage.home))}",
        f"export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH",
        "export SALLYPORT_KEYS=$PWD/keys",
    ]
    for line in (*lines, "", *_to_try(items, shown)):
        console.print(f"  {line}", style="bold", markup=False, soft_wrap=True)
    console.print("\nThe agent picks up each answer here. The demo ends with the last one; Ctrl-C")
    console.print("ends it at once. Its files stay in any case.\n")


def _to_try(items: list[dict[str, Any]], shown: Shown) -> Iterable[str]:
    """Yield commands that show each side of an answer: a yes that is due, and a no that is."""
    yield f"sallyport console --as {story.LEAD}"
    yield "sallyport inbox"
    for item in sorted(items, key=lambda one: str(one["tool"]), reverse=True)[:2]:
        due = story.scripted_answer(_ticket_of(shown, item), str(item["tool"]), item["args"])
        yield f"sallyport inbox show {item['id']}"
        because = "" if due else ' --because "nobody asked for this"'
        yield f"sallyport inbox {'yes' if due else 'no'} {item['id']} --as {story.LEAD}{because}"
        yield f"sallyport log show {item['call']}"
    yield "sallyport stop"
    yield f"sallyport resume --because done --as {story.LEAD}"


# --- The end. ---


def _verdict(
    options: Options, stage: Stage, shown: Shown, harm: Iterable[str], console: Console
) -> int:
    report = desk_report(stage.desk_db)
    damage, missing = story.damage(report), story.missing(report)
    waits = len(_questions(stage))
    verified = stage.client.get("/admin/log/verify")
    _print_verdict(console, report.effects, damage, missing, verified)
    by_script_only = missing if options.unattended else ()
    good = not damage and not by_script_only and bool(verified["intact"]) and not waits
    good = good and shown.refusal is not None and shown.refusal.holds
    if options.as_json:
        summary = {
            "ok": good,
            "unguarded": list(harm),
            "damage": list(damage),
            "missing": list(missing),
            "waiting": waits,
            "calls": _counts(shown),
            "answers": shown.answers,
            "mails": [{"to": m.to, "template": m.template} for m in report.mails],
            "refunds": [{"ticket": r.ticket_id, "cents": r.cents} for r in report.refunds],
            "edit": shown.refusal.as_json() if shown.refusal else None,
            "ledger": {"entries": verified["entries"], "intact": verified["intact"]},
        }
        sys.stdout.write(json.dumps(summary, indent=2) + "\n")
    return 0 if good else 1


def _counts(shown: Shown) -> dict[str, int]:
    counts: dict[str, int] = {}
    for event in shown.events:
        counts[event.ending] = counts.get(event.ending, 0) + 1
    return counts


def _print_verdict(
    console: Console,
    effects: int,
    damage: tuple[str, ...],
    missing: tuple[str, ...],
    verified: dict[str, Any],
) -> None:
    console.rule("5 · What the desk's own database says")
    table = Table(show_header=False, box=None)
    table.add_row("effects at the desk", str(effects))
    table.add_row("harm done", f"[red]{len(damage)}[/]" if damage else "[green]none[/]")
    table.add_row(
        "allowed work missing", f"[red]{len(missing)}[/]" if missing else "[green]none[/]"
    )
    intact = "[green]holds[/]" if verified["intact"] else "[red]BROKEN[/]"
    table.add_row("ledger", f"{verified['entries']} entries, chain {intact}")
    console.print(table)
    for sentence in (*damage, *missing):
        console.print(f"  [red]✗[/] {escape(sentence)}")
