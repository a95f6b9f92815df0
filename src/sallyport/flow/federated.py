"""People for whom an identity provider stands: it has the say over their roles, within a map.

Rules:
  1. Such a person has exactly the roles that the settings give to their groups, and none besides.
  2. They never take the name of a person of this gateway, nor does that person's name take theirs.
  3. Once the provider no longer stands for somebody, or has not said so for a minute, they are out;
     what it takes from their groups it takes from their roles.
  4. By what it is asked about somebody is kept, sealed, until it no longer stands for them: whoever
     is gone there loses their roles here after a restart too, signed in or not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from sallyport.errors import ConflictError, NotPermittedError
from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.flow.people import People, named
from sallyport.flow.sessions import Sessions
from sallyport.model import JsonObject, Person
from sallyport.ports import Insert, Row, Update
from sallyport.rules import canonical
from sallyport.rules.strict_json import loads

KIND, ON, OVER = "identity", "on", "over"
KEPT_BYTES_MAX: Final = 4 * 1024 * 1024
KEPT_DEPTH_MAX: Final = 40


class Federated:
    """Keeps such people as their provider has them."""

    def __init__(self, gateway: Gateway, people: People, sessions: Sessions) -> None:
        self._gateway = gateway
        self._people = people
        self._sessions = sessions

    async def arrive(self, identity: str, name: str, roles: Collection[str]) -> str:
        """Sign in whom a provider stands for; return the secret of their session.

        Args:
            identity: Issuer and subject: who they are, whatever they are called.
            name: What they are called here, once and for all.
            roles: What the settings give to their groups.

        Raises:
            NotPermittedError: None of their groups has a role, or they are switched off here.
            ConflictError: Somebody else has this name.
        """
        person = self.known(identity)
        if person is None:
            person = await self._new(identity, name, roles)
        await self.keep(identity, roles)
        if not roles:
            raise NotPermittedError(
                "none of your groups has a role here", fix="ask an administrator of `oidc_roles`"
            )
        return await self._sessions.begin(person.name, how="oidc")

    async def keep(self, identity: str, roles: Collection[str]) -> None:
        """Give somebody exactly these roles, if they have others; without any they are out."""
        person = self.known(identity)
        if person is None:
            return
        if person.roles != frozenset(roles):
            changed = replace(person, roles=frozenset(roles))
            await self._people.keep(changed, "identity provider")
        if not roles:
            await self._sessions.end_all(person.name)

    async def unconfirmed(self, identity: str) -> None:
        """End the sessions of somebody of whom the provider says nothing."""
        person = self.known(identity)
        if person is not None:
            await self._sessions.end_all(person.name)

    async def remember(self, identity: str, said: JsonObject) -> None:
        """Keep by what the provider is asked about somebody.

        Args:
            identity: Who they are.
            said: The last that it said, and the tokens; it goes no further than the sealed column.
        """
        label = _label(identity)
        sealed = self._gateway.outside.vault.seal(label, canonical.encode(said))
        await self._keep("identity.kept", identity, {"state": ON, "sealed": sealed})

    async def forget(self, identity: str) -> None:
        """Keep nothing of somebody for whom the provider does not stand."""
        await self._keep("identity.forgotten", identity, {"state": OVER, "sealed": b""})

    async def remembered(self) -> Mapping[str, JsonObject]:
        """Return what is kept, by identity."""
        found: dict[str, JsonObject] = {}
        vault, where = self._gateway.outside.vault, {"kind": KIND, "state": ON}
        identities = {one.identity for one in self._gateway.registry.people.values()} - {""}
        labels = {_label(one): one for one in identities}
        for row in await self._gateway.outside.store.rows("sign_ins", where):
            label = rows.text(row, "id")
            if label in labels:
                plain = vault.open(label, rows.blob(row, "sealed"))
                said = loads(plain, bytes_max=KEPT_BYTES_MAX, depth_max=KEPT_DEPTH_MAX)
                found[labels[label]] = said if isinstance(said, dict) else {}
        return found

    async def _keep(self, kind: str, identity: str, columns: Row) -> None:
        store, draught = self._gateway.outside.store, self._gateway.evidence.draught()
        label, person = _label(identity), self.known(identity)
        name = person.name if person else ""
        row: Row = {**columns, "changed_us": draught.at_us}
        if await store.rows("sign_ins", {"id": label}):
            draught.changes.append(Update("sign_ins", label, {}, row))
        else:
            draught.changes.append(
                Insert("sign_ins", {"id": label, "kind": KIND, "person": name, **row})
            )
        self._gateway.evidence.note(draught, kind, {"person": name}, index={"person": name})
        await store.append(draught.done())

    def known(self, identity: str) -> Person | None:
        """Return the person whom a provider means."""
        people = self._gateway.registry.people.values()
        return next((one for one in people if one.identity == identity), None)

    async def _new(self, identity: str, name: str, roles: Collection[str]) -> Person:
        named(name)
        if name.casefold() in map(str.casefold, self._gateway.registry.people):
            raise ConflictError(
                f"`{name}` is somebody else here already",
                fix="choose another claim with `oidc_name_claim`, or have them removed",
            )
        person = Person(name=name, roles=frozenset(roles), identity=identity)
        if roles:
            await self._people.keep(person, "identity provider")
        return person


def _label(identity: str) -> str:
    return f"{KIND}/{hashlib.sha256(identity.encode()).hexdigest()[:40]}"
