"""Everything from outside that the flow works with, in one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sallyport.model import JsonObject
from sallyport.ports import (
    NO_SOLVER,
    Channel,
    Clock,
    Ids,
    Proof,
    Prover,
    Signatures,
    StopFile,
    Store,
    Upstreams,
    Vault,
)


class Unproved:
    """The prover of a house that has none: everything is unknown."""

    async def prove(
        self, new: JsonObject, old: JsonObject | None, *, today: date, seconds: float = 30.0
    ) -> Proof:
        """Return that nothing is known."""
        del new, old, today, seconds
        return Proof(proved=False, unknown=(NO_SOLVER,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The ports. The application hands in real ones, the simulator its seeded world."""

    store: Store
    upstreams: Upstreams
    clock: Clock
    ids: Ids
    vault: Vault
    signatures: Signatures
    stop_file: StopFile
    prover: Prover = field(default_factory=Unproved)
    channels: tuple[Channel, ...] = ()
