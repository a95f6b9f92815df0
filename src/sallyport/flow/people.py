"""People and agents: who exists, with which roles and keys, and who may change that.

Rules:
  1. Until there is an administrator with a key, people enrol by being present on the host. After
     that an administrator signs for every enrolment and every role, even if none is left active.
  2. What would loosen is signed, verified here, fresh, and good once.
  3. `team: one` is in force while the settings say so and exactly one person can answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import TypeVar

from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    SignatureError,
)
from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.model import Agent, Json, JsonObject, Person, Stage
from sallyport.ports import Blocked, Insert, Update
from sallyport.rules.statements import GOOD_FOR_US, Signed, fresh, statement

_Named = TypeVar("_Named", Agent, Person)

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,79}")


class People:
    """Enrols people, registers agents, and checks what people signed."""

    def __init__(self, gateway: Gateway, *, team_of_one: bool) -> None:
        self._gateway = gateway
        self._team_of_one = team_of_one
        self._seen: dict[str, int] = {}
        self._since_us = gateway.evidence.now_us()

    def lone(self) -> bool:
        """Return whether one person works alone here, by the settings and in fact."""
        return self._team_of_one and len(self._gateway.registry.reviewers()) == 1

    def verify(
        self, verb: str, details: JsonObject, signed: Signed, *, roles: Collection[str] = ()
    ) -> Person:
        """Return the person who signed for `verb`, once it is certain that they did and may.

        Raises:
            SignatureError: Not theirs, not fresh, or used before.
            NotPermittedError: They are not enrolled or hold none of `roles` (empty: any will do).
        """
        now_us = self._gateway.evidence.now_us()
        person = self._gateway.registry.people.get(signed.person)
        if person is None or not person.active or not person.public_key:
            raise NotPermittedError(
                f"`{signed.person[:80]}` is not enrolled", fix="enrol on this host first"
            )
        fresh(signed, now_us)
        said = statement(verb, details, person=signed.person, at_us=signed.at_us)
        if not self._gateway.outside.signatures.verify(person.public_key, said, signed.signature):
            raise SignatureError(f"`{verb}` is not signed by `{signed.person}`")
        if roles and not person.roles.intersection(roles):
            raise NotPermittedError(
                f"`{signed.person}` may not {verb}", fix=f"ask somebody with {' or '.join(roles)}"
            )
        self._once(signed, now_us)
        return person

    async def enrol(
        self, name: str, roles: Collection[str], public_key: str, *, by: Signed | None
    ) -> Person:
        """Add a person, or give a known one a key and roles.

        Args:
            name: What they are called, for example an address.
            roles: Sallyport's own roles and any that boundaries name.
            public_key: Hex Ed25519 key, or empty for somebody who only requests.
            by: The administrator who signs; None while nobody could.

        Raises:
            NotPermittedError: An administrator is enrolled already and none signed.
            ConflictError: Somebody else has this key.
        """
        _named(name)
        if public_key and not self._gateway.outside.signatures.usable(public_key):
            raise BadInputError(
                f"the key of `{name}` cannot be used",
                fix="make one with `sallyport admin people add`",
            )
        details: JsonObject = {
            "name": name,
            "roles": list[Json](sorted(roles)),
            "public_key": public_key,
        }
        by_name = self._enroller(details, by)
        self._nobody_elses(public_key, name)
        person = Person(name=name, roles=frozenset(roles), public_key=public_key)
        await self._keep_person(person, by_name)
        return person

    async def deactivate(self, name: str, *, by: Signed) -> Person:
        """Switch a person off: from this moment nothing they sign counts.

        Raises:
            NotFoundError: Nobody has this name.
        """
        self.verify("deactivate", {"name": name}, by, roles=("administrator",))
        known = self._gateway.registry.people.get(name)
        if known is None:
            raise NotFoundError(f"person `{name[:80]}` is not known here")
        person = replace(known, active=False)
        await self._keep_person(person, by.person)
        return person

    async def add_agent(self, name: str, *, owner: str, by: str) -> Agent:
        """Register an agent. It starts at the stage *draft*, whatever it is.

        Raises:
            ConflictError: It exists.
        """
        _named(name)
        gateway = self._gateway
        agent = Agent(name=name, owner=owner)
        draught = gateway.evidence.draught()
        draught.changes.append(Insert("agents", rows.agent_row(agent, draught.at_us)))
        gateway.evidence.note(
            draught,
            "agent.added",
            {"agent": name, "owner": owner, "stage": agent.stage.value, "by": by},
            index={"agent": name, "person": by},
        )
        if isinstance(await gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(f"agent `{name}` exists already")
        gateway.registry.agents[name] = agent
        return agent

    async def stage(self, name: str, stage: Stage, *, because: str, by: Signed) -> Agent:
        """Move an agent to another stage, on an owner's signature.

        Raises:
            NotFoundError: No agent has this name.
        """
        details: JsonObject = {"agent": name, "stage": stage.value, "because": because}
        self.verify("stage", details, by, roles=("owner", "administrator"))
        gateway = self._gateway
        known = gateway.registry.agents.get(name)
        if known is None:
            raise NotFoundError(f"agent `{name[:80]}` is not known here")
        agent = replace(known, stage=stage)
        draught = gateway.evidence.draught()
        draught.changes.append(Update("agents", name, {}, {"stage": stage.value}))
        gateway.evidence.note(
            draught,
            "agent.staged",
            {**details, "was": known.stage.value, "by": by.person, "signature": by.signature},
            index={"agent": name, "person": by.person},
        )
        scopes = (f"agent:{name}",)
        await gateway.commit(draught, scopes, lambda: _set(gateway.registry.agents, agent))
        return agent

    def _nobody_elses(self, public_key: str, name: str) -> None:
        """Refuse a key that counts as another person: one hand would be two people."""
        for person in self._gateway.registry.people.values():
            if public_key and person.public_key == public_key and person.name != name:
                raise ConflictError(
                    f"the key of `{name}` is enrolled as the key of `{person.name}` already",
                    fix="have each person make a key of their own",
                )

    def _enroller(self, details: JsonObject, by: Signed | None) -> str:
        if by is not None:
            self.verify("enrol", details, by, roles=("administrator",))
            return by.person
        people = self._gateway.registry.people.values()
        if any(person.public_key and "administrator" in person.roles for person in people):
            raise NotPermittedError(
                "an administrator is enrolled already",
                fix="have an administrator sign: add --as NAME",
            )
        return "local presence"

    async def _keep_person(self, person: Person, by: str) -> None:
        gateway = self._gateway
        draught = gateway.evidence.draught()
        row = rows.person_row(person, draught.at_us)
        if person.name in gateway.registry.people:
            columns = {name: value for name, value in row.items() if name != "id"}
            draught.changes.append(Update("people", person.name, {}, columns))
        else:
            draught.changes.append(Insert("people", row))
        gateway.evidence.note(
            draught,
            "person.kept",
            {
                "person": person.name,
                "roles": list[Json](sorted(person.roles)),
                "public_key": person.public_key,
                "active": person.active,
                "by": by,
            },
            index={"person": person.name},
        )
        people = gateway.registry.people
        if not await gateway.commit(draught, ("everything",), lambda: _set(people, person)):
            raise ConflictError(f"person `{person.name}` was changed meanwhile")

    def _once(self, signed: Signed, now_us: int) -> None:
        """Take a signature once; what is too old to be fresh need not be remembered."""
        for signature, at_us in list(self._seen.items()):
            if now_us - at_us > 2 * GOOD_FOR_US:
                del self._seen[signature]
        # What was used is remembered by this process alone, so what is older counts as used.
        if signed.signature in self._seen or signed.at_us < self._since_us:
            raise SignatureError(
                "this signature was, or may have been, used before", fix="sign again"
            )
        self._seen[signed.signature] = signed.at_us


def _set(known: dict[str, _Named], noun: _Named) -> None:
    known[noun.name] = noun


def _named(name: str) -> None:
    if NAME.fullmatch(name) is None:
        raise BadInputError(
            "that name cannot be used", fix="use letters, digits and . _ @ + -, at most 80"
        )
