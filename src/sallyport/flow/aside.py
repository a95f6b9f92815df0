"""Putting a version aside that waits: sent back by who should sign, withdrawn by who proposed it.

Rules:
  1. Both only tighten: what is in force stays in force, and what waited never is.
  2. Whoever sends back says why, in words that its author reads. It is signed and kept.
  3. What was put aside does not come back. The same file proposed anew is another version.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from sallyport.errors import BadInputError, ConflictError, NotFoundError, NotPermittedError
from sallyport.flow.authority import Authority
from sallyport.flow.gateway import Gateway
from sallyport.flow.people import People
from sallyport.flow.versions import State, Version, versions
from sallyport.model import JsonObject, Person
from sallyport.ports import Blocked, Row, Update
from sallyport.rules.boundary import signing
from sallyport.rules.boundary.signing import OWNERS
from sallyport.rules.statements import Signed

VERB: Final = "set-aside"
BECAUSE_MAX: Final = 4000


class How(StrEnum):
    """Who puts a version aside: somebody who should sign it, or somebody who stands for it."""

    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"


AFTER: Final = {How.SEND_BACK: State.SENT_BACK, How.WITHDRAW: State.WITHDRAWN}


def details(workflow: str, number: int, how: str, because: str) -> JsonObject:
    """Return what a person signs to put a version aside."""
    return {"workflow": workflow, "version": number, "how": how, "because": because}


class Aside:
    """Puts versions aside that wait for a signature, or for their day."""

    def __init__(self, gateway: Gateway, authority: Authority, people: People) -> None:
        self._gateway, self._authority, self._people = gateway, authority, people

    async def put(
        self, workflow: str, number: int, how: str, *, because: str, by: Signed
    ) -> Version:
        """End a version that waits.

        Args:
            workflow: Whose version.
            number: Which one.
            how: `send_back` or `withdraw`.
            because: Why, for its author to read; may be empty only where its author withdraws it.
            by: Who signs for it.

        Raises:
            NotFoundError: No version of this number.
            BadInputError: It does not say why.
            NotPermittedError: This person may not.
            ConflictError: It does not wait any more.
        """
        said = details(workflow, number, how, because)
        person = self._people.verify(VERB, said, by)
        way = _way(how, because)
        version = await self._waiting(workflow, number)
        _admit(version, person, way)
        draught = self._gateway.evidence.draught()
        ended: Row = {"state": AFTER[way].value, "ended_us": draught.at_us}
        pending: Row = {"state": State.PENDING.value}
        draught.changes.append(Update("versions", version.id, pending, ended))
        self._gateway.evidence.note(
            draught,
            "boundary.set_aside",
            {
                "workflow": workflow,
                "version": number,
                "digest": version.digest,
                "how": way.value,
                "author": version.author,
                "because": because,
                "by": person.name,
                "at_us": by.at_us,
                "signature": by.signature,
            },
            index={"workflow": workflow, "person": person.name},
        )
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(f"version {number} of `{workflow}` was signed or ended meanwhile")
        self._authority.forget(version.digest)
        (after,) = [
            one
            for one in await versions(self._gateway.outside.store, {"workflow": workflow})
            if one.number == number
        ]
        return after

    async def _waiting(self, workflow: str, number: int) -> Version:
        found = await versions(self._gateway.outside.store, {"workflow": workflow})
        version = next((one for one in found if one.number == number), None)
        if version is None:
            raise NotFoundError(
                f"`{workflow[:80]}` has no version {number}",
                fix="list them with `sallyport boundary history`",
            )
        if version.state is not State.PENDING:
            raise ConflictError(f"version {number} of `{workflow}` does not wait any more")
        return version


def _way(how: str, because: str) -> How:
    if how not in set(How):
        raise BadInputError(f"`{how[:40]}` is no way to put aside", fix=f"use {' or '.join(How)}")
    way = How(how)
    if len(because) > BECAUSE_MAX or (way is How.SEND_BACK and not because.strip()):
        raise BadInputError(
            "whoever sends a version back says why", fix='add --because "…": its author reads it'
        )
    return way


def _admit(version: Version, person: Person, way: How) -> None:
    if way is How.WITHDRAW:
        signers = {one.person for one in version.signatures}
        if person.name not in signers and not signing.may_sign(person, OWNERS):
            raise NotPermittedError(
                "a version is withdrawn by who signed it, or by an owner",
                fix="send it back, if you are to sign it",
            )
        return
    if not signing.may_sign(person):
        raise NotPermittedError(
            f"`{person.name}` may not sign boundaries, nor send them back",
            fix=f"ask somebody with the role {' or '.join(sorted(signing.SECONDS))}",
        )
    if person.name == version.author:
        raise NotPermittedError("an author withdraws what they proposed", fix="withdraw it")
