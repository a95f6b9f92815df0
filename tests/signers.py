"""People who put boundaries in force together: an owner, and whoever has to sign besides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sallyport.adapters.keys import PersonKey
from sallyport.doors.client import LocalClient
from sallyport.flow.authority import Signed
from sallyport.flow.house import House
from sallyport.flow.proposing import Proposed
from sallyport.flow.versions import State
from sallyport.rules.boundary.problems import Severity
from sallyport.rules.boundary.signing import activation


async def sign_off(house: House, proposed: Proposed, keys: Mapping[str, PersonKey]) -> Signed:
    """Have people sign what was proposed, in this order, until it is in force.

    Returns:
        What the last signature did. It may be pending still where they were too few.
    """
    wrong = [str(p) for p in proposed.problems if p.severity is Severity.ERROR]
    assert not wrong, "\n".join(wrong)
    digest = proposed.boundary.digest
    done: Signed | None = None
    for person, key in keys.items():
        signature = key.sign(proposed.statement)
        done = await house.authority.activate(digest, person=person, signature=signature)
        if done.version.state is State.ACTIVE:
            break
    assert done is not None
    return done


def sign_off_at(
    client: LocalClient, proposed: Mapping[str, Any], keys: Mapping[str, PersonKey]
) -> dict[str, Any]:
    """Have people sign at the people's door what was proposed there, until it is in force."""
    assert [p for p in proposed["problems"] if p["severity"] == "error"] == []
    done: dict[str, Any] = {}
    for person, key in keys.items():
        signature = key.sign(activation(**proposed["sign"]))
        done = client.activate(proposed["digest"], person=person, signature=signature)
        if done["state"] == "active":
            break
    return done
