"""One desk for all tests here, and an office of its own for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from sallyport.demo.launch import running_desk
from tests.integration.api.office import DESK_TOKEN, Office, staffed


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    """Run an event loop beside the tests, which are plain clients."""
    with start_blocking_portal() as running:
        yield running


@pytest.fixture(scope="module")
def desk_url(portal: BlockingPortal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the demo's desk."""
    db: Path = tmp_path_factory.mktemp("desk") / "desk.db"
    with portal.wrap_async_context_manager(running_desk(db, DESK_TOKEN)) as desk:
        yield desk.url


@pytest.fixture
def office(portal: BlockingPortal, desk_url: str) -> Iterator[Office]:
    """Open an office of many people, its agent live and its boundary signed."""
    with staffed(portal, desk_url) as one:
        yield one


@pytest.fixture
def lone_office(portal: BlockingPortal, desk_url: str) -> Iterator[Office]:
    """Open an office of one person."""
    with staffed(portal, desk_url, team="one") as one:
        yield one
