"""Who must sign a version of a boundary before it counts, and what exactly they sign.

Rules:
  1. An owner signs first. What provably grants nothing new needs nobody else.
  2. Whatever widens, or may widen, needs a second person, who signs the same statement.
  3. A signature counts while its person is active, has the same key and a role that may sign.
  4. Somebody who works alone in `team: one` needs nobody else; they wait instead (`flow`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sallyport.model import Json, JsonObject, Person
from sallyport.rules import canonical

OWNERS: Final = frozenset({"owner", "administrator"})
"""Who may sign first: they answer for what the version grants."""

SECONDS: Final = OWNERS | {"reviewer"}
"""Who may sign second: whoever may also answer the questions that no line assigns."""


class Change(StrEnum):
    """What a version grants, compared with the one that counts when it is signed."""

    SAME = "same"
    NARROWS = "narrows"
    FIRST = "first"
    WIDENS = "widens"
    UNKNOWN = "unknown"

    @property
    def needs_second(self) -> bool:
        """Whether an owner alone may not put it in force. Unknown is not proved."""
        return self not in {Change.SAME, Change.NARROWS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What each signature under a version is for.

    `proposal` is the id of this one proposal, so that the signature under an older version, which
    stands in the ledger, does not bring that version back. `against` is the digest of the version
    that counted and that it was proved against, `change` what came of it, `because` why it is
    wanted, in the words of whoever proposes it.
    """

    workflow: str
    digest: str
    proposal: str
    against: str = ""
    change: Change = Change.FIRST
    because: str = ""

    def as_json(self) -> JsonObject:
        """Return it as doors show it, and as `activation` takes it."""
        return {
            "workflow": self.workflow,
            "digest": self.digest,
            "proposal": self.proposal,
            "against": self.against,
            "change": self.change.value,
            "because": self.because,
        }

    def as_bytes(self) -> bytes:
        """Return the bytes to sign."""
        return activation(**self.as_json())


def activation(**said: Json) -> bytes:
    """Return the bytes whose signature activates a version, from the members of a `Statement`."""
    return b"sallyport/activate/v2\n" + canonical.encode(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One person's signature under a version, and the key they had then."""

    person: str
    public_key: str
    signature: str
    at_us: int


class Missing(StrEnum):
    """Whose signature a version still needs."""

    OWNER = "owner"
    SECOND = "second"


def counting(
    signatures: Iterable[Signature], people: Mapping[str, Person]
) -> tuple[Signature, ...]:
    """Return the signatures that count now, by rule 3; a person's first one only."""
    found: dict[str, Signature] = {}
    for one in signatures:
        person = people.get(one.person)
        if person is not None and may_sign(person) and one.public_key in person.keys:
            found.setdefault(one.person, one)
    return tuple(found.values())


def may_sign(person: Person, roles: frozenset[str] = SECONDS) -> bool:
    """Return whether a person's signature can count at all."""
    return person.can_sign and bool(person.roles & roles)


def missing(change: Change, signers: Collection[Person], *, lone: bool) -> Missing | None:
    """Return whose signature is needed next, None when there are enough.

    Args:
        change: What the version grants.
        signers: The people whose signatures count.
        lone: Whether one person works alone.
    """
    names = {person.name for person in signers if may_sign(person)}
    owners = {person.name for person in signers if may_sign(person, OWNERS)}
    if not owners:
        return Missing.OWNER
    if change.needs_second and not lone and len(names) < 2:  # noqa: PLR2004 (the other person)
        return Missing.SECOND
    return None
