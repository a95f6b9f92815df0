"""Everything from outside that the flow works with, in one value."""

from __future__ import annotations

from dataclasses import dataclass

from sallyport.ports import Clock, Ids, Signatures, StopFile, Store, Upstreams, Vault


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
