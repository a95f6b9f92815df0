"""What the simulator is worth: take one protection away, and it must notice."""

import pytest

from tests.simulation.mutants import MUTANTS

SEEDS_MAX = 1000


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize("removed", MUTANTS)
def test_the_simulator_notices_what_is_missing(
    removed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Removing any one protection breaks an invariant within some hundred worlds."""
    make = MUTANTS[removed](monkeypatch)
    caught = next((seed for seed in range(SEEDS_MAX) if make(seed).run().violations), None)

    assert caught is not None, f"no world missed {removed}"
