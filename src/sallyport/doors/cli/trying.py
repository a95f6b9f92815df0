"""`boundary test` and `boundary try`: what a boundary says of calls, from its files alone.

Nothing runs, nothing is asked of a gateway and nothing is sent. It is decided by the code that
decides real calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from sallyport.doors.cli import offline, plain
from sallyport.doors.cli.common import Here, HomeOption, JsonOption, pairs
from sallyport.doors.cli.offline import Offline
from sallyport.doors.cli.written import Files, workflow_files
from sallyport.errors import BadInputError, NotFoundError
from sallyport.model import Decision, Json, JsonObject, Verdict
from sallyport.rules import cases, reasons, strict_json
from sallyport.rules.boundary.inputs import unfit
from sallyport.rules.boundary.moments import as_day
from sallyport.rules.boundary.problems import BoundaryErrors, Problem, suggest
from sallyport.rules.cases import Given, Outcome

ARGS_BYTES_MAX = 4 * 1024 * 1024
DEPTH_MAX = 64

File = Annotated[str, typer.Argument(help="A workflow file or name.", metavar="FILE")]
Tool = Annotated[str, typer.Argument(help="The tool.", metavar="TOOL")]
Args = Annotated[str, typer.Option(help="The arguments, as a JSON object.", metavar="JSON")]
Inputs = Annotated[
    list[str] | None, typer.Option("--task", help="An input of the task.", metavar="NAME=TEXT")
]
Roles = Annotated[
    list[str] | None,
    typer.Option("--as", help="A role of whoever it is for; else the first.", metavar="ROLE"),
]
Facts = Annotated[
    list[str] | None,
    typer.Option("--fact", help="What a look-up would find.", metavar="NAME=TEXT"),
]
Influenced = Annotated[
    bool, typer.Option("--influenced", help="As if outside text had entered the task.")
]
Day = Annotated[str, typer.Option("--date", help="On another day than today.", metavar="DATE")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tested:
    one: Offline
    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> int:
        return sum(bool(outcome.wrong) for outcome in self.outcomes)


def every_case(named: Files = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Decide the cases beside workflow files. Exit code 1 if one does not come as expected.

    Cases stand in NAME.cases.yaml beside NAME.yaml. Nothing is connected or sent; tools are taken
    as tools/SYSTEM.json lists them.

    Example: sallyport boundary test workflows/customer-support.yaml
    """
    here = Here(home, as_json)
    tested = [
        _Tested(one=one, outcomes=tuple(cases.run(case, one.boundary) for case in given))
        for one, given in _with_cases(here.home, named)
    ]
    here.show(_json(tested), (line for one in tested for line in _lines(one)))
    if any(one.failed for one in tested):
        raise typer.Exit(1)


def try_call(
    file: File,
    tool: Tool,
    *,
    args: Args = "{}",
    task: Inputs = None,
    roles: Roles = None,
    fact: Facts = None,
    influenced: Influenced = False,
    day: Day = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a boundary would make of one call, with every reason. Exit code 1: refused.

    Nothing is connected or sent. NAME=TEXT is a text, NAME:=JSON anything else.

    Example: sallyport boundary try workflows/mail.yaml send --args '{"to": "eve@example.net"}'
    """
    here = Here(home, as_json)
    one = offline.load(here.home, offline.chosen(here.home, file))
    given = Given(
        roles=tuple(roles or one.workflow.users[:1]),
        now_us=cases.noon_us(_day(day)),
        inputs=_inputs(one, pairs(task or [])),
        facts=_facts(one, pairs(fact or [])),
        influenced=influenced,
    )
    decision = cases.supposed(one.boundary, tool, _object(args), given)
    here.show(cases.decided_json(decision), _decided(one, tool, decision))
    if decision.verdict is Verdict.REFUSE:
        raise typer.Exit(1)


def _with_cases(
    home: Path, named: Sequence[str] | None
) -> list[tuple[Offline, tuple[cases.Case, ...]]]:
    """Load workflow files and the cases beside them.

    Raises:
        NotFoundError: There are no cases.
        BoundaryErrors: Files cannot be loaded; all of their problems together.
    """
    paths = (
        [offline.chosen(home, one) for one in named]
        if named
        else [one for one in workflow_files(home) if _has_cases(one)]
    )
    if not paths:
        raise NotFoundError(
            f"no workflow in `{home / 'workflows'}` has cases beside it",
            fix="write NAME.cases.yaml beside NAME.yaml; docs/gallery.md shows how",
        )
    problems: list[Problem] = []
    loaded: list[tuple[Offline, tuple[cases.Case, ...]]] = []
    for path in paths:
        try:
            one = offline.load(home, path)
            loaded.append((one, offline.cases(one)))
        except BoundaryErrors as error:
            problems += error.problems
    if problems:
        raise BoundaryErrors(problems)
    return loaded


def _has_cases(path: Path) -> bool:
    return offline.cases_of(path).is_file()


def _json(tested: Sequence[_Tested]) -> JsonObject:
    return {
        "files": [
            {
                "file": offline.cases_of(one.one.path).name,
                "workflow": one.one.workflow.name,
                "cases": [outcome.as_json() for outcome in one.outcomes],
                "failed": one.failed,
                "not_reached": list[Json](cases.unreached(one.one.boundary, one.outcomes)),
                "tools_unlisted": list[Json](one.one.unlisted),
            }
            for one in tested
        ],
        "cases": sum(len(one.outcomes) for one in tested),
        "failed": sum(one.failed for one in tested),
    }


def _lines(tested: _Tested) -> Iterator[str]:
    name = offline.cases_of(tested.one.path).name
    for outcome in tested.outcomes:
        came = outcome.decision.verdict.name.lower()
        yield f"{'WRONG' if outcome.wrong else 'ok':5}  {came:6}  {plain.inert(outcome.case.name)}"
        if outcome.wrong:
            yield from _told(name, outcome)
    count = len(tested.outcomes)
    yield f"{name}: {count} case(s), {count - tested.failed} as expected"
    missed = cases.unreached(tested.one.boundary, tested.outcomes)
    if missed:
        yield f"  no case comes to: {', '.join(missed)}"
    yield from _unlisted(tested.one)


def _told(name: str, outcome: Outcome) -> Iterator[str]:
    """Yield what is wrong with a case, and why it came so."""
    yield f"         {name}:{outcome.case.mark.line}: {plain.inert('; '.join(outcome.wrong))}"
    yield from (f"         {line}" for line in _floors(outcome.decision))


def _floors(decision: Decision) -> Iterator[str]:
    for floor in decision.floors:
        yield f"{floor.verdict.name.lower()}: {plain.inert(reasons.say(floor))}"


def _unlisted(one: Offline) -> Iterator[str]:
    for name in one.unlisted:
        yield f"  tools/{name}.json is not here: any arguments count as fitting its tools"


def _decided(one: Offline, tool: str, decision: Decision) -> Iterator[str]:
    entry = f" ({plain.inert(decision.entry)})" if decision.entry else ""
    yield f"{decision.verdict.name.lower()}{entry}"
    yield from (f"  {line}" for line in _floors(decision))
    if decision.question is not None:
        who = " or ".join(decision.question.who) or "nobody"
        yield f"  who would be asked: {who}; {decision.question.how_many} needed"
    if tool not in one.workflow.tools:
        yield f"  {suggest(tool, one.workflow.tools)}"
    yield from _unlisted(one)


def _inputs(one: Offline, given: JsonObject) -> JsonObject:
    for problem in unfit(one.workflow.task_inputs, given):
        fix = suggest("", one.workflow.task_inputs)
        raise BadInputError(problem, fix=f"bind what the workflow declares: {fix}")
    return given


def _facts(one: Offline, given: JsonObject) -> JsonObject:
    known = {fact for system in one.systems.values() for fact in system.facts}
    for name in given:
        if name not in known:
            raise BadInputError(
                f"no system of `{one.workflow.name}` tells the fact `{name}`",
                fix=suggest(name, sorted(known)),
            )
    return given


def _day(given: str) -> date:
    if not given:
        return datetime.now(UTC).date()
    found = as_day(given)
    if found is None:
        raise BadInputError(f"`{given[:40]}` is no date", fix="write it as YYYY-MM-DD")
    return found


def _object(given: str) -> JsonObject:
    try:
        said = strict_json.loads(
            given.encode("utf-8", "surrogatepass"), bytes_max=ARGS_BYTES_MAX, depth_max=DEPTH_MAX
        )
    except BadInputError as error:
        raise BadInputError(f"`--args`: {error.what}", fix=error.fix) from None
    if not isinstance(said, dict):
        raise BadInputError("`--args` is no JSON object", fix='write it as \'{"name": "value"}\'')
    return said
