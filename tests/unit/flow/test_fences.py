"""The fence: whatever is begun, settled, closed or given up, no snapshot outlives its authority."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sallyport.flow.dispatch import Fences

SCOPES = ("everything", "agent:helper", "tool:mail.send")
some_scopes = st.sets(st.sampled_from(SCOPES), min_size=1).map(sorted).map(tuple)


@dataclass(frozen=True)
class Snapshot:
    """What a call remembers of the moment it was decided at."""

    epoch: int
    scopes: tuple[str, ...]
    begun: frozenset[int]


class FencesOverTime(RuleBasedStateMachine):
    """Changes and snapshots in any order.

    The model holds no epochs: it knows which change came to count in memory after which snapshot
    was taken, and that such a snapshot must not pass where they share a scope.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fences = Fences(3)
        self.begun: dict[int, tuple[str, ...]] = {}
        self.snapshots: list[Snapshot] = []
        self.outdated: set[int] = set()
        self.epochs = [3]

    @rule(scopes=some_scopes)
    def look(self, scopes: tuple[str, ...]) -> None:
        """A call takes its snapshot."""
        self.snapshots.append(Snapshot(self.fences.epoch, scopes, frozenset(self.begun)))

    @rule(scopes=some_scopes)
    def close(self, scopes: tuple[str, ...]) -> None:
        """Somebody stops something: at once."""
        self.epochs.append(self.fences.close(scopes))
        self._outdate(scopes)

    @rule(scopes=some_scopes)
    def begin(self, scopes: tuple[str, ...]) -> None:
        """A change of authority is about to be committed."""
        epoch = self.fences.begin()
        self.epochs.append(epoch)
        self.begun[epoch] = scopes

    @precondition(lambda self: self.begun)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        """It was committed and counts: everything that was decided before is too old."""
        epoch = data.draw(st.sampled_from(sorted(self.begun)))
        scopes = self.begun.pop(epoch)
        self.fences.settle(epoch, scopes)
        self._outdate(scopes)

    @precondition(lambda self: self.begun)
    @rule(data=st.data())
    def abandon(self, data: st.DataObject) -> None:
        """It was not committed: nothing changed."""
        epoch = data.draw(st.sampled_from(sorted(self.begun)))
        del self.begun[epoch]
        self.fences.abandon(epoch)

    @invariant()
    def no_outdated_snapshot_passes(self) -> None:
        """A snapshot older than a change that counts, or taken while it was begun, never passes."""
        for number in self.outdated:
            snapshot = self.snapshots[number]
            assert self.fences.closed_for(snapshot.scopes, snapshot.epoch)

    @invariant()
    def a_fresh_snapshot_passes_while_nothing_is_begun(self) -> None:
        """The fence does not stay closed for what is decided after it."""
        if not self.begun:
            assert not self.fences.closed_for(SCOPES, self.fences.epoch)

    @invariant()
    def every_number_is_given_once_and_rises(self) -> None:
        """One count for all scopes."""
        assert self.epochs == sorted(set(self.epochs))
        assert self.fences.epoch <= self.epochs[-1]

    def _outdate(self, scopes: tuple[str, ...]) -> None:
        self.outdated |= {
            number
            for number, snapshot in enumerate(self.snapshots)
            if set(scopes) & set(snapshot.scopes)
        }


TestFences = FencesOverTime.TestCase
TestFences.settings = settings(max_examples=60, stateful_step_count=25)


def test_a_snapshot_taken_while_a_change_is_begun_never_passes_after_it_settled() -> None:
    """Also where a later change settled in between."""
    fences = Fences()
    first = fences.begin()
    snapshot = fences.epoch
    second = fences.begin()
    fences.settle(second, ("tool:mail.send",))
    between = fences.epoch
    fences.settle(first, ("agent:helper",))

    assert fences.closed_for(("agent:helper",), snapshot)
    assert fences.closed_for(("agent:helper",), between)
    assert not fences.closed_for(("agent:helper",), fences.epoch)


def test_a_change_that_was_given_up_closes_nothing() -> None:
    """A commit that failed changed nothing, so what was decided still counts."""
    fences = Fences()
    snapshot = fences.epoch
    fences.abandon(fences.begin())

    assert not fences.closed_for(SCOPES, snapshot)
