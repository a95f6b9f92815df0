"""Versions as they stand: written down, in force, overtaken, and loaded again at start.

Rules:
  1. A change of what is in force is committed first and counts second, in one step with the fence:
     what was decided under the version before is decided again.
  2. Whatever is signed later overtakes what waits: two versions of a workflow never wait together.
"""

from __future__ import annotations

from dataclasses import replace

from sallyport.errors import ConflictError
from sallyport.flow import rows
from sallyport.flow.evidence import Draught
from sallyport.flow.gateway import Gateway
from sallyport.flow.inspecting import Inspecting
from sallyport.flow.sources import Sources, kept
from sallyport.flow.versions import State, Version, version_row, versions
from sallyport.model import Boundary, JsonObject
from sallyport.ports import Blocked, Change, Insert, Row, Update
from sallyport.rules import canonical
from sallyport.rules.boundary.signing import Missing


class Standing:
    """Writes versions down, and puts them in force."""

    def __init__(self, gateway: Gateway, inspecting: Inspecting) -> None:
        self._gateway = gateway
        self._inspecting = inspecting

    async def restore(self) -> None:
        """Load the boundaries that are in force, and those that open tasks began under."""
        registry = self._gateway.registry
        found = await self._gateway.outside.store.rows("boundaries")
        for row in sorted(found, key=lambda row: rows.number(row, "active_from_us")):
            boundary = kept(row)
            if boundary is None:
                continue
            registry.boundaries[boundary.digest] = boundary
            if row["state"] == "active":
                registry.active[boundary.workflow.name] = boundary.digest

    async def put_off(
        self, version: Version, boundary: Boundary, sources: Sources, missing: Missing | None
    ) -> None:
        """Record a version that was signed and does not count yet.

        Raises:
            ConflictError: Somebody signed at the same moment.
        """
        draught = self._gateway.evidence.draught()
        draught.changes += await self._overtaken(version)
        draught.changes += await self._kept(version, boundary, sources)
        self._note(
            draught,
            "boundary.signed",
            version,
            {"from_us": version.from_us, "missing": missing.value if missing else ""},
        )
        if isinstance(await self._gateway.outside.store.append(draught.done()), Blocked):
            raise _at_once()

    async def put_in_force(self, version: Version, boundary: Boundary, sources: Sources) -> Version:
        """Record that a version counts from now on, and let it count.

        Raises:
            ConflictError: Another version was put in force at the same moment.
        """
        gateway = self._gateway
        name, before = boundary.workflow.name, gateway.registry.active.get(boundary.workflow.name)
        if (before or "") != version.statement.against:
            raise _at_once()  # it was proved against another version, and that one alone
        draught = gateway.evidence.draught()
        version = replace(version, state=State.ACTIVE, from_us=draught.at_us)
        draught.changes += await self._overtaken(version)
        draught.changes += await self._replaced(version, before, draught.at_us)
        draught.changes += await self._kept(version, boundary, sources)
        draught.changes += await self._pin_rows(boundary, draught.at_us)
        self._note(draught, "boundary.activated", version, {"replaces": before or ""})
        # Other workflows' calls to the same systems were decided on the old way to reach them.
        scopes = (f"workflow:{name}", *(f"system:{system}" for system in boundary.systems))
        if boundary.workflow.never:
            # What this one never allows, its agent's other workflows allow no more.
            scopes = (*scopes, f"agent:{boundary.workflow.agent}")
        if not await gateway.commit(draught, scopes, lambda: self._counts(boundary)):
            raise _at_once()
        return version

    def _note(self, draught: Draught, kind: str, version: Version, more: JsonObject) -> None:
        body: JsonObject = {**version.as_entry(), **more}
        secret: JsonObject = {"proof": version.proof}
        self._gateway.evidence.note(draught, kind, body, index=version.index, secret=secret)

    def _counts(self, boundary: Boundary) -> None:
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
            self._inspecting.inspected.pop(system, None)

    # --- Rows. ---

    async def _kept(self, version: Version, boundary: Boundary, sources: Sources) -> list[Change]:
        """Return what writes a version and its boundary down, each whether it is known or new."""
        known = await self._gateway.outside.store.rows("versions", {"id": version.id})
        row = version_row(version)
        changes: list[Change] = [Insert("versions", row)]
        if known:
            # Whoever signs or overtakes at the same moment changes the one or the other.
            was: Row = {name: known[0][name] for name in ("state", "signatures")}
            columns = {name: value for name, value in row.items() if name != "id"}
            changes = [Update("versions", version.id, was, columns)]
        return [*changes, *await self._boundary(version, boundary, sources)]

    async def _boundary(
        self, version: Version, boundary: Boundary, sources: Sources
    ) -> list[Change]:
        counts = version.state is State.ACTIVE
        active: Row = {"state": "active", "active_from_us": version.from_us} if counts else {}
        if await self._gateway.outside.store.rows("boundaries", {"id": boundary.digest}):
            return [Update("boundaries", boundary.digest, {}, active)] if counts else []
        row: Row = {
            "id": boundary.digest,
            "workflow": boundary.workflow.name,
            "state": "kept",
            "active_from_us": 0,
            "document": canonical.encode(sources.as_json()),
            **active,
        }
        return [Insert("boundaries", row)]

    async def _overtaken(self, by: Version) -> list[Change]:
        """Return what ends the versions of a workflow that wait: the last signature counts."""
        store = self._gateway.outside.store
        waiting = {"workflow": by.statement.workflow, "state": State.PENDING.value}
        return [
            _ended(one, State.OVERTAKEN, by.signatures[-1].at_us)
            for one in await versions(store, waiting)
            if one.number != by.number
        ]

    async def _replaced(self, by: Version, before: str | None, at_us: int) -> list[Change]:
        """Return what ends the version in force."""
        store = self._gateway.outside.store
        active = {"workflow": by.statement.workflow, "state": State.ACTIVE.value}
        changes: list[Change] = [
            _ended(one, State.SUPERSEDED, at_us)
            for one in await versions(store, active)
            if one.number != by.number
        ]
        if before is not None and before != by.digest:
            superseded: Row = {"state": "superseded"}
            changes.append(Update("boundaries", before, {"state": "active"}, superseded))
        return changes

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


def _ended(version: Version, state: State, at_us: int) -> Change:
    expect: Row = {"state": version.state.value}
    return Update("versions", version.id, expect, {"state": state.value, "ended_us": at_us})


def _at_once() -> ConflictError:
    return ConflictError(
        "another version of this boundary was signed at the same moment",
        fix="run `sallyport boundary sign` again",
    )
