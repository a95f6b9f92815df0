"""Makes a peer's virtual environment, once for each content of its requirement file."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from bench.processes import BenchError

HERE = Path(__file__).resolve().parent
PLACE = HERE.parents[1] / ".cache" / "race"
INSTALL_S = 900.0
PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    """Return the pinned versions of a peer by distribution."""
    return dict(PIN.findall(_requirements(name).read_text(encoding="utf-8")))


async def python_of(name: str, say: Callable[[str], None]) -> Path:
    """Return the Python of a peer's environment, which is made if it does not stand.

    Raises:
        BenchError: It cannot be made; the error says why.
    """
    digest = hashlib.sha256(_requirements(name).read_bytes()).hexdigest()[:16]
    venv = PLACE / f"{name}-{digest}"
    if not (venv / "complete").exists():
        say(f"{name}: installing, once")
        shutil.rmtree(venv, ignore_errors=True)
        await _run(sys.executable, "-m", "venv", str(venv))
        await _run(*_install(venv), str(_requirements(name)))
        (venv / "complete").touch()
    return venv / "bin" / "python"


def _install(venv: Path) -> list[str]:
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    return [*pip, "install", "--no-deps", "--require-hashes", "--requirement"]


def _requirements(name: str) -> Path:
    return HERE / f"{name}.txt"


async def _run(*command: str) -> None:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
    try:
        async with asyncio.timeout(INSTALL_S):
            _, said = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise BenchError(f"installing took longer than {INSTALL_S:.0f} s") from None
    if process.returncode:
        raise BenchError(f"cannot be installed: {reason(said.decode(errors='replace'))}")


def reason(said: str) -> str:
    """Return the sentence of an installer's output that says what went wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["no reason given"])[-1].removeprefix("ERROR:").strip()[:200]
