"""Taking a yes back, and going past the reviewers for a while with a second person.

What is signed is made from what the gateway shows, and shown before it is signed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Annotated, Final

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
    alone,
    by,
    reasoned,
)
from sallyport.doors.connect.parties import objects, signed
from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject
from sallyport.rules import break_glass
from sallyport.rules.times import SECOND_US, utc

UNITS: Final = {"m": 60, "h": 3600}
_LASTS = re.compile(r"([1-9][0-9]{0,3})(m|h)")

app = typer.Typer(rich_markup_mode=None)

Glass = Annotated[str, typer.Argument(help="The id that `sallyport break-glass` lists.")]


def undo(
    item_id: Annotated[str, typer.Argument(help="The question's id.", metavar="ID")],
    *,
    because: BecauseOption = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a yes back before its call has left.

    Whoever said yes may, and an operator; `sallyport inbox` shows what has not left and for how
    long.

    Example: sallyport inbox undo a0001 --because "wrong customer"
    """
    here = Here(home, as_json)
    details: JsonObject = {"approval": item_id, "because": because}
    body: JsonObject = {**details, "signed": signed(keys.open_key(who), "undo", details)}
    answer = here.gateway.post("undo", body)
    here.show(answer, [f"undone: nothing was sent of call {answer.get('call')}"])


@app.callback(invoke_without_command=True)
def glasses(ctx: typer.Context, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Go past the reviewers for a while, with a second person.

    Lists what was asked for, is in force, or has to be looked at.

    Example: sallyport break-glass
    """
    if not alone(ctx, home, as_json):
        return
    here = Here(home, as_json)
    answer = here.gateway.get("break-glass")
    found = objects(answer, "break_glass")
    heads = ("id", "state", "for", "asked by", "second", "until", "calls")
    rows = [_row(one) for one in found]
    lines = screen.table(heads, rows, nothing="nothing goes past the reviewers")
    here.show(answer, lines)


@app.command()
def ask(
    scope: Annotated[str, typer.Argument(help="workflow:NAME or tool:NAME.", metavar="SCOPE")],
    *,
    lasts: Annotated[
        str, typer.Option("--for", help="For how long: 30m, 2h; 4h at most.", metavar="TIME")
    ] = "1h",
    because: BecauseOption = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask to go past the reviewers; nothing changes until a second person signs.

    Example: sallyport break-glass ask tool:mail.send --for 1h --because "support is unreachable"
    """
    here = Here(home, as_json)
    details = break_glass.asked(scope, reasoned(because), _seconds(lasts))
    body: JsonObject = {**details, "signed": signed(keys.open_key(who), break_glass.ASK, details)}
    answer = here.gateway.post("break-glass", body)
    glass = plain.inert(str(answer.get("id")))
    here.show(answer, ["nothing has changed yet", f"second: sallyport break-glass second {glass}"])


@app.command()
def show(glass: Glass, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show one, with every call that went ahead under it.

    Example: sallyport break-glass show g0001
    """
    here = Here(home, as_json)
    answer = here.gateway.get(f"break-glass/{glass}")
    here.show(answer, shown(answer))


@app.command()
def second(
    glass: Glass,
    *,
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
    sure: YesOption = False,
) -> None:
    """Sign for it as the second person: from then on it is in force.

    Example: sallyport break-glass second g0001 --as vera
    """
    here = Here(home, as_json)
    found = here.gateway.get(f"break-glass/{glass}")
    _look(here, found, "Let calls go ahead without the reviewers?", sure=sure)
    details = _object(found, "sign_second")
    said = signed(keys.open_key(who), break_glass.SECOND, details)
    answer = here.gateway.post("break-glass/second", {"glass": glass, "signed": said})
    here.show(answer, [f"in force until {_time(answer.get('ends_us'))}", f"end it: {_end(glass)}"])


@app.command()
def end(glass: Glass, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """End it now, or say no to what was asked for; nobody signs for that.

    Example: sallyport break-glass end g0001
    """
    here = Here(home, as_json)
    answer = here.gateway.post("break-glass/end", {"glass": glass, "by": by()})
    lines = ["it never was in force"]
    if answer.get("state") == "ended":
        count = len(objects(answer, "calls"))
        lines = [f"ended; {count} call(s) went ahead, for a third person to look at"]
    here.show(answer, lines)


@app.command()
def review(
    glass: Glass,
    found: Annotated[
        str, typer.Argument(help=f"{' or '.join(break_glass.FOUND)}.", metavar="FOUND")
    ],
    *,
    because: BecauseOption = "",
    who: AsOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
    sure: YesOption = False,
) -> None:
    """Say, as a third person, what you found in the calls that went ahead; signed.

    Example: sallyport break-glass review g0001 in_order --because "I read all four mails"
    """
    here = Here(home, as_json)
    one = here.gateway.get(f"break-glass/{glass}")
    _look(here, one, "Sign that you looked at exactly these?", sure=sure)
    calls = [str(call.get("call")) for call in objects(one, "calls")]
    given: JsonObject = {"found": found, "words": reasoned(because)}
    if found not in break_glass.FOUND:
        raise BadInputError(
            f"`{found[:40]}` is no finding", fix=f"use {' or '.join(break_glass.FOUND)}"
        )
    details: JsonObject = {
        "glass": glass,
        "scope": one.get("scope"),
        "calls": len(calls),
        "digest": break_glass.calls_digest(calls),
        **given,
    }
    said = signed(keys.open_key(who), break_glass.REVIEW, details)
    answer = here.gateway.post("break-glass/review", {"glass": glass, **given, "signed": said})
    here.show(answer, [f"looked at: {break_glass.FOUND[found]}"])


def cooling(answer: JsonObject) -> Iterator[str]:
    """Yield what was approved and has not left, with the time that is left to take it back."""
    now_us = SystemClock().now_us()
    for one in objects(answer, "cooling"):
        ends = one.get("not_before_us")
        left = max(0, (ends - now_us) // SECOND_US) if isinstance(ends, int) else 0
        tool, item_id = plain.inert(str(one.get("tool"))), plain.inert(str(one.get("id")))
        yield f"leaves in {left} s: {tool} by {plain.inert(str(one.get('agent')))}"
        yield f"  take it back: sallyport inbox undo {item_id}"


def leaves(answer: JsonObject) -> Iterator[str]:
    """Yield until when the yes that was just given can be taken back."""
    ends = answer.get("not_before_us")
    if isinstance(ends, int) and ends:
        yield f"it leaves at {utc(ends)}, unless somebody takes the yes back:"
        yield f"  sallyport inbox undo {plain.inert(str(answer.get('approval')))}"


def waiting(answer: JsonObject) -> Iterator[str]:
    """Yield what waits to be signed second, or to be looked at after."""
    for one in objects(answer, "break_glass"):
        scope, glass = plain.inert(str(one.get("scope"))), plain.inert(str(one.get("id")))
        over = one.get("state") == "ended"
        yield f"break-glass {glass}: {'went' if over else 'wants to go'} past reviewers of {scope}"
        yield f"  look at it: sallyport break-glass show {glass}"


def shown(one: JsonObject) -> Iterator[str]:
    """Yield all of a break-glass, every call in a line."""
    yield f"{plain.inert(str(one.get('scope')))}: {str(one.get('state')).replace('_', ' ')}"
    yield f"why: {plain.inert(str(one.get('because')))}"
    yield f"asked for by {_person(one, 'asked')}, second: {_person(one, 'second')}"
    if one.get("ends_us"):
        yield f"from {_time(one.get('since_us'))} until {_time(one.get('ends_us'))}"
    if one.get("ended_us"):
        by_whom = plain.inert(str(one.get("ended_by")))
        yield f"ended {_time(one.get('ended_us'))} by {by_whom}"
    calls = objects(one, "calls")
    yield f"{len(calls)} call(s) went ahead:"
    for call in calls:
        what = " ".join(plain.inert(str(call.get(name))) for name in ("tool", "agent", "requester"))
        yield f"  {call.get('call')} {what} {call.get('ending')} {_time(call.get('at_us'))}"
    if one.get("found"):
        words = plain.inert(str(one.get("words")))
        yield f"looked at by {_person(one, 'review')}: {one.get('found')}: {words}"


def _look(here: Here, one: JsonObject, question: str, *, sure: bool) -> None:
    for line in shown(one):
        here.say(line)
    if not sure and sys.stdin.isatty() and not here.agrees(question):
        here.say("nothing was signed")
        raise typer.Exit(1)


def _row(one: JsonObject) -> tuple[str, ...]:
    until = one.get("ended_us") or one.get("ends_us")
    return (
        plain.inert(str(one.get("id"))),
        str(one.get("state")).replace("_", " "),
        plain.inert(str(one.get("scope"))),
        _person(one, "asked"),
        _person(one, "second"),
        _time(until),
        str(len(objects(one, "calls"))),
    )


def _person(one: JsonObject, name: str) -> str:
    return plain.inert(str(_object(one, name).get("person") or "-"))


def _object(one: JsonObject, name: str) -> JsonObject:
    value = one.get(name)
    return value if isinstance(value, dict) else {}


def _time(at_us: Json) -> str:
    return utc(at_us) if isinstance(at_us, int) and at_us else "-"


def _end(glass: str) -> str:
    return f"sallyport break-glass end {plain.inert(glass)}"


def _seconds(text: str) -> int:
    found = _LASTS.fullmatch(text)
    if found is None:
        raise BadInputError(f"`{text[:40]}` is no time", fix="write for example 30m or 2h")
    return int(found[1]) * UNITS[found[2]]
