"""People: who is here, with which roles and keys; and one's own passkeys."""

from __future__ import annotations

import secrets

from sallyport.adapters.keys import passkeys
from sallyport.doors.console.ceremonies import to_create
from sallyport.doors.console.page import Page, Visit
from sallyport.doors.console.pages import devices, joining
from sallyport.doors.console.words import say
from sallyport.errors import BadInputError, NotPermittedError
from sallyport.model import Json, JsonObject, Person
from sallyport.rules import statements
from sallyport.rules.roles import ROLES, rights_of
from sallyport.rules.times import SECOND_US

FRESH_US = 10 * 60 * SECOND_US
"""How soon after signing in somebody may still add a passkey."""


async def show(visit: Visit) -> Page:
    """Return everybody, and the roles that there are."""
    people = visit.house.gateway.registry.people.values()
    view: JsonObject = {
        "me": visit.person.name,
        "lone": visit.house.people.lone(),
        "may_add": is_fresh(visit),
        "may_change": joining.may_change(visit),
        "passkeys": _own(visit.person),
        "devices": devices.shown(visit),
        "codes": None if visit.person.identity else len(visit.person.recovery),
        "steps": [
            {"name": one.name, "workflow": one.workflow, "active": one.active}
            for one in visit.house.gateway.registry.steps.values()
        ],
        "people": [_person(one) for one in sorted(people, key=lambda one: one.name)],
        "roles": {role: list[Json](sorted(rights)) for role, rights in sorted(ROLES.items())},
    }
    worker = view["devices"] is not None
    return Page(template="people", title=say("nav.people"), at="people", view=view, worker=worker)


async def begin_passkey(visit: Visit) -> JsonObject:
    """Return what a browser needs to make a passkey for the one who is signed in."""
    _must_be_fresh(visit)
    details: JsonObject = {"session": visit.session.id, "nonce": secrets.token_urlsafe(32)}
    now_us = visit.now_us
    statement = statements.statement("passkey", details, person=visit.person.name, at_us=now_us)
    ceremony = visit.ceremonies.begin("passkey", statement, now_us=now_us, session=visit.session.id)
    return to_create(ceremony, statement, visit.rp, visit.person)


async def add_passkey(visit: Visit) -> JsonObject:
    """Enrol the passkey that the browser has made."""
    _must_be_fresh(visit)
    credential = visit.form.get("credential")
    if not isinstance(credential, dict):
        raise BadInputError("there is no passkey", fix="use the page's own button")
    ceremony = visit.ceremonies.take(
        str(visit.form.get("ceremony")), "passkey", now_us=visit.now_us, session=visit.session.id
    )
    made = passkeys.registered(credential, message=ceremony.statement, rp=visit.rp)
    by = f"{visit.session.how} {visit.session.id}"
    await visit.house.people.add_passkey(visit.person.name, str(made), by=by)
    return {"to": "/people"}


async def remove_passkey(visit: Visit) -> JsonObject:
    """Take one of their passkeys from the one who is signed in."""
    _must_be_fresh(visit)
    named = str(visit.form.get("passkey", ""))
    await visit.house.people.remove_passkey(visit.person.name, named, by=None)
    return {"to": "/people"}


async def make_codes(visit: Visit) -> JsonObject:
    """Return ten new recovery codes, the only time that anybody sees them."""
    _must_be_fresh(visit)
    by = f"{visit.session.how} {visit.session.id}"
    codes = await visit.house.regain.make_codes(visit.person.name, by=by)
    return {"codes": list[Json](codes)}


def _own(person: Person) -> list[Json]:
    found = [passkeys.read(key) for key in person.passkeys]
    return [{"site": one.rp, "id": passkeys.to_text(one.id)} for one in found if one is not None]


def _person(one: Person) -> JsonObject:
    return {
        "name": one.name,
        "active": one.active,
        "roles": list[Json](sorted(one.roles)),
        "rights": list[Json](sorted(rights_of(one.roles))),
        "own_key": bool(one.public_key),
        "passkeys": len(one.passkeys),
        "may_be_invited": joining.may_be_invited(one),
    }


def is_fresh(visit: Visit) -> bool:
    """Return whether somebody signed in so lately that they may add or remove a passkey."""
    return visit.now_us - visit.session.begun_us < FRESH_US


def _must_be_fresh(visit: Visit) -> None:
    if not is_fresh(visit):
        raise NotPermittedError(
            "you signed in too long ago to add a passkey", fix="sign in again, then add it"
        )
