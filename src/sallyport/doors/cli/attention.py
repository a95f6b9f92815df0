"""How the team answers, and which gates people always pass.

Nobody is named, and of too few people nothing is said: see `sallyport.rules.attention`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from sallyport.doors.cli import plain, screen
from sallyport.doors.cli.common import (
    AsOption,
    Here,
    HomeOption,
    JsonOption,
    YesOption,
)
from sallyport.doors.cli.versions import sign_proposed
from sallyport.doors.connect.parties import objects, texts
from sallyport.model import Json, JsonObject
from sallyport.rules.times import SECOND_US, utc

MINUTE_S = 60

Workflow = Annotated[str, typer.Argument(help="The workflow's name.", metavar="WORKFLOW")]
ToolOption = Annotated[
    str, typer.Option("--tool", help="Propose and sign that this tool stops asking.")
]
EntryOption = Annotated[
    str, typer.Option("--entry", help="The entry that asks; left out for the level's default.")
]
TextOption = Annotated[
    bool, typer.Option("--text", help="Print the proposed file, and sign nothing.")
]

_ROWS = (
    ("approved", "answers", "approve"),
    ("changed", "answers", "change"),
    ("rejected", "answers", "reject"),
    ("canaries not let pass", "canaries", "caught"),
    ("canaries approved", "canaries", "missed"),
    ("second looks alike", "second_looks", "agreed"),
    ("second looks that differ", "second_looks", "differed"),
)


def team(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say how the team answered in the last thirty days, all together; nobody is named.

    Example: sallyport inbox team
    """
    here = Here(home, as_json)
    found = here.gateway.get("team")
    here.show(found, [*_figures(found), "", _declared(found)])


def unasked(
    workflow: Workflow,
    *,
    tool: ToolOption = "",
    entry: EntryOption = "",
    text: TextOption = False,
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
    sure: YesOption = False,
) -> None:
    """List the gates that people always passed; with --tool, sign that one stops asking.

    The narrowest `allow` that covers what was approved is proved and signed like any other change,
    by an owner and a second person. What pays, leaves, deletes or gives access goes on asking.

    Example: sallyport boundary unasked customer-support
    """
    here = Here(home, as_json)
    if not tool:
        found = here.gateway.get(f"boundary/unasked/{workflow}")
        here.show(found, _gates(objects(found, "gates")))
        return
    body: JsonObject = {"workflow": workflow, "tool": tool, "entry": entry}
    answer = here.gateway.post("boundary/unasked", body)
    if text:
        here.show(answer, str(answer.get("text")).splitlines())
        return
    kept = f"the file in {here.home} is as it was: write it anew from `--text`"
    sign_proposed(here, answer, who, sure=sure, kept=kept)


def exercised(exercise: JsonObject) -> Iterator[str]:
    """Yield what whoever answered an exercise is told."""
    yield from (plain.inert(one) for one in texts(exercise.get("sentences")))
    wrong = exercise.get("wrong")
    if isinstance(wrong, dict):
        yield f"  {plain.inert(str(wrong.get('argument')))}"
        yield f"    shown:  {plain.value(wrong.get('shown'))}"
        yield f"    really: {plain.value(wrong.get('was'))}"


def _gates(gates: list[JsonObject]) -> list[str]:
    heads = ("gate", "times", "since", "what then")
    rows = [
        (
            plain.inert(str(one.get("entry") or one.get("tool"))),
            str(one.get("times")),
            _day(one.get("first_us")),
            plain.inert(_then(one)),
        )
        for one in gates
    ]
    return screen.table(heads, rows, nothing="no gate was passed so often without a change")


def _then(one: JsonObject) -> str:
    if one.get("why_not"):
        return f"goes on asking: {one.get('why_not')}"
    left = ", ".join(texts(one.get("left")))
    can = "can stop: add --tool" + (" and --entry" if one.get("entry") else "")
    return f"{can}; only your own words bound {left}" if left else can


def _figures(found: JsonObject) -> Iterator[str]:
    if found.get("withheld"):
        yield f"fewer than {found.get('people_min')} people answered: a figure would be about one"
        return
    yield f"the last {found.get('days')} days, everybody together"
    for name in ("questions", "answered", "expired", "passed"):
        yield f"  {name}: {found.get(name)}"
    yield f"  half answered within {_took(found.get('median_us'))}"
    yield f"  nine of ten within {_took(found.get('slow_us'))}"
    for said, group, name in _ROWS:
        yield from _share(said, found.get(group), name)


def _share(said: str, group: Json, name: str) -> Iterator[str]:
    counted = group.get(name) if isinstance(group, dict) else None
    if isinstance(counted, dict) and counted.get("share") is not None:
        yield f"  {said}: {counted.get('count')} ({counted.get('share')} %)"


def _declared(found: JsonObject) -> str:
    attention = found.get("attention")
    if not isinstance(attention, dict) or not attention.get("on"):
        return "no exercises are on, and a yes counts at once"
    return (
        f"on: of a thousand answers {attention.get('canaries')} become a canary and "
        f"{attention.get('second_looks')} a second look; a yes to high risk counts after "
        f"{attention.get('viewing_s')} seconds in sight"
    )


def _took(us: Json) -> str:
    minutes, seconds = divmod(us // SECOND_US if isinstance(us, int) else 0, MINUTE_S)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _day(us: Json) -> str:
    return utc(us)[:10] if isinstance(us, int) else ""
