"""The tree can be handed to anybody: licensed, pinned, and tied to no machine or host."""

import json
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.planted import ROOT

PINS = sorted((ROOT / "requirements").glob("*.txt"))
TARGETS = (
    "bench",
    "check",
    "clean",
    "demo",
    "docs",
    "pins",
    "requirements",
    "test",
)
# Written in two pieces, so that this file is not found by its own search.
FOREIGN = [
    re.compile("py" r"pi\.org"),
    re.compile("python" r"hosted\.org"),
    re.compile("registry" r"\.npmjs|npmjs" r"\.org"),
    re.compile("deb" r"\.debian|snapshot" r"\.debian"),
    re.compile("node" r"source\.com"),
    re.compile("/wo" r"rk/|/fa" r"rm/|/opt/" r"(pypi|wheels)"),
]


def _files() -> Iterator[Path]:
    """Yield every file that is in git, or would be if it were added now."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=30).stdout
    for name in listing.decode().split("\0"):
        if name and (ROOT / name).is_file():
            yield ROOT / name


def _pinned(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    pins = (re.match(r"([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)", line) for line in lines)
    return {pin[1]: pin[2] for pin in pins if pin}


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    """Where packages come from and where the tree lies is each user's own business."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in _files()
        for pattern in FOREIGN
        for match in pattern.finditer(path.read_text(encoding="utf-8", errors="replace"))
    ]

    assert found == []


def test_the_licence_is_in_the_tree() -> None:
    """Apache-2.0, said in the file and in the package's description."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert (project["license"], project["license-files"]) == ("Apache-2.0", ["LICENSE"])


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_the_target(target: str) -> None:
    """The targets that the documents speak of exist."""
    command = ["make", "--dry-run", target]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30
    )

    assert result.returncode == 0, result.stderr


def test_ci_runs_what_a_developer_runs() -> None:
    """`.ci/run` can be executed and calls `make test`."""
    run = ROOT / ".ci" / "run"

    assert os.access(run, os.X_OK)
    assert "make test" in run.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.name)
def test_every_pin_has_a_version_and_hashes_and_no_address(path: Path) -> None:
    """What is installed is what was resolved, byte for byte, wherever it is fetched from."""
    text = path.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.rstrip("\n"))

    assert "://" not in text
    for entry in entries:
        first, *rest = entry.replace("\\\n", "\n").splitlines()
        assert re.match(r"[a-z0-9-]+==[^\s;]+( ; .+)?\s*$", first), first
        assert rest, first
        assert all(re.fullmatch(r"\s+--hash=sha256:[0-9a-f]{64}\s*", line) for line in rest), first


def test_the_smaller_pins_agree_with_the_larger() -> None:
    """What the demo and the product run on is what the tests ran on."""
    base, demo, dev = (_pinned(ROOT / "requirements" / f"{n}.txt") for n in ("base", "demo", "dev"))

    assert base.items() <= demo.items() <= dev.items()


def test_every_dependency_is_pinned() -> None:
    """A dependency added to pyproject.toml needs `make pins`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[\[<>=!~ ]", text)[0].lower() for text in project["dependencies"]}

    assert names <= _pinned(ROOT / "requirements" / "base.txt").keys()


def test_the_node_lock_holds_digests_and_no_address() -> None:
    """The lock file of npm says what, not from where."""
    lock = json.loads((ROOT / "tests" / "node" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}

    assert packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not any("resolved" in entry for entry in packages.values())
