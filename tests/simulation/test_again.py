"""Every decision of a simulated world is made again from its ledger, and comes out the same."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import pytest

from sallyport.flow.reading import read
from sallyport.ports import LedgerQuery, Logged
from sallyport.rules.again import again
from sallyport.rules.strict_json import loads
from sallyport.rules.trace import Heard
from sallyport.simulate import scenery
from sallyport.simulate.surroundings import PlainVault
from sallyport.simulate.world import World

SEEDS = 60
PART = 20
_T = TypeVar("_T")


def _by_hand(work: Coroutine[Any, Any, _T]) -> _T:
    """Run what waits for nothing but its turn."""
    while True:
        try:
            work.send(None)
        except StopIteration as done:
            found: _T = done.value
            return found


def _heard(world: World) -> Iterator[Heard]:
    query = LedgerQuery(limit=1_000_000)
    for entry in _by_hand(world.store.ledger(query)):
        yield read(entry, _unsealed(world, entry))


def _unsealed(world: World, entry: Logged) -> dict[str, Any] | None:
    if not entry.commit:
        return None
    payload = _by_hand(world.store.payload(entry.seq, entry.commit))
    assert payload is not None
    plain = PlainVault().open(f"payloads/{entry.commit}", payload.sealed)
    found = loads(plain, bytes_max=1 << 24, depth_max=256)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("first", range(0, SEEDS, PART))
def test_every_decision_of_every_world_is_made_again_as_it_was(first: int) -> None:
    """Stops, floors, limits used up, answers and new versions in between: all stand in the ledger.

    Invariant 13: same inputs, same decision.
    """
    boundaries, made = scenery.boundaries(), 0
    for seed in range(first, first + PART):
        world = World(seed)
        world.run()
        heard = list(_heard(world))
        proposed = {str(one.body["call"]): one for one in heard if one.kind == "call.decided"}
        for entry in heard:
            if entry.kind in {"call.decided", "call.decided_again"}:
                found = again(entry, proposed[str(entry.body["call"])], boundaries)
                assert found.same, f"seed {seed}: {found}"
                made += 1
    assert made > PART
