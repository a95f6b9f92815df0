"""`sallyport boundary export`: what is printed and written is what Cedar reads."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import cedarpy
import pytest

from sallyport.doors.cli import app
from tests.unit.boundary.gallery import CHILD, EVERY_OPERATOR

_cedar: Any = cedarpy  # its own types are partly unknown
DEMO = Path(str(files("sallyport.demo") / "files" / "workflows" / "customer-support.yaml"))


def run(*words: str) -> int:
    """Run the command and return its exit code."""
    return app.run(["boundary", "export", *words])


def test_the_demo_s_boundary_is_written_and_valid(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two files that Cedar's validator has nothing to say against."""
    assert run(str(DEMO), "--cedar", "--out", str(tmp_path / "new")) == 0
    policies = (tmp_path / "new" / "customer-support.cedar").read_text(encoding="utf-8")
    schema = (tmp_path / "new" / "customer-support.cedarschema").read_text(encoding="utf-8")
    found = _cedar.validate_policies(policies, schema)

    assert (found.validation_passed, list(found.errors)) == (True, [])
    assert "customer-support.cedar" in capsys.readouterr().out


def test_what_is_printed_is_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """For eyes the policies, for programs both texts."""
    assert run(str(DEMO), "--cedar") == 0
    printed = capsys.readouterr().out
    assert run(str(DEMO), "--cedar", "--json") == 0
    found = json.loads(capsys.readouterr().out)

    assert found["policies"].split() == printed.split()
    assert cedarpy.PolicySet.from_str(printed)
    assert found["left_out"] == {}


def test_a_tool_that_cedar_cannot_say_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, beside policies that permit it nothing."""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "systems").mkdir()
    written = tmp_path / "workflows" / "w.yaml"
    written.write_text(EVERY_OPERATOR, encoding="utf-8")
    (tmp_path / "systems" / "desk.yaml").write_text(CHILD, encoding="utf-8")

    assert run(str(written), "--cedar", "--home", str(tmp_path)) == 0
    said = capsys.readouterr()
    assert "`t` has no policy" in said.err
    assert "permit" not in said.out


def test_a_format_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    """There is one, and it is not guessed."""
    assert run(str(DEMO)) == 2
    assert "add `--cedar`" in capsys.readouterr().err
