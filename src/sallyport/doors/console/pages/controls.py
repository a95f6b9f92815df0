"""Controls: stop what runs, or make it stricter; lifting is signed. Nothing loosens a boundary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sallyport.doors.api import lists, shapes
from sallyport.doors.console import signing
from sallyport.doors.console.page import Page, Visit
from sallyport.doors.console.pages import glasses
from sallyport.doors.console.words import say
from sallyport.errors import BadInputError
from sallyport.model import Json, JsonObject, Switch, Verdict
from sallyport.rules.roles import may

LIFT = "floor.lift"
BECAUSE_MAX = 4000


async def show(visit: Visit) -> Page:
    """Return every scope with the floor that is set for it, and what is on the wire."""
    house = visit.house
    switches = list(house.gateway.registry.switches.values())
    files = house.gateway.outside.stop_file.scopes()
    rows: list[Json] = [_row(scope, kind, switches, files) for scope, kind in scopes(visit)]
    out: list[Json] = [shapes.on_wire(one) for one in house.gateway.dispatcher.on_wire()]
    view: JsonObject = {
        "scopes": rows,
        "on_wire": out,
        "grants": [lists.in_force(one) for one in await house.inbox.grants()],
        "stop_file": list[Json](files),
        "broken": house.gateway.registry.broken,
        "glass": await glasses.section(visit),
        "may_lift": may(visit.person.roles, LIFT) and bool(visit.person.passkeys),
        "now_us": visit.now_us,
    }
    return Page(template="controls", title=say("nav.controls"), at="controls", view=view)


async def set_floor(visit: Visit) -> JsonObject:
    """Set a floor, at once; the strictest one is a stop. It asks for no signature."""
    scope, verdict = _text(visit, "scope"), _text(visit, "verdict")
    because = _text(visit, "because") or say("controls.no_reason")
    if verdict not in {"ask", "draft", "refuse"}:
        raise BadInputError("this is no floor", fix="use ask, draft or refuse")
    effect = await visit.house.controls.set(
        scope, Verdict[verdict.upper()], because=because, by=visit.person.name
    )
    return {"to": "/controls", "on_wire": [shapes.on_wire(one) for one in effect.on_wire]}


async def begin_lift(visit: Visit) -> JsonObject:
    """Return what the one who is signed in signs to lift what is set for a scope."""
    return signing.begin_verb(visit, "resume", _lifting(visit))


async def lift(visit: Visit) -> JsonObject:
    """Lift what is set for a scope, on a signature."""
    details, signed = signing.finish_verb(visit, "resume")
    who = visit.house.people.verify("resume", details, signed, right=LIFT)
    await visit.house.controls.resume(
        str(details["scope"]), because=str(details["because"]), by=who.name
    )
    return {"to": "/controls"}


def scopes(visit: Visit) -> Iterator[tuple[str, str]]:
    """Yield every scope that can be stopped by itself, and what it is."""
    registry = visit.house.gateway.registry
    active = [registry.boundaries[one] for one in registry.active.values()]
    yield "everything", "everything"
    for boundary in sorted(active, key=lambda one: one.workflow.name):
        yield f"workflow:{boundary.workflow.name}", "workflow"
    for agent in sorted(registry.agents):
        yield f"agent:{agent}", "agent"
    for system in sorted({name for one in active for name in one.systems}):
        yield f"system:{system}", "system"
    for tool in sorted({name for one in active for name in one.workflow.tools}):
        yield f"tool:{tool}", "tool"


def _row(scope: str, kind: str, switches: Sequence[Switch], files: Sequence[str]) -> JsonObject:
    mine = [one for one in switches if one.scope == scope]
    by_file = scope in files
    worst = max([one.verdict for one in mine], default=Verdict.ALLOW)
    return {
        "scope": scope,
        "name": scope.partition(":")[2] or scope,
        "kind": kind,
        "verdict": "refuse" if by_file else worst.name.lower(),
        "by_file": by_file,
        "switches": [shapes.switch(one) for one in mine],
    }


def _lifting(visit: Visit) -> JsonObject:
    scope, because = _text(visit, "scope"), _text(visit, "because")
    if not because.strip():
        raise BadInputError("no reason was given", fix="say why; it is kept")
    return {"scope": scope, "because": because}


def _text(visit: Visit, name: str) -> str:
    value = visit.form.get(name, "")
    if not isinstance(value, str) or len(value) > BECAUSE_MAX:
        raise BadInputError(f"`{name}` is no text", fix="use the page's own buttons")
    return value
