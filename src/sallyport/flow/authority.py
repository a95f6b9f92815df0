"""Git proposes, a signature activates: how a boundary comes to count.

Rules:
  1. A boundary is compiled from what was written and from the tools as they are offered now; its
     digest covers all that can change a decision or its effect.
  2. It is proved against the version in force. What provably grants nothing new counts from the
     moment an owner's signature is on record. All else waits for a second person, who signs the
     same statement; it is pending until then, also over a restart, or until a later signature.
  3. Where one person works alone, nobody else can look: in production a widening counts a day
     later, and until then what counted before. That ends when somebody else enrols.
  4. A signature is for one proposal against one version in force. Whoever was switched off or has
     another key by the time the version would count has not signed it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sallyport.errors import (
    BadInputError,
    ConflictError,
    NotFoundError,
    NotPermittedError,
    SignatureError,
)
from sallyport.flow.gateway import Gateway
from sallyport.flow.inspecting import Inspecting
from sallyport.flow.proposing import Proposed, Proposing, counting
from sallyport.flow.signers import key_of
from sallyport.flow.sources import kept, sources_of
from sallyport.flow.standing import Standing
from sallyport.flow.versions import State, Version, next_number, versions
from sallyport.model import Boundary, Environment, Person, System, ToolPin
from sallyport.rules.boundary import signing
from sallyport.rules.boundary.problems import Severity
from sallyport.rules.boundary.signing import OWNERS, SECONDS, Missing, Signature
from sallyport.rules.times import SECOND_US

ALONE_US = 24 * 3600 * SECOND_US
"""How long a lone person's widening waits in production before it counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signed version: whose signature it still needs, and the moment from which it counts.

    `counts_from_us` is 0 while a signature is missing.
    """

    boundary: Boundary
    version: Version
    missing: Missing | None
    counts_from_us: int


class Authority:
    """Compiles, proves, activates and restores boundaries."""

    def __init__(self, gateway: Gateway, lone: Callable[[], bool]) -> None:
        self._gateway = gateway
        self._lone = lone
        self._inspecting = Inspecting(gateway)
        self._proposing = Proposing(gateway, lone, self._inspecting)
        self._standing = Standing(gateway, self._inspecting)

    def systems(self) -> Mapping[str, System]:
        """Return every system that may be connected to, as `Inspecting.systems` does."""
        return self._inspecting.systems()

    async def inspect(self, text: str, file: str) -> tuple[System, Sequence[ToolPin]]:
        """Look at a system, as `Inspecting.inspect` does."""
        return await self._inspecting.inspect(text, file)

    async def restore(self) -> None:
        """Load the boundaries that are in force, and those that open tasks began under."""
        await self._standing.restore()

    async def history(self, workflow: str) -> Sequence[tuple[Version, Boundary | None]]:
        """Return a workflow's versions in order, each with its boundary if it still compiles."""
        store = self._gateway.outside.store
        stored = await store.rows("boundaries", {"workflow": workflow})
        boundaries = {row["id"]: kept(row) for row in stored}
        found = await versions(store, {"workflow": workflow})
        return [(version, boundaries.get(version.digest)) for version in found]

    async def pending(self) -> Sequence[Version]:
        """Return the versions that were signed and do not count yet."""
        return await versions(self._gateway.outside.store, {"state": State.PENDING.value})

    def proposed(self, *, digest: str = "", workflow: str = "") -> Sequence[Proposed]:
        """Return the proposals of a boundary or a workflow that do not count, the newest first."""
        return self._proposing.of(digest) if digest else self._proposing.for_workflow(workflow)

    def forget(self, digest: str) -> None:
        """Drop what was proposed of a boundary that nobody is to sign any more."""
        self._proposing.forget(digest)

    async def propose(
        self,
        workflow_text: str,
        workflow_file: str,
        systems: Mapping[str, str],
        *,
        because: str = "",
    ) -> Proposed:
        """Propose what an owner wrote, as `Proposing.propose` does."""
        return await self._proposing.propose(workflow_text, workflow_file, systems, because=because)

    async def revert(self, workflow: str, number: int, *, because: str = "") -> Proposed:
        """Propose an earlier version again, as `Proposing.revert` does."""
        return await self._proposing.revert(workflow, number, because=because)

    # --- Signing. ---

    async def activate(self, digest: str, *, person: str, signature: str) -> Signed:
        """Add a person's signature to a version, and put it in force once there are enough.

        Raises:
            NotFoundError: Nothing was proposed under this digest.
            NotPermittedError: The person may not sign boundaries, or not as the first.
            SignatureError: The signature is not theirs over this very proposal.
            ConflictError: They have signed it already, or another version came into force.
            BadInputError: The check found problems that must be solved first.
        """
        proposals = self._proposing.of(digest)
        if not proposals:
            raise NotFoundError(
                f"no proposed boundary has the digest `{digest[:12]}`",
                fix="run `sallyport boundary sign` again, which proposes and signs",
            )
        proposed, by = self._signature(proposals, person, signature)
        _must_be_sound(proposed)
        version = await self._joined(proposed, by)
        missing = self.missing(version)
        from_us = 0 if missing is not None else by.at_us + self._waits_us(proposed)
        version = replace(version, from_us=from_us)
        if 0 < from_us <= by.at_us:
            version = await self._standing.put_in_force(
                version, proposed.boundary, proposed.sources
            )
            self._proposing.forget(digest)
        else:
            await self._standing.put_off(version, proposed.boundary, proposed.sources, missing)
        return Signed(
            boundary=proposed.boundary, version=version, missing=missing, counts_from_us=from_us
        )

    def _signature(
        self, proposals: Sequence[Proposed], name: str, signature: str
    ) -> tuple[Proposed, Signature]:
        """Return which proposal a person has signed, with their signature."""
        person = self._gateway.registry.people.get(name)
        if person is None or not person.can_sign:
            raise NotPermittedError(
                f"`{name[:80]}` is not enrolled", fix="enrol on this host first"
            )
        if not signing.may_sign(person):
            raise NotPermittedError(
                f"`{name}` may not sign boundaries",
                fix=f"ask somebody with the role {' or '.join(sorted(SECONDS))}",
            )
        verifier, at_us = self._gateway.outside.signatures, self._gateway.evidence.now_us()
        for one in proposals:
            key = key_of(verifier, person, one.statement, signature)
            if key:
                by = Signature(person=name, public_key=key, signature=signature, at_us=at_us)
                return one, by
        raise SignatureError(f"this proposal of the boundary is not signed by `{name}`")

    async def _joined(self, proposed: Proposed, by: Signature) -> Version:
        """Return the version with this signature and all others that still count."""
        said = proposed.said
        if self._gateway.registry.active.get(said.workflow, "") != said.against:
            raise ConflictError(
                "another version came into force since this one was proposed",
                fix="run `sallyport boundary sign` again, which compares it with that one",
            )
        store = self._gateway.outside.store
        known = await versions(store, {"workflow": said.workflow})
        for version in known:
            if version.statement == said and version.state is State.PENDING:
                return self._with(version, by)
        self._must_own(by, said.workflow)
        return Version(
            number=next_number(known),
            statement=said,
            state=State.PENDING,
            author=by.person,
            signatures=(by,),
            proof=proposed.judged.as_json(),
            proposed_us=by.at_us,
            reverts=proposed.reverts,
        )

    def _with(self, version: Version, by: Signature) -> Version:
        still = counting(self._gateway, version)
        if any(one.person == by.person for one in still):
            raise ConflictError(
                f"`{by.person}` has signed this version already",
                fix="have somebody else sign it"
                if version.from_us == 0
                else "wait until it counts: `sallyport boundary history` says when",
            )
        version = replace(version, signatures=still)
        if not any(signing.may_sign(one, OWNERS) for one in self._signers(version)):
            self._must_own(by, version.statement.workflow)
        return version.signed(by)

    def _must_own(self, by: Signature, workflow: str) -> None:
        if not signing.may_sign(self._gateway.registry.people[by.person], OWNERS):
            raise NotPermittedError(
                f"`{by.person}` may only sign a version of `{workflow}` that an owner has signed",
                fix=f"ask somebody with the role {' or '.join(sorted(OWNERS))} to sign it first",
            )

    def _signers(self, version: Version) -> list[Person]:
        people = self._gateway.registry.people
        return [people[one.person] for one in counting(self._gateway, version)]

    def _waits_us(self, proposed: Proposed) -> int:
        """Leaving production is a change of production: it waits as well."""
        if not proposed.said.change.needs_second or not self._lone():
            return 0
        active = self._gateway.registry.boundary_of(proposed.said.workflow) or proposed.boundary
        environments = {active.workflow.environment, proposed.boundary.workflow.environment}
        return ALONE_US if Environment.PRODUCTION in environments else 0

    # --- Waiting. ---

    def missing(self, version: Version) -> Missing | None:
        """Return whose signature a pending version still needs now."""
        change = version.statement.change
        return signing.missing(change, self._signers(version), lone=self._lone())

    async def bring_due(self) -> None:
        """Put in force what somebody who worked alone signed a day ago, if that still suffices."""
        now_us = self._gateway.evidence.now_us()
        store = self._gateway.outside.store
        for version in await self.pending():
            if not 0 < version.from_us <= now_us or self.missing(version) is not None:
                continue
            for row in await store.rows("boundaries", {"id": version.digest}):
                boundary = kept(row)
                if boundary is not None:
                    await self._standing.put_in_force(version, boundary, sources_of(row))


def _must_be_sound(proposed: Proposed) -> None:
    errors = [p for p in proposed.problems if p.severity is Severity.ERROR]
    if errors:
        raise BadInputError(
            f"the boundary has {len(errors)} problem(s): {errors[0].what}",
            fix="run `sallyport boundary check` and solve what it names",
        )
