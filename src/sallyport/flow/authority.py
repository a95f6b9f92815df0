"""Git proposes, a signature activates: how a boundary comes to count.

Rules:
  1. A boundary is compiled from what was written and from the tools as they are offered now; its
     digest covers all that can change a decision or its effect.
  2. It counts from the moment an enrolled owner's signature over that digest is on record.
  3. Where one person works alone, nobody else can look: in production what they sign counts a day
     later, and until then what counted before.
  4. Versions are never changed: what was signed is kept as its sources, and compiled again at start
     must give the same digest, or it does not count.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    SignatureError,
)
from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.flow.versions import ROLES, Sources, Version, compiled, kept, needed
from sallyport.model import (
    Boundary,
    Environment,
    JsonObject,
    Person,
    System,
    ToolPin,
)
from sallyport.ports import Blocked, Change, Insert, Row, Update
from sallyport.rules import canonical
from sallyport.rules.boundary.check import check
from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.problems import Problem, Severity
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.times import SECOND_US, today

ALONE_US = 24 * 3600 * SECOND_US
"""How long a lone person's signature waits in production before it counts."""

OWNER_ROLES = frozenset({"owner", "administrator"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A compiled boundary that waits for a signature. `id` is of this one proposal, used once."""

    id: str
    boundary: Boundary
    sources: Sources
    problems: tuple[Problem, ...]
    plain: str

    @property
    def statement(self) -> bytes:
        """The bytes that an owner signs."""
        return activation(self.boundary.workflow.name, self.boundary.digest, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed boundary, and the moment from which it counts."""

    boundary: Boundary
    counts_from_us: int


def activation(workflow: str, digest: str, proposal: str) -> bytes:
    """Return the bytes whose signature activates a boundary.

    The proposal's id is among them, so that the signature under an older version, which stands in
    the ledger, does not bring that version back.
    """
    said: JsonObject = {"workflow": workflow, "digest": digest, "proposal": proposal}
    return b"sallyport/activate/v1\n" + canonical.encode(said)


class Authority:
    """Compiles, activates and restores boundaries."""

    def __init__(self, gateway: Gateway, lone: Callable[[], bool]) -> None:
        self._gateway = gateway
        self._lone = lone
        self._drafts: dict[str, Proposed] = {}
        self.inspected: dict[str, System] = {}

    # --- Systems. ---

    def systems(self) -> Mapping[str, System]:
        """Return every system that may be connected to: of active boundaries, or being looked at.

        A definition that is being looked at never replaces the one an active boundary was signed
        with.
        """
        found = dict(self.inspected)
        for digest in self._gateway.registry.active.values():
            found.update(self._gateway.registry.boundaries[digest].systems)
        return found  # in the order of signing, as `Registry.reached_as` has it

    async def inspect(self, text: str, file: str) -> tuple[System, Sequence[ToolPin]]:
        """Load a system file, connect, and return the tools that the system offers now.

        Raises:
            BoundaryErrors: The file cannot be loaded.
            UpstreamError: The system cannot be reached.
            BadInputError: A tool's definition repeats a credential, which agents would then read.
        """
        system = load_system(text, file)
        name = self._look_at(system)
        pins = await self._gateway.outside.upstreams.tools(name)
        for pin in pins:
            self._check_leak(pin)
        return system, [replace(pin, system=system.name) for pin in pins]

    def _check_leak(self, pin: ToolPin) -> None:
        secrets = self._gateway.secrets
        if secrets is not None and secrets.leak(canonical.encode(pin.definition)):
            raise BadInputError(
                f"a tool of system `{pin.system}` holds a credential in its definition",
                fix="have the system's operator take it out, and replace the credential",
            )

    def _look_at(self, system: System) -> str:
        """Return the name to reach a definition under; a changed one gets a name of its own."""
        if self.systems().get(system.name) in (None, system):
            self.inspected[system.name] = system
            return system.name
        name = f"{system.name}@proposed"
        self.inspected[name] = replace(system, name=name)
        return name

    # --- Proposing and signing. ---

    async def propose(
        self, workflow_text: str, workflow_file: str, systems: Mapping[str, str]
    ) -> Proposed:
        """Compile what an owner wrote, against the tools that are offered now.

        Args:
            workflow_text: The workflow file.
            workflow_file: Its name, for messages.
            systems: System files, text by file name.

        Raises:
            BoundaryErrors: A file cannot be loaded; every problem is named.
            UpstreamError: A system cannot be reached, so its tools cannot be pinned.
        """
        workflow = load_workflow(workflow_text, workflow_file)
        offered: list[ToolPin] = []
        loaded: list[System] = []
        for file, text in systems.items():
            system, pins = await self.inspect(text, file)
            loaded.append(system)
            offered += pins
        sources = Sources(
            workflow=workflow_text,
            workflow_file=workflow_file,
            systems=systems,
            pins=needed(workflow, loaded, offered),
        )
        boundary = compiled(sources)
        now_us = self._gateway.evidence.now_us()
        known = self._drafts.get(boundary.digest)
        proposed = Proposed(
            id=known.id if known else self._gateway.outside.ids.new("p"),
            boundary=boundary,
            sources=sources,
            problems=check(boundary, today=today(now_us), offered=offered, roles=self._roles()),
            plain=explain(boundary),
        )
        self._drafts[boundary.digest] = proposed
        return proposed

    async def activate(self, digest: str, *, person: str, signature: str) -> Signed:
        """Put a proposed boundary in force, on an owner's signature: at once, or after a day.

        Until changes can be proved to narrow, each one counts as one that may widen.

        Raises:
            NotFoundError: Nothing was proposed under this digest.
            NotPermittedError: The person may not sign boundaries.
            SignatureError: The signature is not theirs over this digest.
            BadInputError: The check found problems that must be solved first.
        """
        proposed = self._drafts.get(digest)
        if proposed is None:
            raise NotFoundError(
                f"no proposed boundary has the digest `{digest[:16]}`",
                fix="run `sallyport boundary sign` again, which proposes and signs",
            )
        who = self._owner(person)
        if not self._gateway.outside.signatures.verify(
            who.public_key, proposed.statement, signature
        ):
            raise SignatureError(f"the boundary is not signed by `{person}`")
        errors = [p for p in proposed.problems if p.severity is Severity.ERROR]
        if errors:
            raise BadInputError(
                f"the boundary has {len(errors)} problem(s): {errors[0].what}",
                fix="run `sallyport boundary check` and solve what it names",
            )
        now_us = self._gateway.evidence.now_us()
        from_us = now_us + self._waits_us(proposed.boundary)
        version = Version(
            boundary=proposed.boundary,
            document=canonical.encode(proposed.sources.as_json()),
            signed_by=who.name,
            public_key=who.public_key,
            signature=signature,
            signed_us=now_us,
            from_us=from_us,
        )
        await (self._put_off(version) if from_us > now_us else self._record(version))
        del self._drafts[digest]
        return Signed(boundary=proposed.boundary, counts_from_us=from_us)

    async def bring_due(self) -> None:
        """Put in force what somebody who worked alone signed a day ago, if they still may sign."""
        now_us = self._gateway.evidence.now_us()
        for row in await self._gateway.outside.store.rows("boundaries", {"state": "pending"}):
            boundary = kept(row)
            if boundary is None or now_us < rows.number(row, "active_from_us"):
                continue
            with contextlib.suppress(NotPermittedError):
                self._owner(rows.text(row, "signed_by"))
                await self._record(self._pending(row, boundary))

    def _waits_us(self, boundary: Boundary) -> int:
        """Leaving production is a change of production: it waits as well."""
        active = self._gateway.registry.boundary_of(boundary.workflow.name) or boundary
        environments = {active.workflow.environment, boundary.workflow.environment}
        same = active is not boundary and active.digest == boundary.digest
        return (
            ALONE_US if Environment.PRODUCTION in environments and self._lone() and not same else 0
        )

    def _pending(self, row: Row, boundary: Boundary) -> Version:
        signer = self._gateway.registry.people.get(rows.text(row, "signed_by"))
        return Version(
            boundary=boundary,
            document=rows.blob(row, "document"),
            signed_by=rows.text(row, "signed_by"),
            public_key=signer.public_key if signer else "",
            signature=rows.text(row, "signature"),
            signed_us=rows.number(row, "signed_us"),
            from_us=rows.number(row, "active_from_us"),
        )

    async def restore(self) -> None:
        """Load the boundaries that are in force, and those that open tasks began under."""
        registry = self._gateway.registry
        store = self._gateway.outside.store
        found = await store.rows("boundaries")
        for row in sorted(found, key=lambda row: rows.number(row, "active_from_us")):
            boundary = kept(row)
            if boundary is None:
                continue
            registry.boundaries[boundary.digest] = boundary
            if row["state"] == "active":
                registry.active[boundary.workflow.name] = boundary.digest

    async def _put_off(self, version: Version) -> None:
        """Record a version that was signed and does not count yet."""
        gateway = self._gateway
        changes = await self._version(version, "pending", None)
        draught = gateway.evidence.draught()
        draught.changes += changes
        body: JsonObject = {**version.as_json(), "from_us": version.from_us}
        gateway.evidence.note(draught, "boundary.signed", body, index=version.index)
        if isinstance(await gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError("this boundary is being activated already")

    async def _record(self, version: Version) -> None:
        gateway, boundary = self._gateway, version.boundary
        name, before = boundary.workflow.name, gateway.registry.active.get(boundary.workflow.name)
        now_us = gateway.evidence.now_us()
        changes = [
            *await self._version(version, "active", before),
            *await self._pin_rows(boundary, now_us),
        ]
        draught = gateway.evidence.draught()
        draught.changes += changes
        body: JsonObject = {**version.as_json(), "replaces": before or ""}
        gateway.evidence.note(draught, "boundary.activated", body, index=version.index)
        # Other workflows' calls to the same systems were decided on the old way to reach them.
        scopes = (f"workflow:{name}", *(f"system:{system}" for system in boundary.systems))
        if not await gateway.commit(draught, scopes, lambda: self._put_in_force(boundary)):
            raise ConflictError("this boundary is being activated already")

    def _put_in_force(self, boundary: Boundary) -> None:
        registry = self._gateway.registry
        registry.boundaries[boundary.digest] = boundary
        registry.active.pop(boundary.workflow.name, None)
        registry.active[boundary.workflow.name] = boundary.digest
        signed = {f"{pin.system}/{pin.tool}" for pin in boundary.pins.values()}
        registry.quarantined -= signed
        for name in signed:
            registry.offered.pop(name, None)
        registry.verified -= set(boundary.systems)
        for system in boundary.systems:
            self.inspected.pop(system, None)

    async def _version(self, version: Version, state: str, before: str | None) -> list[Change]:
        digest = version.boundary.digest
        columns: Row = {
            "state": state,
            "signed_by": version.signed_by,
            "signature": version.signature,
            "signed_us": version.signed_us,
            "active_from_us": version.from_us,
        }
        changes = await self._overtaken(version.boundary)
        if before is not None and before != digest:
            changes.append(
                Update("boundaries", before, {"state": "active"}, {"state": "superseded"})
            )
        if await self._gateway.outside.store.rows("boundaries", {"id": digest}):
            return [*changes, Update("boundaries", digest, {}, columns)]
        row: Row = {
            "id": digest,
            "workflow": version.boundary.workflow.name,
            "document": version.document,
            **columns,
        }
        return [*changes, Insert("boundaries", row)]

    async def _overtaken(self, boundary: Boundary) -> list[Change]:
        """Return what ends the versions of a workflow that wait: the last signature counts."""
        workflow: Row = {"workflow": boundary.workflow.name, "state": "pending"}
        waiting = await self._gateway.outside.store.rows("boundaries", workflow)
        return [
            Update(
                "boundaries", rows.text(row, "id"), {"state": "pending"}, {"state": "superseded"}
            )
            for row in waiting
            if row["id"] != boundary.digest
        ]

    async def _pin_rows(self, boundary: Boundary, at_us: int) -> list[Change]:
        changes: list[Change] = []
        for pin in boundary.pins.values():
            pin_id = f"{pin.system}/{pin.tool}"
            columns: Row = {
                "digest": pin.digest,
                "definition": canonical.text(pin.definition),
                "state": "accepted",
                "changed_us": at_us,
            }
            if await self._gateway.outside.store.rows("pins", {"id": pin_id}):
                changes.append(Update("pins", pin_id, {}, columns))
            else:
                row = {"id": pin_id, "system": pin.system, "tool": pin.tool, **columns}
                changes.append(Insert("pins", row))
        return changes

    def _roles(self) -> frozenset[str]:
        """Return the roles that somebody can hold: our own, and those that people were given."""
        given = (person.roles for person in self._gateway.registry.people.values())
        return frozenset(ROLES).union(*given)

    def _owner(self, name: str) -> Person:
        person = self._gateway.registry.people.get(name)
        if person is None or not person.active or not person.public_key:
            raise NotPermittedError(f"`{name}` is not enrolled", fix="enrol on this host first")
        if not person.roles & OWNER_ROLES:
            raise NotPermittedError(
                f"`{name}` may not sign boundaries", fix="ask somebody with the role owner"
            )
        return person
