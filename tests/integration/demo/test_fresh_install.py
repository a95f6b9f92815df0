"""A small business on a clean machine: install, write a first boundary, see the demo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import venv
from pathlib import Path

import pytest

from tests.requirements import requirement

ROOT = Path(__file__).resolve().parents[3]
INSTALL_S = 600
RUN_S = 240


@requirement("B-143")
def test_install_new_and_demo_on_a_clean_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`pip install`, `sallyport new`, `sallyport demo`: on one process and SQLite, with its time.

    The time is printed and not asserted: it is mostly the package index's.
    """
    began = time.monotonic()
    place = tmp_path / "venv"
    venv.create(place, with_pip=True)
    python, sallyport = place / "bin" / "python", place / "bin" / "sallyport"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--require-hashes", "-r", str(ROOT / "requirements" / "demo.txt")], INSTALL_S)
    _run([*pip, "--no-deps", str(ROOT)], INSTALL_S)
    installed_s = time.monotonic() - began

    home, keys = tmp_path / "home", tmp_path / "keys"
    server = [sys.executable, str(ROOT / "tests" / "servers" / "notes_server.py")]
    words = ["new", "--name", "notes", "--purpose", "Keep the notes tidy.", "--yes", "--json"]
    env = {**os.environ, "SALLYPORT_KEYS": str(keys)}
    try:
        _run([str(sallyport), *words, "--home", str(home), "--", *server], RUN_S, env)
        checked = [str(sallyport), "boundary", "check", "--home", str(home)]
        _run(checked, RUN_S, env)
    finally:
        _stop(home)
    demo = [str(sallyport), "demo", "--unattended", "--json", "--folder", str(tmp_path / "demo")]
    summary = json.loads(_run(demo, RUN_S))

    assert summary["ok"] is True
    with capsys.disabled():
        total_s = time.monotonic() - began
        sys.stdout.write(f"\ninstalled in {installed_s:.0f} s, all done in {total_s:.0f} s\n")


def _run(command: list[str], within_s: int, env: dict[str, str] | None = None) -> str:
    ran = subprocess.run(
        command, capture_output=True, text=True, timeout=within_s, check=False, env=env
    )
    assert ran.returncode == 0, f"{command[:4]}: {ran.stdout[-2000:]}{ran.stderr[-2000:]}"
    return ran.stdout


def _stop(home: Path) -> None:
    """End the gateway that `new` started, by the pid it left."""
    note = home / ".sallyport" / "serve.json"
    if note.exists():
        os.kill(json.loads(note.read_text(encoding="utf-8"))["pid"], 15)
