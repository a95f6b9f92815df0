"""A yes to a list, and the yeses beforehand that are in force.

What is signed is put together here again, from the very rows that are shown: what each question
binds, and the object that it is about. A gateway that showed one list and had another signed would
be found out.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from sallyport.adapters.host.clock import SystemClock
from sallyport.doors.cli import keys, plain, screen
from sallyport.doors.cli.common import (
    AsOption,
    BecauseOption,
    Here,
    HomeOption,
    JsonOption,
    YesOption,
    by,
)
from sallyport.doors.connect.parties import objects, texts
from sallyport.errors import InvariantError
from sallyport.model import Ahead, Json, JsonObject
from sallyport.rules import approval_object, batches
from sallyport.rules.answering import Kind, Said, signed_part
from sallyport.rules.times import SECOND_US, utc

MINUTE_US = 60 * SECOND_US

NextOption = Annotated[
    int,
    typer.Option("--next", help="Say yes to so many more of this kind on this task.", metavar="N"),
]
MinutesOption = Annotated[
    int, typer.Option(help="How long that holds, in minutes.", metavar="MINUTES")
]
FreeOption = Annotated[
    list[str] | None,
    typer.Option("--free", help="An argument that may differ in those.", metavar="NAME"),
]
Ids = Annotated[
    list[str], typer.Argument(help="The ids that `sallyport inbox` lists.", metavar="ID...")
]


def batch(
    ids: Ids,
    *,
    because: BecauseOption = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
    sure: YesOption = False,
) -> None:
    """Say yes to several questions of one kind, with one signature.

    What does not belong into the list is named, and left to be answered by itself.

    Example: sallyport inbox batch a0001 a0002 a0003 --because "all three are duplicates"
    """
    here = Here(home, as_json)
    gateway, person = here.gateway, keys.open_key(who)
    wished: JsonObject = {"approvals": list[Json](ids), "person": person.name}
    found = gateway.post("list/plan", wished)
    for line in _shown(found):
        here.say(line)
    if not found.get("can_be_signed"):
        here.show(found, ["", "no list is left to sign: answer each by itself"])
        raise typer.Exit(1)
    if not sure and sys.stdin.isatty() and not here.agrees("Say yes to all rows of this list?"):
        here.say("nothing was answered")
        raise typer.Exit(1)
    at_us = SystemClock().now_us()
    said = Said(kind=Kind.APPROVE, because=because)
    statement = batches.signable(about(found), signed_part(said, person=person.name, at_us=at_us))
    rows = [str(one.get("id")) for one in objects(found, "rows")]
    answer = gateway.post(
        "list/sign",
        {
            "approvals": list[Json](rows),
            "because": because,
            "person": person.name,
            "at_us": at_us,
            "signature": person.sign(statement),
        },
    )
    here.show(answer, ["", *_after(answer)])
    if any(one.get("error") for one in objects(answer, "rows")):
        raise typer.Exit(1)


def grants(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List what people said yes to beforehand, with what is left of it.

    Example: sallyport inbox grants
    """
    here = Here(home, as_json)
    answer = here.gateway.get("grants")
    heads = ("id", "tool", "task", "by", "used", "until")
    rows = [_grant(one) for one in objects(answer, "grants")]
    nothing = "nobody has said yes to anything beforehand"
    here.show(answer, screen.table(heads, rows, nothing=nothing))


def revoke(
    grant: Annotated[str, typer.Argument(help="The id of the yes beforehand.", metavar="GRANT")],
    *,
    because: BecauseOption = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a yes beforehand back; nothing more leaves under it. It needs no signature.

    Example: sallyport inbox revoke g0001 --because "the task went another way"
    """
    here = Here(home, as_json)
    body: JsonObject = {"grant": grant, "by": by(who), "because": because}
    answer = here.gateway.post("grants/revoke", body)
    here.show(answer, [f"{grant} is taken back: the next call asks again"])


def ahead(count: int, minutes: int, free: list[str] | None) -> Ahead | None:
    """Return what a yes covers besides, as the options say it; None without `--next`."""
    if not count:
        return None
    until_us = SystemClock().now_us() + minutes * MINUTE_US
    return Ahead(at_most=count, until_us=until_us, free=tuple(free or ()))


def about(found: JsonObject) -> JsonObject:
    """Return what is signed of a list, put together from the rows that are shown.

    Raises:
        InvariantError: A row is not what its question binds.
    """
    bounds: list[JsonObject] = []
    made: JsonObject = {}
    for row in objects(found, "rows"):
        bound, made = row.get("statement_of"), _object(row)
        if not isinstance(bound, dict) or bound.get("about") != approval_object.digest(made):
            raise InvariantError("what would be signed is not the list that is shown")
        bounds.append(bound)
    place = batches.places(bounds)[0]
    return batches.about(made, place.root, place.size)


def _object(row: JsonObject) -> JsonObject:
    """Return what a row's question is about, which must be what the row shows."""
    made = row.get("object")
    action = made.get("action") if isinstance(made, dict) else None
    if not isinstance(made, dict) or not isinstance(action, dict):
        raise InvariantError("a row of the list says not what it is about")
    if action.get("args") != row.get("args") or action.get("tool") != row.get("tool"):
        raise InvariantError("what would be signed is not the list that is shown")
    return made


def _shown(found: JsonObject) -> Iterator[str]:
    rows, differing = objects(found, "rows"), texts(found.get("differing"))
    if rows:
        first = rows[0]
        tool, agent = (plain.inert(str(first.get(name))) for name in ("tool", "agent"))
        yield f"{len(rows)} calls of {tool}, proposed by {agent}"
        same = found.get("same")
        for name, value in (same if isinstance(same, dict) else {}).items():
            yield f"  in all of them, {plain.inert(name)}: {plain.argument(value)}"
        heads = ("id", *(plain.inert(name) for name in differing))
        cells = [[str(row.get("id")), *_values(row, differing)] for row in rows]
        yield from screen.table(heads, cells, nothing="")
    for one in objects(found, "apart"):
        yield f"left out: {one.get('approval')}: {plain.inert(str(one.get('why')))}"


def _values(row: JsonObject, names: list[str]) -> Iterator[str]:
    args = row.get("args")
    for name in names:
        yield plain.argument(args.get(name)) if isinstance(args, dict) else "-"


def _after(answer: JsonObject) -> Iterator[str]:
    for one in objects(answer, "rows"):
        error = one.get("error")
        if isinstance(error, dict):
            what, fix = (plain.inert(str(error.get(name))) for name in ("what", "fix"))
            yield f"{one.get('approval')}: not answered: {what}; {fix}"
        else:
            yield f"{one.get('approval')}: {one.get('state')}, call {one.get('call')}"


def _grant(one: JsonObject) -> list[str]:
    until = one.get("until_us")
    return [
        str(one.get("id")),
        plain.inert(str(one.get("tool"))),
        str(one.get("task")),
        str(one.get("person")),
        f"{one.get('used')} of {one.get('at_most')}",
        utc(until) if isinstance(until, int) else "-",
    ]
