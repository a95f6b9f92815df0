"""Worlds in which people say yes beforehand and sign lists: no call more than they said."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable

import pytest

from sallyport.rules import beforehand
from sallyport.simulate.world import ROUTINE, Outcome, World

SEEDS, STEPS = 30, 1500


def lived(seed: int) -> Outcome:
    """Return what became of one world."""
    return World(seed, steps=STEPS, arrivals=ROUTINE).run()


def test_under_a_yes_beforehand_no_more_leaves_than_was_said() -> None:
    """Whatever interleaves, crashes, stops or is taken back; and all of it really happens."""
    kinds: Counter[str] = Counter()
    for seed in range(SEEDS):
        outcome = lived(seed)
        assert outcome.violations == (), f"seed {seed}"
        kinds += outcome.kinds

    assert kinds["grant.ended"] > SEEDS // 10
    assert kinds["list.signed"] > 1


def test_a_call_that_ends_late_gives_no_repeat_a_second_effect() -> None:
    """In this world a question ended after an identical call had acted, and took its place."""
    assert lived(50_080).violations == ()


def _uncounted(patch: pytest.MonkeyPatch) -> None:
    fresh = itertools.count()

    def counter(grant_id: str) -> str:
        return f"grant:{grant_id}:{next(fresh)}"

    patch.setattr(beforehand, "counter", counter)


def _of_any_kind(patch: pytest.MonkeyPatch) -> None:
    def yes(*_: object) -> bool:
        return True

    def nothing_tied(*_: object) -> frozenset[str]:
        return frozenset({"nothing"})

    patch.setattr(beforehand, "_alike", yes)
    patch.setattr(beforehand, "fixed", nothing_tied)


@pytest.mark.parametrize("mutant", [_uncounted, _of_any_kind])
def test_a_flow_without_one_of_the_protections_is_caught(
    mutant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worlds look where it matters: each of them fails in some seed."""
    mutant(monkeypatch)
    found = (lived(seed).violations for seed in range(60))

    assert any(any(one.startswith("15") for one in violations) for violations in found)
