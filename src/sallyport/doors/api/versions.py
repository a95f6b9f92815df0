"""The people's door to versions of boundaries: propose, sign, history, revert, baseline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from sallyport.doors.api import shapes
from sallyport.doors.api.wire import Asked, Said
from sallyport.errors import NotFoundError
from sallyport.flow.house import House
from sallyport.flow.proposing import Proposed
from sallyport.flow.versions import State, Version
from sallyport.model import Boundary, Json, JsonObject
from sallyport.rules.boundary.diff import diff, in_words
from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.gates import hard_gates
from sallyport.rules.boundary.signing import OWNERS, SECONDS, Missing
from sallyport.rules.times import today

Ask: TypeAlias = Asked[None]


async def propose(asked: Ask) -> Said:
    """Compile a boundary against the tools that are offered now; nothing counts yet."""
    body = asked.body
    proposed = await asked.house.authority.propose(
        body.text("workflow"),
        body.text("file"),
        body.texts_by_name("systems"),
        because=body.text("because"),
    )
    return Said(_proposed(asked.house, proposed))


async def revert(asked: Ask) -> Said:
    """Propose an earlier version's sources again; nothing counts yet."""
    body = asked.body
    proposed = await asked.house.authority.revert(
        body.text("workflow"), body.whole("to"), because=body.text("because")
    )
    return Said(_proposed(asked.house, proposed))


async def unasked(asked: Ask) -> Said:
    """List the gates of a workflow that people always passed, with what keeps each from going."""
    found = await asked.house.stop_asking.passed(asked.path["workflow"])
    return Said({"gates": [one.as_json() for one in found]})


async def propose_unasked(asked: Ask) -> Said:
    """Propose the version in which a gate no longer asks what was always approved at it."""
    body = asked.body
    proposed = await asked.house.stop_asking.propose(
        body.text("workflow"), body.text("tool"), body.text("entry")
    )
    text = proposed.sources.workflow
    return Said({**_proposed(asked.house, proposed), "text": text})


async def activate(asked: Ask) -> Said:
    """Sign a proposed boundary; it counts once there are enough signatures."""
    body = asked.body
    signed = await asked.house.authority.activate(
        body.text("digest"), person=body.text("person"), signature=body.text("signature")
    )
    workflow = signed.boundary.workflow.name
    return Said(
        {
            "workflow": workflow,
            "digest": signed.boundary.digest,
            "version": signed.version.number,
            "state": signed.version.state.value,
            "change": signed.version.statement.change.value,
            "missing": _missing(signed.missing, signed.version),
            "counts_from_us": signed.counts_from_us,
        }
    )


async def set_aside(asked: Ask) -> Said:
    """Send a version back that waits, or withdraw it."""
    body = asked.body
    version = await asked.house.aside.put(
        body.text("workflow"),
        body.whole("version"),
        body.text("how"),
        because=body.text("because"),
        by=body.signed(),
    )
    return Said(
        {
            "workflow": version.statement.workflow,
            "version": version.number,
            "state": version.state.value,
        }
    )


async def history(asked: Ask) -> Said:
    """Show every version of a workflow's boundary that was signed, the newest first."""
    workflow, house = asked.path["workflow"], asked.house
    found = await house.authority.history(workflow)
    if not found:
        raise NotFoundError(
            f"no boundary of `{workflow[:80]}` was ever signed",
            fix="sign one with `sallyport boundary sign`",
        )
    baseline, on = await house.baselines.number(workflow), workflow in _on(house)
    boundaries = {version.digest: boundary for version, boundary in found}
    shown: list[Json] = [
        {
            **_version(house, version),
            **_changed(boundary, boundaries.get(version.statement.against), version),
            "baseline": version.number == baseline,
        }
        for version, boundary in reversed(found)
    ]
    return Said({"workflow": workflow, "versions": shown, "baseline_on": on})


async def boundaries(asked: Ask) -> Said:
    """Show every boundary in force, in plain words, and the versions that wait."""
    house = asked.house
    registry = house.gateway.registry
    active = [registry.boundaries[digest] for _, digest in sorted(registry.active.items())]
    waiting = await house.authority.pending()
    return Said(
        {
            "active": [shapes.boundary(one) for one in active],
            "pending": [_version(house, version) for version in waiting],
            "baselines": list[Json](sorted(registry.baselines)),
        }
    )


async def mark(asked: Ask) -> Said:
    """Mark a version as the baseline of its workflow."""
    body = asked.body
    workflow = body.text("workflow")
    version = await asked.house.baselines.mark(
        workflow, body.whole("version"), signed=body.signed()
    )
    return Said(_baseline(asked.house, workflow, version.digest, version.number))


async def switch_on(asked: Ask) -> Said:
    """Hold a workflow to its baseline as well, from this moment."""
    body, house = asked.body, asked.house
    workflow = body.text("workflow")
    digest = await house.baselines.on(workflow, because=body.text("because"), by=body.text("by"))
    return Said(_baseline(house, workflow, digest, await house.baselines.number(workflow)))


async def switch_off(asked: Ask) -> Said:
    """Hold a workflow to its baseline no more."""
    body, house = asked.body, asked.house
    workflow = body.text("workflow")
    await house.baselines.off(workflow, because=body.text("because"), signed=body.signed())
    return Said(_baseline(house, workflow, "", await house.baselines.number(workflow)))


def _proposed(house: House, proposed: Proposed) -> JsonObject:
    name, digest = proposed.boundary.workflow.name, proposed.boundary.digest
    active = house.gateway.registry.boundary_of(name)
    changes = diff(active, proposed.boundary) if active else ()
    gates = hard_gates(proposed.boundary, today=today(house.gateway.evidence.now_us()))
    pending = proposed.pending
    return {
        "digest": digest,
        "workflow": name,
        "plain": proposed.plain,
        "replaces": active.digest if active else "",
        "changes": [dict[str, Json](one.as_json()) for one in changes],
        "changes_in_words": in_words(changes),
        "problems": [dict[str, Json](one.as_dict()) for one in proposed.problems],
        "gates": [dict[str, Json](one.as_json()) for one in gates],
        "gates_in_words": list[Json](map(str, gates)),
        "change": proposed.said.change.value,
        "proof": proposed.judged.as_json(),
        "needs": list[Json](_needs(proposed.needs)),
        "signed_by": list[Json](one.person for one in pending.signatures) if pending else [],
        "sign": proposed.said.as_json(),
    }


def _version(house: House, version: Version) -> JsonObject:
    pending = version.state is State.PENDING
    return {
        "workflow": version.statement.workflow,
        "version": version.number,
        "digest": version.digest,
        "state": version.state.value,
        "author": version.author,
        "because": version.statement.because,
        "against": version.statement.against,
        "change": version.statement.change.value,
        "proof": version.proof,
        "signatures": [
            {"person": one.person, "at_us": one.at_us, "signature": one.signature}
            for one in version.signatures
        ],
        "signed_us": version.proposed_us,
        "from_us": version.from_us,
        "ended_us": version.ended_us,
        "reverts": version.reverts,
        "missing": _missing(house.authority.missing(version) if pending else None, version),
        "sign": version.statement.as_json() if pending else None,
    }


def _changed(boundary: Boundary | None, before: Boundary | None, version: Version) -> JsonObject:
    """Return what a version changed, in plain words; null where this release cannot compile both.

    A version that waits is told in full, so that whoever signs it can read it.
    """
    words = None if version.statement.against else ""
    if boundary is None:
        return {"changes_in_words": words, "plain": None}
    return {
        "changes_in_words": in_words(diff(before, boundary)) if before is not None else words,
        "plain": explain(boundary) if version.state is State.PENDING else None,
    }


def _needs(whose: Sequence[Missing]) -> list[str]:
    said = {
        Missing.OWNER: f"an owner ({_roles(OWNERS)})",
        Missing.SECOND: f"a second person ({_roles(SECONDS)})",
    }
    return [said[one] for one in whose]


def _missing(whose: Missing | None, version: Version) -> list[Json]:
    """Return what is missing, as a sentence that says who can give it and how."""
    if whose is None:
        return []
    (who,) = _needs((whose,))
    name = version.statement.workflow
    return [f"{who} has to sign it too: `sallyport boundary sign {name} --as NAME`"]


def _roles(roles: frozenset[str]) -> str:
    *others, last = sorted(roles)
    return f"{', '.join(others)} or {last}"


def _baseline(house: House, workflow: str, digest: str, number: int) -> JsonObject:
    on = workflow in _on(house)
    return {"workflow": workflow, "version": number, "digest": digest, "on": on}


def _on(house: House) -> frozenset[str]:
    return frozenset(house.gateway.registry.baselines)
