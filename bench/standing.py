"""The end of a race: tables for screen and documentation, the aims, and the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from bench import pages, plot
from bench.contest import Course, Standing
from bench.peers.opening import CONTEXTFORGE, CTRLRUN, PACKAGES, SHARED
from bench.peers.venvs import pins
from bench.targets import BARE, GOVERNED, STATELESS

AT = 16
"""The number of callers at which the aims are set."""

COLUMNS = (
    "callers",
    "gateway",
    "CPU ms/call",
    f"x {GOVERNED}",
    "p50 ms",
    "p99 ms",
    "calls/s",
    "cores",
    "calls",
    "errors",
    "peak MiB",
)
NAMES = {"echo": "a fast ASGI echo", "sdk": "a server of the official SDK"}
PICTURE = "race.svg"


@dataclass(frozen=True, slots=True)
class Aim:
    """A governed call costs at most `times` what another one costs."""

    other: str
    times: float

    @property
    def words(self) -> str:
        """The aim in words."""
        many = f"{self.times:g}x" if self.times >= 1 else f"1/{1 / self.times:g} of"
        return f"at most {many} {self.other}"


AIMS = (Aim(BARE, 2.5), Aim(SHARED, 1 / 4), Aim(CTRLRUN, 1 / 40), Aim(CONTEXTFORGE, 1 / 80))


def rows(course: Course, standing: Standing) -> Iterator[tuple[str, ...]]:
    """Yield the lines of one system's table; what was not run says why at the end."""
    for callers in course.callers:
        for name in course.racers:
            found = standing.figures.get((name, callers))
            if found is None:
                continue
            yield (
                str(callers),
                name,
                f"{found.cpu_ms:.3f}",
                _times(standing, name, callers),
                f"{found.p50_ms:.2f}",
                f"{found.p99_ms:.2f}",
                f"{found.calls_per_s:.0f}",
                f"{found.cores:.2f}",
                str(found.calls),
                str(found.errors),
                f"{standing.peak_mib[name]:.0f}",
            )


def _times(standing: Standing, name: str, callers: int) -> str:
    ours = standing.figures.get((GOVERNED, callers))
    if ours is None:
        return "-"
    return plot.figure(standing.figures[name, callers].cpu_ms / ours.cpu_ms)


def outcomes(standing: Standing, at: int = AT) -> Iterator[tuple[str, ...]]:
    """Yield each aim with what became of it in front of one system."""
    ours = standing.figures.get((GOVERNED, at))
    for aim in AIMS:
        other = standing.figures.get((aim.other, at))
        if ours is None or other is None:
            yield standing.system, aim.words, "-", "not run"
            continue
        ratio = ours.cpu_ms / other.cpu_ms
        told = f"{ratio:.2f}x" if ratio >= 1 else f"1/{1 / ratio:.1f}"
        yield standing.system, aim.words, told, "met" if ratio <= aim.times else "missed"


def absences(standings: Sequence[Standing]) -> Iterator[str]:
    """Yield a line for whoever was not in the race, or did not come to its end."""
    for one in standings:
        for name, why in one.out.items():
            begun = any(racer == name for racer, _ in one.figures)
            kind = "left the race" if begun else "not run"
            yield f"{name} ({one.system}): {kind}: {why}"


def versions(course: Course) -> str:
    """Return the pinned version of each peer that was in the race."""
    packages = sorted({PACKAGES[name] for name in course.racers if name in PACKAGES})
    heads = ((package, head) for package in packages for head in HEADS[package])
    return ", ".join(f"{head} {pins(package)[head]}" for package, head in heads)


HEADS = {
    "contextforge": ("mcp-contextforge-gateway", "mcp"),
    "ctrlrun": ("ctrlrun",),
    "fastmcp": ("fastmcp", "mcp"),
}


def tables(course: Course, standings: Sequence[Standing], at: int = AT) -> Iterator[Table]:
    """Yield the tables for the screen."""
    for one in standings:
        title = f"in front of {NAMES[one.system]}"
        yield _screen(title, COLUMNS, rows(course, one))
    lines = (line for one in standings for line in outcomes(one, at))
    yield _screen(f"aims, at {at} callers", AIM_COLUMNS, lines)


AIM_COLUMNS = ("system", "CPU of a governed call", "measured", "aim")


def _screen(title: str, columns: Sequence[str], lines: Iterator[tuple[str, ...]]) -> Table:
    table = Table(*columns, title=title, title_justify="left")
    for line in lines:
        table.add_row(*line)
    return table


def section(course: Course, standings: Sequence[Standing], machine: str, at: int = AT) -> str:
    """Return the section of the documentation."""
    aims = pages.table(AIM_COLUMNS, [line for one in standings for line in outcomes(one, at)])
    found = "\n\n".join(
        f"### In front of {NAMES[one.system]}\n\n{pages.table(COLUMNS, rows(course, one))}"
        for one in standings
    )
    out = "".join(f"- {line}\n" for line in absences(standings))
    return f"""## The race: `make race ARGS=--write`

![CPU per call and calls per second of each gateway]({PICTURE})

- Machine: {machine}.
- Peers: {versions(course)}; each in an environment of its own, from `bench/peers/*.txt`.
- Run: {course.rounds} rounds, all gateways in turns, medians. A turn is {course.calls} calls, or as
  many as begin within {course.within_s:g} s; *calls* says how many that made. A p99 of a few calls
  is their worst one.
- *{GOVERNED}* is `sallyport serve` with a signed boundary, all checks, the ledger and its fsyncs.
  *{STATELESS}* is the same, spoken to in the era without a handshake; all others
  are spoken to in the era with one. *{BARE}* and *direct* are as below.
- CPU, cores and memory are those of the gateway's own processes, with their children. One core is
  what a gateway of one process can have: where *cores* comes near 1, that is the limit.
- FastMCP runs with JSON answers and uvloop; its proxy records nothing. ctrlrun has a policy that
  allows this one tool, and writes receipts into SQLite without waiting for the disk. ContextForge
  runs on SQLite with its authentication, without its limit of rates.
{out}
### Aims, at {at} callers

{aims}

{found}
"""


def panels(
    course: Course, standings: Sequence[Standing], at: int = AT
) -> tuple[list[plot.Panel], list[str]]:
    """Return what the picture shows, CPU per call and calls per second, and its legend."""

    def row(name: str, of: str) -> plot.Row:
        found = [one.figures.get((name, at)) for one in standings]
        return plot.Row(
            name=name,
            values=tuple(None if one is None else float(getattr(one, of)) for one in found),
            ours=name in (GOVERNED, STATELESS),
        )

    return (
        [
            plot.Panel(
                title=f"CPU per call of the gateway, {at} callers, logarithmic (less is better)",
                unit="ms",
                rows=tuple(row(name, "cpu_ms") for name in course.racers),
            ),
            plot.Panel(
                title=f"calls per second, {at} callers, logarithmic (more is better)",
                unit="/s",
                rows=tuple(row(name, "calls_per_s") for name in course.racers),
            ),
        ],
        [f"before {NAMES[one.system]}" for one in standings],
    )


def as_json(course: Course, standings: Sequence[Standing], machine: str) -> dict[str, Any]:
    """Return the race as JSON: by system, gateway, and number of callers."""
    systems: dict[str, Any] = {}
    for one in standings:
        figures: dict[str, dict[str, Any]] = {}
        for (name, callers), found in one.figures.items():
            figures.setdefault(name, {})[str(callers)] = asdict(found)
        systems[one.system] = {
            "figures": figures,
            "peak_mib": dict(one.peak_mib),
            "out": dict(one.out),
        }
    return {"machine": machine, "course": asdict(course), "systems": systems}
