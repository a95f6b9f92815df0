"""Signing in at an identity provider, and asking it time and again whether it stands for whom.

Rules:
  1. A sign-in belongs to the browser that began it, is good once and for ten minutes.
  2. Whoever is signed in this way is looked at every fifteen seconds. Who is no longer known there,
     has no group with a role, or could not be looked at for a minute, is out.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sallyport.adapters.identity import Client, Pending, Provider, Who
from sallyport.doors.settings import Settings
from sallyport.errors import IdentityError, NotAuthenticatedError
from sallyport.flow.house import House
from sallyport.rules.groups import name_of, roles_of
from sallyport.rules.times import SECOND_US

LOOK_S = 15
AT_ONCE = 16
CONFIRMED_US = 60 * SECOND_US
"""For so long a person counts of whom the provider could not be asked."""
BEGUN_US = 600 * SECOND_US
BEGUN_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    pending: Pending
    browser: str
    until_us: int


@dataclass(slots=True, kw_only=True)
class _Known:
    who: Who
    confirmed_us: int


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
        self._begun: dict[str, _Begun] = {}
        self._known: dict[str, _Known] = {}

    async def begin(self, redirect: str) -> tuple[str, str]:
        """Return where to send a browser, and the secret by which it is known when it is back."""
        pending = await self._provider.begin(redirect)
        browser, now_us = secrets.token_urlsafe(32), self._now_us()
        kept = [(key, one) for key, one in self._begun.items() if one.until_us > now_us]
        self._begun = dict(kept[-BEGUN_MAX:])
        self._begun[pending.state] = _Begun(
            pending=pending, browser=browser, until_us=now_us + BEGUN_US
        )
        return pending.url, browser

    async def finish(self, answer: Mapping[str, str], browser: str) -> str:
        """Begin the session of whoever signed in there; return its secret.

        Raises:
            NotAuthenticatedError: The answer is not one to what this browser began.
            NotPermittedError: They may do nothing here.
        """
        begun = self._begun.get(answer.get("state", ""))
        if begun is None or not hmac.compare_digest(begun.browser.encode(), browser.encode()):
            raise NotAuthenticatedError(
                "this sign-in was not begun here, or is over already", fix="sign in again"
            )
        del self._begun[begun.pending.state]
        if self._now_us() >= begun.until_us:
            raise NotAuthenticatedError("it took too long to sign in", fix="sign in again")
        who = await self._provider.finish(begun.pending, answer)
        identity, settings = self._identity(who), self._settings
        name = name_of(who.claims, settings.oidc_name_claim)
        secret = await self._house.federated.arrive(identity, name, self._roles(who))
        self._known[identity] = _Known(who=who, confirmed_us=self._now_us())
        return secret

    async def look(self) -> None:
        """Ask the provider about everybody who signed in by it, and act on what it says."""
        at_once = asyncio.Semaphore(AT_ONCE)
        everybody = list(self._known.items())
        await asyncio.gather(*(self._look_at(*one, at_once) for one in everybody))

    async def _look_at(self, identity: str, known: _Known, at_once: asyncio.Semaphore) -> None:
        try:
            async with at_once:
                who = await self._provider.look(known.who)
        except NotAuthenticatedError:
            if self._known.get(identity) is known:
                del self._known[identity]
                await self._house.federated.keep(identity, ())
        except IdentityError:
            await self._not_asked(identity, known)
        else:
            known.who, known.confirmed_us = who, self._now_us()
            await self._house.federated.keep(identity, self._roles(who))

    async def _not_asked(self, identity: str, known: _Known) -> None:
        if self._now_us() - known.confirmed_us >= CONFIRMED_US:
            await self._house.federated.unconfirmed(identity)

    def _roles(self, who: Who) -> frozenset[str]:
        settings = self._settings
        return roles_of(who.claims, settings.oidc_groups_claim, settings.oidc_roles)

    def _identity(self, who: Who) -> str:
        return f"{self._settings.oidc_issuer} {who.subject}"

    def _now_us(self) -> int:
        return self._house.gateway.evidence.now_us()
