"""Going past the reviewers: asked for by one, signed by a second, ended, looked at by a third."""

from __future__ import annotations

from sallyport.doors.api import undoing
from sallyport.doors.console import about, seen, signing
from sallyport.doors.console.page import Page, Visit
from sallyport.doors.console.words import say
from sallyport.errors import BadInputError
from sallyport.model import BreakGlass, GlassState, Json, JsonObject
from sallyport.rules import break_glass
from sallyport.rules.break_glass import ASK, MAY, REVIEW, SECOND
from sallyport.rules.roles import may

MINUTES = (15, 30, 60, 120, 240)
MINUTE_S = 60
DIGITS_MAX = 4


async def show(visit: Visit) -> Page:
    """Return the page of one, with every call that went ahead under it."""
    glass = await visit.house.glasses.get(visit.path["id"])
    whole = await undoing.whole_of(visit.house, glass)
    view: JsonObject = {
        **whole,
        "calls": [await _call(visit, one) for one in await visit.house.glasses.calls(glass.id)],
        "title": title(glass),
        "may": _may(visit, glass),
        "found_words": dict[str, Json](break_glass.FOUND),
        "now_us": visit.now_us,
    }
    await seen.note(visit, "break-glass", view)
    crumbs = (("/controls", say("nav.controls")),)
    return Page(template="glass", title=title(glass), at="controls", view=view, crumbs=crumbs)


async def section(visit: Visit) -> JsonObject:
    """Return what Controls shows of it."""
    glasses = visit.house.glasses
    alone = visit.house.people.lone()
    return {
        "open": [line(one) for one in await glasses.open()],
        "scopes": list[Json](glasses.scopes()),
        "minutes": list[Json](MINUTES),
        "may_ask": not alone and may(visit.person.roles, MAY[ASK]) and bool(visit.person.passkeys),
        "alone": alone,
    }


async def waiting(visit: Visit) -> list[JsonObject]:
    """Return what waits for the one who looks: to be signed second, or to be looked at after."""
    return [line(one) for one in await visit.house.glasses.open() if _waits(visit, one)]


def line(glass: BreakGlass) -> JsonObject:
    """Return one line of it."""
    return {
        "id": glass.id,
        "href": f"/break-glass/{glass.id}",
        "state": glass.state.value,
        "scope": glass.scope,
        "because": glass.because,
        "by": glass.asked.person,
        "second": glass.second.person if glass.second else "",
        "ends_us": glass.ends_us,
        "title": title(glass),
    }


def title(glass: BreakGlass) -> str:
    """Return the sentence that says how one stands."""
    return say(f"glass.title.{glass.state.value}", scope=glass.scope)


# --- Acts. ---


async def begin_ask(visit: Visit) -> JsonObject:
    """Return what the first signs."""
    minutes = signing.text(visit, "minutes")
    if not (minutes.isascii() and minutes.isdecimal() and len(minutes) <= DIGITS_MAX):
        raise BadInputError("this is no time", fix="use the page's own buttons")
    scope, because = signing.text(visit, "scope"), signing.text(visit, "because")
    details = break_glass.asked(scope, because, int(minutes) * MINUTE_S)
    return signing.begin_verb(visit, ASK, details)


async def ask(visit: Visit) -> JsonObject:
    """Ask for it, on a signature; nothing changes yet."""
    details, signed = signing.finish_verb(visit, ASK)
    lasts_s = details["lasts_s"]
    glass = await visit.house.glasses.ask(
        str(details["scope"]),
        str(details["because"]),
        lasts_s if isinstance(lasts_s, int) else 0,
        signed,
    )
    return {"to": f"/break-glass/{glass.id}"}


async def begin_second(visit: Visit) -> JsonObject:
    """Return what the second signs."""
    glass = await visit.house.glasses.get(visit.path["id"])
    break_glass.admit_second(glass, visit.person, "", visit.now_us)
    return signing.begin_verb(visit, SECOND, break_glass.seconded(glass))


async def second(visit: Visit) -> JsonObject:
    """Put it in force, on the second signature."""
    details, signed = signing.finish_verb(visit, SECOND)
    glass = await visit.house.glasses.second(str(details["glass"]), signed)
    return {"to": f"/break-glass/{glass.id}"}


async def end(visit: Visit) -> JsonObject:
    """End it, or say no to it, at once; it asks for no signature."""
    glass = await visit.house.glasses.end(visit.path["id"], by=visit.person.name)
    return {"to": f"/break-glass/{glass.id}"}


async def begin_review(visit: Visit) -> JsonObject:
    """Return what the third signs: what was found in just these calls."""
    glass = await visit.house.glasses.get(visit.path["id"])
    break_glass.admit_review(glass, visit.person)
    calls = await visit.house.glasses.calls(glass.id)
    found, words = signing.text(visit, "found"), signing.text(visit, "words")
    return signing.begin_verb(visit, REVIEW, break_glass.reviewed(glass, calls, found, words))


async def review(visit: Visit) -> JsonObject:
    """Say what was found, on the third signature."""
    details, signed = signing.finish_verb(visit, REVIEW)
    glass = await visit.house.glasses.review(
        str(details["glass"]), str(details["found"]), str(details["words"]), signed
    )
    return {"to": f"/break-glass/{glass.id}"}


# --- What is shown. ---


def _waits(visit: Visit, glass: BreakGlass) -> bool:
    allowed = _may(visit, glass)
    return bool(allowed["second"] or allowed["review"])


def _may(visit: Visit, glass: BreakGlass) -> JsonObject:
    """Return what the one who looks may do about it."""
    person, running = visit.person, {GlassState.ASKED, GlassState.IN_FORCE}
    other = glass.state is GlassState.ASKED and person.name != glass.asked.person
    return {
        "second": other and person.can_sign and may(person.roles, MAY[SECOND]),
        "end": glass.state in running and may(person.roles, "floor.set"),
        "review": break_glass.may_review(glass, person),
        "passkey": bool(person.passkeys),
    }


async def _call(visit: Visit, call_id: str) -> JsonObject:
    call = await visit.house.glasses.call(call_id)
    return {
        "call": call.id,
        "href": f"/calls/{call.id}",
        "sentence": about.sentence_of(visit, call),
        "agent": call.agent,
        "workflow": call.workflow,
        "requester": call.requester,
        "ending": call.action.value if call.action else call.ending.value,
        "at_us": call.proposed_us,
    }
