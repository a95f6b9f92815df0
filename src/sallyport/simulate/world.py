"""One seeded world: it begins, runs for a number of steps, comes to rest, and was watched.

Rules:
  1. Everything that chance decides comes from the seed. The same seed gives the same ledger.
  2. A step lets one actor run to its next await, or commits some of what is queued, or lets
     something happen: somebody arrives, a clock jumps, a file appears, the process dies.
  3. Invariants are checked after each step. The first that breaks ends the world.
  4. Each seed draws its own habits, so that some worlds crash all the time and some never.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from sallyport.errors import InvariantError, SallyportError
from sallyport.flow import rows
from sallyport.flow.outside import Outside
from sallyport.model import AT_ONCE, CoolOff
from sallyport.simulate import actors, scenery
from sallyport.simulate.invariants import Watch
from sallyport.simulate.life import Life, start
from sallyport.simulate.scene import Client, Scene
from sallyport.simulate.schedule import Actor, Crowd
from sallyport.simulate.store import MemoryStore
from sallyport.simulate.surroundings import (
    START_US,
    CountedIds,
    JumpingClock,
    KeyedDigests,
    PaperStop,
    PlainVault,
)
from sallyport.simulate.systems import Manners, Systems

STEPS = 400
REST_MAX = 20_000
CROWD_MAX = 10
SECOND_US = 1_000_000
JUMPS_S = (-86_400, -1800, 1, 60, 1800, 3700, 86_400)

Arrival = Callable[[Scene], Coroutine[Any, Any, None]]
ARRIVALS: Mapping[Arrival, int] = {
    actors.propose: 40,
    actors.hurry: 8,
    actors.answer: 20,
    actors.change: 9,
    actors.open_task: 4,
    actors.close_task: 1,
    actors.leave: 4,
    actors.reply: 4,
    actors.carry_on: 4,
    actors.release: 4,
    actors.settle: 3,
    actors.expire: 3,
    actors.switch: 3,
    actors.resume: 6,
    actors.activate: 2,
}


ROUTINE: Mapping[Arrival, int] = {
    **ARRIVALS,
    actors.propose: 60,
    actors.ahead: 20,
    actors.note_more: 20,
    actors.take_back: 2,
    actors.sign_list: 8,
    actors.switch: 2,
}
"""Worlds in which people answer more than one thing at a time."""

HASTY: Mapping[Arrival, int] = {
    **ARRIVALS,
    actors.answer: 30,
    actors.act_on_due: 12,
    actors.undo: 8,
    actors.break_glass: 8,
    actors.mend: 3,
}
"""Worlds in which a yes can be taken back, and two people can go past the reviewers."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How likely, out of a thousand steps, each kind of mischief is in one world.

    `single` is how many of a thousand tasks are about one thing only.
    """

    crash: int
    jump: int
    stop_file: int
    edit: int
    full_disk: int
    single: int
    arrive: int
    commit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one world. `last_hash` is the end of its ledger."""

    seed: int
    steps: int
    effects: int
    crashes: int
    entries: int
    last_hash: str
    kinds: Counter[str]
    errors: Counter[str]
    violations: tuple[str, ...]


class World:
    """A world around the real flow.

    The parts that a test replaces by broken ones are made by `make_store` and `make_systems`.

    Args:
        seed: Decides everything.
        steps: How long it runs before it is brought to rest.
        arrivals: Who comes, and how often, one beside the other.
        cool_off: How long a yes can be taken back.
        trace: Told of every step, in words.
    """

    def __init__(
        self,
        seed: int,
        *,
        steps: int = STEPS,
        arrivals: Mapping[Arrival, int] = ARRIVALS,
        cool_off: CoolOff = AT_ONCE,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self.seed = seed
        self._cool_off = cool_off
        self._arrivals = arrivals
        self._steps = steps
        self._trace = trace
        self._chance = Random(seed)
        self._habits = _habits(self._chance)
        self._clock = JumpingClock()
        self._stop_file = PaperStop()
        self._signatures = KeyedDigests()
        self.watch = Watch(self._stop_file.scopes)
        self._gateway_crowd = Crowd(self._failed)
        self._outside_crowd = Crowd(self._failed)
        self.store = self.make_store(self.watch)
        self.systems = self.make_systems(self._chance, self.watch, self._outside_crowd)
        self._outside = Outside(
            store=self.store,
            upstreams=self.systems,
            clock=self._clock,
            ids=CountedIds(),
            vault=PlainVault(),
            signatures=self._signatures,
            stop_file=self._stop_file,
        )
        self._scene: Scene | None = None
        self._clients: list[Client] = []
        self._errors: Counter[str] = Counter()
        self.crashes = 0
        self._taken = 0
        self._resting = False

    def make_store(self, watch: Watch) -> MemoryStore:
        """Return the database of this world."""
        return MemoryStore(watch.committed)

    def make_systems(self, chance: Random, watch: Watch, outside: Crowd) -> Systems:
        """Return the business systems of this world."""
        return Systems(chance, _manners(chance), outside, watch.left, watch.happened)

    def run(self) -> Outcome:
        """Live through the whole world, or up to the first violation."""
        self.begin()
        while self._taken < self._steps and not self.watch.violations:
            self.step()
        self.come_to_rest()
        return Outcome(
            seed=self.seed,
            steps=self._taken,
            effects=self.watch.effects,
            crashes=self.crashes,
            entries=len(self.store.links()),
            last_hash=self.store.last_hash,
            kinds=self.watch.kinds,
            errors=self._errors,
            violations=tuple(self.watch.violations),
        )

    # --- Beginning and end. ---

    def begin(self) -> None:
        """Furnish the world and start the gateway in it."""
        self._furnish()
        self._start()

    def come_to_rest(self) -> None:
        """Let everybody finish, restart once, end every question, and look at what is left."""
        self._resting = True
        self._quiet()
        self.crash()
        self._quiet()
        self._stop_file.write(())
        for later_s in (2400, 30 * 86_400):
            self._clock.jump(later_s * SECOND_US)
            if self._cool_off is not AT_ONCE:
                self.arrive(actors.act_on_due)
                self._quiet()
            self.arrive(actors.expire)
            self._quiet()
        if not self.watch.violations:
            self.watch.ended(self.store)
        self._gateway_crowd.drop()
        self._outside_crowd.drop()

    def _furnish(self) -> None:
        for agent in scenery.AGENTS:
            self.store.plant("agents", rows.agent_row(agent, START_US))
        for person in scenery.PEOPLE:
            self.store.plant("people", rows.person_row(person, START_US))
        for workflow in scenery.WORKFLOWS:
            digest = scenery.boundary(workflow, 0).digest
            row = {"id": digest, "workflow": workflow, "state": "active"}
            self.store.plant("boundaries", row)
            self.watch.activated(workflow, digest)

    def _start(self) -> None:
        self._gateway_crowd.add("start", self._live())

    async def _live(self) -> None:
        recovered: Callable[[], None] = lambda: self.watch.recovered(self.store)  # noqa: E731
        life = await start(self._outside, self._spawn, recovered, self._cool_off)
        self._scene = self._set(life)

    def _set(self, life: Life) -> Scene:
        return Scene(
            chance=self._chance,
            store=self.store,
            systems=self.systems,
            signatures=self._signatures,
            watch=self.watch,
            life=life,
            spawn=self._spawn,
            single=self._habits.single,
            clients=self._clients,
        )

    def _quiet(self) -> None:
        for _ in range(REST_MAX):
            if self.watch.violations:
                return
            if not self._anybody() and not self.store.queued:
                return
            self.proceed()
        self.watch.broken(9, "the world does not come to rest")

    def _anybody(self) -> bool:
        return bool(self._gateway_crowd.ready() or self._outside_crowd.ready())

    # --- One step. ---

    def step(self) -> None:
        """Take one step, whatever chance makes it."""
        if not self._mischief():
            self.proceed()

    def proceed(self) -> None:
        """Let one actor go on, commit some of what is queued, or let somebody in."""
        self._taken += 1
        self._clock.jump(self._chance.randrange(20_000))
        ready = [*self._gateway_crowd.ready(), *self._outside_crowd.ready()]
        queued = self.store.queued
        if queued and (not ready or self._chance.randrange(1000) < self._habits.commit):
            failing = not self._resting and self._chance.randrange(1000) < self._habits.full_disk
            self._say(f"commit {'fails' if failing else ''}")
            self.store.commit(self._chance.randint(1, queued), failing=failing)
        elif ready:
            self._let(self._chance.choice(ready))
        else:
            self._welcome()
        self.watch.step(self.store)

    def _mischief(self) -> bool:
        """Let something happen that nobody asked for; return whether it did."""
        habits, dice = self._habits, self._chance.randrange(1000)
        acts: tuple[tuple[int, Callable[[], None]], ...] = (
            (habits.crash, self.crash),
            (habits.jump, self.jump),
            (habits.stop_file, self.write_stop_file),
            (habits.edit, self._edit),
            (habits.arrive, self._welcome),
        )
        for likely, act in acts:
            if dice < likely:
                self._taken += 1
                act()
                self.watch.step(self.store)
                return True
            dice -= likely
        return False

    def _let(self, actor: Actor) -> None:
        self._say(actor.name)
        crowd = self._outside_crowd if actor.name == "a system" else self._gateway_crowd
        crowd.step(actor)

    def _welcome(self) -> None:
        if len(self._gateway_crowd) < CROWD_MAX:
            self.arrive(
                self._chance.choices(list(self._arrivals), list(self._arrivals.values()))[0]
            )

    def arrive(self, arrival: Arrival) -> None:
        """Let somebody in, unless the gateway is down."""
        scene = self._scene
        if scene is None:
            return
        if arrival in {actors.propose, actors.hurry} and not scene.clients:
            arrival = actors.open_task
        self._gateway_crowd.add(arrival.__name__, arrival(scene))

    def _spawn(self, work: Awaitable[object]) -> None:
        self._gateway_crowd.add("what follows", work)

    # --- Mischief. ---

    def crash(self) -> None:
        """Let the process die, and start it again."""
        self._say("CRASH")
        self.crashes += 1
        self._gateway_crowd.drop()
        self._scene = None
        self.systems.cut()
        self.store.crash(self._chance.randint(0, self.store.queued))
        self.watch.crashed(self.store)
        self._start()

    def jump(self) -> None:
        """Set the clock forward or back."""
        seconds = self._chance.choice(JUMPS_S)
        self._say(f"the clock jumps by {seconds} s")
        self._clock.jump(seconds * SECOND_US)

    def write_stop_file(self) -> None:
        """Let somebody on the host write a stop file."""
        scope = self._chance.choice(actors.SCOPES)
        self._say(f"a stop file: {scope}")
        self._stop_file.write((scope,))

    def _edit(self) -> None:
        state = self._chance.choice(("open", "open", "open", "solved"))
        self.systems.edit(self._chance.choice(scenery.TICKETS), state)

    # --- What goes wrong. ---

    def _failed(self, who: str, error: SallyportError) -> None:
        self._say(f"{who}: {error.code}: {error.what}")
        self._errors[error.code] += 1
        if isinstance(error, InvariantError):
            self.watch.broken(0, f"{who}: {error.what}")
        if who == "start":
            self.crash()

    def _say(self, what: str) -> None:
        if self._trace is not None:
            self._trace(f"{self._taken:5} {what}")


def _habits(chance: Random) -> Habits:
    return Habits(
        crash=chance.choice((0, 2, 5, 20)),
        jump=chance.choice((0, 5, 20)),
        stop_file=chance.choice((0, 1, 4)),
        edit=chance.choice((2, 5, 20)),
        full_disk=chance.choice((0, 0, 0, 20)),
        single=chance.choice((100, 300, 900)),
        arrive=chance.choice((40, 100, 200)),
        commit=chance.choice((100, 300, 600)),
    )


def _manners(chance: Random) -> Manners:
    share = chance.choice((0.0, 0.0, 0.05, 0.2))
    return Manners(
        refuses=share,
        loses_before=share,
        loses_after=share,
        complains=share,
        dawdles=chance.choice((0.0, 0.3, 0.8)),
        asks=chance.choice((0.0, 0.5, 0.9)),
        waits=chance.choice((0.0, 0.5, 0.9)),
        pushes=chance.choice((0.0, 0.0, 0.05)),
    )
