"""The race: who is out stays out with a reason, medians are over rounds, a broken run goes on."""

import asyncio
import json
import xml.etree.ElementTree as ET
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from bench import contest, pages, plot, standing
from bench.contest import Course, Notes, Round, standings
from bench.peers.opening import CONTEXTFORGE, CTRLRUN, FRESH, PACKAGES, PEERS, SHARED, Say
from bench.peers.venvs import pins, reason
from bench.processes import BenchError
from bench.race import Figures
from bench.targets import BARE, DIRECT, GOVERNED, STATELESS, Running, Site

COURSE = Course(
    systems=("echo",),
    racers=(GOVERNED, BARE, SHARED, CONTEXTFORGE),
    callers=(16,),
    calls=100,
    rounds=3,
    within_s=1.0,
)


def _figures(cpu_ms: float, *, errors: int = 0) -> Figures:
    return Figures(
        cpu_ms=cpu_ms,
        p50_ms=1.0,
        p99_ms=2.0,
        calls_per_s=500.0,
        errors=errors,
        syncs_per_s=900.0,
        calls=100,
    )


def _round(number: int, governed_ms: float) -> Round:
    return Round(
        system="echo",
        number=number,
        figures={
            GOVERNED: {16: _figures(governed_ms)},
            BARE: {16: _figures(0.25)},
            SHARED: {16: _figures(4.0)},
        },
        peak_mib={GOVERNED: 80.0 + number, BARE: 45.0, SHARED: 100.0},
        out={CONTEXTFORGE: "it cannot be installed: no network"},
    )


ROUNDS = [_round(0, 0.4), _round(1, 0.5), _round(2, 9.0)]
STANDING = next(standings(COURSE, ROUNDS))


def test_a_standing_has_the_medians_of_its_rounds_and_the_highest_peak() -> None:
    """One round on a busy machine does not decide a race; a peak of memory does count."""
    assert STANDING.figures[GOVERNED, 16].cpu_ms == 0.5
    assert STANDING.figures[GOVERNED, 16].calls == 300
    assert STANDING.peak_mib[GOVERNED] == 82.0


def test_an_aim_is_met_missed_or_not_run() -> None:
    """What was not measured is never told as met."""
    told = {line[1]: line[2:] for line in standing.outcomes(STANDING)}

    assert told["at most 2.5x pass-through"] == ("2.00x", "met")
    assert told["at most 1/4 of FastMCP proxy, shared client"] == ("1/8.0", "met")
    assert told["at most 1/40 of ctrlrun gateway"] == ("-", "not run")
    assert told["at most 1/80 of ContextForge"] == ("-", "not run")


def test_an_aim_that_is_missed_is_told() -> None:
    """Nine times the pass-through is more than two and a half."""
    slow = next(standings(COURSE, [_round(0, 2.25)]))
    assert next(standing.outcomes(slow))[2:] == ("9.00x", "missed")


def test_who_did_not_run_is_told_with_the_reason() -> None:
    """The reason stands in the documentation too."""
    line = "ContextForge (echo): not run: it cannot be installed: no network"

    assert list(standing.absences([STANDING])) == [line]
    assert f"- {line}\n" in standing.section(COURSE, [STANDING], "a machine")


def test_the_section_has_machine_versions_figures_and_aims() -> None:
    """What is written into the documentation can be judged without the run."""
    text = standing.section(COURSE, [STANDING], "a machine")

    assert "- Machine: a machine." in text
    assert f"fastmcp {pins('fastmcp')['fastmcp']}" in text
    assert "| 16 | governed | 0.500 | 1 | 1.00 | 2.00 | 500 | 0.25 | 300 | 0 | 82 |" in text
    assert "| echo | at most 2.5x pass-through | 2.00x | met |" in text


def test_json_has_everything_of_the_race() -> None:
    """By system, gateway and number of callers."""
    told = json.loads(json.dumps(standing.as_json(COURSE, [STANDING], "a machine")))

    assert told["systems"]["echo"]["figures"][SHARED]["16"]["cpu_ms"] == 4.0
    assert told["systems"]["echo"]["out"].keys() == {CONTEXTFORGE}


def test_the_picture_has_a_bar_for_each_figure_and_a_word_for_who_is_missing() -> None:
    """Ours are marked; it is well-formed, and follows a dark theme."""
    picture = plot.draw(*standing.panels(COURSE, [STANDING]))
    root = ET.fromstring(picture)  # noqa: S314 - we drew it ourselves
    boxes = root.findall(".//{*}rect")
    texts = [text.text for text in root.findall(".//{*}text")]

    assert len([box for box in boxes if "rx" in box.attrib]) == 2 * 3
    assert len([box for box in boxes if "rx" in box.attrib and "ours" in box.attrib["class"]]) == 2
    assert texts.count("not run") == 2
    assert "0.5 ms" in texts
    assert "prefers-color-scheme: dark" in picture


def test_a_logarithmic_scale_holds_every_value() -> None:
    """From the least decade to the highest; one value alone has room too."""
    assert plot.decades([0.04, 61.0]) == (-2, 2)
    assert plot.decades([1.0]) == (0, 1)
    assert plot.decades([]) == (0, 1)
    assert plot.place(0.01, -2, 2) == plot.LEFT
    assert plot.place(100.0, -2, 2) == plot.WIDTH - plot.RIGHT


@pytest.mark.parametrize("value, told", [(0.0421, "0.0421"), (12.34, "12.3"), (1234.5, "1,234")])
def test_a_figure_has_three_digits_that_say_something(value: float, told: str) -> None:
    """More would be noise."""
    assert plot.figure(value) == told


def test_a_section_replaces_itself_and_leaves_the_others() -> None:
    """Each command writes its own part of the page; they stand in one order."""
    page = pages.put("", "growth", "## Growth\n\nflat")
    page = pages.put(page, "race", "## Race\n\nfirst")
    page = pages.put(page, "growth", "## Growth\n\nsteep")

    assert page.startswith("# What a governed call costs\n")
    assert page.index("## Race") < page.index("## Growth")
    assert "steep" in page
    assert "flat" not in page
    assert pages.put(page, "race", "## Race\n\nfirst") == page


def test_a_race_goes_on_where_it_was_broken_off(tmp_path: Path) -> None:
    """Rounds of the same course are kept; of another course they say nothing."""
    first = Notes(tmp_path / "rounds", COURSE)
    first.begin()
    first.add(ROUNDS[0])

    again = Notes(tmp_path / "rounds", COURSE)
    again.resume()
    assert again.rounds == [ROUNDS[0]]
    assert again.has("echo", 0)
    assert not again.has("echo", 1)

    other = Notes(tmp_path / "rounds", replace(COURSE, calls=7))
    other.resume()
    assert other.rounds == []


def test_a_gateway_that_cannot_be_opened_is_out_and_the_race_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others run; nobody waits for it, and its reason is kept."""

    def broken(site: Site, say: Say) -> AbstractAsyncContextManager[Running]:
        raise BenchError("cannot be installed: no such version")

    monkeypatch.setattr(contest, "PEERS", {**PEERS, CTRLRUN: broken})
    course = Course(
        systems=("echo",),
        racers=(DIRECT, CTRLRUN),
        callers=(2,),
        calls=20,
        rounds=1,
        within_s=5.0,
    )
    notes, said = Notes(tmp_path / "rounds", course), list[str]()
    notes.begin()
    asyncio.run(contest.run(course, tmp_path, notes, said.append, said.append))
    found = next(standings(course, notes.rounds))

    assert found.out == {CTRLRUN: "cannot be installed: no such version"}
    assert found.figures[DIRECT, 2].calls == 20
    assert found.figures[DIRECT, 2].errors == 0
    assert (CTRLRUN, 2) not in found.figures


def test_every_peer_is_pinned() -> None:
    """Each has a requirement file with the head of it, and ours run beside them."""
    assert PACKAGES.keys() == PEERS.keys() == {SHARED, FRESH, CTRLRUN, CONTEXTFORGE}
    assert set(contest.RACERS) == {GOVERNED, STATELESS, BARE, DIRECT, *PEERS}
    assert all(head in pins(package) for package, heads in standing.HEADS.items() for head in heads)


def test_the_reason_of_a_failed_install_is_its_error() -> None:
    """Not the warning after it."""
    said = "WARNING: slow\nERROR: No matching distribution found for x==9\nWARNING: old pip\n"
    assert reason(said) == "No matching distribution found for x==9"
    assert reason("") == "no reason given"
