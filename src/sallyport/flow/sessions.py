"""Who is signed in to the console, and until when.

Rules:
  1. A session begins with a person's own signature or key and belongs to that person alone. Whom
     an identity provider stands for signs in there and nowhere else.
  2. It ends when it was idle too long, when its time is over, when its person is switched off, and
     with this process: a restart signs everybody out.
  3. Only the hash of its secret is kept, so that nothing that is written down opens a session.
  4. An invitation is good for a day and outlives a restart; that it was used does so too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sallyport.errors import NotAuthenticatedError, NotPermittedError
from sallyport.flow import rows
from sallyport.flow.evidence import Draught
from sallyport.flow.gateway import Gateway
from sallyport.model import JsonObject, Person
from sallyport.ports import Blocked, Insert, Row, Update
from sallyport.rules.times import SECOND_US

ON, OVER = "on", "over"
INVITED = "enrolment"
LINK = "link/"
LINK_US = 120 * SECOND_US
"""How long a link into the console is good for, once."""
SESSIONS_LAST = (30 * 60, 12 * 3600)
"""Seconds until a session ends: unused, and in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser of one person.

    `how` says what they signed in with: `link`, `enrolment`, `passkey`, `recovery` or `oidc`.
    """

    id: str
    person: str
    how: str
    begun_us: int
    used_us: int


class Sessions:
    """Begins, finds and ends sessions.

    Args:
        gateway: Where people, clock and ledger are.
        new_token: Makes secrets of a kind.
        token_hash: Hashes them.
        idle_s: Seconds after which an unused session ends.
        lasts_s: Seconds after which any session ends.
    """

    def __init__(
        self,
        gateway: Gateway,
        new_token: Callable[[str], str],
        token_hash: Callable[[str], str],
        *,
        idle_s: int = 1800,
        lasts_s: int = 12 * 3600,
    ) -> None:
        self._gateway = gateway
        self._new_token = new_token
        self._token_hash = token_hash
        self._idle_us = idle_s * SECOND_US
        self._lasts_us = lasts_s * SECOND_US
        self._sessions: dict[str, Session] = {}
        self._links: dict[str, tuple[str, str, int]] = {}

    def link(self, person: str, *, how: str = "link", lasts_us: int = LINK_US) -> str:
        """Return a secret that signs this person in, once, within two minutes or as long as said.

        A later link of the same kind takes the place of an earlier one.
        """
        secret, now_us = self._new_token("sp_link_"), self._gateway.evidence.now_us()
        self._links = {
            key: one
            for key, one in self._links.items()
            if one[2] > now_us and (how == "link" or one[:2] != (person, how))
        }
        self._links[self._token_hash(secret)] = (person, how, now_us + lasts_us)
        return secret

    async def invitation(self, person: str, lasts_us: int) -> str:
        """Return the secret of a link by which somebody makes their first passkey, once.

        A later one takes the place of an earlier one; a restart ends neither.
        """
        earlier = self._invited(person)
        secret = self.link(person, how=INVITED, lasts_us=lasts_us)
        draught = self._gateway.evidence.draught()
        self._over(draught, earlier)
        row: Row = {
            "id": _link_id(self._token_hash(secret)),
            "kind": INVITED,
            "person": person,
            "state": ON,
            "until_us": draught.at_us + lasts_us,
            "changed_us": draught.at_us,
        }
        draught.changes.append(Insert("sign_ins", row))
        body: JsonObject = {"person": person, "until_us": draught.at_us + lasts_us}
        self._gateway.evidence.note(draught, "person.invited", body, index={"person": person})
        await self._gateway.outside.store.append(draught.done())
        return secret

    async def load(self) -> None:
        """Take in the invitations that the database keeps."""
        where: Row = {"kind": INVITED, "state": ON}
        for row in await self._gateway.outside.store.rows("sign_ins", where):
            key = rows.text(row, "id").removeprefix(LINK)
            until_us = rows.number(row, "until_us")
            self._links[key] = (rows.text(row, "person"), INVITED, until_us)

    async def enter(self, secret: str) -> str:
        """Begin a session with the secret of a link; return the session's own.

        Raises:
            NotAuthenticatedError: The link is unknown, used or too old.
        """
        key = self._token_hash(secret)
        person, how, until_us = self._links.pop(key, ("", "", 0))
        if how == INVITED:
            await self._end_invitations(person, [key], "used")
        if self._gateway.evidence.now_us() >= until_us:
            raise NotAuthenticatedError(
                "this link was used already, or is too old", fix="run `sallyport console` again"
            )
        return await self.begin(person, how=how)

    async def begin(self, person: str, *, how: str) -> str:
        """Begin a session for somebody whose identity is certain; return its secret.

        Raises:
            NotPermittedError: They are not active.
        """
        if self._active(person).identity and how != "oidc":
            raise NotPermittedError(
                f"`{person[:80]}` is known here by an identity provider", fix="sign in there"
            )
        secret = self._new_token("sp_session_")
        now_us = self._gateway.evidence.now_us()
        session = Session(
            id=self._gateway.outside.ids.new("s"),
            person=person,
            how=how,
            begun_us=now_us,
            used_us=now_us,
        )
        await self._note("session.begun", session)
        self._sessions[self._token_hash(secret)] = session
        return secret

    def of(self, secret: str) -> tuple[Session, Person]:
        """Return the session of a secret and whose it is, and note that it was used.

        Raises:
            NotAuthenticatedError: There is none, or it has ended.
        """
        session, person = self.look(secret)
        used = replace(session, used_us=self._gateway.evidence.now_us())
        self._sessions[self._token_hash(secret)] = used
        return session, person

    def look(self, secret: str) -> tuple[Session, Person]:
        """Return the same as `of`, for something that no person does: it is no use of the session.

        Raises:
            NotAuthenticatedError: There is none, or it has ended.
        """
        key = self._token_hash(secret)
        session = self._sessions.get(key)
        if session is None:
            raise NotAuthenticatedError("you are not signed in", fix="sign in")
        now_us = self._gateway.evidence.now_us()
        idle, old = now_us - session.used_us, now_us - session.begun_us
        over = idle > self._idle_us or old > self._lasts_us
        person = self._gateway.registry.people.get(session.person)
        if over or person is None or not person.active:
            del self._sessions[key]
            raise NotAuthenticatedError("your session has ended", fix="sign in again")
        return session, person

    def present(self) -> frozenset[str]:
        """Return whose sessions there are."""
        return frozenset(one.person for one in self._sessions.values())

    async def end(self, secret: str) -> None:
        """End a session; one that has ended already stays ended."""
        session = self._sessions.pop(self._token_hash(secret), None)
        if session is not None:
            await self._note("session.ended", session)

    async def end_all(self, person: str) -> int:
        """End every session and link of a person; return how many sessions there were."""
        invited = self._invited(person)
        self._links = {key: one for key, one in self._links.items() if one[0] != person}
        if invited:
            await self._end_invitations(person, invited, "ended")
        theirs = [key for key, one in self._sessions.items() if one.person == person]
        ended = [self._sessions.pop(key) for key in theirs]
        for session in ended:
            await self._note("session.ended", session)
        return len(ended)

    def _invited(self, person: str) -> list[str]:
        return [key for key, one in self._links.items() if one[:2] == (person, INVITED)]

    def _over(self, draught: Draught, keys: Iterable[str]) -> None:
        for key in keys:
            over: Row = {"state": OVER, "changed_us": draught.at_us}
            draught.changes.append(Update("sign_ins", _link_id(key), {"state": ON}, over))

    async def _end_invitations(self, person: str, keys: Iterable[str], how: str) -> None:
        draught = self._gateway.evidence.draught()
        self._over(draught, keys)
        body: JsonObject = {"person": person, "how": how}
        self._gateway.evidence.note(draught, "invitation.over", body, index={"person": person})
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise NotAuthenticatedError("this link was used already", fix="ask for another one")

    def _active(self, name: str) -> Person:
        person = self._gateway.registry.people.get(name)
        if person is None or not person.active:
            raise NotPermittedError(f"`{name[:80]}` is not active here", fix="ask an administrator")
        return person

    async def _note(self, kind: str, session: Session) -> None:
        draught = self._gateway.evidence.draught()
        self._gateway.evidence.note(
            draught,
            kind,
            {"session": session.id, "person": session.person, "how": session.how},
            index={"person": session.person},
        )
        await self._gateway.outside.store.append(draught.done())


def _link_id(key: str) -> str:
    return f"{LINK}{key}"
