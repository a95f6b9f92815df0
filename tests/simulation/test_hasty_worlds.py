"""Worlds in which yeses are taken back and the glass is broken: not too early, not over never."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from sallyport.flow.inbox.cooling import Cooling
from sallyport.model import Floor, Verdict
from sallyport.rules import break_glass, cool_off
from sallyport.rules.context import Context
from sallyport.simulate import scenery
from sallyport.simulate.world import HASTY, Outcome, World

SEEDS, STEPS = 24, 1200
Mutant = Callable[[pytest.MonkeyPatch], None]


def _yes(*_: object) -> bool:
    return True


def _nothing(*_: object) -> None:
    return None


def _none(*_: object) -> tuple[()]:
    return ()


def lived(seed: int) -> Outcome:
    """Return what became of one world."""
    return World(seed, steps=STEPS, arrivals=HASTY, cool_off=scenery.COOL_OFF).run()


def test_an_undone_call_never_acts_and_nothing_goes_past_never() -> None:
    """Whatever interleaves, crashes, stops or jumps; and all of it really happens."""
    kinds: Counter[str] = Counter()
    for seed in range(SEEDS):
        outcome = lived(seed)
        assert outcome.violations == (), f"seed {seed}"
        kinds += outcome.kinds

    assert kinds["approval.undone"] > SEEDS // 10
    assert kinds["glass.broken"] > SEEDS // 10
    assert kinds["glass.ended"] > SEEDS // 10


def _hurried(patch: pytest.MonkeyPatch) -> None:
    """A yes that waits counts at once."""
    patch.setattr(cool_off, "is_over", _yes)
    patch.setattr(Cooling, "may_undo", _yes)


def _undone_for_show(patch: pytest.MonkeyPatch) -> None:
    """Taking a yes back leaves the question approved."""
    patch.setattr(Cooling, "_changes", _none)


def _over_never(patch: pytest.MonkeyPatch) -> None:
    """A broken glass eases refusals as well."""
    eased = break_glass.eased

    def careless(floors: list[Floor], context: Context) -> list[Floor]:
        lowered = [replace(one, verdict=min(one.verdict, Verdict.ASK)) for one in floors]
        if any(one.verdict is Verdict.REFUSE for one in floors):
            lowered = [replace(one, code="boundary.ask") for one in lowered]
        return eased(lowered, context) if context.glasses else floors

    patch.setattr(break_glass, "eased", careless)


def _alone(patch: pytest.MonkeyPatch) -> None:
    """One person may be both."""
    patch.setattr(break_glass, "admit_second", _nothing)
    patch.setattr(break_glass, "stands", _yes)


@pytest.mark.parametrize("mutant", [_hurried, _undone_for_show, _over_never, _alone])
def test_a_flow_without_one_of_the_protections_is_caught(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worlds look where it matters: each of them fails in some seed."""
    mutant(monkeypatch)
    found = (lived(seed).violations for seed in range(200))

    assert any(any(one.startswith("16") for one in violations) for violations in found)
