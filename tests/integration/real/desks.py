"""A workflow in front of a real server: its boundary as rendered from what the server offers."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sallyport.model import Level
from sallyport.rules.boundary.new import Answers, propose_level, render_system, render_workflow
from tests.real_gateway import OWNER, REQUESTER_ROLE, RealGateway


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A workflow, its agent's token, and the level that was proposed for each tool it declares."""

    gateway: RealGateway
    name: str
    agent: str
    token: str
    levels: Mapping[str, Level]

    @property
    def url(self) -> str:
        """Where its agent comes in."""
        return self.gateway.mcp_url(self.name)

    @property
    def writes(self) -> set[str]:
        """The tools that change something."""
        return {tool for tool, level in self.levels.items() if level >= Level.CREATE}


def furnish(
    gateway: RealGateway,
    name: str,
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    without: Collection[str] = (),
    narrowed: tuple[str, str] = ("", ""),
) -> Desk:
    """Connect a server as an owner would: look, take what is proposed, narrow it, sign it.

    Args:
        gateway: The gateway.
        name: Of system, workflow and, with `-bot`, agent.
        command: What starts the server.
        environment: What the server sees.
        without: Tools of the server that the boundary does not declare.
        narrowed: A piece of the proposed workflow, and what the owner writes in its place.
    """
    system = render_system(name, command=command, environment=environment)
    offered = gateway.client.inspect(system, file=f"{name}.yaml")["tools"]
    tools = [one["definition"] for one in offered if one["name"] not in without]
    levels = {str(one["name"]): propose_level(one)[0] for one in tools}
    text = render_workflow(_answers(name), [(one, levels[str(one["name"])]) for one in tools])
    assert narrowed[0] in text
    gateway.sign(text.replace(*narrowed, 1), {f"{name}.yaml": system})
    agent = f"{name}-bot"
    gateway.add_agent(agent)
    token = gateway.agent_token(agent, name)
    return Desk(gateway=gateway, name=name, agent=agent, token=token, levels=levels)


def _answers(name: str) -> Answers:
    return Answers(
        name=name,
        purpose="Show that a real server works behind the gateway.",
        owner=OWNER,
        agent=f"{name}-bot",
        requesters=(REQUESTER_ROLE,),
        expires=datetime.fromtimestamp(time.time(), UTC).date() + timedelta(days=90),
        system=name,
        asks=("reviewer",),
        calls_per_task=500,
    )
