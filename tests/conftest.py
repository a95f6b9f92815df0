"""What all tests share: one async backend, and how hard hypothesis tries.

`HYPOTHESIS_PROFILE` chooses: `dev` for every day, `ci` for a long look, `mutation` for runs that
must repeat exactly.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.database import DirectoryBasedExampleDatabase

_EXAMPLES = DirectoryBasedExampleDatabase(
    Path(__file__).resolve().parents[1] / ".cache" / "hypothesis"
)
_QUIET = [HealthCheck.too_slow]
# A shared machine is slow by turns: no example may fail for its time.
settings.register_profile(
    "dev", max_examples=100, deadline=None, database=_EXAMPLES, suppress_health_check=_QUIET
)
settings.register_profile("ci", settings.get_profile("dev"), max_examples=2000)
settings.register_profile(
    "mutation",
    settings.get_profile("dev"),
    max_examples=25,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),  # nobody reads the smallest example
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, the loop that the gateway serves on."""
    return "asyncio"
