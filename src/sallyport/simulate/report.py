"""What a number of worlds came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sallyport.simulate.world import Outcome


@dataclass(slots=True)
class Report:
    """Figures over all worlds, and every violation with the command that shows it again."""

    seeds: int = 0
    steps: int = 0
    effects: int = 0
    crashes: int = 0
    entries: int = 0
    kinds: Counter[str] = field(default_factory=Counter[str])
    violations: dict[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])

    def add(self, outcome: Outcome) -> None:
        """Count one world."""
        self.seeds += 1
        self.steps += outcome.steps
        self.effects += outcome.effects
        self.crashes += outcome.crashes
        self.entries += outcome.entries
        self.kinds.update(outcome.kinds)
        if outcome.violations:
            self.violations[outcome.seed] = outcome.violations

    def as_json(self) -> dict[str, Any]:
        """Return the figures for JSON output."""
        return {
            "seeds": self.seeds,
            "steps": self.steps,
            "effects": self.effects,
            "crashes": self.crashes,
            "entries": self.entries,
            "kinds": dict(sorted(self.kinds.items())),
            "violations": [
                {"seed": seed, "what": list(what), "replay": _replay(seed)}
                for seed, what in self.violations.items()
            ],
        }

    def in_words(self, seconds: float) -> str:
        """Return the figures for people."""
        broke = len(self.violations)
        lines = [
            f"{self.seeds} worlds in {seconds} s: {self.steps} steps, {self.crashes} crashes",
            f"{self.entries} ledger entries, {self.effects} effects",
            f"{broke} worlds broke an invariant" if broke else "every invariant held",
        ]
        for seed, what in self.violations.items():
            lines += [f"  seed {seed}: {what[0]}", f"    {_replay(seed)}"]
        return "\n".join(lines)


def _replay(seed: int) -> str:
    return f"python -m sallyport.simulate --seed {seed} --trace"
