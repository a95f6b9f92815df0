"""What people wait for is measured on a real gateway; what is told of it can be judged alone."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

from bench import people
from bench.people import EFFECT, INBOX, Found, Wait
from bench.race import Figures
from tests.house.planted import ROOT

FIGURES = Figures(
    cpu_ms=1.0, p50_ms=1.0, p99_ms=2.0, calls_per_s=900.0, errors=0, syncs_per_s=500.0
)
FOUND = Found(
    waiting=5000,
    consoles=200,
    waits=[
        Wait(name=INBOX, cpu_ms=9, median_ms=20, p95_ms=99, slowest_ms=120, aim_ms=100, of=20),
        Wait(name=EFFECT, cpu_ms=9, median_ms=20, p95_ms=51, slowest_ms=60, aim_ms=50, of=20),
    ],
    page_kib=60.0,
    parts_kib=[("page", 20.0), ("console.css", 40.0)],
    alone=FIGURES,
    watched=replace(FIGURES, cpu_ms=1.1),
    events=12,
    absent="",
)


def test_a_quick_run_asks_looks_answers_and_listens() -> None:
    """Questions are asked, pages fetched, one answered, streams opened; nothing fails."""
    command = [sys.executable, "-m", "bench", "--people", "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)

    assert {one["name"] for one in told["waits"]} >= set(people.AIMS_MS) - {people.FILTER}
    assert all(one["median_ms"] > 0 for one in told["waits"])
    assert told["page_kib"] > 0
    assert told["events"] >= told["consoles"] == 5
    assert (told["alone"]["errors"], told["watched"]["errors"]) == (0, 0)


def test_what_is_told_says_whether_each_aim_is_met() -> None:
    """Nineteen of twenty looks must be in time; sixty KiB and a tenth more are within the aim."""
    text = people.section(FOUND, "a machine")

    assert "| inbox | 9.0 | 20.0 | 99.0 | 120.0 | 20 | 100 | yes |" in text
    assert f"| {EFFECT} | 9.0 | 20.0 | 51.0 | 60.0 | 20 | 50 | missed |" in text
    assert "60.0 KiB (page 20.0, console.css 40.0); aim 60: met." in text
    assert "costs 1.10x the CPU; aim at most 1.1x: met." in text
    heavier = replace(FOUND, page_kib=60.1, watched=replace(FIGURES, cpu_ms=1.11), absent="why")
    assert "60.1 KiB" in people.section(heavier, "")
    assert people.section(heavier, "").count("missed") == 3
    assert f"Not measured: {people.FILTER}, because why." in people.section(heavier, "")
