"""What a client of the stateless era says that it can do, in each request anew.

It decides in which form the client is answered, and what a system may ask of it where the boundary
names that. It never decides what may happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sallyport.doors.mcp.refusals import MissingCapabilityError, ParamsError
from sallyport.model import Ability, Json, JsonObject
from sallyport.rules import asking
from sallyport.rules.methods import LOG_LEVELS

TASKS: Final = "io.modelcontextprotocol/tasks"
"""The extension by which a call may be answered with a task, to be looked at later."""

LOG_LEVEL: Final = "io.modelcontextprotocol/logLevel"


@dataclass(frozen=True, slots=True)
class Client:
    """What the client of one request can do.

    `abilities` are those of `rules.asking`; `tasks` says whether it takes tasks.
    """

    abilities: frozenset[str] = frozenset()
    tasks: bool = False

    @property
    def opens_links(self) -> bool:
        """Whether it can show its user a link."""
        return Ability.URL in self.abilities


def client_of(capabilities: JsonObject) -> Client:
    """Return what these capabilities say; what is not of the right form counts for nothing."""
    extensions = capabilities.get("extensions")
    tasks = extensions.get(TASKS) if isinstance(extensions, dict) else None
    return Client(asking.declared(capabilities), isinstance(tasks, dict))


def check_takes_tasks(client: Client) -> None:
    """Check that a client declared the extension whose methods it uses.

    Raises:
        MissingCapabilityError: It did not.
    """
    if not client.tasks:
        required: JsonObject = {"extensions": {TASKS: {}}}
        raise MissingCapabilityError(
            f"the request did not declare the extension `{TASKS}`", required=required, data={}
        )


def log_level(meta: Json) -> str:
    """Return from which level on a request wants to hear log messages; empty for none.

    Raises:
        ParamsError: There is no such level.
    """
    level = meta.get(LOG_LEVEL) if isinstance(meta, dict) else None
    if level is None:
        return ""
    if not isinstance(level, str) or level not in LOG_LEVELS:
        raise ParamsError(
            f"the member `{LOG_LEVEL}` names no level", fix=f"use one of {', '.join(LOG_LEVELS)}"
        )
    return level
