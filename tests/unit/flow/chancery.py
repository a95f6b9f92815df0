"""Boundaries and the people who sign them, on in-memory ports: what a prover says is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sallyport.flow.authority import Authority, Signed
from sallyport.flow.baselines import Baselines
from sallyport.flow.proposing import Proposed
from sallyport.flow.versions import State, Version, versions
from sallyport.model import JsonObject, Person, Task, ToolPin
from sallyport.ports import Proof
from sallyport.rules import canonical
from tests.unit.flow.room import PEOPLE, Recorder, Room

NAME = "answers"
OTHER = "other-answers"
PROVED = Proof(proved=True, solver="z3 1", ms=7, formulas="f" * 64)
LOOSER: JsonObject = {
    "tool": "kb.search",
    "args": {"q": "x"},
    "context": {},
    "was": "refuse",
    "now": "allow",
}
REFUTED = Proof(proved=False, counterexamples=(LOOSER,), solver="z3 1", formulas="f" * 64)
UNKNOWN = Proof(proved=False, unknown=("the solver was stopped after 30 s",))

SYSTEM = "system: kb\ntransport: http\nurl: https://kb.invalid/mcp\n"
WORKFLOW = """\
workflow: {name}
purpose: Answer questions.
owner: boss
agent: helper
environment: {environment}
stop: {{by: [staff], tell: boss}}
expires: 2090-12-31
for: [staff]
limits: {{calls_per_task: {calls}}}
tools:
  kb.search: {{level: read, only: {{q: {{max_length: {length}}}}}}}
"""


def written(
    *, calls: int = 9, length: int = 40, environment: str = "production", name: str = NAME
) -> str:
    """Return a workflow file."""
    return WORKFLOW.format(calls=calls, length=length, environment=environment, name=name)


class Offering(Recorder):
    """Systems that offer tools which only read, by definitions as they are now."""

    title = "Search"
    names: tuple[str, ...] = ("kb.search",)

    async def tools(self, system: str) -> Sequence[ToolPin]:
        """Return them."""
        return [self._tool(system.partition("@")[0], name) for name in self.names]

    def _tool(self, system: str, name: str) -> ToolPin:
        definition: JsonObject = {
            "name": name,
            "title": self.title,
            "annotations": {"readOnlyHint": True},
            "inputSchema": {"type": "object", "properties": {"q": {"type": "string"}}},
        }
        digest = canonical.digest("tool", definition)
        return ToolPin(system=system, tool=name, definition=definition, digest=digest)


class Oracle:
    """A prover that says what it is told to. Implements `ports.Prover`."""

    def __init__(self) -> None:
        self.says = UNKNOWN
        self.own = PROVED
        self.asked: list[tuple[JsonObject, JsonObject | None]] = []

    async def prove(
        self, new: JsonObject, old: JsonObject | None, *, today: date, seconds: float = 30.0
    ) -> Proof:
        """Remember what was asked."""
        self.asked.append((new, old))
        return self.own if old is None else self.says


class Chancery(Room):
    """A room in which boundaries are proposed and signed."""

    def __init__(self, *, people: Sequence[Person] = PEOPLE, team_of_one: bool = False) -> None:
        self.oracle = Oracle()
        self.offering = Offering()
        super().__init__(people=people, team_of_one=team_of_one)

    def start(self) -> None:
        """Start, or start again on what the database has."""
        self.upstreams = self.offering
        super().start()
        self.gateway.outside = replace(self.gateway.outside, prover=self.oracle)
        self.authority = Authority(self.gateway, self.people.lone)
        self.baselines = Baselines(self.gateway, self.people)
        self.run(self.authority.restore())
        self.run(self.baselines.restore())

    def proposed(self, text: str = "", *, because: str = "", system: str = SYSTEM) -> Proposed:
        """Propose a workflow file."""
        systems = {"kb.yaml": system}
        return self.run(
            self.authority.propose(text or written(), "w.yaml", systems, because=because)
        )

    def sign(self, proposed: Proposed, *people: str, by: str = "") -> Signed:
        """Have people sign a proposal, each with their own key or with that of `by`."""
        done: Signed | None = None
        for person in people:
            signature = self.keys.sign(f"key-of-{by or person}", proposed.statement)
            done = self.run(
                self.authority.activate(
                    proposed.boundary.digest, person=person, signature=signature
                )
            )
        assert done is not None
        return done

    def in_force(self, text: str = "") -> Signed:
        """Put a workflow file in force with all the signatures it can need."""
        proposed = self.proposed(text)
        if not proposed.said.change.needs_second or self.people.lone():
            return self.sign(proposed, "boss")
        return self.sign(proposed, "boss", "sam")

    @property
    def active(self) -> str:
        """The digest in force, or empty."""
        return self.gateway.registry.active.get(NAME, "")

    def history(self) -> list[Version]:
        """Return the versions of the workflow."""
        return list(self.run(versions(self.store, {"workflow": NAME})))

    def states(self) -> list[State]:
        """Return how the versions stand, in order."""
        return [version.state for version in self.history()]

    def work(self, digest: str = "", workflow: str = NAME) -> Task:
        """Return a task that began under a version: the one in force, or another."""
        registry = self.gateway.registry
        registry.verified.add("kb")
        began = digest or registry.active[workflow]
        return self.task(workflow, boundary=began, agent="helper", inputs={})

    def switch_off(self, person: str) -> None:
        """Deactivate a person."""
        by = self.signed("deactivate", {"name": person})
        self.run(self.people.deactivate(person, by=by))

    def new_key(self, person: str, key: str) -> None:
        """Give a person another key, as an administrator may."""
        known = self.gateway.registry.people[person]
        roles = sorted(known.roles)
        details: JsonObject = {"name": person, "roles": [*roles], "public_key": key}
        self.run(self.people.enrol(person, roles, key, by=self.signed("enrol", details)))

    def mark(self, number: int, person: str = "boss") -> None:
        """Make a version the baseline, as a person."""
        by = self.signed("baseline", {"workflow": NAME, "version": number}, person)
        self.run(self.baselines.mark(NAME, number, signed=by))

    def switch_on(self) -> None:
        """Switch the baseline on, which anybody may."""
        self.run(self.baselines.on(NAME, because="strange searches", by="anybody"))

    def lift(self, person: str = "boss", *, says: str = "looked into") -> None:
        """Switch the baseline off because it was looked into, signing that for whatever reason."""
        by = self.signed("baseline-off", {"workflow": NAME, "because": says}, person)
        self.run(self.baselines.off(NAME, because="looked into", signed=by))
