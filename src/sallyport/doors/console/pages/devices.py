"""On which of one's devices one is told: added in the browser that it is, removed anywhere."""

from __future__ import annotations

from sallyport.adapters.keys.browsers import public_push_key
from sallyport.doors.console.page import Visit
from sallyport.errors import ConflictError, NotFoundError
from sallyport.model import Json, JsonObject
from sallyport.rules.channels import VAPID, Push


def shown(visit: Visit) -> JsonObject | None:
    """Return what the page shows of devices; None where nobody is told on one."""
    if _way(visit) is None:
        return None
    own = visit.house.devices.of((visit.person.name,))
    return {
        "key": _key(visit),
        "own": list[Json](
            [{"id": one.id, "label": one.label, "made_us": one.made_us} for one in own]
        ),
    }


async def add(visit: Visit) -> JsonObject:
    """Tell the one who is signed in on the browser that they sit at."""
    way = _way(visit)
    if way is None:
        raise NotFoundError(
            "nobody is told on devices here", fix="have an operator add a channel of kind `push`"
        )
    person, house = visit.person.name, visit.house
    device = await house.devices.add(person, visit.form, way.services)
    house.background.spawn(house.notices.welcome(person, device.id))
    return {"to": "/people"}


async def remove(visit: Visit) -> JsonObject:
    """Tell the one who is signed in no longer on one of their devices."""
    await visit.house.devices.remove(visit.person.name, str(visit.form.get("device", "")))
    return {"to": "/people"}


def _way(visit: Visit) -> Push | None:
    ways = (one.way for one in visit.settings.notify.channels)
    return next((one for one in ways if isinstance(one, Push)), None)


def _key(visit: Visit) -> str:
    """Return the key that browsers know this gateway by.

    Raises:
        NotFoundError: There is none; the next start makes one.
        ConflictError: What is kept is no key.
    """
    try:
        return public_push_key(visit.house.secrets.get(VAPID))
    except ValueError as error:
        raise ConflictError(
            f"the secret `{VAPID}` is not a key on P-256", fix="store one, or have it made anew"
        ) from error
