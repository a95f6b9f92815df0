"""Git proposes, a signature activates: how a boundary comes to count.

Rules:
  1. A boundary is compiled from what was written and from the tools as they are offered now; its
     digest covers all that can change a decision or its effect.
  2. It counts from the moment an enrolled owner's signature over that digest is on record.
  3. Where one person works alone, nobody else can look: in production what they sign counts a day
     later, and until then what counted before.
  4. Versions are never changed: what was signed is kept as its sources, and compiled again at start
     must give the same digest, or it does not count.
  5. A tool whose definition is no longer the pinned one is quarantined until a boundary with the
     new definition is signed. A system that cannot be compared is not called.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    SallyportError,
    SignatureError,
    StoreCorruptError,
    UpstreamError,
)
from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.model import (
    Boundary,
    Environment,
    Json,
    JsonObject,
    Person,
    System,
    Task,
    ToolPin,
    Verdict,
    Workflow,
)
from sallyport.ports import Blocked, Change, Insert, Row, Update
from sallyport.rules import VERSION, canonical
from sallyport.rules.boundary.check import check
from sallyport.rules.boundary.compile import compile_boundary, lookups
from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.problems import Problem, Severity
from sallyport.rules.boundary.system_file import load_system
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.strict_json import loads
from sallyport.rules.times import SECOND_US, today

COMPARISONS_MAX = 3
ALONE_US = 24 * 3600 * SECOND_US
"""How long a lone person's signature waits in production before it counts."""

OWNER_ROLES = frozenset({"owner", "administrator"})
ROLES: Mapping[str, str] = {
    "administrator": "enrols people, makes keys, signs boundaries",
    "owner": "signs boundaries",
    "reviewer": "answers questions that no boundary line assigns",
    "operator": "stops, resumes and sets floors",
    "auditor": "reads the ledger",
}
"""The roles that Sallyport itself knows. A boundary may name any others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What was written: file texts by name, and the definitions they were compiled against."""

    workflow: str
    workflow_file: str
    systems: Mapping[str, str]
    pins: tuple[ToolPin, ...]

    def as_json(self) -> JsonObject:
        """Return the sources as they are kept."""
        return {
            "workflow": self.workflow,
            "workflow_file": self.workflow_file,
            "systems": dict(self.systems),
            "pins": [
                {"system": pin.system, "tool": pin.tool, "definition": pin.definition}
                for pin in self.pins
            ],
        }


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
    """Compiles, activates and restores boundaries, and compares tools with their pins."""

    def __init__(self, gateway: Gateway, lone: Callable[[], bool]) -> None:
        self._gateway = gateway
        self._lone = lone
        self._drafts: dict[str, Proposed] = {}
        self._comparing: dict[str, asyncio.Lock] = {}
        self._changes: dict[str, int] = {}
        self.inspected: dict[str, System] = {}
        gateway.outside.upstreams.watch(self._tools_may_have_changed)

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

    async def prepare(self, task: Task, tool: str) -> None:
        """Connect to the system that a tool needs; compare its tools if that was not done since."""
        for boundary in self._gateway.registry.boundaries_for(task):
            pin = boundary.pins.get(tool)
            if pin is None:
                continue
            if self._stopped(task, pin):
                continue
            with contextlib.suppress(UpstreamError):
                await self._gateway.outside.upstreams.prepare(pin.system, task.agent)
            if pin.system not in self._gateway.registry.verified:
                await self.compare(pin.system)

    def _stopped(self, task: Task, pin: ToolPin) -> bool:
        """Return whether the call will be refused by a stop: then not even a handshake leaves."""
        covering = {
            "everything",
            f"agent:{task.agent}",
            f"workflow:{task.workflow}",
            f"system:{pin.system}",
            f"tool:{pin.tool}",
        }
        switches = self._gateway.registry.switches.values()
        stopped = {s.scope for s in switches if s.verdict is Verdict.REFUSE}
        return bool(covering & (stopped | set(self._gateway.outside.stop_file.scopes())))

    async def compare(self, name: str) -> bool:
        """Compare a system's tools with their pins; return whether that could be done.

        Quarantines what fits no boundary in force and lifts what came back as it was; where only
        some boundaries have the new definition, `Registry.changed` tells them apart. Waits for
        nobody twice: calls that come meanwhile share one comparison.
        """
        registry = self._gateway.registry
        async with self._comparing.setdefault(name, asyncio.Lock()):
            for _ in range(COMPARISONS_MAX):
                if name in registry.verified:
                    return True
                seen = self._changes.get(name, 0)
                try:
                    await self._compare_once(name)
                except UpstreamError:
                    return False
                # What changed again meanwhile was not compared, so it is looked at once more.
                if self._changes.get(name, 0) == seen:
                    registry.verified.add(name)
            return name in registry.verified

    async def _compare_once(self, name: str) -> None:
        registry = self._gateway.registry
        offered = {pin.tool: pin for pin in await self._gateway.outside.upstreams.tools(name)}
        active = [registry.boundaries[digest] for digest in registry.active.values()]
        pins = [pin for one in active for pin in one.pins.values() if pin.system == name]
        accepted = {(pin.tool, pin.digest) for pin in pins}
        for pin in pins:
            now = offered.get(pin.tool)
            registry.offered[f"{name}/{pin.tool}"] = now.digest if now else ""
            fits = now is not None and (pin.tool, now.digest) in accepted
            await self._compare_pin(pin, now, changed=not fits)

    async def _compare_pin(self, pin: ToolPin, now: ToolPin | None, *, changed: bool) -> None:
        pin_id = f"{pin.system}/{pin.tool}"
        registry = self._gateway.registry
        if changed and pin_id not in registry.quarantined:
            registry.quarantined.add(pin_id)
            await self._note_pin(pin, "tool.quarantined", "quarantined", now)
        elif not changed and pin_id in registry.quarantined:
            await self._note_pin(pin, "tool.restored", "accepted", now)
            registry.quarantined.discard(pin_id)

    async def _note_pin(self, pin: ToolPin, kind: str, state: str, now: ToolPin | None) -> None:
        evidence = self._gateway.evidence
        draught = evidence.draught()
        columns: Row = {"state": state, "changed_us": draught.at_us}
        draught.changes.append(Update("pins", f"{pin.system}/{pin.tool}", {}, columns))
        evidence.note(
            draught,
            kind,
            {
                "system": pin.system,
                "tool": pin.tool,
                "pinned": pin.digest,
                "offered": now.digest if now else "",
            },
            index={"tool": pin.tool},
        )
        await self._gateway.outside.store.append(draught.done())

    def _tools_may_have_changed(self, system: str) -> None:
        """Let nothing leave for a system that was decided on before its tools may have changed."""
        self._changes[system] = self._changes.get(system, 0) + 1
        self._gateway.registry.verified.discard(system)
        self._gateway.fences.close((f"system:{system}",))

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
            pins=_needed(workflow, loaded, offered),
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
        version = _Version(
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
            boundary = _kept(row)
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

    def _pending(self, row: Row, boundary: Boundary) -> _Version:
        signer = self._gateway.registry.people.get(rows.text(row, "signed_by"))
        return _Version(
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
        kept = await store.rows("boundaries")
        for row in sorted(kept, key=lambda row: rows.number(row, "active_from_us")):
            boundary = _kept(row)
            if boundary is None:
                continue
            registry.boundaries[boundary.digest] = boundary
            if row["state"] == "active":
                registry.active[boundary.workflow.name] = boundary.digest

    async def _put_off(self, version: _Version) -> None:
        """Record a version that was signed and does not count yet."""
        gateway = self._gateway
        changes = await self._version(version, "pending", None)
        draught = gateway.evidence.draught()
        draught.changes += changes
        body: JsonObject = {**version.as_json(), "from_us": version.from_us}
        gateway.evidence.note(draught, "boundary.signed", body, index=version.index)
        if isinstance(await gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError("this boundary is being activated already")

    async def _record(self, version: _Version) -> None:
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

    async def _version(self, version: _Version, state: str, before: str | None) -> list[Change]:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    """One signed version of a boundary, as its row and its ledger entry tell of it."""

    boundary: Boundary
    document: bytes
    signed_by: str
    public_key: str
    signature: str
    signed_us: int
    from_us: int

    @property
    def index(self) -> dict[str, str]:
        return {"workflow": self.boundary.workflow.name, "person": self.signed_by}

    def as_json(self) -> JsonObject:
        return {
            "workflow": self.boundary.workflow.name,
            "digest": self.boundary.digest,
            "by": self.signed_by,
            "public_key": self.public_key,
            "signature": self.signature,
            "rules": VERSION,
        }


def compiled(sources: Sources) -> Boundary:
    """Compile sources into a boundary. The same sources give the same digest."""
    systems = [load_system(text, file) for file, text in sources.systems.items()]
    return compile_boundary(
        load_workflow(sources.workflow, sources.workflow_file),
        {system.name: system for system in systems},
        sources.pins,
        code_version=VERSION,
        roles=ROLES,
    )


def _needed(
    workflow: Workflow, systems: Sequence[System], offered: Sequence[ToolPin]
) -> tuple[ToolPin, ...]:
    """Return the pins a boundary needs: its own tools, and those its look-ups use.

    A tool that two systems offer keeps both, so that compiling sees the collision.
    """
    wanted = set(workflow.tools).union(*({r.tool for r in lookups(s)} for s in systems))
    return tuple(pin for pin in offered if pin.tool in wanted)


def _kept(row: Row) -> Boundary | None:
    """Return a stored version, or None where it no longer compiles to the digest it was signed as.

    A release that means something else by the same words has another `VERSION`, so an old
    signature does not carry over: the workflow has no boundary until its owner signs again.
    """
    document = loads(rows.blob(row, "document"), bytes_max=64 * 1024 * 1024, depth_max=512)
    if not isinstance(document, dict):
        raise StoreCorruptError("a boundary's row does not hold its sources")
    try:
        boundary = compiled(_sources(document))
    except (SallyportError, KeyError):
        return None
    return boundary if boundary.digest == rows.text(row, "id") else None


def _sources(document: JsonObject) -> Sources:
    pins = cast("list[dict[str, Json]]", document["pins"])
    return Sources(
        workflow=cast(str, document["workflow"]),
        workflow_file=cast(str, document["workflow_file"]),
        systems=cast("dict[str, str]", document["systems"]),
        pins=tuple(
            ToolPin(
                system=cast(str, pin["system"]),
                tool=cast(str, pin["tool"]),
                definition=cast(JsonObject, pin["definition"]),
                digest=canonical.digest("tool", pin["definition"]),
            )
            for pin in pins
        ),
    )
