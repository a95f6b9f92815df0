"""What came of a version's own claims, as problems that stand in its way.

Only a proof lets an `always` line pass: one that is false, or that nobody could prove, is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sallyport.model import Boundary, Json, JsonObject
from sallyport.rules import canonical
from sallyport.rules.boundary.problems import Problem, Severity

SHOWN_MAX = 300


def own_problems(
    boundary: Boundary,
    *,
    counterexamples: Iterable[JsonObject],
    unknown: Iterable[str],
    useless: Iterable[str] = (),
) -> tuple[Problem, ...]:
    """Return what a version's own claims lead to, errors first.

    Args:
        boundary: The version.
        counterexamples: Calls that refute its claims, as `found.Counterexample.as_json` has them.
        unknown: What is neither proved nor refuted, and why.
        useless: What grants nothing.
    """
    return (
        *(_false(boundary, one) for one in counterexamples),
        *_not_proved(boundary, unknown),
        *(_useless(boundary, what) for what in useless),
    )


def _false(boundary: Boundary, one: JsonObject) -> Problem:
    claim, call = _claim(one), f"{one.get('tool')} with {_said(one.get('args'))}"
    times = _times(one)
    what = f"`{claim}` is false: {call}{times} would be {one.get('now')}, not {one.get('was')}"
    return _problem(boundary, claim, "always", what, "correct the line, or what the tool may do")


def _not_proved(boundary: Boundary, unknown: Iterable[str]) -> Iterator[Problem]:
    """Yield each line that is not proved. A boundary without lines has nothing to be proved."""
    lines = boundary.workflow.always
    for why in unknown if lines else ():
        named = next((one.where for one in lines if why.startswith(one.where)), "always")
        what = f"not proved: {why}"
        fix = "have it proved, say it more simply, or remove the line"
        yield _problem(boundary, named, "not_proved", what, fix)


def _useless(boundary: Boundary, what: str) -> Problem:
    fix = "correct its bounds, or remove it"
    return _problem(boundary, "tools", "useless", what, fix, severity=Severity.WARNING)


def _claim(one: JsonObject) -> str:
    context = one.get("context")
    return str(context.get("claim", "always")) if isinstance(context, dict) else "always"


def _times(one: JsonObject) -> str:
    context = one.get("context")
    earlier = context.get("earlier_calls") if isinstance(context, dict) else None
    return f" after {earlier} like it" if earlier else ""


def _said(args: Json) -> str:
    text = canonical.text(args)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."


def _problem(
    boundary: Boundary,
    where: str,
    code: str,
    what: str,
    fix: str,
    *,
    severity: Severity = Severity.ERROR,
) -> Problem:
    return Problem(
        file=boundary.workflow.name,
        line=0,
        column=0,
        where=where,
        code=f"boundary.{code}",
        what=what,
        fix=fix,
        severity=severity,
    )
