"""The gallery as its tests see it: each boundary with its cases, and one edit each way.

`python -m tests.gallery.shelf` writes the golden files anew. They hold what an owner reads, without
digests, which change with every release and are for programs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import sallyport
from sallyport.doors.cli import offline
from sallyport.doors.cli.offline import Offline
from sallyport.model import Boundary
from sallyport.rules.boundary.diff import diff, in_words
from sallyport.rules.boundary.explain import explain
from sallyport.rules.boundary.load import load_workflow
from sallyport.rules.boundary.problems import BoundaryErrors
from sallyport.rules.cases import Case, Outcome, compile_offline, run

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
PACKAGE = Path(sallyport.__file__).parent
TODAY = date(2026, 12, 1)
DEMO = "demo"

_DIGEST = re.compile(r"[0-9a-f]{64}")

NAMES = (DEMO, *sorted(path.name for path in (PACKAGE / "gallery").iterdir() if path.is_dir()))

Edit = tuple[str, str]
WIDER: Mapping[str, Edit] = {
    "demo": ("above: 50.00 EUR, at_most: 500.00 EUR", "above: 50.00 EUR, at_most: 500.01 EUR"),
    "access": ("one_of: [newsletter-readers, canteen", "one_of: [newsletter-readers, visitors"),
    "filesystem": ("source: {path_under: /srv/project/notes}", "source: {path_under: /srv}"),
    "git": ("base_branch: {one_of: [main]", "base_branch: {one_of: [main, release]"),
    "github": ("draft: {is: true}\n", "draft: {is: true, optional: true}\n"),
    "invoices": ("at_most: 200.00 EUR}}", "at_most: 200.00 EUR, optional: true}}"),
    "postgresql": ("one_of: [LAMP-1,", "one_of: [LAMP-9, LAMP-1,"),
    "slack": ("sent_per_day: 20", "sent_per_day: 21"),
    "website": ("https://docs.example.com", "https://example.com"),
}
"""One careless edit of each boundary: it lets something through that was held or refused."""

NARROWER: Mapping[str, Edit] = {
    "demo": ("above: 50.00 EUR, at_most: 500.00 EUR", "above: 50.00 EUR, at_most: 400.00 EUR"),
    "access": ("team: {one_of: [security, facilities,", "team: {one_of: [security,"),
    "filesystem": ("head: {at_least: 1, at_most: 5000", "head: {at_least: 1, at_most: 500"),
    "git": ("branch_type: {one_of: [local, remote, all]}", "branch_type: {one_of: [local]}"),
    "github": ("message: {max_length: 300}", "message: {max_length: 100}"),
    "invoices": ("cost_centre: {one_of: [office, travel,", "cost_centre: {one_of: [office,"),
    "postgresql": ("calls_per_hour: 300", "calls_per_hour: 30"),
    "slack": ("text: {max_length: 1500}", "text: {max_length: 500}"),
    "website": ("for: [writer, web_editor]", "for: [web_editor]"),
}
"""One edit of each that takes something away."""


def workflow_file(name: str) -> Path:
    """Return the workflow file of a boundary of the gallery, or of the demo's desk."""
    folder = PACKAGE / "demo" / "files" if name == DEMO else PACKAGE / "gallery" / name
    (found,) = (
        path for path in (folder / "workflows").glob("*.yaml") if ".cases." not in path.name
    )
    return found


@cache
def one(name: str) -> Offline:
    """Return a boundary of the gallery, compiled from its files."""
    return offline.load(HERE, workflow_file(name))


@cache
def cases(name: str) -> tuple[Case, ...]:
    """Return the cases beside it."""
    return offline.cases(one(name))


@cache
def outcomes(name: str) -> tuple[Outcome, ...]:
    """Return what comes of them."""
    return tuple(run(case, one(name).boundary) for case in cases(name))


def edited(name: str, edit: Edit) -> Boundary:
    """Return a boundary with some of its text changed, which must be there."""
    before, after = edit
    text = workflow_file(name).read_text(encoding="utf-8")
    assert before in text, before
    known = one(name)
    workflow = load_workflow(text.replace(before, after), f"{name}.yaml")
    listed = {
        system: [pin.definition for pin in known.boundary.pins.values() if pin.system == system]
        for system in known.systems
    }
    return compile_offline(workflow, known.systems, listed, code_version="1")


def problems_of(name: str, edit: Edit) -> list[str]:
    """Return the codes of what is wrong with a boundary after an edit of its text."""
    try:
        edited(name, edit)
    except BoundaryErrors as error:
        return [problem.code for problem in error.problems]
    return []


def explained(name: str) -> str:
    """Return a boundary as its owner reads it."""
    return without_digests(explain(one(name).boundary))


def differences(name: str) -> str:
    """Return what each of the two edits changes, as its owner reads it."""
    old = edited(name, ("", ""))
    parts: list[str] = []
    for title, (before, after) in (("Wider", WIDER[name]), ("Narrower", NARROWER[name])):
        changes = in_words(diff(old, edited(name, (before, after))))
        parts.append(f"{title}: `{before.strip()}` becomes `{after.strip()}`\n\n{changes}")
    return without_digests("\n".join(parts))


def without_digests(text: str) -> str:
    """Return a text without lines and clauses that only name a digest."""
    lines = (line for line in text.splitlines() if not line.startswith("Digest: "))
    kept = [line for line in lines if not _DIGEST.search(line) or "As defined" not in line]
    return _DIGEST.sub("its accepted definition", "\n".join(kept)).rstrip() + "\n"


@cache
def golden() -> dict[str, str]:
    """Return the golden files by name."""
    said = {f"{name}.explain.txt": explained(name) for name in NAMES}
    return said | {f"{name}.diff.txt": differences(name) for name in NAMES}


if __name__ == "__main__":
    for file, text in golden().items():
        (GOLDEN / file).write_text(text, encoding="utf-8")
