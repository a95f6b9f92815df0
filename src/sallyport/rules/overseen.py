"""Whether broken glass and yeses that wait were kept to: read from the ledger alone, offline.

Rules:
  1. Each of the three signatures on a broken glass must hold over what its entry says, with a key
     that the ledger itself knew of by then, and no two of the three are one person or one key.
  2. A call that went ahead under one must lie between its second signature and its end.
  3. A call may not have left before the time in which its yes could be taken back was over, and
     never after it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sallyport.model import JsonObject
from sallyport.rules import break_glass, statements
from sallyport.rules.signed_answers import Verify
from sallyport.rules.times import SECOND_US
from sallyport.rules.trace import Heard

GLASS: Final = frozenset({"glass.asked", "glass.broken", "glass.ended", "glass.reviewed"})
WAITS: Final = frozenset({"approval.answered", "approval.undone"})

Keys = Mapping[str, frozenset[str]]


@dataclass(slots=True)
class _Broken:
    """One broken glass, as the ledger tells of it."""

    scope: str
    from_us: int
    ends_us: int
    people: frozenset[str]
    keys: frozenset[str]
    calls: list[str] = field(default_factory=list[str])


class Overseen:
    """Goes through a ledger in its order, and keeps in mind what later entries are held to."""

    def __init__(self) -> None:
        self._broken: dict[str, _Broken] = {}
        self._waits: dict[str, int | None] = {}

    def concerns(self, kind: str, data: bytes) -> bool:
        """Return whether an entry has to be read; asked of every entry, so it parses nothing."""
        if kind in GLASS or kind in WAITS:
            return True
        if kind == "call.intended":
            return bool(self._waits)
        return kind == "call.decided" and b'"glass":"' in data

    def read(self, heard: Heard, keys: Keys, verify: Verify) -> tuple[int, str]:
        """Return how many signatures of an entry hold, and what is wrong with it; empty if nothing.

        Args:
            heard: An entry that concerns this, in the order of the ledger.
            keys: By person, every key that the ledger knew of before it.
            verify: Checks one signature.
        """
        match heard.kind:
            case "glass.asked" | "glass.broken" | "glass.reviewed":
                return self._signed(heard, keys, verify)
            case "glass.ended":
                return 0, self._ended(heard)
            case "call.decided":
                return 0, self._went_ahead(heard)
            case _:
                return 0, self._waited(heard)

    def _signed(self, heard: Heard, keys: Keys, verify: Verify) -> tuple[int, str]:
        made = [_made(name, verb, heard.body) for name, verb in _SIGNED[heard.kind]]
        wrong = [one.person for one in made if not _holds(one, keys, verify)]
        if wrong:
            return 0, f"no key that `{wrong[0][:80]}` was enrolled with has signed it"
        if heard.kind == "glass.broken":
            return 1, self._begins(heard, *made)
        if heard.kind == "glass.reviewed":
            return 1, self._looked_at(heard, *made)
        return 1, ""

    def _begins(self, heard: Heard, first: _Made, second: _Made) -> str:
        """Keep one in mind; its first signature was counted with the entry that asked."""
        body, lasts_s = heard.body, _number(heard.body, "lasts_s")
        if first.person == second.person or first.key == second.key:
            return "one person alone has signed it, or with one key"
        if lasts_s > break_glass.LASTS_MAX_S:
            return "it lasts longer than it may"
        if _number(body, "ends_us") != heard.at_us + lasts_s * SECOND_US:
            return "its end is not what was signed"
        self._broken[str(body.get("glass"))] = _Broken(
            scope=str(body.get("scope")),
            from_us=heard.at_us,
            ends_us=_number(body, "ends_us"),
            people=frozenset({first.person, second.person}),
            keys=frozenset({first.key, second.key}),
        )
        return ""

    def _ended(self, heard: Heard) -> str:
        broken = self._broken.get(str(heard.body.get("glass")))
        if broken is None:
            return "it ends what was never in force"
        broken.ends_us = min(broken.ends_us, heard.at_us)
        return ""

    def _went_ahead(self, heard: Heard) -> str:
        broken = self._broken.get(str(heard.body.get("glass")))
        if broken is None or not broken.from_us <= heard.at_us <= broken.ends_us:
            return "it went past the reviewers under a break-glass that was not in force"
        body = heard.body
        if broken.scope not in {f"workflow:{body.get('workflow')}", f"tool:{body.get('tool')}"}:
            return "it went past the reviewers under a break-glass for something else"
        broken.calls.append(str(body.get("call")))
        return ""

    def _looked_at(self, heard: Heard, third: _Made) -> str:
        broken = self._broken.get(str(heard.body.get("glass")))
        if broken is None or third.person in broken.people or third.key in broken.keys:
            return "one of the two who broke the glass looked at it, or it was never broken"
        if heard.body.get("digest") != break_glass.calls_digest(broken.calls):
            return "other calls were looked at than those that went ahead under it"
        return ""

    def _waited(self, heard: Heard) -> str:
        """Keep until when a yes waits, or hold the call that it was for to that."""
        body = heard.body
        named = str(body.get("approval"))
        if heard.kind == "approval.answered":
            if _number(body, "not_before_us"):
                self._waits[named] = _number(body, "not_before_us")
            return ""
        if heard.kind == "approval.undone":
            self._waits[named] = None
            return ""
        if named not in self._waits:
            return ""
        not_before_us = self._waits[named]
        if not_before_us is None:
            return "it left after its yes was taken back"
        del self._waits[named]
        return "it left while its yes could be taken back" if heard.at_us < not_before_us else ""


_SIGNED: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "glass.asked": (("asked", break_glass.ASK),),
    "glass.broken": (("asked", break_glass.ASK), ("second", break_glass.SECOND)),
    "glass.reviewed": (("review", break_glass.REVIEW),),
}
"""Which signatures an entry must have, and what each is for; one that is missing does not hold."""


@dataclass(frozen=True, slots=True)
class _Made:
    """Who signed an entry, the bytes that they signed, their key and the signature."""

    person: str
    said: bytes
    key: str
    signature: str


def _made(name: str, verb: str, body: JsonObject) -> _Made:
    found = body.get(name)
    said: JsonObject = found if isinstance(found, dict) else {}
    person = str(said.get("person", "(nobody)"))
    signed = statements.statement(
        verb, _details(verb, body), person=person, at_us=_number(said, "at_us")
    )
    return _Made(person, signed, str(said.get("key")), str(said.get("signature")))


def _details(verb: str, body: JsonObject) -> JsonObject:
    names: tuple[str, ...] = ("scope", "because", "lasts_s")
    if verb == break_glass.SECOND:
        names = ("glass", *names, "asked_by", "asked_at_us")
    elif verb == break_glass.REVIEW:
        names = ("glass", "scope", "calls", "digest", "found", "words")
    return {name: body.get(name) for name in names}


def _holds(made: _Made, keys: Keys, verify: Verify) -> bool:
    known = keys.get(made.person, frozenset())
    return made.key in known and verify(made.key, made.said, made.signature)


def _number(body: JsonObject, name: str) -> int:
    value = body.get(name)
    return value if isinstance(value, int) else 0
