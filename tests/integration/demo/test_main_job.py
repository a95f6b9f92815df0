"""The main job, as a newcomer runs it: the command, its exit code, and the desk's own data."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sallyport.demo.report import desk_report
from sallyport.demo.story import damage, missing
from tests.requirements import requirement

RUN_S = 240


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Run `sallyport demo --unattended --json` once, and return its folder and summary."""
    folder = tmp_path_factory.mktemp("demo") / "sallyport-demo"
    command = [sys.executable, "-m", "sallyport", "demo", "--unattended", "--json"]
    ran = subprocess.run(
        [*command, "--folder", str(folder)],
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
        cwd=folder.parent,
    )
    assert ran.returncode == 0, ran.stderr[-4000:]
    return folder, json.loads(ran.stdout)


@requirement("A-105")
def test_the_main_job_runs_with_an_agent_that_has_no_model(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    """A scripted agent through the official client is governed like any other."""
    _, summary = demo

    assert summary["ok"] is True
    assert summary["calls"]["refused"] > 0
    assert summary["calls"]["done"] > 0


def test_the_desk_itself_shows_no_harm_and_all_allowed_work(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    """No mail to the outsider, no over-limit refund, no foreign record changed, and the rest done.

    Read from the desk's database and not from anything that Sallyport says.
    """
    folder, _ = demo
    report = desk_report(folder / "desk.db")

    assert damage(report) == ()
    assert missing(report) == ()
    assert report.strangers == ()
    assert max(refund.cents for refund in report.refunds) <= 500_00


def test_the_same_agent_does_harm_when_nothing_stands_between(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    """The control experiment: without it, an agent that never tries would pass as well."""
    folder, summary = demo

    assert len(damage(desk_report(folder / "desk-unguarded.db"))) == len(summary["unguarded"])
    assert any("outsider" in sentence for sentence in summary["unguarded"])


def test_an_edit_that_breaks_a_promise_is_refused_with_the_call_that_proves_it(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    """A refund of 500.01 EUR, which the version in force refuses; that version stays in force."""
    _, summary = demo
    edit = summary["edit"]

    assert edit["refused"] is True
    assert edit["still_in_force"] is True
    (why,) = edit["why"]
    assert "`always[0]` is false" in why
    (call,) = edit["calls"]
    assert (call["tool"], call["args"]["refund"]) == ("tickets.update", 500.01)
    assert (call["was"], call["now"]) == ("refuse", "ask support_lead within 4h")


def test_the_ledger_of_the_run_verifies_and_knows_of_every_effect(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    """Every effect the desk counted came through a call that the ledger has."""
    folder, summary = demo

    assert summary["ledger"]["intact"] is True
    report = desk_report(folder / "desk.db")
    assert {mail.caller for mail in report.mails} == {"sallyport"}


def test_no_secret_of_the_desk_stands_in_any_file_of_the_gateway(
    demo: tuple[Path, dict[str, Any]],
) -> None:
    """The clear bytes of the state folder hold neither what customers wrote nor their addresses."""
    folder, _ = demo
    state = b"".join(path.read_bytes() for path in sorted((folder / ".sallyport").glob("sally*")))

    for planted in (b"leads@growth-hacks.example", b"greta.voss@elsewhere.example", b"Gran Turbo"):
        assert planted not in state
