"""Which events tell whom, and in which words.

Rules:
  1. A notice is made from the clear part of a ledger entry and from names that people gave: no
     argument, result, credential or word of an agent can get into it, because none is at hand.
  2. Nothing can be answered from a notice. It has a link, and behind the link one signs in.
  3. Whoever asked for a call is not told that it waits for others, and whoever set something is not
     told that they did.
  4. Only what asks people, or is set by people, tells anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from sallyport.model import Json, JsonObject, Person
from sallyport.rules import break_glass, inert, waiting_rules
from sallyport.rules.boundary import signing
from sallyport.rules.roles import may
from sallyport.rules.times import SECOND_US, utc

NAME_CHARS: Final = 80
HOUR_S: Final = 3600
MINUTE_S: Final = 60
DAY_S: Final = 24 * HOUR_S

FIRST_WAIT_S: Final = 5
LONGEST_WAIT_S: Final = HOUR_S
KEEPS_TRYING_S: Final = DAY_S
"""How long a notice without an end of its own is tried."""
WITHIN: Final = ", within "
SOON: Final = 4
"""A question ends soon in the last quarter of its time."""


def _untitled(*_: str) -> str:
    return ""


class Kind(StrEnum):
    """What a notice is about."""

    ASKED = "asked"
    ESCALATED = "escalated"
    ENDS_SOON = "ends_soon"
    SETTLED = "settled"
    STOPPED = "stopped"
    FLOOR = "floor"
    RESUMED = "resumed"
    SIGNATURE = "signature"
    BREAK_GLASS = "break_glass"
    DOUBT = "in_doubt"
    TEST = "test"


USUAL: Final = frozenset(Kind) - {Kind.SETTLED, Kind.TEST}
"""What a channel tells where nobody chose: all but that somebody else has answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What one channel is to say. `id` stays the same however often it is tried.

    `to` are names: of people, or as a stop plan or an agent's contact has them; empty for nobody in
    particular. `link` leads into the console. `ends_us` is when it is of no use any more, 0 for
    never. `about` is the id of what it is about. `lane` is which of a channel's own ways it takes,
    for a channel that has several. `quick` leads to a page with one button, where what it is about
    weighs so little that one is enough; empty where it does not.
    """

    id: str
    kind: Kind
    title: str
    summary: str
    link: str
    to: tuple[str, ...] = ()
    made_us: int = 0
    ends_us: int = 0
    about: str = ""
    lane: str = ""
    quick: str = ""

    def as_json(self) -> JsonObject:
        """Return it as a program gets it."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "title": self.title,
            "summary": self.summary,
            "link": self.link,
            "to": list[Json](self.to),
            "made": utc(self.made_us),
            "ends": utc(self.ends_us) if self.ends_us else None,
            "about": self.about,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One ledger entry, and the columns that its call is searched by."""

    kind: str
    at_us: int
    body: JsonObject
    index: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whom a workflow's stop plan tells, and what the workflow reaches."""

    workflow: str
    agent: str
    tell: str
    systems: Collection[str] = ()
    tools: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Who and what there is: people and contacts by name, stop plans, and how tools are called.

    `titles` gives the title that a tool had when a person accepted it, empty where it has none.
    """

    people: Mapping[str, Person]
    plans: Iterable[Plan] = ()
    contacts: Mapping[str, str] = field(default_factory=dict[str, str])
    lone: bool = False
    titles: Callable[[str, str], str] = _untitled


def concerns_people(kind: str, body: JsonObject) -> bool:
    """Return whether an entry may tell anybody; asked of every entry, so it looks at two words."""
    if kind == "call.concluded":
        return body.get("action") == "in_doubt"
    return kind in _TELLING


def notice(happened: Happened, known: Known) -> Notice | None:
    """Return what an entry tells, without id, its link a path; None if it tells nobody."""
    made = _TELLING.get(happened.kind)
    if made is None or not concerns_people(happened.kind, happened.body):
        return None
    said = made(happened, known)
    return None if said is None else replace(said, to=_there(said.to, happened, known))


def _there(to: tuple[str, ...], happened: Happened, known: Known) -> tuple[str, ...]:
    """Return whom to tell in place of those who are away.

    Of those who may answer it is whoever is there; who was named has somebody to stand in.
    """
    if _texts(happened.body, "to") or happened.kind not in {"approval.asked", "approval.answered"}:
        return waiting_rules.routed(to, known.people, happened.at_us)
    there = [one for one in to if not waiting_rules.is_away(known.people.get(one), happened.at_us)]
    return tuple(there) or to


def ends_soon(asked: Notice) -> Notice:
    """Return what is said of a question whose time is nearly over, from what was said first."""
    return Notice(
        id="",
        kind=Kind.ENDS_SOON,
        title=asked.title.replace(" waits for a person", " is still not answered"),
        summary=f"{asked.summary.rpartition(WITHIN)[0]}. Unanswered, it is blocked: nothing is "
        "ever approved by time passing.",
        link=asked.link,
        to=asked.to,
        made_us=asked.made_us,
        ends_us=asked.ends_us,
        about=asked.about,
        lane=asked.lane,
    )


def soon_us(asked_us: int, ends_us: int) -> int:
    """Return from when on a question ends soon."""
    return ends_us - (ends_us - asked_us) // SOON


def test(at_us: int) -> Notice:
    """Return the notice by which an operator tries a channel."""
    return Notice(
        id="",
        kind=Kind.TEST,
        title="Sallyport can reach you here",
        summary="Somebody who runs this gateway tried this channel. There is nothing to do.",
        link="/",
        made_us=at_us,
    )


def welcome(person: str, device: str, at_us: int) -> Notice:
    """Return the first notice on a device: that its person will be told there."""
    return Notice(
        id="",
        kind=Kind.TEST,
        title="You will be told here",
        summary="You asked for notices on this device. There is nothing to do.",
        link="/inbox",
        to=(person,),
        made_us=at_us,
        about=device,
        lane=device,
    )


def wait_us(tries: int, chance: int) -> int:
    """Return how long to wait after a number of failed tries, in microseconds.

    Three times as long each time, from 5 seconds to an hour, and up to a quarter less, so that not
    everything comes back at once.

    Args:
        tries: How often it failed; at least 1.
        chance: Any number of 0 to 255.
    """
    longest = min(FIRST_WAIT_S * int(3 ** (tries - 1)), LONGEST_WAIT_S) * SECOND_US
    return longest - longest * (chance % 256) // 1024


def gives_up_us(said: Notice) -> int:
    """Return from when on a notice is not tried any more."""
    return said.ends_us or said.made_us + KEEPS_TRYING_S * SECOND_US


def answerers(
    who: Collection[str], known: Known, *, but: Collection[str | None] = ()
) -> tuple[str, ...]:
    """Return those who may answer what `who` is asked, but some; who works alone answers all."""
    return tuple(
        sorted(
            person.name
            for person in known.people.values()
            if person.can_sign
            and (known.lone or (person.roles.intersection(who) and person.name not in but))
        )
    )


def reached(scope: str, known: Known) -> tuple[str, ...]:
    """Return whom the stop plans tell of a switch, and the contact of the agent that it is for."""
    kind, _, name = scope.partition(":")
    told = {plan.tell for plan in known.plans if _covers(kind, name, plan) and plan.tell}
    if kind == "agent" and known.contacts.get(name):
        told.add(known.contacts[name])
    return tuple(sorted(waiting_rules.holders(sorted(told), known.people)))


def _covers(kind: str, name: str, plan: Plan) -> bool:
    return (
        kind == "everything"
        or (kind == "agent" and plan.agent == name)
        or (kind == "workflow" and plan.workflow == name)
        or (kind == "system" and name in plan.systems)
        or (kind == "tool" and name in plan.tools)
    )


# --- Calls. ---


def _asked(happened: Happened, known: Known) -> Notice:
    return _question(happened, known, Kind.ASKED, "waits for a person")


def _escalated(happened: Happened, known: Known) -> Notice:
    return _question(happened, known, Kind.ESCALATED, "is still not answered, and was passed up")


def _passed(happened: Happened, known: Known) -> Notice | None:
    """Tell those to whom somebody passed a question on; it still asks whom it asked."""
    bound, to = happened.body.get("bound"), _text(happened.body, "to")
    by = _text(happened.body, "person")
    if _text(happened.body, "kind") == "not_mine" or not isinstance(bound, dict):
        return None
    named = waiting_rules.holders([to], known.people) if to else ()
    body: JsonObject = {
        "approval": _text(happened.body, "approval"),
        "who": bound.get("who"),
        "expires_us": bound.get("expires_us"),
        "to": list[Json](named),
        "by": by,
    }
    does = f"was passed on by {_name(by)}"
    return _question(replace(happened, body=body), known, Kind.ESCALATED, does)


def _question(happened: Happened, known: Known, kind: Kind, does: str) -> Notice:
    body, index = happened.body, happened.index
    ends_us = _number(body, "expires_us")
    but = {index.get("person"), _text(body, "by")}
    named = _texts(body, "to")
    return Notice(
        id="",
        kind=kind,
        title=f"{_tool(happened, known)} {does}",
        summary=f"{_of(index)} {_until(happened.at_us, ends_us)}".strip(),
        link=f"/approvals/{_text(body, 'approval')}",
        to=named or answerers(_texts(body, "who"), known, but=but),
        made_us=happened.at_us,
        ends_us=ends_us,
        about=_text(body, "approval"),
    )


def _answered(happened: Happened, known: Known) -> Notice | None:
    body, index = happened.body, happened.index
    bound = body.get("bound")
    who = _texts(bound, "who") if isinstance(bound, dict) else ()
    state = _text(body, "state")
    if state == "waiting":
        return None
    by = _text(body, "person")
    return Notice(
        id="",
        kind=Kind.SETTLED,
        title=f"{_tool(happened, known)} was answered",
        summary=f"By {_name(by)}; it is {_name(state)} now, and there is nothing left to do.",
        link=f"/approvals/{_text(body, 'approval')}",
        to=answerers(who, known, but={index.get("person"), by}),
        made_us=happened.at_us,
        ends_us=happened.at_us + HOUR_S * SECOND_US,
        about=_text(body, "approval"),
    )


def _doubt(happened: Happened, known: Known) -> Notice:
    return Notice(
        id="",
        kind=Kind.DOUBT,
        title=f"{_tool(happened, known)} may or may not have happened",
        summary=f"{_of(happened.index)} It was sent, and no answer came. Look in the system "
        "itself, then say in the console which it was.".strip(),
        link=f"/calls/{_text(happened.body, 'call')}",
        to=_holders(known, "doubt.settle"),
        made_us=happened.at_us,
        about=_text(happened.body, "call"),
    )


# --- What people set. ---


def _set(happened: Happened, known: Known) -> Notice:
    body = happened.body
    scope, verdict, by = (_text(body, name) for name in ("scope", "verdict", "by"))
    stopped = verdict == "refuse"
    does = "is stopped" if stopped else f"is held to `{_name(verdict)}`"
    return _switch(
        happened,
        known,
        Kind.STOPPED if stopped else Kind.FLOOR,
        f"{_scope(scope)} {does}",
        f"Set by {_name(by)}. {_out(body)}",
    )


def _lifted(happened: Happened, known: Known) -> Notice:
    scope, by = _text(happened.body, "scope"), _text(happened.body, "by")
    words = f"Lifted by {_name(by)}. What the boundary says stands as before."
    return _switch(happened, known, Kind.RESUMED, f"{_scope(scope)} goes on", words)


def _filed(happened: Happened, known: Known) -> Notice | None:
    """Tell of the stop file, unless a person lifted it, which is told of as such."""
    body = happened.body
    began, ended = _texts(body, "began"), _texts(body, "ended")
    scopes = [*(began or ended)]
    if _text(body, "by") or not scopes:
        return None
    more = f" and {len(scopes) - 1} more" if len(scopes) > 1 else ""
    what = "stopped by a file" if began else "no longer stopped by a file"
    summary = (
        f"Somebody who can write to the gateway's folder did it. {_out(body)}"
        if began
        else "Somebody who can write to the gateway's folder did it. What the boundary says stands "
        "as before, and so does what people stopped by hand."
    )
    told = sorted({name for scope in scopes for name in reached(scope, known)})
    return Notice(
        id="",
        kind=Kind.STOPPED if began else Kind.RESUMED,
        title=f"{_scope(scopes[0])}{more}: {what}",
        summary=summary,
        link="/controls",
        to=tuple(told),
        made_us=happened.at_us,
        about="stop_file",
    )


def _switch(happened: Happened, known: Known, kind: Kind, title: str, summary: str) -> Notice:
    by = _text(happened.body, "by")
    told = reached(_text(happened.body, "scope"), known)
    return Notice(
        id="",
        kind=kind,
        title=title,
        summary=summary,
        link="/controls",
        to=tuple(name for name in told if name != by),
        made_us=happened.at_us,
        about=_text(happened.body, "switch"),
    )


def _signed(happened: Happened, known: Known) -> Notice | None:
    body = happened.body
    missing, workflow = _text(body, "missing"), _text(body, "workflow")
    if not missing:
        return None
    have = {_text(one, "person") for one in _tables(body, "signatures")}
    roles = signing.OWNERS if missing == signing.Missing.OWNER else signing.SECONDS
    people = known.people.values()
    may_sign = {p.name for p in people if signing.may_sign(p, roles)}
    return Notice(
        id="",
        kind=Kind.SIGNATURE,
        title=f"A version of {_name(workflow)} waits for a signature",
        summary=f"Version {_number(body, 'version')}, by {_name(_text(body, 'author'))}. It does "
        "not count until somebody else has read it and signs it as well.",
        link=f"/workflows/{workflow}",
        to=tuple(sorted(may_sign - have)),
        made_us=happened.at_us,
        about=f"{workflow}/{_number(body, 'version')}",
    )


def _glass_asked(happened: Happened, known: Known) -> Notice:
    by = _vouched(happened.body, "asked")
    words = (
        f"Asked for by {_name(by)}. Nothing changes until a second person has read it and signs."
    )
    told = set(_holders(known, break_glass.MAY[break_glass.SECOND])) - {by}
    return _glass(happened, told, "Going past the reviewers of {scope} waits for a second", words)


def _glass_broken(happened: Happened, known: Known) -> Notice:
    """Tell the owners, and whom the stop plans tell, but not the two who did it."""
    two = {_vouched(happened.body, "asked"), _vouched(happened.body, "second")}
    people = known.people.values()
    owners = {one.name for one in people if one.active and "owner" in one.roles}
    told = (owners | set(reached(_text(happened.body, "scope"), known))) - two
    names = " and ".join(_name(one) for one in sorted(two))
    ends = utc(_number(happened.body, "ends_us"))
    words = (
        f"{names} broke the glass; it ends at {ends}. Whoever may stop may end it in the console."
    )
    return _glass(happened, told, "Calls of {scope} go past the reviewers", words)


def _glass_ended(happened: Happened, known: Known) -> Notice:
    told = set(_holders(known, break_glass.MAY[break_glass.REVIEW]))
    told -= set(_texts(happened.body, "two"))
    by = _text(happened.body, "by")
    ended = "It came to its end" if by == break_glass.BY_TIME else f"It was ended by {_name(by)}"
    words = (
        f"{ended}. Somebody who was neither of the two "
        "looks at every call that went ahead, and signs for that."
    )
    return _glass(happened, told, "Calls of {scope} went past the reviewers", words)


def _glass(happened: Happened, told: Collection[str], title: str, words: str) -> Notice:
    glass, scope = _text(happened.body, "glass"), _scope(_text(happened.body, "scope"))
    return Notice(
        id="",
        kind=Kind.BREAK_GLASS,
        title=title.format(scope=scope),
        summary=words,
        link=f"/break-glass/{glass}",
        to=tuple(sorted(told)),
        made_us=happened.at_us,
        about=glass,
    )


def _vouched(body: JsonObject, name: str) -> str:
    signed = body.get(name)
    return _text(signed, "person") if isinstance(signed, dict) else ""


# --- Words. ---


def _tool(happened: Happened, known: Known) -> str:
    tool = happened.index.get("tool", "")
    title = known.titles(happened.index.get("workflow", ""), tool)
    return f"{_name(title)} ({_name(tool)})" if title and title != tool else _name(tool)


def _of(index: Mapping[str, str]) -> str:
    if not index.get("agent"):
        return ""
    return f"Agent {_name(index['agent'])}, workflow {_name(index.get('workflow', ''))}."


def _until(at_us: int, ends_us: int) -> str:
    if ends_us <= at_us:
        return ""
    left = _length((ends_us - at_us) // SECOND_US)
    return f"Answer by {utc(ends_us)}{WITHIN}{left}."


def _length(seconds: int) -> str:
    for size, unit in ((DAY_S, "day"), (HOUR_S, "hour"), (MINUTE_S, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "less than a minute"


def _scope(scope: str) -> str:
    kind, _, name = scope.partition(":")
    return f"{_name(kind).capitalize()} {_name(name)}".strip()


def _out(body: JsonObject) -> str:
    wire = body.get("on_wire")
    count = len(wire) if isinstance(wire, list) else 0
    return f"{count} call(s) had left already." if count else "Nothing was under way."


def _name(text: str) -> str:
    """Return a name in one line with nothing hidden in it, cut where no name is that long."""
    shown = " ".join(inert.plain(text).split())
    return shown if len(shown) <= NAME_CHARS else f"{shown[: NAME_CHARS - 1]}…"


def _holders(known: Known, right: str) -> tuple[str, ...]:
    people = known.people.values()
    return tuple(sorted(p.name for p in people if p.can_sign and may(p.roles, right)))


def _text(body: JsonObject, name: str) -> str:
    found = body.get(name)
    return found if isinstance(found, str) else ""


def _texts(body: JsonObject, name: str) -> tuple[str, ...]:
    found = body.get(name)
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def _tables(body: JsonObject, name: str) -> tuple[JsonObject, ...]:
    found = body.get(name)
    return tuple(one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()


def _number(body: JsonObject, name: str) -> int:
    found = body.get(name)
    return found if isinstance(found, int) else 0


_TELLING: Final[Mapping[str, Callable[[Happened, Known], Notice | None]]] = {
    "approval.asked": _asked,
    "approval.escalated": _escalated,
    "approval.answered": _answered,
    "approval.passed": _passed,
    "call.concluded": _doubt,
    "switch.set": _set,
    "switch.lifted": _lifted,
    "stop_file.changed": _filed,
    "boundary.signed": _signed,
    "glass.asked": _glass_asked,
    "glass.broken": _glass_broken,
    "glass.ended": _glass_ended,
}
