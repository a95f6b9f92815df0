"""When a long run counts as free of leaks; the criteria of the soak.

Rules:
  1. Memory is flat if, after warm-up, the median of the last third of the samples is above that of
     the first third by no more than 4 MiB or 4 per cent, whichever is more. A median forgives a
     peak, and a third of a run is long enough for a leak of a few bytes a call to show.
  2. Connections and files are not leaked if, once every client has left, the gateway has no more
     descriptors open than it had between warm-up and run, when nobody was there either, and 2 more
     for what it opens by itself.
  3. No child process is there when the run is over, and none outlives the gateway.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MIB = 1024 * 1024
SLACK_BYTES, SLACK_SHARE = 4 * MIB, 0.04
SPARE_DESCRIPTORS = 2
SAMPLES_MIN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the kernel says of the gateway at one moment. Sizes in bytes."""

    at_s: float
    resident: int
    descriptors: int
    children: int
    calls: int
    files: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A whole run: `quiet` before it, `during` it after warm-up, and `left` when all had gone."""

    quiet: Sample
    during: Sequence[Sample]
    left: Sample
    survivors: int


def growth(during: Sequence[Sample]) -> tuple[float, float]:
    """Return the median memory of the first and of the last third of samples, in bytes."""
    third = max(1, len(during) // 3)
    first = statistics.median(one.resident for one in during[:third])
    last = statistics.median(one.resident for one in during[-third:])
    return first, last


def faults(watch: Watch) -> Iterator[str]:
    """Yield a sentence for each criterion that is not met."""
    if len(watch.during) < SAMPLES_MIN:
        yield f"only {len(watch.during)} samples after warm-up: the run was too short to say"
    else:
        first, last = growth(watch.during)
        if last - first > max(SLACK_BYTES, SLACK_SHARE * first):
            yield f"memory is not flat: {first / MIB:.1f} MiB became {last / MIB:.1f} MiB"
    allowed = watch.quiet.descriptors + SPARE_DESCRIPTORS
    if watch.left.descriptors > allowed:
        yield f"{watch.left.descriptors} descriptors are open, and {allowed} may be"
    if watch.left.children > watch.quiet.children:
        yield f"{watch.left.children} child processes are left"
    if watch.survivors:
        yield f"{watch.survivors} processes outlive the gateway"
