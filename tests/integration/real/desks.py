"""A workflow in front of a real server: its boundary as rendered from what the server offers."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sallyport.model import Level
from sallyport.rules.boundary.new import Answers, propose_level, render_system, render_workflow
from tests.real_gateway import OWNER, REQUESTER_ROLE, RealGateway, until


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

    def waiting(self, kind: str, tool: str) -> list[dict[str, Any]]:
        """Return the questions or drafts about a tool that wait now."""
        return self.gateway.waiting(kind, workflow=self.name, tool=tool)

    def question(self, tool: str) -> dict[str, Any]:
        """Return the question about a call of a tool, as soon as there is one."""
        return until(lambda: next(iter(self.waiting("question", tool)), None))

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
    narrowed: Mapping[tuple[str, str], str] | None = None,
) -> Desk:
    """Connect a server as an owner would: look, take what is proposed, narrow it, sign it.

    Args:
        gateway: The gateway.
        name: Of system, workflow and, with `-bot`, agent.
        command: What starts the server.
        environment: What the server sees.
        without: Tools of the server that the boundary does not declare.
        narrowed: What the owner writes in place of the proposal, by tool and argument.
    """
    system = render_system(name, command=command, environment=environment)
    offered = gateway.client.inspect(system, file=f"{name}.yaml")["tools"]
    tools = [one["definition"] for one in offered if one["name"] not in without]
    levels = {str(one["name"]): propose_level(one)[0] for one in tools}
    text = render_workflow(_answers(name), [(one, levels[str(one["name"])]) for one in tools])
    for (tool, argument), constraint in (narrowed or {}).items():
        text = _narrowed(text, tool, argument, constraint)
    gateway.sign(text, {f"{name}.yaml": system})
    agent = f"{name}-bot"
    gateway.add_agent(agent)
    token = gateway.agent_token(agent, name)
    return Desk(gateway=gateway, name=name, agent=agent, token=token, levels=levels)


def _narrowed(text: str, tool: str, argument: str, constraint: str) -> str:
    """Return a workflow's text with what `only` says of an argument written anew."""
    head, mark, tail = text.partition(f"\n  {tool}:\n")
    line = re.compile(rf"^      {argument}: .*$", re.MULTILINE)
    tail, found = line.subn(lambda _: f"      {argument}: {constraint}", tail, count=1)
    assert found, text
    return head + mark + tail


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
