"""The door without a token: for test suites on this machine that cannot send a header.

Rules:
  1. It is opened by an option of one `serve`, on loopback only, and the ledger says when.
  2. It leads to one agent's standing task for one enrolled person. Everything else, the boundary
     above all, holds for it as for any other caller.
  3. A request that carries a token, good or bad, or came through a proxy does not get in by it.
"""

from __future__ import annotations

import hashlib
import logging

from sallyport.doors.mcp.bounds import Bounds
from sallyport.errors import NotFoundError
from sallyport.flow.house import House
from sallyport.flow.registry import Token

log = logging.getLogger(__name__)


def bearer(bounds: Bounds, workflow: str) -> Token:
    """Return what stands for the token that was not sent. It is kept nowhere and opens nothing."""
    agent, person = bounds.unsafe_loopback_agent, bounds.unsafe_loopback_requester
    said = f"unsafe\0{agent}\0{person}\0{workflow}"
    return Token(
        id=hashlib.sha256(said.encode()).hexdigest(),
        kind="agent",
        agent=agent,
        workflow=workflow,
        person=person,
        label="unsafe door",
    )


async def opened(house: House, agent: str, requester: str) -> str:
    """Write down that the door opens, warn, and return the person for whom it does.

    Args:
        house: The house it leads into.
        agent: The agent that callers without a token act as.
        requester: The person for whom; empty for the only one who is enrolled.

    Raises:
        NotFoundError: There is no such agent, no such person, or more than one to choose from.
    """
    if agent not in house.gateway.registry.agents:
        raise NotFoundError(
            f"agent `{agent}` does not exist",
            fix=f"add it with `sallyport admin agents add {agent} --purpose TEXT --contact NAME`",
        )
    person = _requester(house, requester)
    evidence = house.gateway.evidence
    draught = evidence.draught()
    evidence.note(
        draught,
        "gateway.unsafe_door",
        {"agent": agent, "requester": person},
        index={"agent": agent, "person": person},
    )
    await house.gateway.outside.store.append(draught.done())
    log.warning(
        "UNSAFE: every program on this machine can act as agent `%s` for `%s`, without a token",
        agent,
        person,
    )
    return person


def _requester(house: House, named: str) -> str:
    enrolled = [one.name for one in house.gateway.registry.people.values() if one.active]
    if named:
        if named not in enrolled:
            raise NotFoundError(
                f"person `{named}` does not exist",
                fix=f"add them with `sallyport admin people add {named}`",
            )
        return named
    if len(enrolled) != 1:
        raise NotFoundError(
            f"the unsafe door needs a requester, and {len(enrolled)} people are enrolled",
            fix="name one with `--unsafe-loopback-requester`",
        )
    return enrolled[0]
