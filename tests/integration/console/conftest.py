"""A house with the desk behind it, and people of every role in front of its console."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from sallyport.model import Person
from sallyport.rules.roles import ROLES
from tests.authenticator import Authenticator
from tests.console_client import ORIGIN
from tests.integration.mcp.conftest import Desk, ready
from tests.integration.mcp.conftest import desk as desk  # noqa: PLC0414 (a fixture, shared)
from tests.integration.mcp.house_fixture import MARA, Kit

ASKED = "support_lead"
"""The role that the demo's boundary asks."""
HOLDERS = {role: Authenticator(origin=ORIGIN) for role in (*ROLES, ASKED, MARA)}
"""Everybody's passkey, by their name: each is called like their role."""


@pytest.fixture
async def kit(desk: Desk, tmp_path: Path) -> AsyncGenerator[Kit]:
    """Return a house in which there is one person of each role, each with a passkey."""
    async with ready(desk, tmp_path, 0) as kit:
        for name, holder in HOLDERS.items():
            roles = frozenset({ASKED if name == MARA else name})
            person = Person(name=name, roles=roles, passkeys=(holder.public,))
            await kit.house.people.keep(person, "a test")
        yield kit
