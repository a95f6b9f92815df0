"""People for whom an identity provider stands: it has the say over their roles, within a map.

Rules:
  1. Such a person has exactly the roles that the settings give to their groups, and none besides.
  2. They never take the name of a person of this gateway, nor does that person's name take theirs.
  3. Once the provider no longer stands for somebody, or has not said so for a minute, they are out;
     what it takes from their groups it takes from their roles.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sallyport.errors import ConflictError, NotPermittedError
from sallyport.flow.gateway import Gateway
from sallyport.flow.people import People, named
from sallyport.flow.sessions import Sessions
from sallyport.model import Person


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
