"""Signing in at an identity provider, and asking it time and again whether it stands for whom.

Rules:
  1. A sign-in belongs to the browser that began it, is good once and for ten minutes. What its
     answer must fit lies sealed in that browser alone, so that a restart of ours ends none, and
     whoever begins many fills nothing.
  2. Whoever is signed in this way is looked at every fifteen seconds, and whoever is not every
     forty-five, also after a restart. Who is no longer known there, has no group with a role, or
     could not be looked at for a minute, is out.
  3. A provider that answers nobody is not waited for once for each person: the look ends, and whose
     minute is over is out.
  4. Of what the provider said no more is kept than that look needs, and it is kept sealed.
"""

from __future__ import annotations

import asyncio
import hmac
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sallyport.adapters.identity import Client, Pending, Provider, Who, pending_of, who_of
from sallyport.doors.console.sign_in import INBOX
from sallyport.doors.settings import Settings
from sallyport.errors import IdentityError, NotAuthenticatedError, SallyportError
from sallyport.flow.house import House
from sallyport.model import Json, JsonObject
from sallyport.rules import canonical
from sallyport.rules.devices import from_text, to_text
from sallyport.rules.groups import name_of, roles_of
from sallyport.rules.strict_json import loads
from sallyport.rules.times import SECOND_US

LOOK_S = 15
AT_ONCE = 16
PARTS = 3
"""In so many looks everybody is asked about who is not signed in."""
CONFIRMED_US = 60 * SECOND_US
"""For so long a person counts of whom the provider could not be asked."""
BEGUN_US = 600 * SECOND_US
BEGUN_LABEL = "oidc/begun"
COOKIE_BYTES_MAX = 4096
NOT_HERE = "this sign-in was not begun here, or is over already"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    pending: Pending
    until_us: int
    to: str


@dataclass(slots=True, kw_only=True)
class _Known:
    who: Who
    confirmed_us: int


@dataclass(slots=True)
class _Look:
    """One look at everybody: how often the provider answered, and how often it did not."""

    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    answers: int = 0
    silences: int = 0

    @property
    def in_vain(self) -> bool:
        """Whether nobody needs to be asked about any more: it has answered for none of many."""
        return self.silences >= AT_ONCE and not self.answers


class Elsewhere:
    """The way in by an identity provider."""

    def __init__(self, house: House, settings: Settings) -> None:
        self._house = house
        self._settings = settings
        client = Client(
            issuer=settings.oidc_issuer,
            id=settings.oidc_client_id,
            secret=lambda: house.secrets.get(settings.oidc_secret) if settings.oidc_secret else "",
            scopes=settings.oidc_scopes,
        )
        self._provider = Provider(client, lambda: self._now_us() / SECOND_US)
        self._renew = settings.oidc_recheck == "refresh"
        self._used: dict[str, int] = {}
        self._known: dict[str, _Known] = {}
        self._restored = False
        self._turn = 0

    async def begin(self, redirect: str, to: str = INBOX) -> tuple[str, str]:
        """Return where to send a browser, and what it keeps until it is back.

        Args:
            redirect: Where the provider sends it back to.
            to: Where it goes on from there.
        """
        pending = await self._provider.begin(redirect)
        until_us = self._now_us() + BEGUN_US
        said: JsonObject = {"pending": pending.as_json(), "until_us": until_us, "to": to}
        vault = self._house.gateway.outside.vault
        return pending.url, to_text(vault.seal(BEGUN_LABEL, canonical.encode(said)))

    async def finish(self, answer: Mapping[str, str], kept: str) -> tuple[str, str]:
        """Begin the session of whoever signed in there; return its secret, and where they go on.

        Raises:
            NotAuthenticatedError: The answer is not one to what this browser began.
            NotPermittedError: They may do nothing here.
        """
        begun = self._begun(kept)
        state = begun.pending.state
        if not hmac.compare_digest(state.encode(), answer.get("state", "").encode()):
            raise NotAuthenticatedError(NOT_HERE, fix="sign in again")
        self._use(state, begun.until_us)
        who = await self._provider.finish(begun.pending, answer)
        identity, settings = self._identity(who), self._settings
        name = name_of(who.claims, settings.oidc_name_claim)
        secret = await self._house.federated.arrive(identity, name, self._roles(who))
        self._known[identity] = _Known(who=who, confirmed_us=self._now_us())
        await self._house.federated.remember(identity, self._worth_keeping(who))
        return secret, begun.to

    async def look(self) -> None:
        """Ask the provider about everybody for whom it stood, and act on what it says."""
        look = _Look()
        due = await self._due()
        await asyncio.gather(*(self._look_at(*one, look) for one in due))

    async def _due(self) -> list[tuple[str, _Known]]:
        """Return whom to ask about now: who is signed in, and a part of those who are not."""
        first = not self._restored
        if first:
            await self._restore()
        self._turn += 1
        present, people = self._house.sessions.present(), self._house.gateway.registry.people
        here = {one.identity for one in people.values() if one.name in present}
        return [
            (identity, known)
            for identity, known in self._known.items()
            if first or identity in here or self._is_due(identity)
        ]

    def _is_due(self, identity: str) -> bool:
        return (zlib.crc32(identity.encode()) + self._turn) % PARTS == 0

    async def _restore(self) -> None:
        """Take up whom the provider stood for before a restart."""
        for identity, kept in (await self._house.federated.remembered()).items():
            if not identity.startswith(f"{self._settings.oidc_issuer} "):
                continue
            known = _Known(who=who_of(kept), confirmed_us=self._now_us())
            self._known.setdefault(identity, known)
        self._restored = True

    async def _look_at(self, identity: str, known: _Known, look: _Look) -> None:
        try:
            async with look.at_once:
                if look.in_vain:
                    await self._not_asked(identity, known)
                    return
                who = await self._provider.look(known.who, renew=self._renew)
            look.answers += 1
        except NotAuthenticatedError:
            if self._known.get(identity) is known:
                del self._known[identity]
                await self._house.federated.keep(identity, ())
                await self._house.federated.forget(identity)
            look.answers += 1
        except IdentityError:
            look.silences += 1
            await self._not_asked(identity, known)
        else:
            await self._confirmed(identity, known, who)

    async def _confirmed(self, identity: str, known: _Known, who: Who) -> None:
        changed = self._worth_keeping(who) != self._worth_keeping(known.who)
        known.who, known.confirmed_us = who, self._now_us()
        if changed and self._known.get(identity) is known:
            await self._house.federated.remember(identity, self._worth_keeping(who))
        await self._house.federated.keep(identity, self._roles(who))

    async def _not_asked(self, identity: str, known: _Known) -> None:
        if self._now_us() - known.confirmed_us >= CONFIRMED_US:
            await self._house.federated.unconfirmed(identity)

    def _begun(self, kept: str) -> _Begun:
        """Return the sign-in that a browser keeps.

        Raises:
            NotAuthenticatedError: It keeps none of ours, or one that took too long.
        """
        try:
            plain = self._house.gateway.outside.vault.open(BEGUN_LABEL, from_text(kept))
            said = loads(plain, bytes_max=COOKIE_BYTES_MAX, depth_max=4)
        except SallyportError as error:
            raise NotAuthenticatedError(NOT_HERE, fix="sign in again") from error
        found = said if isinstance(said, dict) else {}
        pending, until_us = found.get("pending"), found.get("until_us")
        if not isinstance(pending, dict) or not isinstance(until_us, int):
            raise NotAuthenticatedError(NOT_HERE, fix="sign in again")
        if self._now_us() >= until_us:
            raise NotAuthenticatedError("it took too long to sign in", fix="sign in again")
        return _Begun(pending=pending_of(pending), until_us=until_us, to=str(found.get("to")))

    def _use(self, state: str, until_us: int) -> None:
        """Note that a sign-in is used; whatever is over by its time is forgotten.

        Raises:
            NotAuthenticatedError: It was used already.
        """
        now_us = self._now_us()
        self._used = {key: until for key, until in self._used.items() if until > now_us}
        if state in self._used:
            raise NotAuthenticatedError(NOT_HERE, fix="sign in again")
        self._used[state] = until_us

    def _worth_keeping(self, who: Who) -> JsonObject:
        """Return what a look needs: the tokens, and the groups where the token alone has them."""
        claim = self._settings.oidc_groups_claim
        listed = who.claims.get(claim)
        groups = listed if isinstance(listed, list) else []
        known: list[Json] = [one for one in groups if isinstance(one, str)]
        return replace(who, claims={claim: known}).as_json()

    def _roles(self, who: Who) -> frozenset[str]:
        settings = self._settings
        return roles_of(who.claims, settings.oidc_groups_claim, settings.oidc_roles)

    def _identity(self, who: Who) -> str:
        return f"{self._settings.oidc_issuer} {who.subject}"

    def _now_us(self) -> int:
        return self._house.gateway.evidence.now_us()
