"""Proposals: what was written, compiled, checked and proved, before anybody signs it.

Rules:
  1. A boundary is compiled from what was written and from the tools as they are offered now.
  2. It is proved against the version in force, and is for that one alone.
  3. Whoever proposes what others have begun to sign joins them: the statement is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sallyport.errors import NotFoundError
from sallyport.flow.gateway import Gateway
from sallyport.flow.inspecting import Inspecting
from sallyport.flow.proving import Judged, judged
from sallyport.flow.sources import ROLES, Sources, compiled, needed, sources_of
from sallyport.flow.versions import State, Version, versions
from sallyport.model import Boundary, System, ToolPin
from sallyport.rules.boundary import signing
from sallyport.rules.boundary.check import check
from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.problems import Problem
from sallyport.rules.boundary.signing import Change, Missing, Signature, Statement
from sallyport.rules.boundary.workflow_file import load_workflow
from sallyport.rules.proof.problems import own_problems
from sallyport.rules.times import today

PROPOSALS_MAX = 200
"""Proposals that nobody signed yet which are remembered; the oldest goes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A compiled boundary that waits for signatures. `said` is what each of them is for.

    `pending` is the version that has some of them already; `needs` whose are needed in all.
    """

    said: Statement
    boundary: Boundary
    sources: Sources
    problems: tuple[Problem, ...]
    plain: str
    judged: Judged
    needs: tuple[Missing, ...] = ()
    pending: Version | None = None
    reverts: int = 0

    @property
    def statement(self) -> bytes:
        """The bytes that people sign."""
        return self.said.as_bytes()


class Proposing:
    """Makes proposals, and remembers those that nobody put in force yet."""

    def __init__(self, gateway: Gateway, lone: Callable[[], bool], inspecting: Inspecting) -> None:
        self._gateway = gateway
        self._lone = lone
        self._inspecting = inspecting
        self._known: dict[str, Proposed] = {}

    def of(self, digest: str) -> Sequence[Proposed]:
        """Return the proposals of a boundary, the newest first."""
        return [one for one in reversed(self._known.values()) if one.boundary.digest == digest]

    def for_workflow(self, workflow: str) -> Sequence[Proposed]:
        """Return the proposals of a workflow against the version in force, the newest first."""
        active = self._gateway.registry.active.get(workflow, "")
        known = reversed(self._known.values())
        return [one for one in known if (one.said.workflow, one.said.against) == (workflow, active)]

    def forget(self, digest: str) -> None:
        """Drop the proposals of a boundary that is in force now."""
        for one in self.of(digest):
            del self._known[one.said.proposal]

    async def propose(
        self,
        workflow_text: str,
        workflow_file: str,
        systems: Mapping[str, str],
        *,
        because: str = "",
        reverts: int = 0,
    ) -> Proposed:
        """Compile what an owner wrote, against the tools offered now; prove it against what counts.

        Args:
            workflow_text: The workflow file.
            workflow_file: Its name, for messages.
            systems: System files, text by file name.
            because: Why, in the proposer's words.
            reverts: The number of the version whose sources these are, or 0.

        Raises:
            BoundaryErrors: A file cannot be loaded; every problem is named.
            UpstreamError: A system cannot be reached, so its tools cannot be pinned.
        """
        workflow = load_workflow(workflow_text, workflow_file)
        offered: list[ToolPin] = []
        loaded: list[System] = []
        for file, text in systems.items():
            system, pins = await self._inspecting.inspect(text, file)
            loaded.append(system)
            offered += pins
        sources = Sources(
            workflow=workflow_text,
            workflow_file=workflow_file,
            systems=systems,
            pins=needed(workflow, loaded, offered),
        )
        return await self._proposed(sources, offered, because, reverts)

    async def revert(self, workflow: str, number: int, *, because: str = "") -> Proposed:
        """Propose the sources of an earlier version again: a change like any other.

        Raises:
            NotFoundError: The workflow has no such version.
        """
        found = await versions(self._gateway.outside.store, {"workflow": workflow})
        version = next((one for one in found if one.number == number), None)
        if version is None:
            raise NotFoundError(
                f"`{workflow[:80]}` has no version {number}",
                fix="read `sallyport boundary history`, then name one of its numbers",
            )
        written = await self._sources(version.digest)
        why = because or f"back to version {number}"
        return await self.propose(
            written.workflow, written.workflow_file, written.systems, because=why, reverts=number
        )

    async def _proposed(
        self, sources: Sources, offered: Sequence[ToolPin], because: str, reverts: int
    ) -> Proposed:
        boundary = compiled(sources)
        against = self._gateway.registry.active.get(boundary.workflow.name, "")
        known = [one for one in self.of(boundary.digest) if one.said.against == against]
        found = known[0].judged if known else await self._judge(sources, boundary, against)
        pending = await self._waiting_for(boundary, against)
        fresh = Statement(
            workflow=boundary.workflow.name,
            digest=boundary.digest,
            proposal=self._gateway.outside.ids.new("p"),
            against=against,
            change=found.change,
            because=because,
        )
        same = (one.said for one in known if (one.said.because, one.reverts) == (because, reverts))
        said = pending.statement if pending is not None else next(same, fresh)
        proposed = Proposed(
            said=said,
            boundary=boundary,
            sources=sources,
            problems=self._problems(boundary, offered, found),
            plain=explain(boundary),
            judged=found,
            needs=self._needs(said.change),
            pending=pending,
            reverts=reverts,
        )
        self._remember(proposed)
        return proposed

    def _problems(
        self, boundary: Boundary, offered: Sequence[ToolPin], found: Judged
    ) -> tuple[Problem, ...]:
        day = today(self._gateway.evidence.now_us())
        own = found.own
        return (
            *check(boundary, today=day, offered=offered, roles=self._roles(boundary)),
            *own_problems(
                boundary,
                counterexamples=own.counterexamples,
                unknown=own.unknown,
                useless=own.useless,
            ),
        )

    async def _judge(self, sources: Sources, boundary: Boundary, against: str) -> Judged:
        now_us = self._gateway.evidence.now_us()
        return await judged(
            self._gateway.outside.prover,
            sources,
            await self._sources(against) if against else None,
            same=boundary.digest == against,
            today=today(now_us),
            at_us=now_us,
        )

    async def _waiting_for(self, boundary: Boundary, against: str) -> Version | None:
        """Return the version with this digest that others have begun to sign, if it still stands.

        Whoever proposes the same again joins it, whatever became of the process meanwhile.
        """
        name, state = boundary.workflow.name, State.PENDING.value
        wanted = {"workflow": name, "digest": boundary.digest, "state": state}
        for version in await versions(self._gateway.outside.store, wanted):
            if version.statement.against == against and counting(self._gateway, version):
                return version
        return None

    async def _sources(self, digest: str) -> Sources:
        (row,) = await self._gateway.outside.store.rows("boundaries", {"id": digest})
        return sources_of(row)

    def _needs(self, change: Change) -> tuple[Missing, ...]:
        both = change.needs_second and not self._lone()
        return (Missing.OWNER, Missing.SECOND) if both else (Missing.OWNER,)

    def _remember(self, proposed: Proposed) -> None:
        self._known.pop(proposed.said.proposal, None)
        self._known[proposed.said.proposal] = proposed
        while len(self._known) > PROPOSALS_MAX:
            del self._known[next(iter(self._known))]

    def _roles(self, boundary: Boundary) -> frozenset[str]:
        """Return the roles that somebody can hold: our own, and those that people were given.

        The registered steps of this very workflow are among them, each for itself.
        """
        registry, workflow = self._gateway.registry, boundary.workflow.name
        given = (person.roles for person in registry.people.values())
        steps = registry.steps.values()
        own = {one.name for one in steps if one.active and one.workflow == workflow}
        return frozenset(ROLES).union(own, *given)


def counting(gateway: Gateway, version: Version) -> tuple[Signature, ...]:
    """Return the signatures under a version that count now, each looked at again."""
    said, verify = version.statement.as_bytes(), gateway.outside.signatures.verify
    found = signing.counting(version.signatures, gateway.registry.people)
    return tuple(one for one in found if verify(one.public_key, said, one.signature))
