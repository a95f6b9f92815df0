"""What is known of each mutant already, and how long that holds.

A verdict holds while the statement of the module that it is about stays as it is. One that was
noticed also needs the test's file as it was; one that lives is tried again once any test changed.
`--fresh` forgets all of it: what other modules say now is not looked at.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from scripts.mutants import made
from scripts.mutants.atlas import CACHE, WHERE, digest_of
from scripts.mutants.made import ROOT, Mutant
from scripts.mutants.trying import Verdict

ARGUED: Final = ROOT / "tests" / "mutants.toml"

_OF_TESTS: Final = {".py", ".txt", ".md", ".json", ".yaml"}

Row = dict[str, Any]


@lru_cache(maxsize=1)
def argued() -> dict[str, str]:
    """Return why each mutant that survives makes no difference, by its name."""
    found: dict[str, str] = tomllib.loads(ARGUED.read_text(encoding="utf-8"))["equivalent"]
    return found


@lru_cache(maxsize=1)
def classes() -> dict[re.Pattern[str], str]:
    """Return why each mutant whose whole name matches makes no difference."""
    found = tomllib.loads(ARGUED.read_text(encoding="utf-8")).get("classes", {})
    return {re.compile(pattern): why for pattern, why in found.items()}


def is_argued(name: str) -> bool:
    """Return whether somebody said why nothing can notice a mutant."""
    return name in argued() or any(one.fullmatch(name) for one in classes())


class Results:
    """Verdicts, one file a module; a line is added for each, and the last one counts."""

    def __init__(self, kind: str = "") -> None:
        """Read what is asked for when it is asked for."""
        self.where = CACHE / kind if kind else CACHE
        self.where.mkdir(parents=True, exist_ok=True)
        self._read: dict[str, dict[str, Row]] = {}
        self._digests: dict[str, str] = {}

    def of(self, mutant: Mutant) -> Row | None:
        """Return what is known of a mutant, if it still holds for its statement."""
        found = self._of_module(mutant.module).get(mutant.name)
        return found if found and found["about"] == mutant.about else None

    def knows(self, mutant: Mutant) -> bool:
        """Return whether nothing about a mutant can have changed."""
        found = self.of(mutant)
        if found is None:
            return False
        if not found["killed"]:
            return bool(found["tests"] == self._all_tests())
        by = str(found["by"]).partition("::")[0]
        return not by or found["tests"] == self._digest(by)

    def keep(self, verdict: Verdict) -> None:
        """Write a verdict down."""
        mutant, by = verdict.mutant, verdict.by.partition("::")[0]
        row: Row = {
            "name": mutant.name,
            "about": mutant.about,
            "killed": verdict.killed,
            "by": verdict.by,
            "way": verdict.way,
            "reached_by": verdict.reached_by,
            "left_out": verdict.left_out,
            "tests": self._digest(by) if verdict.killed else self._all_tests(),
        }
        self._of_module(mutant.module)[mutant.name] = row
        with self._path(mutant.module).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def noticed(self) -> dict[str, Counter[str]]:
        """Return which tests noticed changes of each function before, as it is or as it was."""
        found: dict[str, Counter[str]] = {}
        for module in made.modules():
            if not self._path(module).exists():
                continue
            for mutant in made.mutants(module):
                row = self._of_module(module).get(mutant.name)
                if row and row["killed"] and row["by"]:
                    key = f"{module}:{mutant.owner}"
                    found.setdefault(key, Counter())[str(row["by"])] += 1
        return found

    def row(self, module: str) -> Row:
        """Return the figures of a module."""
        mutants = made.mutants(module)
        known = [(m, row) for m in mutants if (row := self.of(m)) is not None]
        living = [m for m, row in known if not row["killed"]]
        excused = sum(is_argued(m.name) for m in living)
        return {
            "module": module,
            "mutants": len(mutants),
            "tried": len(known),
            "killed": len(known) - len(living),
            "argued": excused,
            "alive": len(living) - excused,
        }

    def _of_module(self, module: str) -> dict[str, Row]:
        if module not in self._read:
            path = self._path(module)
            lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
            rows = (json.loads(line) for line in lines)
            self._read[module] = {row["name"]: row for row in rows}
        return self._read[module]

    def _path(self, module: str) -> Path:
        return self.where / f"{module}.jsonl"

    def _digest(self, name: str) -> str:
        if name not in self._digests:
            self._digests[name] = digest_of(ROOT / name) if name else ""
        return self._digests[name]

    def _all_tests(self) -> str:
        if "*" not in self._digests:
            found = (path for where in WHERE for path in sorted((ROOT / where).rglob("*.*")))
            parts = [digest_of(path) for path in found if path.suffix in _OF_TESTS]
            self._digests["*"] = hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
        return self._digests["*"]
