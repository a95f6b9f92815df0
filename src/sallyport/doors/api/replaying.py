"""What the ledger holds, decided again. Nothing here changes anything."""

from __future__ import annotations

from sallyport.doors.api.wire import Asked, Said
from sallyport.flow.replaying import Replaying
from sallyport.flow.sources import ROLES
from sallyport.rules import VERSION
from sallyport.rules.boundary.compile import compile_boundary
from sallyport.rules.boundary.load import load_system, load_workflow


async def exactly(asked: Asked[None]) -> Said:
    """Decide every logged call again under what it was decided under."""
    found = await _replaying(asked).exactly(asked.query.whole("since_us"))
    return Said(found.as_json())


async def under(asked: Asked[None]) -> Said:
    """Say what a workflow file would have said to the logged calls of its workflow."""
    body = asked.body
    workflow = load_workflow(body.text("workflow"), body.text("file"))
    systems = [load_system(text, file) for file, text in body.texts_by_name("systems").items()]
    boundary = compile_boundary(
        workflow, {one.name: one for one in systems}, (), code_version=VERSION, roles=ROLES
    )
    found = await _replaying(asked).under(boundary, body.whole("since_us"))
    return Said(found.as_json())


def _replaying(asked: Asked[None]) -> Replaying:
    house = asked.house
    return Replaying(house.gateway, house.reading, house.authority)
