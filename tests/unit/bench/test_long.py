"""The long runs: when memory counts as flat, what leaks, and what is told of a limit."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bench import durability, growth, guests, leaks, soak
from bench.durability import Durability
from bench.growth import Point, Template
from bench.leaks import MIB, Sample, Watch
from bench.race import Figures
from sallyport.ports import Insert, Logged, Payload


def _sample(resident_mib: float, *, descriptors: int = 20, children: int = 0) -> Sample:
    return Sample(
        at_s=60.0,
        resident=int(resident_mib * MIB),
        descriptors=descriptors,
        children=children,
        calls=1000,
        files={"sallyport.db": 50 * MIB, "sallyport.db-wal": 4 * MIB},
    )


def _watch(memory_mib: Sequence[float], *, left: Sample | None = None, survivors: int = 0) -> Watch:
    return Watch(
        quiet=_sample(80.0),
        during=[_sample(mib) for mib in memory_mib],
        left=left or _sample(80.0),
        survivors=survivors,
    )


def test_a_run_that_stays_the_same_has_no_fault() -> None:
    """Up and down is not a leak."""
    assert list(leaks.faults(_watch([80, 84, 80, 83, 81, 84, 80, 82, 81]))) == []


def test_one_peak_is_no_leak() -> None:
    """A median forgives it, at the end too."""
    assert list(leaks.faults(_watch([80, 80, 80, 80, 80, 80, 80, 80, 140]))) == []


def test_memory_that_climbs_is_a_fault() -> None:
    """Half a mebibyte for every sample is more than the slack in a few of them."""
    found = list(leaks.faults(_watch([80 + number / 2 for number in range(30)])))
    assert found == ["memory is not flat: 82.2 MiB became 92.2 MiB"]


@pytest.mark.parametrize("last_mib, flat", [(84.0, True), (84.5, False)])
def test_flat_is_within_four_mebibytes(last_mib: float, flat: bool) -> None:
    """At eighty, four per cent are less than that."""
    found = list(leaks.faults(_watch([80.0, 80.0, 80.0, 80.0, last_mib, last_mib])))
    assert (found == []) is flat


def test_a_run_too_short_to_say_is_not_passed() -> None:
    """Nobody reads a pass from two samples."""
    found = list(leaks.faults(_watch([80.0, 80.0])))
    assert found == ["only 2 samples after warm-up: the run was too short to say"]


@pytest.mark.parametrize(
    "watch, fault",
    [
        (_watch([80.0] * 9, left=_sample(80.0, descriptors=23)), "23 descriptors are open"),
        (_watch([80.0] * 9, left=_sample(80.0, children=1)), "1 child processes are left"),
        (_watch([80.0] * 9, survivors=1), "1 processes outlive the gateway"),
    ],
    ids=["a connection", "a child", "an orphan"],
)
def test_what_is_left_behind_is_a_fault(watch: Watch, fault: str) -> None:
    """A connection whose client has gone, a child process, a process after the end."""
    assert [one.startswith(fault) for one in leaks.faults(watch)] == [True]


def test_the_section_of_a_soak_tells_load_memory_and_every_fault() -> None:
    """What was wrong stands in the documentation as it was found."""
    watch = _watch([80.0] * 9)
    found = soak.Soaked(
        asked_minutes=2.0,
        capacity=800.0,
        rate=400.0,
        calls=48000,
        came=900,
        visits=480,
        answered=160,
        watch=watch,
        minutes=[*watch.during[:2], watch.left],
        faults=["a cancellation was answered with 500 (2 times)"],
    )
    text = soak.section(found, "a machine")

    assert "2 minutes at 400 calls/s, half of 800: 48000 calls of 900 clients" in text
    assert "- Fault: a cancellation was answered with 500 (2 times).\n- 1 faults." in text
    assert "| 1.0 | 80.0 | 20 | 0 | 50.0 | 4.0 | 1000 |" in text


def test_every_way_to_misbehave_is_visited_once_a_turn() -> None:
    """Both eras are cut, left and held; nothing is in the list twice."""
    names = [visit.__name__ for visit in guests.VISITS]

    assert len(set(names)) == len(names)
    assert {"vanishes_while_held", "vanishes_while_held_stateless", "cancels"} <= set(names)


FIGURES = Figures(
    cpu_ms=1.0, p50_ms=9.0, p99_ms=20.0, calls_per_s=900.0, errors=0, syncs_per_s=500.0, calls=300
)


def _point(entries: int, cpu_ms: float) -> Point:
    return Point(
        entries=entries,
        many=replace(FIGURES, cpu_ms=cpu_ms),
        alone=FIGURES,
        bare=replace(FIGURES, cpu_ms=0.25),
        peak_mib=85.0,
        file_mib=3.0,
        start_s=0.7,
    )


@pytest.mark.parametrize("last_ms, word", [(1.2, "1.20x the CPU: flat"), (1.5, "not flat")])
def test_a_cost_is_flat_if_it_grew_by_less_than_a_quarter(last_ms: float, word: str) -> None:
    """From the smallest ledger to the largest."""
    points = [_point(1000, 1.0), _point(1_000_000, last_ms)]

    assert word in growth.verdict(points)
    assert "| 1,000,000 |" in growth.section(points, "a machine")


def test_a_call_written_again_is_another_call_of_the_same_shape() -> None:
    """Its id, digest and commitment are fresh wherever they stand; nothing else changed."""
    data = (
        b'{"at_us":1,"body":{"call":"c0old","digest":"digest-old"},"commit":"k1",'
        b'"index":{"agent":"bot","call":"c0old"},"kind":"call.concluded","prev":"p"}'
    )
    entry = Logged(stream="w", seq=3, hash="h", data=data, commit="k1")
    sealed = Payload(commit="k1", salt=b"s", sealed=b"x")
    row = {"id": "c0old", "digest": "digest-old", "tool": "echo"}
    written = growth.again(Template("c0old", row, (entry,), (sealed,)))
    (record,), (change,) = written.records, written.changes

    assert isinstance(change, Insert)
    assert change.row["tool"] == "echo"
    assert record.index == {"agent": "bot", "call": change.row["id"]}
    assert record.body == {"call": change.row["id"], "digest": change.row["digest"]}
    assert change.row["id"] != "c0old"
    assert record.payload is not None
    assert record.payload.sealed == b"x"
    assert record.payload.commit != "k1"


DURABILITY = Durability(
    entries_per_s=3000.0,
    calls_per_s=1000.0,
    syncs_per_s=1000.0,
    cores=0.5,
    machine=1.0,
    of_cores=2,
    alone_ms=3.0,
    direct_ms=0.2,
    errors=0,
)


@pytest.mark.parametrize(
    "found, outcome",
    [
        (replace(DURABILITY, entries_per_s=10_000.0), "met"),
        (replace(DURABILITY, cores=0.95), "a core is full first"),
        (replace(DURABILITY, machine=1.9), "a core is full first"),
        (DURABILITY, "missed"),
    ],
    ids=["enough", "its own core", "the machine", "neither"],
)
def test_fewer_entries_are_excused_by_a_full_core_alone(found: Durability, outcome: str) -> None:
    """Ten for each sync of the disk, unless there is no CPU left to make them with."""
    assert durability.outcome(found) == outcome


def test_a_call_alone_may_take_two_syncs_and_a_little() -> None:
    """Direct, two syncs, and a millisecond and a half."""
    assert DURABILITY.allowed_ms == pytest.approx(0.2 + 2 * 1.0 + 1.5)
    assert any(line.endswith("= 3.70 ms: met.") for line in durability.lines(DURABILITY))
