"""The floors hold: what may import what, who reaches the world, who touches keys.

A rule that nothing can break is no rule, so every contract is shown to fail on a planted violation.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.planted import ROOT, Plant, copy_of_the_source, plant

PLANTS = [
    Plant(
        path="rules/planted_clock.py",
        text="import time",
        named="sallyport.rules.planted_clock -> time",
        rule="Purity",
    ),
    Plant(
        path="rules/planted_file.py",
        text="from pathlib import Path",
        named="sallyport.rules.planted_file -> pathlib",
        rule="Purity",
    ),
    Plant(
        path="rules/planted_floor.py",
        text="import sallyport.flow.planted_floor",
        named="sallyport.rules.planted_floor -> sallyport.flow.planted_floor",
        rule="Floors",
    ),
    Plant(path="flow/planted_floor.py", text="ONE = 1", named="", rule="Floors"),
    Plant(path="planted_room.py", text="ONE = 1", named="planted_room", rule="Floors"),
    Plant(
        path="adapters/planted_one/inside.py",
        text="import sallyport.adapters.planted_two",
        named="sallyport.adapters.planted_one.inside -> sallyport.adapters.planted_two",
        rule="Strangers",
    ),
    Plant(path="adapters/planted_two.py", text="ONE = 1", named="", rule="Strangers"),
    Plant(
        path="doors/planted_circle_a.py",
        text="import sallyport.doors.planted_circle_b",
        named="planted_circle_a",
        rule="Cycles",
    ),
    Plant(
        path="doors/planted_circle_b.py",
        text="import sallyport.doors.planted_circle_a",
        named="planted_circle_b",
        rule="Cycles",
    ),
    Plant(
        path="doors/planted_key.py",
        text="from cryptography.hazmat.primitives.ciphers.aead import AESGCM",
        named="sallyport.doors.planted_key -> cryptography",
        rule="Keys",
    ),
    Plant(
        path="doors/planted_connection.py",
        text="import aiohttp",
        named="sallyport.doors.planted_connection -> aiohttp",
        rule="Connections",
    ),
    Plant(
        path="adapters/notify/planted_connection.py",
        text="import aiohttp",
        named="sallyport.adapters.notify.planted_connection -> aiohttp",
        rule="Connections",
    ),
    Plant(
        path="flow/planted_mail.py",
        text="import smtplib",
        named="sallyport.flow.planted_mail -> smtplib",
        rule="Connections",
    ),
    Plant(
        path="flow/planted_process.py",
        text="import subprocess",
        named="sallyport.flow.planted_process -> subprocess",
        rule="Processes",
    ),
]


def _lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    """Check the copy at `root`, which PYTHONPATH puts before the installed package."""
    call = "from importlinter.cli import lint_imports_command as lint; lint()"
    command = [sys.executable, "-c", call, "--no-cache", "--no-logo"]
    return subprocess.run(
        command,
        cwd=root,
        env={"COLUMNS": "300", "PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy with every violation planted."""
    root = copy_of_the_source(tmp_path_factory.mktemp("planted"))
    for violation in PLANTS:
        plant(root, violation)
    result = _lint_imports(root)

    assert result.returncode == 1, result.stdout + result.stderr
    return result.stdout


def test_the_house_keeps_its_floors(tmp_path: Path) -> None:
    """Every contract holds for the source as it stands."""
    result = _lint_imports(copy_of_the_source(tmp_path))

    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize("violation", PLANTS, ids=lambda violation: violation.path)
def test_a_planted_violation_is_named(report: str, violation: Plant) -> None:
    """The report names the contract that broke and the import that broke it."""
    broken = [line for line in report.splitlines() if " BROKEN" in line]

    assert any(line.startswith(f"{violation.rule}:") for line in broken)
    assert violation.named in report


NAMES = [
    Plant(
        path="doors/planted_spawn.py",
        text="import asyncio\n\nSTART = asyncio.create_subprocess_exec",
        named="`asyncio.create_subprocess_exec` is banned",
        rule="pyproject.toml",
    ),
    Plant(
        path="flow/planted_socket.py",
        text="from asyncio import open_connection as innocent\n\nOPEN = innocent",
        named="`asyncio.open_connection` is banned",
        rule="pyproject.toml",
    ),
    Plant(
        path="rules/planted_now.py",
        text="from datetime import datetime as d\n\nNOW = d.now()  # noqa: TID251",
        named="`datetime.datetime.now` is banned",
        rule="tests/house/purity.toml",
    ),
    Plant(
        path="rules/planted_open.py",
        text='TEXT = open("a").read()  # noqa: PTH123',
        named="planted_open.py",
        rule="tests/house/purity.toml",
    ),
]


@pytest.mark.parametrize("violation", NAMES, ids=lambda violation: violation.path)
def test_a_name_inside_an_allowed_module_is_watched_too(tmp_path: Path, violation: Plant) -> None:
    """Starting a process, opening a connection or reading the clock is found by its name."""
    plant(tmp_path, violation)
    options = ["--ignore-noqa"] if "purity" in violation.rule else ["--select=TID251"]
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise"]
    result = subprocess.run(
        [*command, "--config", str(ROOT / violation.rule), *options, "src"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert result.returncode == 1, result.stdout + result.stderr
    assert violation.named in result.stdout


def test_rules_take_the_clock_and_the_world_as_values() -> None:
    """No rule names a clock, a file or chance, and none grants itself an exception."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--ignore-noqa"]
    result = subprocess.run(
        [*command, "--config", str(ROOT / "tests/house/purity.toml"), "src/sallyport/rules"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert result.returncode == 0, result.stdout
