"""What happened: the ledger's entries, one call's eight steps, and whether the chain holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from sallyport.doors.cli import plain, screen
from sallyport.doors.cli.common import Here, HomeOption, JsonOption, alone, moment
from sallyport.doors.connect.parties import objects, texts
from sallyport.model import Json, JsonObject
from sallyport.rules.failures import DAYS, DAYS_MAX
from sallyport.rules.times import utc

SHOWN = 50
SHOWN_MAX = 10_000
READ_MORE = 5
"""How many times as many entries are read as are shown, since look-ups are left out of them."""
TOLD_BARE = ("verdict", "ending", "state", "tool", "call")
"""Facts that need no name, in the order in which they are read."""
UNTOLD = frozenset(
    {
        "channel",
        "delivered",
        "entry",
        "how_many",
        "level",
        "origin",
        "parent",
        "system",
        "task",
        "workflow",
        "yes",
    }
)
"""Facts of an entry that its call's eight steps tell better."""

app = typer.Typer(rich_markup_mode=None)


def _only(name: str, what: str) -> Any:
    return typer.Option(f"--{name}", help=f"Only of this {what}.", metavar=name.upper())


@app.callback(invoke_without_command=True)
def log(
    ctx: typer.Context,
    *,
    call: Annotated[str, _only("call", "call")] = "",
    task: Annotated[str, _only("task", "task")] = "",
    agent: Annotated[str, _only("agent", "agent")] = "",
    person: Annotated[str, _only("person", "person")] = "",
    tool: Annotated[str, _only("tool", "tool")] = "",
    workflow: Annotated[str, _only("workflow", "workflow")] = "",
    verdict: Annotated[str, _only("verdict", "verdict")] = "",
    kind: Annotated[str, _only("kind", "kind of entry")] = "",
    since: Annotated[str, typer.Option(help="From this moment on.", metavar="TIME")] = "",
    until: Annotated[str, typer.Option(help="Before this moment.", metavar="TIME")] = "",
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=SHOWN_MAX)] = SHOWN,
    everything: Annotated[
        bool, typer.Option("--all", help="The gateway's own look-ups as well.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what happened, newest first; search it, verify it.

    What the gateway reads for itself is left out without --all.
    A TIME is 2026-11-21 or 2026-11-21T09:30, in UTC.

    Example: sallyport log --agent support-bot --verdict refuse --since 2026-11-21
    """
    words = {
        "call": call,
        "task": task,
        "agent": agent,
        "person": person,
        "tool": tool,
        "workflow": workflow,
        "verdict": verdict,
        "kind": kind,
    }
    if not alone(ctx, home, as_json, since, until, *words.values()):
        return
    here = Here(home, as_json)
    query = {name: value for name, value in words.items() if value}
    whole = everything or bool(call)
    query |= {"limit": str(limit if whole else min(READ_MORE * limit, SHOWN_MAX))}
    query["newest_first"] = "1"
    if since:
        query["since_us"] = str(moment(since))
    if until:
        query["until_us"] = str(moment(until))
    answer = here.gateway.get("log", query)
    found = objects(answer, "entries")
    entries = found if whole else [entry for entry in found if not is_look_up(entry)][:limit]
    answer |= {"entries": list[Json](entries)}
    rows = [_row(entry) for entry in entries]
    lines = screen.table(("when (UTC)", "entry", "about"), rows, nothing="no entry matches")
    more = ["", "one call: sallyport log show CALL; every field: --json"] if entries else []
    here.show(answer, [*lines, *more])


@app.command()
def show(
    call: Annotated[str, typer.Argument(help="The call's id.", metavar="CALL")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one call's eight steps.

    Example: sallyport log show c0001
    """
    here = Here(home, as_json)
    answer = here.gateway.get(f"log/{call}")
    here.show(answer, _steps(answer))


DaysOption = Annotated[int, typer.Option(help="How far back.", min=1, max=DAYS_MAX)]


@app.command()
def failures(
    *,
    days: DaysOption = DAYS,
    workflow: Annotated[str, _only("workflow", "workflow")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what came to nothing, by the nature of what went wrong: by class, reason and count.

    Example: sallyport log failures --days 7 --workflow customer-support
    """
    here = Here(home, as_json)
    query = {"days": str(days)} | ({"workflow": workflow} if workflow else {})
    answer = here.gateway.get("reports/failures", query)
    rows = [
        [*(str(one.get(name)) for name in _COUNTS), _reasons(one)]
        for one in objects(answer, "classes")
        if one.get("count")
    ]
    nothing = f"nothing came to nothing in {days} days"
    here.show(answer, screen.table((*_COUNTS, "why, most often"), rows, nothing=nothing))


@app.command()
def labels(
    *, days: DaysOption = DAYS, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Say how often people gave another label than the agent, by tool that classifies.

    Example: sallyport log labels --days 7
    """
    here = Here(home, as_json)
    answer = here.gateway.get("reports/labels", {"days": str(days)})
    rows = [
        [*(str(one.get(name)) for name in _LABELS), _pairs(one)] for one in objects(answer, "tools")
    ]
    nothing = f"no tool has classified anything in {days} days"
    here.show(answer, screen.table((*_LABELS, "from what to what"), rows, nothing=nothing))


_COUNTS = ("class", "rejected", "refused", "failed")
_LABELS = ("tool", "workflow", "made", "asked", "overridden", "per_mille")
_SHOWN_OF_EACH = 3


def _reasons(one: JsonObject) -> str:
    found = objects(one, "reasons")[:_SHOWN_OF_EACH]
    return ", ".join(f"{plain.inert(str(it.get('code')))} {it.get('count')}" for it in found)


def _pairs(one: JsonObject) -> str:
    found = objects(one, "pairs")[:_SHOWN_OF_EACH]
    return ", ".join(
        plain.inert(f"{it.get('argument')}: {it.get('was')} -> {it.get('now')} ({it.get('count')})")
        for it in found
    )


@app.command("record")
def of_record(
    record: Annotated[str, typer.Argument(help="Its id, as its system has it.", metavar="ID")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show every call that was about a record of a business system, newest first.

    Example: sallyport log record T-4711
    """
    here = Here(home, as_json)
    answer = here.gateway.get("log/record", {"id": record})
    found = objects(answer, "calls")
    lines = [line for one in found for line in (*_steps(one), "")]
    here.show(answer, lines or [f"nothing here was about {plain.inert(record)}"])


@app.command("task")
def of_task(
    task: Annotated[str, typer.Argument(help="The task's id.", metavar="TASK")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what happened in a task, in the order of cause and effect.

    Example: sallyport log task t-31c2
    """
    here = Here(home, as_json)
    answer = here.gateway.get(f"log/task/{task}")
    here.show(answer, _moments(answer))


@app.command()
def verify(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Read the whole log and say whether it is as it was written.

    Example: sallyport log verify
    """
    here = Here(home, as_json)
    answer = here.gateway.get("log/verify")
    here.show(answer, _verified(answer))
    if answer.get("intact") is not True:
        raise typer.Exit(1)


def is_look_up(entry: JsonObject) -> bool:
    """Return whether an entry is of a read that the gateway made for itself: `CALL.NUMBER`."""
    body = entry.get("body")
    about = body if isinstance(body, dict) else {}
    number = str(about.get("call", "")).rpartition(".")[2] if "." in str(about.get("call")) else ""
    return about.get("origin") == "gateway" or number.isdigit()


def _row(entry: JsonObject) -> list[str]:
    at, body = entry.get("at_us"), entry.get("body")
    about = body if isinstance(body, dict) else {}
    when = utc(at).removesuffix(" UTC") if isinstance(at, int) else "-"
    return [when, str(entry.get("kind")), _about(about)]


def _about(body: Mapping[str, Json]) -> str:
    """Return what tells entries apart, the verdict first; `--json` has every field."""
    facts = {
        name: value
        for name, value in body.items()
        if isinstance(value, str | int)
        and value not in {"", False}
        and not (name in UNTOLD or name.endswith("_us") or _is_digest(value))
    }
    if "verdict" in facts:
        facts.pop("ending", None)
    if facts.get("action") == facts.get("ending"):
        facts.pop("action", None)
    bare = [plain.value(facts.pop(name)) for name in TOLD_BARE if name in facts]
    return " ".join([*bare, *(f"{name}={plain.value(value)}" for name, value in facts.items())])


def _is_digest(value: Json) -> bool:
    return isinstance(value, str) and len(value) >= 64 and value.isalnum()  # noqa: PLR2004


def _steps(answer: JsonObject) -> Iterator[str]:
    yield f"call {answer.get('call')}"
    for number, step in enumerate(objects(answer, "steps"), 1):
        at = step.get("at_us")
        when = utc(at) if isinstance(at, int) and at else "-"
        yield f"{number} {step.get('name')}  {when}"
        yield f"  {plain.inert(str(step.get('said', '')))}"
        facts = step.get("facts")
        for name, value in (facts if isinstance(facts, dict) else {}).items():
            yield from _fact(plain.inert(name), value)


def _moments(answer: JsonObject) -> Iterator[str]:
    yield f"task {plain.inert(str(answer.get('task')))}"
    if answer.get("cut"):
        yield "(earlier calls are left out)"
    call = ""
    for one in objects(answer, "moments"):
        if one.get("call") and one.get("call") != call:
            call = str(one["call"])
            yield f"call {plain.inert(call)}"
        at, within = one.get("at_us"), one.get("within")
        when = utc(at).removesuffix(" UTC") if isinstance(at, int) else "-"
        indent = "  " * (1 + (within if isinstance(within, int) else 0))
        yield f"{indent}{when}  {plain.inert(str(one.get('said')))}"


def _fact(name: str, value: Json) -> Iterator[str]:
    """Yield one fact: a list one item a line, and nothing where there is nothing."""
    if isinstance(value, list):
        yield from [f"    {name}:"] if value else []
        yield from (f"      - {plain.inert(plain.value(one))}" for one in value)
    elif value not in ("", None):
        yield f"    {name}: {plain.block(plain.value(value), '      ')}"


def _tail(answer: JsonObject) -> str:
    return (
        f"anchored outside up to entry {answer.get('anchored_up_to')}; "
        f"{answer.get('unanchored_tail')} entries after that are not anchored"
    )


def _verified(answer: JsonObject) -> Iterator[str]:
    intact = answer.get("intact") is True
    yield f"{'intact' if intact else 'NOT INTACT'}: {answer.get('entries')} entries"
    yield plain.inert(str(answer.get("said") or _tail(answer)))
    yield f"sealed parts: {answer.get('payloads')}, erased: {answer.get('erased')}"
    yield f"answers of people whose signature holds: {answer.get('signed', 0)}"
    for unsigned in objects(answer, "unsigned"):
        yield f"  entry {unsigned.get('seq')}: {plain.inert(str(unsigned.get('what')))}"
    for problem in objects(answer, "problems"):
        what = plain.inert(str(problem.get("what")))
        yield f"  {problem.get('stream')} {problem.get('seq')}: {what}"
    altered = texts(answer.get("altered"))
    if altered:
        yield f"sealed parts that were altered, by entry: {', '.join(altered)}"
