"""A gateway with an audit hook on sockets and processes: who opened what, by the code's own stack.

Run as a script with a home folder, the desk's address and its credential; prints JSON.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from sallyport.adapters.keys.people import PersonKey
from sallyport.demo import story
from sallyport.doors.app import opened
from sallyport.doors.settings import Settings
from sallyport.flow.house import House
from sallyport.flow.tasks import Opening

WATCHED = frozenset({"socket.connect", "socket.sendto", "subprocess.Popen", "os.posix_spawn"})
LEAD = "lena"


def stack() -> list[str]:
    """Return the modules on the stack, innermost first."""
    frame: FrameType | None = inspect.currentframe()
    modules: list[str] = []
    while frame is not None:
        modules.append(str(frame.f_globals.get("__name__", "")))
        frame = frame.f_back
    return modules


async def govern(home: Path, url: str, credential: str) -> list[str]:
    """Set a gateway up and make calls of every kind; return how they ended."""
    async with opened(Settings(home=home, team="one", cool_off_s=0)) as house:
        await _set_up(house, url, credential)
        token = await house.tasks.make_token("opener", workflow=story.WORKFLOW, by=LEAD)
        endings: list[str] = []
        for errand in story.QUEUE[:3]:
            opening = Opening(workflow=story.WORKFLOW, requester=LEAD, inputs=dict(errand.inputs))
            task = (await house.tasks.open(house.tasks.bearer(token), opening)).task
            ticket = {"ticket_id": errand.ticket_id}
            for tool, args in (
                ("tickets.get", ticket),
                ("tickets.update", {**ticket, "status": "pending"}),
                ("crm.export_contacts", {}),
            ):
                ended = await house.call(task, tool, dict(args), channel="test", hold_ms=0)
                endings.append(ended.ending.value)
        return endings


async def _set_up(house: House, url: str, credential: str) -> None:
    key = PersonKey.generate()
    roles = ("administrator", "owner", "support_agent", "support_lead")
    await house.people.enrol(LEAD, roles, key.public_key, by=None)
    await house.people.add_agent(
        "support-bot", owner=LEAD, purpose="be tested", contact=LEAD, by=LEAD
    )
    await house.secrets.put(story.CREDENTIAL, credential, evidence=house.gateway.evidence, by=LEAD)
    files = story.demo_files()
    workflow = (files / "workflows" / f"{story.WORKFLOW}.yaml").read_text(encoding="utf-8")
    system = (files / "systems" / "desk.yaml").read_text(encoding="utf-8")
    system = system.replace("http://127.0.0.1:8787/mcp", url)
    proposed = await house.authority.propose(workflow, "w.yaml", {"desk.yaml": system})
    signature = key.sign(proposed.statement)
    await house.authority.activate(proposed.boundary.digest, person=LEAD, signature=signature)


def main() -> None:
    """Run the audited gateway."""
    seen: list[dict[str, Any]] = []

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event in WATCHED:
            where = str(args[1]) if event.startswith("socket.") else str(args[0])
            seen.append({"event": event, "where": where, "stack": stack()})

    sys.addaudithook(hook)
    home, url, credential = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    endings = asyncio.run(govern(home, url, credential))
    sys.stdout.write(json.dumps({"endings": endings, "seen": seen}))


if __name__ == "__main__":
    main()
