"""Who joins and who leaves: an administrator adds people, invites them and switches them off.

Each of these is signed by the administrator's passkey and is what `sallyport admin people` does.
"""

from __future__ import annotations

import re
from typing import Final

from sallyport.doors.console import signing
from sallyport.doors.console.page import Visit
from sallyport.errors import BadInputError, ConflictError
from sallyport.model import Json, JsonObject, Person
from sallyport.rules.roles import may

RIGHT: Final = "people.change"
ENROL: Final = "enrol"
INVITE: Final = "invite"
DEACTIVATE: Final = "deactivate"
PEOPLE: Final = "/people"
_ROLE = re.compile(r"[a-z][a-z0-9_.-]{0,79}")


def may_change(visit: Visit) -> bool:
    """Return whether the one who looks may change who is here, with what they have to sign with."""
    return may(visit.person.roles, RIGHT) and bool(visit.person.passkeys)


def may_be_invited(person: Person) -> bool:
    """Return whether somebody has no way in yet, so that a link puts nobody in their place."""
    return person.active and not person.keys and not person.identity


async def begin_enrol(visit: Visit) -> JsonObject:
    """Return what is signed to add somebody, or to give somebody who is here other roles."""
    name = signing.text(visit, "name").strip()
    roles = sorted(set(re.split(r"[,\s]+", signing.text(visit, "roles").strip())))
    wrong = next((one for one in roles if not _ROLE.fullmatch(one)), None)
    if wrong is not None:
        raise BadInputError(
            f"`{wrong[:80]}` is no name of a role", fix="write roles as they stand below"
        )
    known = visit.house.gateway.registry.people.get(name)
    own_key = known.public_key if known is not None and known.active else ""
    details: JsonObject = {"name": name, "roles": list[Json](roles), "public_key": own_key}
    return signing.begin_verb(visit, ENROL, details)


async def enrol(visit: Visit) -> JsonObject:
    """Add somebody, or give them other roles, on the signature."""
    details, signed = signing.finish_verb(visit, ENROL)
    roles = details["roles"]
    await visit.house.people.enrol(
        str(details["name"]),
        [str(one) for one in roles] if isinstance(roles, list) else [],
        str(details["public_key"]),
        by=signed,
    )
    return {"to": PEOPLE}


async def begin_invite(visit: Visit) -> JsonObject:
    """Return what is signed to make somebody's first way in."""
    return signing.begin_verb(visit, INVITE, {"name": signing.text(visit, "name")})


async def invite(visit: Visit) -> JsonObject:
    """Return where somebody makes their first passkey: once, within a day."""
    details, signed = signing.finish_verb(visit, INVITE)
    secret = await visit.house.regain.invite(str(details["name"]), by=signed)
    return {"link": f"/enter/{secret}"}


async def begin_deactivate(visit: Visit) -> JsonObject:
    """Return what is signed to switch somebody off."""
    name = signing.text(visit, "name")
    if name == visit.person.name:
        raise ConflictError("you would switch yourself off", fix="have another administrator do it")
    return signing.begin_verb(visit, DEACTIVATE, {"name": name})


async def deactivate(visit: Visit) -> JsonObject:
    """Switch somebody off: what they sign counts no more, and their sessions are over."""
    details, signed = signing.finish_verb(visit, DEACTIVATE)
    kept = await visit.house.people.deactivate(str(details["name"]), by=signed)
    await visit.house.sessions.end_all(kept.name)
    return {"to": PEOPLE}
