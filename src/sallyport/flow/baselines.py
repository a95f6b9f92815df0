"""The emergency baseline: a signed version that is held beside the one in force while it is on.

Rules:
  1. It only adds: calls are decided by the strictest of both. So anybody who may stop may switch it
     on, and it counts in memory before it is written down, as a stop does.
  2. Switching it off loosens back to what was signed: that takes an owner's signature, and is
     written down before it counts. So does marking a version as the baseline.
  3. A baseline that is on and cannot be read permits nothing.
"""

from __future__ import annotations

from sallyport.errors import BadInputError, ConflictError, NotFoundError, StoreError
from sallyport.flow import rows
from sallyport.flow.gateway import Gateway
from sallyport.flow.people import People
from sallyport.flow.versions import State, Version, versions
from sallyport.model import JsonObject
from sallyport.ports import Blocked, Insert, RaiseEpoch, Row, Update
from sallyport.rules.boundary.signing import OWNERS
from sallyport.rules.statements import Signed

_OFF: Row = {"on_since_us": None, "because": "", "by_person": ""}


class Baselines:
    """Marks a version of a workflow as its baseline, and switches it on and off."""

    def __init__(self, gateway: Gateway, people: People) -> None:
        self._gateway = gateway
        self._people = people

    async def restore(self) -> None:
        """Load which baselines are on."""
        for row in await self._gateway.outside.store.rows("baselines"):
            if row["on_since_us"] is not None:
                self._gateway.registry.baselines[rows.text(row, "id")] = rows.text(row, "digest")

    async def mark(self, workflow: str, number: int, *, signed: Signed) -> Version:
        """Make a version that was in force the baseline of its workflow.

        Raises:
            NotFoundError: There is no such version.
            ConflictError: It was never in force, or the baseline is on.
        """
        details: JsonObject = {"workflow": workflow, "version": number}
        who = self._people.verify("baseline", details, signed, roles=sorted(OWNERS))
        version = await self._version(workflow, number)
        known = await self._row(workflow)
        if known is not None and known["on_since_us"] is not None:
            raise ConflictError(
                f"the baseline of `{workflow}` is on", fix="switch it off before you mark another"
            )
        gateway = self._gateway
        draught = gateway.evidence.draught()
        columns: Row = {
            "number": number,
            "digest": version.digest,
            "marked_by": who.name,
            "signature": signed.signature,
            "marked_us": draught.at_us,
        }
        draught.changes.append(
            Insert("baselines", {"id": workflow, **columns, **_OFF})
            if known is None
            else Update("baselines", workflow, {"on_since_us": None}, columns)
        )
        body: JsonObject = {**details, "digest": version.digest, "by": who.name}
        index = {"workflow": workflow, "person": who.name}
        gateway.evidence.note(draught, "baseline.marked", body, index=index)
        if isinstance(await gateway.outside.store.append(draught.done()), Blocked):
            raise ConflictError(f"the baseline of `{workflow}` was changed meanwhile")
        return version

    async def on(self, workflow: str, *, because: str, by: str) -> str:
        """Hold a workflow to its baseline from this moment; return the baseline's digest.

        Raises:
            NotFoundError: No version was marked.
            BadInputError: No reason was given.
            StoreError: It counts, but could not be written down: everything is refused from now.
        """
        row = await self._marked(workflow, because)
        gateway, digest = self._gateway, rows.text(row, "digest")
        scope = f"workflow:{workflow}"
        epoch = gateway.fences.close((scope,))
        gateway.registry.baselines[workflow] = digest
        draught = gateway.evidence.draught()
        columns: Row = {"on_since_us": draught.at_us, "because": because, "by_person": by}
        draught.changes += [
            Update("baselines", workflow, {}, columns),
            RaiseEpoch((scope,), epoch),
        ]
        body: JsonObject = {"workflow": workflow, "digest": digest, "because": because, "by": by}
        index = {"workflow": workflow, "person": by}
        gateway.evidence.note(draught, "baseline.on", body, index=index)
        try:
            await gateway.outside.store.append(draught.done())
        except StoreError:
            gateway.registry.broken = "a baseline could not be written down"
            raise
        return digest

    async def off(self, workflow: str, *, because: str, signed: Signed) -> None:
        """Hold a workflow to its baseline no more.

        Raises:
            NotFoundError: It is not on.
            ConflictError: It was changed at the same moment.
        """
        details: JsonObject = {"workflow": workflow, "because": because}
        who = self._people.verify("baseline-off", details, signed, roles=sorted(OWNERS))
        row = await self._marked(workflow, because)
        if row["on_since_us"] is None:
            raise NotFoundError(f"the baseline of `{workflow}` is not on")
        gateway = self._gateway
        draught = gateway.evidence.draught()
        was: Row = {"on_since_us": row["on_since_us"]}
        columns: Row = {"on_since_us": None, "because": because, "by_person": who.name}
        draught.changes.append(Update("baselines", workflow, was, columns))
        body: JsonObject = {**details, "by": who.name, "signature": signed.signature}
        index = {"workflow": workflow, "person": who.name}
        gateway.evidence.note(draught, "baseline.off", body, index=index)

        def lift() -> None:
            gateway.registry.baselines.pop(workflow, None)

        if not await gateway.commit(draught, (f"workflow:{workflow}",), lift):
            raise ConflictError(f"the baseline of `{workflow}` was changed meanwhile")

    async def number(self, workflow: str) -> int:
        """Return the number of the version that is marked, or 0."""
        row = await self._row(workflow)
        return rows.number(row, "number") if row is not None else 0

    async def _row(self, workflow: str) -> Row | None:
        found = await self._gateway.outside.store.rows("baselines", {"id": workflow})
        return found[0] if found else None

    async def _marked(self, workflow: str, because: str) -> Row:
        if not because.strip():
            raise BadInputError("no reason was given", fix='add --because "…"; it is kept')
        row = await self._row(workflow)
        if row is None:
            raise NotFoundError(
                f"no version of `{workflow[:80]}` is marked as its baseline",
                fix="have an owner run `sallyport boundary baseline WORKFLOW mark --version N`",
            )
        return row

    async def _version(self, workflow: str, number: int) -> Version:
        found = await versions(self._gateway.outside.store, {"workflow": workflow})
        version = next((one for one in found if one.number == number), None)
        if version is None:
            raise NotFoundError(
                f"`{workflow[:80]}` has no version {number}",
                fix="read `sallyport boundary history`, then name one of its numbers",
            )
        if version.state not in {State.ACTIVE, State.SUPERSEDED}:
            raise ConflictError(
                f"version {number} of `{workflow}` was never in force",
                fix="mark one that was: `sallyport boundary history` lists them",
            )
        return version
