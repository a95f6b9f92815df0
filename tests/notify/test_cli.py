"""`sallyport admin notify`, as an operator types it, against a gateway that serves."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

START_S = 60
KEY = "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def sallyport(tmp_path_factory: pytest.TempPathFactory) -> Generator[Run]:
    """Return what runs commands against a gateway with a channel that nobody is behind."""
    home = tmp_path_factory.mktemp("home")
    (home / "sallyport.yaml").write_text(
        "port: 0\nnotify:\n  channels:\n"
        "    hook: {kind: webhook, url: 'http://127.0.0.1:9/x', secret: hook_key}\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "SALLYPORT_KEYS": str(home / "keys"), "SALLYPORT_HOME": str(home)}

    def run(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sallyport", *words],
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=START_S,
        )

    with subprocess.Popen(
        [sys.executable, "-m", "sallyport", "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(home / ".sallyport" / "serve.json", process)
            yield run
        finally:
            process.terminate()


def _wait_for(note: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while not note.exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_channel_that_does_not_get_through_is_said(sallyport: Run) -> None:
    """With its reason, a way to mend it and a status; first the secret, then the other side."""
    missing = sallyport("admin", "notify", "test", "hook")
    assert missing.returncode == 2
    assert "no secret is kept under the name `hook_key`" in missing.stderr
    assert "fix: correct `notify` in the settings" in missing.stderr

    assert sallyport("admin", "secrets", "put", "hook_key", stdin=KEY).returncode == 0
    unheard = sallyport("admin", "notify", "test", "hook", "--json")
    assert unheard.returncode == 2
    assert "it cannot be reached" in unheard.stdout + unheard.stderr
    assert KEY not in unheard.stdout + unheard.stderr

    unknown = sallyport("admin", "notify", "test", "attic")
    assert "no channel is called `attic`" in unknown.stderr


def test_the_channels_are_listed_for_people_and_for_programs(sallyport: Run) -> None:
    """A line each, or the same as JSON."""
    listed = sallyport("admin", "notify", "list")
    assert listed.stdout.startswith("hook (webhook): ")

    (channel,) = json.loads(sallyport("admin", "notify", "list", "--json").stdout)["channels"]
    assert channel["name"] == "hook"
    assert {"waiting", "failing", "tries", "given_up", "tells", "next_us", "kind"} <= set(channel)
