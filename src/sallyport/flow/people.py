"""People and agents: who exists, with which roles and keys, and who may change that.

Rules:
  1. Until there is an administrator with a key, people enrol by being present on the host. After
     that an administrator signs for every enrolment and every role, even if none is left active.
  2. What would loosen is signed, verified here, fresh, and good once.
  3. `team: one` is in force while the settings say so and exactly one person can answer.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
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
from sallyport.flow.signers import key_of
from sallyport.model import Agent, Json, JsonObject, Person, Stage
from sallyport.ports import Blocked, Insert, Update
from sallyport.rules import canonical, workflow_steps
from sallyport.rules.roles import may
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
        self,
        verb: str,
        details: JsonObject,
        signed: Signed,
        *,
        roles: Collection[str] = (),
        right: str = "",
    ) -> Person:
        """Return the person who signed for `verb`, once it is certain that they did and may.

        Raises:
            SignatureError: Not theirs, not fresh, or used before.
            NotPermittedError: They are not enrolled, hold none of `roles` or lack the right, where
                any is named.
        """
        person = self._gateway.registry.people.get(signed.person)
        if person is None or not person.can_sign:
            raise NotPermittedError(
                f"`{signed.person[:80]}` is not enrolled", fix="enrol on this host first"
            )
        self.check(person, verb, details, signed, roles=roles, right=right)
        return person

    def check(
        self,
        person: Person,
        verb: str,
        details: JsonObject,
        signed: Signed,
        *,
        roles: Collection[str] = (),
        right: str = "",
    ) -> None:
        """Check that a statement is signed by a key of this person, just now, for the first time.

        Raises:
            SignatureError: Not theirs, not fresh, or used before.
            NotPermittedError: They hold none of `roles`, or lack the right (empty: any will do).
        """
        now_us = self._gateway.evidence.now_us()
        fresh(signed, now_us)
        said = statement(verb, details, person=signed.person, at_us=signed.at_us)
        if not key_of(self._gateway.outside.signatures, person, said, signed.signature):
            raise SignatureError(f"`{verb}` is not signed by `{signed.person}`")
        if roles and not person.roles.intersection(roles):
            raise NotPermittedError(
                f"`{signed.person}` may not {verb}", fix=f"ask somebody with {' or '.join(roles)}"
            )
        if right and not may(person.roles, right):
            raise NotPermittedError(
                f"`{signed.person}` may not {verb}",
                fix=f"ask somebody with a role that holds `{right}`",
            )
        self._once(canonical.digest_bytes("signed", said), signed, now_us)

    async def enrol(
        self, name: str, roles: Collection[str], public_key: str, *, by: Signed | None
    ) -> Person:
        """Add a person, or give a known one a key and roles; their passkeys stay.

        Somebody who was switched off is a new person: nothing that they signed with comes back.

        Args:
            name: What they are called, for example an address.
            roles: Sallyport's own roles and any that boundaries name.
            public_key: Hex Ed25519 key, or empty for somebody who only requests.
            by: The administrator who signs; None while nobody could.

        Raises:
            NotPermittedError: An administrator is enrolled already and none signed.
            ConflictError: Somebody else has this key.
        """
        named(name)
        workflow_steps.none_of_them(roles)
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
        by_name = self.vouched("enrol", details, by)
        self._nobody_elses(public_key, name)
        fresh_one = Person(name=name, roles=frozenset())
        known = self._gateway.registry.people.get(name, fresh_one)
        if known.identity:
            raise ConflictError(
                f"`{name}` has the roles that their identity provider gives them",
                fix="change their groups there",
            )
        base = known if known.active else fresh_one
        person = replace(base, roles=frozenset(roles), public_key=public_key)
        await self.keep(person, by_name)
        return person

    async def add_passkey(self, name: str, passkey: str, *, by: str) -> Person:
        """Give a person one more key to sign with.

        Args:
            name: Whose it is.
            passkey: As `adapters.keys.passkeys` spells it.
            by: How it was certain that it is theirs; kept with it.

        Raises:
            NotPermittedError: They are not enrolled, or switched off.
            BadInputError: It cannot be used.
            ConflictError: It is somebody's already.
        """
        known = self._gateway.registry.people.get(name)
        if known is None or not known.active:
            raise NotPermittedError(f"`{name[:80]}` is not active here", fix="enrol first")
        if not self._gateway.outside.signatures.usable(passkey):
            raise BadInputError("this passkey cannot be used", fix="make another one")
        if any(passkey in person.keys for person in self._gateway.registry.people.values()):
            raise ConflictError("this passkey is enrolled already", fix="sign in with it")
        person = replace(known, passkeys=(*known.passkeys, passkey))
        await self.keep(person, by)
        return person

    async def remove_passkey(self, name: str, passkey_id: str, *, by: Signed | None) -> Person:
        """Take one passkey from a person: from now on nothing it signs counts.

        Args:
            name: Whose it is.
            passkey_id: Its id, as it stands in its spelling.
            by: The administrator who signs; None for the person themselves, who is signed in.

        Raises:
            NotFoundError: They have no such passkey.
            ConflictError: It is the last thing that they sign with, and it is they who ask.
        """
        details: JsonObject = {"name": name, "passkey": passkey_id}
        who = name if by is None else self.vouched("remove-passkey", details, by)
        known = self._gateway.registry.people.get(name)
        kept = tuple(one for one in known.passkeys if _id_of(one) != passkey_id) if known else ()
        if known is None or kept == known.passkeys:
            raise NotFoundError(f"`{name[:80]}` has no such passkey")
        if by is None and not kept and not known.public_key:
            raise ConflictError("this is the last key that you have", fix="add another one first")
        person = replace(known, passkeys=kept)
        await self.keep(person, who)
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
        await self.keep(person, by.person)
        return person

    async def add_agent(
        self, name: str, *, owner: str, purpose: str, contact: str, by: str
    ) -> Agent:
        """Register an agent. It starts at the stage *draft*, whatever it is.

        Args:
            name: Its name.
            owner: Who answers for it.
            purpose: What it is for.
            contact: Whom to tell when something goes wrong with it.
            by: Who registers it.

        Raises:
            BadInputError: One of these is empty.
            ConflictError: It exists.
        """
        named(name)
        _accounted_for({"owner": owner, "purpose": purpose, "contact": contact})
        gateway = self._gateway
        agent = Agent(name=name, owner=owner, purpose=purpose, contact=contact)
        draught = gateway.evidence.draught()
        draught.changes.append(Insert("agents", rows.agent_row(agent, draught.at_us)))
        gateway.evidence.note(
            draught,
            "agent.added",
            {
                "agent": name,
                "owner": owner,
                "purpose": purpose,
                "contact": contact,
                "stage": agent.stage.value,
                "by": by,
            },
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
        self.verify("stage", details, by, right="agent.stage")
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
        """Refuse a key or name that counts as another person: one hand would be two people."""
        steps = self._gateway.registry.steps.values()
        if public_key and any(step.public_key == public_key for step in steps):
            raise ConflictError(
                f"the key of `{name}` is the key of a workflow step already",
                fix="have each person make a key of their own",
            )
        for person in self._gateway.registry.people.values():
            if person.name != name and person.name.casefold() == name.casefold():
                raise ConflictError(
                    f"`{name}` is `{person.name}` in other capitals",
                    fix="write the name as it is enrolled, or choose another one",
                )
            if public_key and public_key in person.keys and person.name != name:
                raise ConflictError(
                    f"the key of `{name}` is enrolled as the key of `{person.name}` already",
                    fix="have each person make a key of their own",
                )

    def vouched(self, verb: str, details: JsonObject, by: Signed | None) -> str:
        """Return who vouches for a change of people: an administrator, or presence while none can.

        Raises:
            NotPermittedError: An administrator is enrolled already and none signed.
        """
        if by is not None:
            self.verify(verb, details, by, roles=("administrator",))
            return by.person
        people = self._gateway.registry.people.values()
        if any(person.keys and "administrator" in person.roles for person in people):
            raise NotPermittedError(
                "an administrator is enrolled already",
                fix="have an administrator sign: add --as NAME",
            )
        return "local presence"

    async def keep(self, person: Person, by: str) -> None:
        """Write down a person as they are from now on.

        Args:
            person: All of them.
            by: Who changed it, or how it was certain that it may be changed.

        Raises:
            ConflictError: Somebody else changed them meanwhile.
        """
        gateway = self._gateway
        draught, people = gateway.evidence.draught(), gateway.registry.people
        known = people.get(person.name)
        draught.changes.append(_change(known, person, draught.at_us))
        gateway.evidence.note(
            draught,
            "person.kept",
            {
                "person": person.name,
                "roles": list[Json](sorted(person.roles)),
                "public_key": person.public_key,
                "passkeys": list[Json](person.passkeys),
                "recovery_codes": len(person.recovery),
                "identity": person.identity,
                "active": person.active,
                "by": by,
            },
            index={"person": person.name},
        )

        def counts() -> None:
            _set(people, person if known is None else _merged(people[person.name], known, person))

        if not await gateway.commit(draught, ("everything",), counts):
            raise ConflictError(f"person `{person.name}` was changed meanwhile")

    def _once(self, said: str, signed: Signed, now_us: int) -> None:
        """Take a statement once: a passkey's signature under it can be spelled in many ways.

        What is too old to be fresh need not be remembered.
        """
        for digest, at_us in list(self._seen.items()):
            if now_us - at_us > 2 * GOOD_FOR_US:
                del self._seen[digest]
        # What was used is remembered by this process alone, so what is older counts as used.
        if said in self._seen or signed.at_us < self._since_us:
            raise SignatureError(
                "this signature was, or may have been, used before", fix="sign again"
            )
        self._seen[said] = signed.at_us


def _id_of(passkey: str) -> str:
    """Return the id in a passkey's spelling: `passkey:RP:ID:KEY`."""
    return passkey.split(":")[2] if passkey.count(":") == 3 else ""  # noqa: PLR2004


def _change(known: Person | None, person: Person, at_us: int) -> Update | Insert:
    """Return what writes a person down: only what changed, and only where nobody else changed it.

    So what is written while somebody is switched off does not switch them on again.
    """
    row = rows.person_row(person, at_us)
    if known is None:
        return Insert("people", row)
    before = rows.person_row(known, at_us)
    changed = {name: value for name, value in row.items() if value != before[name]}
    expect = {name: before[name] for name in ("active", *changed)}
    return Update("people", person.name, expect, {**changed, "enrolled_us": at_us})


def _merged(now: Person, known: Person, person: Person) -> Person:
    """Return a person as they are by now, with what was changed of them as they were known."""
    values = {one.name: getattr(person, one.name) for one in fields(person)}
    return replace(
        now, **{name: value for name, value in values.items() if value != getattr(known, name)}
    )


def _set(known: dict[str, _Named], noun: _Named) -> None:
    known[noun.name] = noun


def _accounted_for(said: Mapping[str, str]) -> None:
    """Refuse an agent of which nobody says who answers for it, what it is for or whom to tell."""
    lacking = [word for word, text in said.items() if not text.strip()]
    if lacking:
        raise BadInputError(
            f"an agent needs its {' and its '.join(lacking)}",
            fix=f"add {' '.join(f'`--{word}`' for word in lacking)}",
        )


def named(name: str) -> None:
    """Check what somebody is to be called.

    Raises:
        BadInputError: It cannot be used.
    """
    workflow_steps.none_of_them([name])
    if NAME.fullmatch(name) is None:
        raise BadInputError(
            "that name cannot be used", fix="use letters, digits and . _ @ + -, at most 80"
        )
