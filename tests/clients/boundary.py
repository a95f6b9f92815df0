"""The gateway that the clients are tried at: a workflow for each upstream, signed by its owner."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sallyport.rules.boundary.new import render_system
from tests.real_gateway import OWNER, REQUESTER_ROLE, RealGateway, until

READS = ("ask_name", "count", "greet", "poke", "wait")
WORKFLOW = """\
workflow: {name}
purpose: Show that real clients work behind the gateway.
owner: {owner}
agent: {name}-bot
environment: test
expires: {expires}
for: [{role}]
limits: {{calls_per_task: 1000}}
tools:
  greet: {{level: read, only: {{name: {{max_length: 100}}}}}}
  ask_name: {{level: read, may_ask: [form]}}
  wait: {{level: read}}
  count: {{level: read}}
  poke: {{level: read}}
  resources/read: {{level: read, only: {{uri: {{one_of: ["note://one"]}}}}}}
  write_note:
    level: create
    only: {{text: {{max_length: 200}}}}
    ask: [{{who: [reviewer], within: 1h}}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A workflow in front of one upstream, and the token of its agent."""

    gateway: RealGateway
    name: str
    token: str

    @property
    def url(self) -> str:
        """Where its agent comes in."""
        return self.gateway.mcp_url(self.name)

    @property
    def header(self) -> str:
        """What its agent sends as `Authorization`."""
        return f"Bearer {self.token}"

    @property
    def target(self) -> dict[str, Any]:
        """Where a client connects, for those that take it as one object."""
        return {"url": self.url, "headers": {"Authorization": self.header}}

    def question(self, text: str) -> dict[str, Any]:
        """Return the question about writing a text, as soon as there is one."""

        def asked() -> dict[str, Any] | None:
            waiting = self.gateway.waiting("question", workflow=self.name, tool="write_note")
            return next((one for one in waiting if one["args"] == {"text": text}), None)

        return until(asked)

    def answer(self, text: str) -> None:
        """Answer the question about writing a text with yes, as the owner, with their key."""
        self.gateway.answer(self.question(text), yes=True)


def furnish(
    gateway: RealGateway,
    name: str,
    *,
    url: str = "",
    command: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Desk:
    """Put a workflow in front of an upstream, in force, with a live agent."""
    system = render_system(name, url=url, command=command, environment=environment, reads=READS)
    expires = datetime.fromtimestamp(time.time(), UTC).date() + timedelta(days=30)
    text = WORKFLOW.format(name=name, owner=OWNER, role=REQUESTER_ROLE, expires=expires)
    gateway.sign(text, {f"{name}.yaml": system})
    gateway.add_agent(f"{name}-bot")
    token = gateway.agent_token(f"{name}-bot", name)
    return Desk(gateway=gateway, name=name, token=token)
