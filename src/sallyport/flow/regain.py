"""Ways back in for whoever lost what they sign with, each of them on record.

Rules:
  1. A recovery code signs its person in once. Only hashes are kept, and new codes end the old ones.
  2. A person without any key gets one by a link that is good once, for a day; an administrator
     signs for it, or nobody could.
  3. Whoever is on the host may bring back a lost administrator. All that they signed in and signed
     with is gone. In production it takes a day, in which every other administrator can see it and
     switch the person off, unless there is nobody who could.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sallyport.errors import ConflictError, NotAuthenticatedError, NotFoundError, NotPermittedError
from sallyport.flow.gateway import Gateway
from sallyport.flow.people import People
from sallyport.flow.reading import read
from sallyport.flow.sessions import Sessions
from sallyport.model import Environment, JsonObject, Person
from sallyport.ports import LedgerQuery
from sallyport.rules.statements import Signed
from sallyport.rules.times import SECOND_US

CODES = 10
DAY_US = 24 * 3600 * SECOND_US
LAPSES_US = 7 * DAY_US
"""A recovery that was asked for and not done within a week is asked for anew."""
ASKED, DONE = "person.recovery_asked", "person.recovered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How a recovery stands: `link` once it is done, until then the time from which it can be."""

    person: str
    from_us: int
    link: str = ""


class Regain:
    """Makes and takes recovery codes and links, and recovers administrators."""

    def __init__(
        self,
        gateway: Gateway,
        people: People,
        sessions: Sessions,
        new_token: Callable[[str], str],
        token_hash: Callable[[str], str],
    ) -> None:
        self._gateway = gateway
        self._people = people
        self._sessions = sessions
        self._new_token = new_token
        self._token_hash = token_hash

    async def make_codes(self, name: str, *, by: str) -> tuple[str, ...]:
        """Return ten new recovery codes of a person; they are shown once, and older ones are gone.

        Raises:
            NotPermittedError: An identity provider stands for this person.
        """
        person = self._known(name)
        if person.identity or not person.active:
            raise NotPermittedError(
                f"`{name[:80]}` signs in elsewhere", fix="recover there, with your provider"
            )
        codes = tuple(self._new_token("sp_recover_") for _ in range(CODES))
        hashes = tuple(self._token_hash(code) for code in codes)
        await self._people.keep(replace(person, recovery=hashes), by)
        return codes

    async def use_code(self, code: str) -> str:
        """Sign in whoever has this code, which is then worth nothing; return the session's secret.

        Raises:
            NotAuthenticatedError: Nobody has it, or it was used.
        """
        key = self._token_hash(code.strip())
        people = self._gateway.registry.people.values()
        person = next((one for one in people if one.active and key in one.recovery), None)
        if person is None:
            raise NotAuthenticatedError(
                "this is no recovery code, or it was used", fix="use the next one on your list"
            )
        left = tuple(one for one in person.recovery if one != key)
        await self._people.keep(replace(person, recovery=left), "recovery code")
        return await self._sessions.begin(person.name, how="recovery")

    async def invite(self, name: str, *, by: Signed | None) -> str:
        """Return the secret of a link by which a person without a key makes their first passkey.

        Raises:
            NotPermittedError: An administrator could sign for it and did not.
            ConflictError: They have a key, so that a link would put somebody else in their place.
        """
        person = self._known(name)
        self._people.vouched("invite", {"name": name}, by)
        if person.keys or person.identity or not person.active:
            raise ConflictError(
                f"`{name}` has a way to sign in, or is switched off",
                fix="they can sign in, use a recovery code, or be recovered",
            )
        return await self._sessions.invitation(name, DAY_US)

    async def recover(self, name: str) -> Recovery:
        """Bring back an administrator who lost everything, or begin to, or say how long it takes.

        Raises:
            NotFoundError: Nobody has this name.
            NotPermittedError: They are no administrator of this gateway.
        """
        person = self._known(name)
        if "administrator" not in person.roles or person.identity or not person.active:
            raise NotPermittedError(
                f"`{name[:80]}` is no active administrator of this gateway",
                fix="have an administrator remove their keys and invite them",
            )
        now_us = self._gateway.evidence.now_us()
        from_us = await self._asked(name)
        if not from_us:
            from_us = now_us + (DAY_US if self._must_wait() else 0)
            await self._note(ASKED, {"person": name, "from_us": from_us})
        if now_us < from_us:
            return Recovery(person=name, from_us=from_us)
        return await self._recovered(person, from_us)

    async def _recovered(self, person: Person, from_us: int) -> Recovery:
        bare = replace(person, public_key="", passkeys=(), recovery=())
        await self._people.keep(bare, "recovered by local presence")
        ended = await self._sessions.end_all(person.name)
        keys = len(person.keys)
        await self._note(DONE, {"person": person.name, "keys_removed": keys, "sessions": ended})
        link = await self._sessions.invitation(person.name, DAY_US)
        return Recovery(person=person.name, from_us=from_us, link=link)

    def _must_wait(self) -> bool:
        """Return whether somebody could object: in production, while an administrator can sign."""
        registry = self._gateway.registry
        active = (registry.boundaries[digest] for digest in registry.active.values())
        production = any(one.workflow.environment is Environment.PRODUCTION for one in active)
        people = registry.people.values()
        return production and any(one.can_sign and "administrator" in one.roles for one in people)

    async def _asked(self, name: str) -> int:
        """Return from when a recovery that was asked for may be done; 0 when none is open."""
        query = LedgerQuery(person=name, newest_first=True, limit=1)
        ledger = self._gateway.outside.store.ledger
        asked, done = (
            await ledger(replace(query, kind=ASKED)),
            await ledger(replace(query, kind=DONE)),
        )
        if not asked or (done and done[0].seq > asked[0].seq):
            return 0
        from_us = read(asked[0], None).body.get("from_us")
        lapsed = isinstance(from_us, int) and self._gateway.evidence.now_us() > from_us + LAPSES_US
        return from_us if isinstance(from_us, int) and not lapsed else 0

    def _known(self, name: str) -> Person:
        person = self._gateway.registry.people.get(name)
        if person is None:
            raise NotFoundError(f"person `{name[:80]}` is not known here")
        return person

    async def _note(self, kind: str, body: JsonObject) -> None:
        evidence = self._gateway.evidence
        draught = evidence.draught()
        evidence.note(draught, kind, body, index={"person": str(body["person"])})
        await self._gateway.outside.store.append(draught.done())
