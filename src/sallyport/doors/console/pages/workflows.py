"""What agents may do, in plain words; the version that waits, with its proof; and the history."""

from __future__ import annotations

from collections.abc import Sequence

from sallyport.doors.console import signing
from sallyport.doors.console.page import Page, Visit
from sallyport.doors.console.words import say
from sallyport.errors import BadInputError, ConflictError, NotFoundError
from sallyport.flow import aside
from sallyport.flow.proposing import Proposed
from sallyport.flow.versions import State, Version
from sallyport.model import Boundary, Json, JsonObject
from sallyport.rules.boundary.diff import Place, diff
from sallyport.rules.boundary.gates import hard_gates
from sallyport.rules.boundary.problems import Severity
from sallyport.rules.boundary.signing import OWNERS, SECONDS, Missing, may_sign
from sallyport.rules.roles import may
from sallyport.rules.telling.plain import plain
from sallyport.rules.times import today

SIGN = "activate"
NUMBER_DIGITS = 9


async def show_all(visit: Visit) -> Page:
    """Return every workflow that is in force or waits for its first signature."""
    registry = visit.house.gateway.registry
    waiting = await visit.house.authority.pending()
    names = sorted({*registry.active, *(one.statement.workflow for one in waiting)})
    listed: list[Json] = [
        _brief(name, registry.boundary_of(name), [v for v in waiting if _of(v, name)])
        for name in names
    ]
    view: JsonObject = {"workflows": listed}
    return Page(template="workflows", title=say("nav.workflows"), at="workflows", view=view)


async def show(visit: Visit) -> Page:
    """Return one workflow: what it permits now, what would change, and what was before."""
    name = visit.path["name"]
    versions = await visit.house.authority.history(name)
    proposed = visit.house.authority.proposed(workflow=name)
    active = visit.house.gateway.registry.boundary_of(name)
    if not versions and not proposed:
        raise NotFoundError(
            f"no workflow has the name `{name[:80]}`", fix="choose one under Workflows"
        )
    found = active or next((one for _, one in reversed(versions) if one), None)
    waiting = [_waits(visit, version, boundary) for version, boundary in versions if _open(version)]
    signed = {version.digest for version, _ in versions if _open(version)}
    fresh = [_unsigned(visit, one) for one in proposed if one.boundary.digest not in signed]
    view: JsonObject = {
        "name": name,
        **(_facts(found) if found else {}),
        "in_force": active is not None,
        "version": next((v.number for v, _ in versions if v.state is State.ACTIVE), 0),
        "signers": _signers(versions),
        "plain": plain(found).as_json() if found else None,
        "waiting": list[Json]([*waiting, *fresh]),
        "history": [_past(version) for version, _ in reversed(versions)],
        "may_propose": may(visit.person.roles, "boundary.sign"),
        "unasked": await _unasked(visit, name),
    }
    crumbs = (("/workflows", say("nav.workflows")),)
    return Page(template="workflow", title=name, at="workflows", view=view, crumbs=crumbs)


# --- Acts. ---


async def propose_again(visit: Visit) -> JsonObject:
    """Propose an earlier version once more: a change like any other, that nobody signed yet."""
    number = signing.text(visit, "version")
    if not (number.isascii() and number.isdecimal() and len(number) <= NUMBER_DIGITS):
        raise BadInputError("this is no version", fix="use the page's own buttons")
    name = visit.path["name"]
    because = signing.text(visit, "because")
    proposed = await visit.house.authority.revert(name, int(number), because=because)
    return {"to": f"/workflows/{name}", "digest": proposed.boundary.digest}


async def stop_asking(visit: Visit) -> JsonObject:
    """Propose the version in which a gate no longer asks what was always approved at it."""
    name = visit.path["name"]
    proposed = await visit.house.stop_asking.propose(
        name, signing.text(visit, "tool"), signing.text(visit, "entry")
    )
    return {"to": f"/workflows/{name}", "digest": proposed.boundary.digest}


async def begin_sign(visit: Visit) -> JsonObject:
    """Return what is signed to put a version in force."""
    proposed = await _proposed(visit, signing.text(visit, "digest"))
    if problem := _problems(proposed):
        raise BadInputError(problem[0], fix="change the file, and propose it again")
    data: JsonObject = {"digest": proposed.boundary.digest}
    return signing.begin(visit, SIGN, proposed.statement, data)


async def sign(visit: Visit) -> JsonObject:
    """Add a signature to a version; it counts once there are enough."""
    data, signature = signing.finish(visit, SIGN)
    signed = await visit.house.authority.activate(
        str(data["digest"]), person=visit.person.name, signature=signature
    )
    return {"to": f"/workflows/{visit.path['name']}", "counts_from_us": signed.counts_from_us}


async def begin_aside(visit: Visit) -> JsonObject:
    """Return what is signed to send a version back that waits, or to withdraw it."""
    number = signing.text(visit, "version")
    if not (number.isascii() and number.isdecimal() and len(number) <= NUMBER_DIGITS):
        raise BadInputError("this is no version", fix="use the page's own buttons")
    how, because = signing.text(visit, "how"), signing.text(visit, "because")
    said = aside.details(visit.path["name"], int(number), how, because)
    return signing.begin_verb(visit, aside.VERB, said)


async def set_aside(visit: Visit) -> JsonObject:
    """Put a version aside, as was signed."""
    said, signed = signing.finish_verb(visit, aside.VERB)
    name, number = visit.path["name"], said.get("version")
    if said.get("workflow") != name or not isinstance(number, int):
        raise ConflictError("this was signed for another version", fix="begin again")
    await visit.house.aside.put(
        name, number, str(said["how"]), because=str(said["because"]), by=signed
    )
    return {"to": f"/workflows/{name}"}


async def _proposed(visit: Visit, digest: str) -> Proposed:
    """Return the proposal of a digest; one that waits over a restart is proposed once more.

    So its tools are looked at as they are now: what changed meanwhile is another version.
    """
    name, authority = visit.path["name"], visit.house.authority
    for one in authority.proposed(digest=digest):
        if one.said.workflow == name:
            return one
    for version, _ in await authority.history(name):
        if version.digest == digest and _open(version):
            again = await authority.revert(name, version.number, because=version.statement.because)
            if again.said == version.statement:
                return again
            raise ConflictError(
                "its tools are offered otherwise than when it was proposed",
                fix="propose it again, and read what changed",
            )
    raise NotFoundError("nothing waits for a signature here", fix="read this page again")


# --- What is shown. ---


def _brief(name: str, boundary: Boundary | None, waiting: Sequence[Version]) -> JsonObject:
    return {
        "name": name,
        "in_force": boundary is not None,
        **({"purpose": "", "agent": "", "owner": ""} if boundary is None else _facts(boundary)),
        "waiting": [version.number for version in waiting],
    }


async def _unasked(visit: Visit, name: str) -> list[Json]:
    """Return the gates that were always passed, to whom may propose that they ask no more."""
    if not may(visit.person.roles, "boundary.sign"):
        return []
    return [one.as_json() for one in await visit.house.stop_asking.passed(name)]


def _facts(boundary: Boundary) -> JsonObject:
    workflow = boundary.workflow
    return {
        "purpose": workflow.purpose,
        "owner": workflow.owner,
        "agent": workflow.agent,
        "ends": workflow.expires.isoformat(),
        "environment": workflow.environment.value,
        "digest": boundary.digest,
        "tools": len(workflow.tools),
        "trusts": [f"{one.path or '*'} · {one.tool}" for one in workflow.trust],
    }


def _waits(visit: Visit, version: Version, boundary: Boundary | None) -> JsonObject:
    """Return a version that somebody signed and that does not count yet."""
    missing = visit.house.authority.missing(version)
    active = visit.house.gateway.registry.active.get(version.statement.workflow, "")
    overtaken = active != version.statement.against
    known = visit.house.authority.proposed(digest=version.digest)
    problems = [say("workflow.overtaken")] if overtaken else _problems(known[0]) if known else []
    return {
        "number": version.number,
        "digest": version.digest,
        "because": version.statement.because,
        "change": version.statement.change.value,
        "at_us": version.proposed_us,
        "from_us": version.from_us,
        "signed_by": [one.person for one in version.signatures],
        **_compared(visit, version.statement.workflow, boundary),
        **_proof(version.proof),
        "problems": list[Json](problems),
        "holds": any(one.judged.own.proved for one in known),
        "missing": _missing(missing),
        **_may_sign(visit, missing, problems, [one.person for one in version.signatures]),
        **_may_set_aside(visit, version),
    }


def _may_set_aside(visit: Visit, version: Version) -> JsonObject:
    """Return which way, if any, the one who looks may put a version aside."""
    person = visit.person
    signers = {one.person for one in version.signatures}
    own = person.name in signers or bool(OWNERS.intersection(person.roles))
    signs = bool(person.passkeys)
    back = may_sign(person) and person.name != version.author
    return {"may_withdraw": signs and own, "may_send_back": signs and back}


def _unsigned(visit: Visit, proposed: Proposed) -> JsonObject:
    """Return a proposal that nobody signed; the gateway forgets it when it stops."""
    problems = _problems(proposed)
    need = proposed.needs[0] if proposed.needs else None
    return {
        "number": 0,
        "digest": proposed.boundary.digest,
        "because": proposed.said.because,
        "change": proposed.said.change.value,
        "at_us": proposed.judged.at_us,
        "from_us": 0,
        "signed_by": [],
        **_compared(visit, proposed.said.workflow, proposed.boundary),
        **_proof(proposed.judged.as_json()),
        "problems": list[Json](problems),
        "holds": proposed.judged.own.proved,
        "missing": "; ".join(map(_missing, proposed.needs)),
        **_may_sign(visit, need, problems, ()),
        "may_withdraw": False,
        "may_send_back": False,
    }


def _compared(visit: Visit, workflow: str, boundary: Boundary | None) -> JsonObject:
    active = visit.house.gateway.registry.boundary_of(workflow)
    if boundary is None:
        return {"changes": [], "readable": False, "gates": [], "promises": [], "plain": None}
    changes: Sequence[Place] = diff(active, boundary) if active else ()
    day = today(visit.now_us)
    return {
        "readable": True,
        "changes": [one.as_json() for one in changes],
        "gates": [str(one) for one in hard_gates(boundary, today=day)],
        "promises": _promises(boundary),
        "plain": None if active else plain(boundary).as_json(),
    }


def _promises(boundary: Boundary) -> list[Json]:
    found = dict(plain(boundary).sections)
    lines = found.get("What is proved of every version", ())
    return [line.strip() for line in lines]


def _proof(proof: JsonObject) -> JsonObject:
    return {
        "proof": {name: proof.get(name) for name in ("result", "solver", "ms", "formulas")},
        "unknown": proof.get("unknown") or [],
        "counterexamples": proof.get("counterexamples") or [],
    }


def _problems(proposed: Proposed) -> list[str]:
    return [one.what for one in proposed.problems if one.severity is Severity.ERROR]


def _missing(missing: Missing | None) -> str:
    match missing:
        case Missing.OWNER:
            return say("workflow.needs.owner", roles=_or(OWNERS))
        case Missing.SECOND:
            return say("workflow.needs.second", roles=_or(SECONDS))
        case None:
            return ""


def _may_sign(
    visit: Visit, missing: Missing | None, problems: Sequence[str], signed: Sequence[str]
) -> JsonObject:
    """Return whether the one who looks may sign now, and if not, why."""
    person = visit.person
    if problems:
        return {"may_sign": False, "why": problems[0]}
    if missing is None:
        return {"may_sign": False, "why": say("workflow.enough")}
    if person.name in signed:
        return {"may_sign": False, "why": say("workflow.signed.own")}
    roles = OWNERS if missing is Missing.OWNER else SECONDS
    if not person.roles & roles:
        return {"may_sign": False, "why": _missing(missing)}
    if not person.passkeys or not may_sign(person):
        return {"may_sign": False, "why": say("approval.no_passkey")}
    return {"may_sign": True, "why": ""}


def _signers(versions: Sequence[tuple[Version, Boundary | None]]) -> list[Json]:
    active = [version for version, _ in versions if version.state is State.ACTIVE]
    return [{"person": one.person, "at_us": one.at_us} for v in active for one in v.signatures]


def _past(version: Version) -> JsonObject:
    return {
        "number": version.number,
        "state": version.state.value,
        "change": version.statement.change.value,
        "because": version.statement.because,
        "author": version.author,
        "signed_by": [one.person for one in version.signatures],
        "at_us": version.proposed_us,
        "ended_us": version.ended_us,
        "reverts": version.reverts,
        "digest": version.digest,
    }


def _open(version: Version) -> bool:
    return version.state is State.PENDING


def _of(version: Version, name: str) -> bool:
    return version.statement.workflow == name


def _or(roles: frozenset[str]) -> str:
    *others, last = sorted(roles)
    return f"{', '.join(others)} or {last}"
