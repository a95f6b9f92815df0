"""What is wrong with a file, all of it at once, each with its place and what to do.

A problem names the word, never the value beside it: a mistyped line may hold a secret.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import NamedTuple

from sallyport.errors import SallyportError


class Mark(NamedTuple):
    """A place in a file; line and column count from 1, and 0 means the file as a whole."""

    line: int = 0
    column: int = 0


class Severity(StrEnum):
    """How much a problem matters."""

    ERROR = "error"
    """The file or boundary cannot be used."""
    WARNING = "warning"
    """It can be used, and somebody should look."""
    NOTE = "note"
    """What a reviewer should know before signing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding about a file or a compiled boundary.

    `where` is the way to the place in words (`tools.mail.send.only.to`); `line` and `column` are 0
    where only that is known.
    """

    file: str
    line: int
    column: int
    code: str
    what: str
    fix: str
    where: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.what}; {self.fix}"

    def as_dict(self) -> dict[str, str | int]:
        """Return the problem as flat values for JSON output."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "where": self.where,
            "severity": self.severity.value,
            "code": self.code,
            "what": self.what,
            "fix": self.fix,
        }


class BoundaryErrors(SallyportError):  # noqa: N818 (it is several)
    """A workflow or system file that cannot be used, with every reason.

    Args:
        problems: At least one problem, in the order of the file.
    """

    code = "boundary.file"
    fix = "correct the places named here, then run `sallyport boundary check`"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.format())

    def format(self) -> str:
        """Return one line for each problem: `file:line:column: what; fix`."""
        return "\n".join(str(problem) for problem in self.problems)


def unplaced(  # noqa: PLR0917 (what a problem consists of)
    file: str, where: str, code: str, what: str, fix: str, severity: Severity = Severity.ERROR
) -> Problem:
    """Return a problem of a compiled boundary, whose place is known in words alone."""
    return Problem(
        file=file,
        line=0,
        column=0,
        where=where,
        code=f"boundary.{code}",
        what=what,
        fix=fix,
        severity=severity,
    )


class Collector:
    """Gathers the problems of one file, so that its writer sees all of them in one go."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []
        self._unreadable: set[Mark] = set()

    def unreadable(self, mark: Mark, code: str, what: str, fix: str) -> None:
        """Record that nothing can be made of a value, so that nothing more is said of it."""
        self.add(mark, code, what, fix)
        self._unreadable.add(mark)

    def add(self, mark: Mark, code: str, what: str, fix: str) -> None:
        """Record a problem at a place; `code` is completed to `boundary.<code>`."""
        if mark in self._unreadable:
            return
        self.found.append(
            Problem(
                file=self.file,
                line=mark.line,
                column=mark.column,
                code=f"boundary.{code}",
                what=what,
                fix=fix,
            )
        )

    def stop_if_any(self) -> None:
        """Raise `BoundaryErrors` when anything was found."""
        if self.found:
            raise BoundaryErrors(sorted(self.found, key=lambda p: (p.line, p.column)))


def suggest(word: str, known: Iterable[str]) -> str:
    """Return advice for a word that is not known: the nearest one, or all there are."""
    words = list(known)
    near = get_close_matches(word, words)
    if near:
        return f"did you mean `{near[0]}`?"
    if not words:
        return "remove it"
    return f"use one of: {', '.join(words)}"
