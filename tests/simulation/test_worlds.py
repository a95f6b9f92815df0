"""Two thousand worlds are run by `make simulate`; here run enough of them to notice any damage."""

from collections import Counter
from collections.abc import Iterable
from typing import cast

import pytest

from sallyport.model import Ending
from sallyport.rules import ledger
from sallyport.simulate.report import Report
from sallyport.simulate.world import World
from tests.requirements import requirement

SEEDS = 300
PART = 30
EVERY_KIND = {
    "approval.answered",
    "approval.asked",
    "approval.escalated",
    "approval.expired",
    "approval.passed",
    "boundary.activated",
    "call.concluded",
    "call.decided",
    "call.decided_again",
    "call.delivered",
    "call.intended",
    "call.kept",
    "call.settled",
    "draft.discarded",
    "draft.released",
    "draft.returned",
    "draft.stored",
    "gateway.started",
    "influence.entered",
    "stop_file.changed",
    "switch.lifted",
    "switch.set",
    "task.closed",
    "task.opened",
}


def _said(world: World) -> list[tuple[str, dict[str, object]]]:
    """Return kind and body of every entry of a world's ledger."""
    entries = [ledger.read(link.data) or {} for link in world.store.links()]
    return [(str(one["kind"]), cast("dict[str, object]", one["body"])) for one in entries]


def _lived(seeds: Iterable[int]) -> Iterable[World]:
    for seed in seeds:
        world = World(seed)
        outcome = world.run()
        assert outcome.violations == (), f"seed {seed}"
        yield world


@requirement("B-19")
@pytest.mark.parametrize("first", range(0, SEEDS, PART))
def test_every_invariant_holds_after_every_step_of_every_world(first: int) -> None:
    """Requests interleave at every command, and the process dies at every command.

    Each effect upstream is checked for its prior intent record in the step in which it leaves.
    """
    report = Report()
    for seed in range(first, first + PART):
        report.add(World(seed).run())

    assert report.violations == {}
    assert report.effects > PART // 2
    assert report.crashes > PART


def test_no_world_idles() -> None:
    """Within some hundred seeds everything happens that can happen."""
    kinds: Counter[str] = Counter()
    for world in _lived(range(1000, 1600)):
        kinds += world.watch.kinds
        if kinds.keys() >= EVERY_KIND:
            break

    assert set(kinds) == EVERY_KIND


@pytest.mark.parametrize("seed", [1, 7, 50])
def test_the_same_seed_gives_the_same_ledger(seed: int) -> None:
    """A violation that was seen once can be looked at again."""
    once, again = World(seed).run(), World(seed).run()

    assert once.last_hash == again.last_hash
    assert once == again


@requirement("A-48")
def test_nothing_goes_from_waiting_to_executed_without_an_approval_record() -> None:
    """Read from the ledgers alone: each intent of a call that was asked about had its yes."""
    executed = 0
    for world in _lived(range(2000, 2060)):
        asked: set[object] = set()
        approved: dict[object, object] = {}
        for kind, body in _said(world):
            if kind == "approval.asked":
                asked.add(body["call"])
            elif kind == "approval.answered" and body["state"] == "approved":
                approved[body["approval"]] = body["call"]
            elif kind == "call.intended" and body["call"] in asked:
                assert approved.pop(body["approval"]) == body["call"]
                executed += 1

    assert executed > 10


@requirement("B-27")
def test_every_trace_ends_in_one_of_the_outcomes() -> None:
    """Done, draft, refused or expired; waiting only while a person has a doubt to settle.

    A call whose system asked ends as asked, or as answered: what went on from there has its own.
    """
    seen: Counter[str] = Counter()
    for world in _lived(range(3000, 3060)):
        decided = {body["call"] for kind, body in _said(world) if kind == "call.decided"}
        calls = world.store.committed_rows("calls")
        assert {row["id"] for row in calls} == decided
        for row in calls:
            ending = Ending(str(row["ending"]))
            assert ending is not Ending.WAITING or row["action"] == "in_doubt"
            # Whoever was asked by a system that did nothing yet may never come back.
            assert ending is not Ending.ASKED or row["action"] == "failed"
            seen[ending.value] += 1

    assert set(seen) == {ending.value for ending in Ending}
