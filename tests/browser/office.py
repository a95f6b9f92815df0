"""Several people in front of one console: each a browser window with a passkey of their own."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import anyio
from playwright.async_api import Browser

from sallyport.flow.sources import sources_of
from sallyport.flow.tasks import Opening
from sallyport.model import Person
from tests.browser.console import Desk, window
from tests.integration.mcp.house_fixture import (
    AGENT,
    LENA,
    MARA,
    WORKFLOW,
    Kit,
    demo_workflow,
    raw_client,
    ticket,
)
from tests.signers import sign_off

WITHIN_S = 30
LEAD = frozenset({"support_lead"})


@dataclass(kw_only=True)
class Office:
    """A console that is served, and the windows on it."""

    kit: Kit
    chrome: Browser
    url: str
    windows: AsyncExitStack
    desks: list[Desk] = field(default_factory=list[Desk])

    async def seat(self, name: str = LENA, roles: frozenset[str] = LEAD) -> Desk:
        """Return somebody's window, signed in, with a passkey; whoever is unknown joins."""
        known = self.kit.house.gateway.registry.people.get(name)
        if known is None:
            await self.kit.house.people.keep(Person(name=name, roles=roles), "a test")
        desk = await self.window()
        await desk.arrive(name)
        return desk

    async def window(self) -> Desk:
        """Return a window that nobody has signed in at."""
        opened = window(self.kit, self.chrome, self.url)
        desk = await self.windows.enter_async_context(opened)
        self.desks.append(desk)
        return desk

    def complaints(self) -> list[str]:
        """Return all that the browsers complained of."""
        return [line for desk in self.desks for line in desk.complaints]

    async def ask(self, refund: int = 120, requester: str = MARA) -> str:
        """Have the agent propose a refund that asks; return the question's id."""
        async with raw_client(self.kit, await self._task_for(requester)) as client:
            await client.begin()
            args = {"ticket_id": "T-4711", "status": "pending", "refund": refund}
            await client.call("tickets.update", **args)
        with anyio.fail_after(WITHIN_S):
            approval = (await self.kit.question()).approval
        assert approval is not None
        return approval.id

    async def _task_for(self, requester: str) -> str:
        tasks = self.kit.house.tasks
        opener = await tasks.make_token("opener", agent=AGENT, workflow=WORKFLOW, by=LENA)
        opening = Opening(workflow=WORKFLOW, requester=requester, inputs=ticket(), lasts_s=36_000)
        return (await tasks.open(tasks.bearer(opener), opening)).token

    async def require_two(self) -> None:
        """Put a version in force under which a refund needs two people."""
        await self.resign("within: 4h", "within: 4h\n        how_many: 2")

    async def resign(self, before: str, after: str) -> None:
        """Put a version of the boundary in force in which some of its text is different."""
        text = demo_workflow()
        assert before in text
        house = self.kit.house
        stored = await house.gateway.outside.store.rows("boundaries", {"workflow": WORKFLOW})
        systems = sources_of(stored[0]).systems
        proposed = await house.authority.propose(text.replace(before, after), "w.yaml", systems)
        await sign_off(house, proposed, {LENA: self.kit.key})
