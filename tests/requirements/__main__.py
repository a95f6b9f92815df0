"""Print how many requirements a test proves: `python -m tests.requirements [--json] [--list]`."""

import argparse
import json
import sys
from collections.abc import Mapping

from tests.requirements.manifest import PARTS, Mark, Row, load, marks, problems, proofs


def main() -> int:
    """Print the count and the parts; return 1 where manifest and marks disagree."""
    parser = argparse.ArgumentParser(prog="make requirements", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--list", action="store_true", help="print every id with its proof")
    options = parser.parse_args()

    rows, found = load(), marks()
    proven = {key: value for key, value in proofs(found).items() if key in rows}
    disagreements = problems(rows, found)
    if options.json:
        print(json.dumps(_summary(rows, proven, disagreements), indent=2))
    else:
        print("\n".join(_table(rows, proven)))
        if options.list:
            print("\n".join(_list(rows, proven)))
    for text in disagreements:
        print(text, file=sys.stderr)
    return 1 if disagreements else 0


def _counts(
    rows: Mapping[str, Row], proven: Mapping[str, list[Mark]]
) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for part in PARTS:
        ids = [row.id for row in rows.values() if row.part == part]
        counts[part] = (sum(identifier in proven for identifier in ids), len(ids))
    return counts


def _table(rows: Mapping[str, Row], proven: Mapping[str, list[Mark]]) -> list[str]:
    lines = [f"proven {len(proven)} of {len(rows)}", ""]
    lines += [f"  {'part':<10} {'proven':>6} {'of':>4}"]
    lines += [
        f"  {part:<10} {done:>6} {total:>4}"
        for part, (done, total) in _counts(rows, proven).items()
    ]
    return lines


def _list(rows: Mapping[str, Row], proven: Mapping[str, list[Mark]]) -> list[str]:
    lines: list[str] = []
    for row in rows.values():
        marks_of_it = proven.get(row.id, [])
        lines += ["", f"{row.id} ({row.part}) {row.asks}"]
        lines += [f"  {mark.where} {mark.test}" for mark in marks_of_it]
        lines += [] if marks_of_it else [f"  none yet: {row.none_yet}"]
    return lines


def _summary(
    rows: Mapping[str, Row], proven: Mapping[str, list[Mark]], disagreements: list[str]
) -> dict[str, object]:
    return {
        "proven": len(proven),
        "of": len(rows),
        "parts": {
            part: {"proven": done, "of": total}
            for part, (done, total) in _counts(rows, proven).items()
        },
        "requirements": {
            row.id: {
                "part": row.part,
                "asks": row.asks,
                "source": row.source,
                "tests": [mark.where for mark in proven.get(row.id, [])],
                "none_yet": row.none_yet,
            }
            for row in rows.values()
        },
        "disagreements": disagreements,
    }


sys.exit(main())
