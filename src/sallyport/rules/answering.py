"""The four answers of people, and what each must say: approve, change, reject, pass on.

Rules:
  1. Only *approve* lets anything happen. The first of anything else ends the question.
  2. *Reject* has a code of a closed catalogue. *Change* is new arguments, which are a new call that
     is decided anew, or words to the agent. *Pass on* is routing: it gives nobody a right.
  3. Whatever is said is signed, all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sallyport.errors import BadInputError, NotPermittedError
from sallyport.model import Ahead, Answer, Approval, Floor, Json, JsonObject, Level, Person
from sallyport.rules import canonical, reasons

BECAUSE_MAX = 4000


class Kind(StrEnum):
    """What a person does about a question."""

    APPROVE = "approve"
    REJECT = "reject"
    EDIT = "edit"
    """Change: other arguments, as a new call."""
    WORDS = "words"
    """Change: words back to the agent, which may propose anew."""
    ESCALATE = "escalate"
    HAND_OVER = "hand_over"
    NOT_MINE = "not_mine"


PASSES = frozenset({Kind.ESCALATE, Kind.HAND_OVER, Kind.NOT_MINE})
"""The three ways to pass on; the question goes on waiting."""

REASONS: Mapping[str, str] = {
    "wrong_target": "it is about the wrong record, person or recipient",
    "wrong_value": "a value is wrong",
    "unsupported": "nothing supports it",
    "out_of_date": "what it goes by is out of date",
    "not_wanted": "the requester does not want it",
    "not_allowed": "a rule of ours forbids it",
    "done_already": "it was done already",
    "not_now": "it is the wrong time for it",
    "broken": "a system or a tool does not work as it should",
    "suspicious": "it looks like an attack, or like an agent gone wrong",
    "other": "another reason",
}
"""Why people reject: every code, and what it says. Codes never change."""

STRICT = frozenset({Level.UPDATE, Level.EXTERNAL})
"""Levels at which whoever has a passkey answers with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one person says about a question, before it is signed.

    `code` belongs to a rejection, `args` to an edit, `to` (a person or a role) to handing over,
    `ahead` to a yes that is said beforehand to more of the kind, `typed` to a yes to what nobody
    can take back: the value that it is about, as `rules.confirming` asks for it.
    """

    kind: Kind
    because: str = ""
    code: str = ""
    args: JsonObject | None = None
    to: str = ""
    ahead: Ahead | None = None
    typed: str = ""

    @property
    def yes(self) -> bool:
        """Whether this is a yes."""
        return self.kind is Kind.APPROVE


def signed_part(said: Said, *, person: str, at_us: int) -> JsonObject:
    """Return what of an answer is signed, beside what it is about."""
    part: dict[str, Json] = {
        "person": person,
        "yes": said.yes,
        "because": said.because,
        "at_us": at_us,
    }
    if said.kind not in {Kind.APPROVE, Kind.REJECT}:
        part["kind"] = said.kind.value
    if said.code:
        part["code"] = said.code
    if said.args is not None:
        part["args"] = said.args
    if said.to:
        part["to"] = said.to
    if said.ahead is not None:
        part["ahead"] = ahead_of(said.ahead)
    if said.typed:
        part["typed"] = said.typed
    return part


def ahead_of(ahead: Ahead) -> JsonObject:
    """Return a yes beforehand as it is signed with its answer."""
    return {
        "at_most": ahead.at_most,
        "until_us": ahead.until_us,
        "free": list[Json](sorted(ahead.free)),
    }


def check(said: Said, args: JsonObject) -> None:
    """Check that an answer says all that its kind must say, and nothing besides.

    Args:
        said: The answer.
        args: The arguments of the call that it is about.

    Raises:
        BadInputError: Something is missing, unknown or too long.
    """
    if len(said.because) > BECAUSE_MAX:
        raise BadInputError(f"the reason is longer than {BECAUSE_MAX} characters", fix="shorten it")
    if said.code and (said.kind is not Kind.REJECT or said.code not in REASONS):
        raise BadInputError(
            f"`{said.code[:40]}` is no reason to reject", fix=f"use one of {', '.join(REASONS)}"
        )
    if said.kind is Kind.REJECT and not said.code:
        raise BadInputError("no reason to reject was named", fix=f"use one of {', '.join(REASONS)}")
    if (said.args is not None) is not (said.kind is Kind.EDIT):
        raise BadInputError("new arguments are given with an edit, and only there", fix="edit it")
    if said.args is not None and not changed(args, said.args):
        raise BadInputError("nothing was changed", fix="change an argument, or approve it")
    if said.kind is Kind.WORDS and not said.because.strip():
        raise BadInputError("there are no words for the agent", fix="write what it should do")
    if bool(said.to) is not (said.kind is Kind.HAND_OVER):
        raise BadInputError("a question is handed over to somebody", fix="name a person or a role")
    if said.ahead is not None and not said.yes:
        raise BadInputError("only a yes covers more calls", fix="leave out how many more")


def changed(old: JsonObject, new: JsonObject) -> tuple[str, ...]:
    """Return the names of the arguments in which two calls differ, in order."""
    names = sorted({*old, *new})
    return tuple(name for name in names if _text(old, name) != _text(new, name))


def refusal(answer: Answer) -> Floor:
    """Return the floor that ends a call whose question was answered with anything but a yes."""
    person, words = answer.person, answer.because
    if answer.kind == Kind.EDIT:
        changed_ones = ", ".join(answer.arguments)
        return reasons.refuse(
            "approval.edited",
            person=person,
            arguments=changed_ones,
            because=words or reasons.NO_WORDS,
        )
    if answer.kind == Kind.WORDS:
        return reasons.refuse("approval.words", person=person, because=words)
    reason = REASONS.get(answer.code, "") if answer.code != "other" else ""
    because = "; ".join(one for one in (reason, words.strip()) if one) or "no reason"
    return reasons.refuse("approval.rejected", person=person, because=because)


def admit_key(approval: Approval, person: Person, key: str, level: Level) -> None:
    """Check that this key may answer: no key twice, and a passkey where its holder has one.

    Raises:
        NotPermittedError: It may not.
    """
    if key and any(answer.key == key for answer in approval.answers):
        raise NotPermittedError(
            "this key has answered already", fix="somebody else answers, with a key of their own"
        )
    if level in STRICT and person.passkeys and key not in person.passkeys:
        raise NotPermittedError(
            f"`{person.name}` has a passkey, and at level {level.name.lower()} only that answers",
            fix="answer in the console, with the passkey",
        )


def admit_hand_over(approval: Approval, to: str, people: Mapping[str, Person]) -> None:
    """Check that whom a question is handed to could answer it by their own right.

    Raises:
        NotPermittedError: They could not: passing on gives nobody a right.
    """
    who: Collection[str] = approval.question.who
    person = people.get(to)
    able = person is not None and person.can_sign and bool(person.roles.intersection(who))
    if not able and to not in who:
        asked = ", ".join(who) or "(nobody)"
        raise NotPermittedError(
            f"`{to[:80]}` may not answer this", fix=f"hand it to {asked}, or to somebody who is"
        )


def _text(args: JsonObject, name: str) -> str | None:
    return canonical.text(args[name]) if name in args else None
