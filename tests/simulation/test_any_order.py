"""Hypothesis drives the world by hand, and shrinks what breaks it to the fewest events."""

from collections.abc import Iterable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from sallyport.simulate.world import ARRIVALS, Arrival, World
from tests.requirements import requirement


class Events(RuleBasedStateMachine):
    """Somebody arrives, somebody goes on, the process dies, the clock jumps, a file appears."""

    @initialize(seed=st.integers(0, 2**20))
    def begin(self, seed: int) -> None:
        """Begin a world; what its systems do is drawn from the seed."""
        self.world = World(seed)
        self.world.begin()
        self._go_on(40)

    @rule(arrival=st.sampled_from(list(ARRIVALS)), turns=st.integers(0, 30))
    def arrive(self, arrival: Arrival, turns: int) -> None:
        """Let somebody in, and let some turns pass."""
        self.world.arrive(arrival)
        self._go_on(turns)

    @rule(turns=st.integers(1, 60))
    def go_on(self, turns: int) -> None:
        """Let whoever is there have their turns."""
        self._go_on(turns)

    @rule()
    def crash(self) -> None:
        """Let the process die."""
        self.world.crash()

    @rule()
    def jump(self) -> None:
        """Set the clock."""
        self.world.jump()

    @rule()
    def write_stop_file(self) -> None:
        """Write a stop file."""
        self.world.write_stop_file()

    @invariant()
    def permissions_hold(self) -> None:
        """What leaves was allowed, inside boundary, limits and switches."""
        assert self._broken({3, 5, 6, 11}) == []

    @invariant()
    def review_rules_hold(self) -> None:
        """What people were asked about is what they said yes to, and leaves once."""
        assert self._broken({2, 10}) == []

    @invariant()
    def logs_hold(self) -> None:
        """Each effect has its earlier intent, and the chain verifies and only grows."""
        assert self._broken({1, 7, 8}) == []

    @invariant()
    def recovery_limits_hold(self) -> None:
        """At most one effect per call, and no intent stays open."""
        assert self._broken({0, 4, 9}) == []

    def teardown(self) -> None:
        """Bring the world to rest and look at what is left."""
        if hasattr(self, "world"):
            self.world.come_to_rest()
            assert self.world.watch.violations == []

    def _go_on(self, turns: int) -> None:
        for _ in range(turns):
            self.world.proceed()

    def _broken(self, numbers: Iterable[int]) -> list[str]:
        if not hasattr(self, "world"):
            return []
        wanted = tuple(f"{number}: " for number in numbers)
        return [what for what in self.world.watch.violations if what.startswith(wanted)]


@requirement("B-10")
def test_four_invariants_hold_in_any_order_of_events() -> None:
    """Permissions, review rules, logs and recovery limits, at every moment."""
    run_state_machine_as_test(Events, settings=settings(max_examples=30, stateful_step_count=40))
