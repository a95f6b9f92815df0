"""A file of cases is read as strictly as a boundary: a case that says nothing must not pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import pytest

from sallyport.model import Entry, JsonObject, Limit, Plumbing, Stage, System, ToolPin, Verdict
from sallyport.rules import canonical, reasons
from sallyport.rules.boundary.load import load_workflow
from sallyport.rules.boundary.problems import BoundaryErrors, Mark
from sallyport.rules.cases import (
    SUFFIX,
    Case,
    Given,
    Outcome,
    compile_offline,
    load_cases,
    noon_us,
    pin,
    run,
    unreached,
)
from tests.gallery.shelf import TODAY

WORKFLOW = load_workflow(
    """\
workflow: refunds
purpose: Give small refunds.
owner: ops@example.com
agent: bot
environment: test
expires: 2027-12-31
for: [clerk, lead]
task: {ticket: text, until: date}
limits: {calls_per_task: 3, refunds_per_day: 100.00 EUR}
tools:
  look:
    level: read
    only: {ticket: {is: task.ticket}}
  pay:
    level: update
    touches: [money]
    only: {ticket: {is: task.ticket}}
    allow:
      - args: {refund: {at_most: 10.00 EUR}}
        because: small
        until: 2027-06-30
    ask: [{args: {refund: {above: 10.00 EUR, at_most: 50.00 EUR}}, who: [lead]}]
""",
    "refunds.yaml",
)
HEAD = "workflow: refunds\ngiven: {date: 2026-12-01, task: {ticket: T-1}}\n"
CASE = "  - {case: One, tool: look, args: {ticket: T-1}, expect: allow}\n"
FILE = f"{HEAD}cases:\n{CASE}"


def load(text: str) -> tuple[Case, ...]:
    """Return the cases of a file about refunds, whose system tells one fact."""
    return load_cases(text, "refunds.cases.yaml", WORKFLOW, ["state"])


def problems(text: str) -> list[str]:
    """Return every problem of such a file."""
    with pytest.raises(BoundaryErrors) as caught:
        load(text)
    found = caught.value.problems
    assert {one.file for one in found} == {"refunds.cases.yaml"}
    return [f"{one.line}:{one.column} {one.code}: {one.what}; {one.fix}" for one in found]


def test_cases_stand_beside_their_workflow_under_its_name() -> None:
    """`refunds.yaml` has `refunds.cases.yaml`, where the command looks for it."""
    assert len(load_cases(FILE, f"refunds{SUFFIX}", WORKFLOW, ())) == 1
    assert f"refunds{SUFFIX}" == "refunds.cases.yaml"


def test_a_case_is_what_is_given_what_is_called_and_what_comes() -> None:
    """What all share stands once; what a case gives counts before it."""
    text = """\
  - case: Little is left of the day
    tool: pay
    args: {ticket: T-2, refund: 9.5}
    given: {as: [lead], date: 2027-01-31, task: {ticket: T-2}, influenced: true, stage: ask, facts: {state: open}, used: {refunds_per_day: 95.00 EUR, calls_per_task: 0}}
    expect: refuse
    reason: limit.sum
"""  # noqa: E501
    first, second = load(f"{HEAD}cases:\n{CASE}{text}")

    assert (first.given.roles, first.given.now_us) == (("clerk",), noon_us(TODAY))
    assert (second.mark.line, second.expect, second.reason) == (5, Verdict.REFUSE, "limit.sum")
    assert second.given.used == {"refunds_per_day": 95_000_000, "calls_per_task": 0}
    assert (second.given.influenced, second.given.stage) == (True, "ask")
    assert second.given.inputs == {"ticket": "T-2"}


@pytest.mark.parametrize(
    "before, after, found",
    [
        pytest.param(FILE.partition("\n")[2], "", ["1:1 boundary.missing_word: the file of cases lacks `given`; add `given: {date: 2027-01-31}`", "1:1 boundary.missing_word: the file of cases lacks `cases`; add `cases: [...]`"], id="no more than a name"),  # noqa: E501
        pytest.param(f"cases:\n{CASE}", "cases: []\n", ["3:8 boundary.empty: `cases` has no case; write at least one"], id="no case"),  # noqa: E501
        pytest.param(f"cases:\n{CASE}", "cases: 5\n", ["3:8 boundary.wrong_type: `cases` is not a list; write `[one, two]`"], id="no list of cases"),  # noqa: E501
        pytest.param("refunds\n", "mail\n", ["1:11 boundary.other_workflow: these cases are about `mail`, and the file beside is `refunds`; correct the name"], id="another workflow"),  # noqa: E501
        pytest.param("workflow: refunds\n", "", ["1:1 boundary.missing_word: the file of cases lacks `workflow`; add `workflow: customer-support`"], id="no workflow"),  # noqa: E501
        pytest.param("case: One, ", "", ["4:5 boundary.missing_word: a case lacks `case`; add `case: a mail to a stranger is refused`"], id="no name said"),  # noqa: E501
        pytest.param("refunds\n", "5\n", ["1:11 boundary.wrong_type: the workflow is not text; write text, in quotes if need be"], id="no text"),  # noqa: E501
        pytest.param("workflow: refunds\n", "workflow: \n", ["1:10 boundary.empty: a value is missing; write it after the colon"], id="no name"),  # noqa: E501
        pytest.param("date: 2026-12-01, ", "", ["2:8 boundary.missing_word: `given` lacks `date`; add `date: 2027-01-31`"], id="no day"),  # noqa: E501
        pytest.param("{date: 2026-12-01, task: {ticket: T-1}}", "5", ["2:8 boundary.wrong_type: `given` is not a table of words; write `word: value`", "2:8 boundary.missing_word: `given` lacks `date`; add `date: 2027-01-31`"], id="nothing given"),  # noqa: E501
        pytest.param("ticket: T-1}}", "tiket: T-1}}", ["2:34 boundary.unknown_input: workflow `refunds` has no input `tiket`; did you mean `ticket`?"], id="an unknown input"),  # noqa: E501
        pytest.param("T-1}}\n", "T-1, until: soon}}\n", ["2:54 boundary.wrong_type: input `until` is not of kind date; write one that an opener could bind"], id="an input of another kind"),  # noqa: E501
        pytest.param("given:", "givn: {}\ngiven:", ["2:1 boundary.unknown_word: unknown word `givn` in the file of cases; did you mean `given`?"], id="an unknown word"),  # noqa: E501
        pytest.param("expect: allow", "expect: alow", ["4:58 boundary.unknown_word: `alow` is not a verdict; did you mean `allow`?"], id="an unknown verdict"),  # noqa: E501
        pytest.param(", expect: allow", "", ["4:5 boundary.missing_word: a case lacks `expect`; add `expect: refuse`"], id="no verdict"),  # noqa: E501
        pytest.param("expect:", "expects: ask, expect:", ["4:50 boundary.unknown_word: unknown word `expects` in a case; did you mean `expect`?"], id="an unknown word in a case"),  # noqa: E501
        pytest.param("allow}", "allow, who: [lead]}", ["4:65 boundary.pointless: `who` is about a question, and the case expects allow; remove `who`, or write `expect: ask`"], id="people and no question"),  # noqa: E501
        pytest.param("allow}", "ask, who: lead}", ["4:68 boundary.wrong_type: `who` is not a list; write `[one, two]`"], id="no list of people"),  # noqa: E501
        pytest.param("allow}", "allow, reason: boundry.only}", ["4:73 boundary.unknown_word: `boundry.only` is not a reason; did you mean `boundary.only`?"], id="an unknown reason"),  # noqa: E501
        pytest.param("allow}", 'allow, entry: "pay.ask[1]"}', ["4:72 boundary.unknown_word: `pay.ask[1]` is not an entry; did you mean `pay.ask[0]`?"], id="an unknown entry"),  # noqa: E501
        pytest.param("allow}", "allow, entry: 5}", ["4:72 boundary.wrong_type: an entry is not text; write text, in quotes if need be"], id="no name of an entry"),  # noqa: E501
        pytest.param("allow}", "allow, reason: 5}", ["4:73 boundary.wrong_type: a reason is not text; write text, in quotes if need be"], id="no name of a reason"),  # noqa: E501
        pytest.param("allow}", "ask, given: {facts: {stat: 1}}}", ["4:79 boundary.unknown_fact: no system of this workflow tells the fact `stat`; did you mean `state`?"], id="an unknown fact"),  # noqa: E501
        pytest.param("allow}", "ask, given: {used: {calls: 1}}}", ["4:78 boundary.unknown_word: workflow `refunds` has no limit `calls`; use one of: calls_per_task, refunds_per_day"], id="an unknown limit"),  # noqa: E501
        pytest.param("allow}", "ask, given: {used: {refunds_per_day: 5.00 USD}}}", ["4:95 boundary.wrong_type: what is used of `refunds_per_day` is not an amount in EUR; write `1.00 EUR`"], id="another currency"),  # noqa: E501
        pytest.param("allow}", "ask, given: {used: {refunds_per_day: [1]}}}", ["4:95 boundary.wrong_type: what is used of `refunds_per_day` is not an amount in EUR; write `1.00 EUR`"], id="a list of an amount"),  # noqa: E501
        pytest.param("allow}", "ask, given: {used: {refunds_per_day: 5}}}", ["4:95 boundary.wrong_type: what is used of `refunds_per_day` is not an amount in EUR; write `1.00 EUR`"], id="no currency"),  # noqa: E501
        pytest.param("allow}", "ask, given: {used: {calls_per_task: -1}}}", ["4:94 boundary.wrong_type: what is used of `calls_per_task` is not such a number; write a whole number from 0 to 10000000"], id="below nought"),  # noqa: E501
        pytest.param("allow}", "ask, given: {used: {calls_per_task: false}}}", ["4:94 boundary.wrong_type: what is used of `calls_per_task` is not such a number; write a whole number from 0 to 10000000"], id="a truth value"),  # noqa: E501
        pytest.param("allow}", "ask, given: {used: {calls_per_task: [0]}}}", ["4:94 boundary.wrong_type: what is used of `calls_per_task` is not such a number; write a whole number from 0 to 10000000"], id="a list of a number"),  # noqa: E501
        pytest.param("allow}", "ask, given: {used: {calls_per_task: 10000001}}}", ["4:94 boundary.wrong_type: what is used of `calls_per_task` is not such a number; write a whole number from 0 to 10000000"], id="too many used"),  # noqa: E501
        pytest.param("allow}", "ask, given: {used: [1]}}", ["4:77 boundary.wrong_type: `used` is not a table of words; write `word: value`"], id="no table of limits"),  # noqa: E501
        pytest.param("allow}", "ask, given: {facts: [1]}}", ["4:78 boundary.wrong_type: `facts` is not a table of words; write `word: value`"], id="no table of facts"),  # noqa: E501
        pytest.param("allow}", "ask, given: {task: [1]}}", ["4:77 boundary.wrong_type: `task` is not a table of words; write `word: value`"], id="no table of inputs"),  # noqa: E501
        pytest.param("allow}", "ask, given: {tsk: {}}}", ["4:71 boundary.unknown_word: unknown word `tsk` in `given`; did you mean `task`?"], id="an unknown word given"),  # noqa: E501
        pytest.param("allow}", "ask, given: 5}", ["4:70 boundary.wrong_type: `given` is not a table of words; write `word: value`"], id="no table given"),  # noqa: E501
        pytest.param("allow}", "ask, given: {stage: liv}}", ["4:78 boundary.unknown_word: `liv` is not a stage; did you mean `live`?"], id="an unknown stage"),  # noqa: E501
        pytest.param("allow}", "ask, given: {as: []}}", ["4:75 boundary.wrong_type: `as` is an empty list; name at least one"], id="no roles"),  # noqa: E501
        pytest.param("allow}", "ask, given: {as: clerk}}", ["4:75 boundary.wrong_type: `as` is not a list; write `[one, two]`"], id="no list of roles"),  # noqa: E501
        pytest.param("allow}", "ask, given: {influenced: 1}}", ["4:83 boundary.wrong_type: `influenced` is neither true nor false; write `true` or `false`"], id="no truth value"),  # noqa: E501
        pytest.param("allow}", "ask, given: {date: 2026-13-01}}", ["4:77 boundary.wrong_type: `date` is not a date of the calendar; write it as YYYY-MM-DD"], id="no day of the calendar"),  # noqa: E501
        pytest.param("tool: look", "tool: l*", ["4:23 boundary.wildcard: `l*` is a pattern, not the name of a tool; name each one: there are no wildcards"], id="a pattern"),  # noqa: E501
        pytest.param("tool: look", "tool: 5", ["4:23 boundary.wrong_type: `tool` is not text; write text, in quotes if need be"], id="no name of a tool"),  # noqa: E501
        pytest.param("args: {ticket: T-1}", "args: 5", ["4:35 boundary.wrong_type: `args` is not a table of words; write `word: value`"], id="no arguments"),  # noqa: E501
        pytest.param("case: One", "case: 5", ["4:12 boundary.wrong_type: `case` is not text; write text, in quotes if need be"], id="no name of a case"),  # noqa: E501
        pytest.param("{case: One, tool: look, args: {ticket: T-1}, expect: allow}", "5", ["4:5 boundary.wrong_type: a case is not a table of words; write `word: value`"], id="no case at all"),  # noqa: E501
        pytest.param("tool: look", "tool: look, tool: pay", ["4:29 boundary.duplicate_key: `tool` stands here twice, first on line 4; merge the two into one"], id="a word twice"),  # noqa: E501
        pytest.param("expect: allow}\n", "expect: allow}\n  - {case: One, tool: pay, expect: ask}\n", ["5:5 boundary.duplicate_key: two cases are called `One`; say how they differ"], id="two of one name"),  # noqa: E501
        pytest.param("{case: One, tool: look, args: {ticket: T-1}, expect: allow}\n", "{case: A, tool: look, expect: maybe}\n  - {case: B, tol: look, expect: ask}\n", ["4:35 boundary.unknown_word: `maybe` is not a verdict; use one of: allow, ask, draft, refuse", "5:5 boundary.missing_word: a case lacks `tool`; add `tool: mail.send`", "5:15 boundary.unknown_word: unknown word `tol` in a case; did you mean `tool`?"], id="many at once"),  # noqa: E501
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(before: str, after: str, found: list[str]) -> None:
    """Line, column, what and how to mend it: all of it at once, and nothing besides."""
    assert problems(FILE.replace(before, after, 1)) == found


def test_a_file_that_is_no_file_of_cases_says_nothing_else() -> None:
    """Where nothing stands there is nothing to say of cases."""
    empty = "1:1 boundary.syntax: the file is empty; write at least its name"
    no_table = "1:1 boundary.wrong_type: the file is not a table of words; write `word: value`"

    assert problems("") == [empty]
    assert problems("- 5\n") == [no_table]


def test_two_thousand_cases_are_read_and_no_more() -> None:
    """A workflow that needs more should be two."""
    each = "".join(CASE.replace("One", f"Case {number}") for number in range(2001))
    first, _, last = each.rpartition("  - ")

    assert last
    assert len(load(f"{HEAD}cases:\n{first}")) == 2000
    assert problems(f"{HEAD}cases:\n{each}") == [
        "4:3 boundary.too_large: there are more than 2000 cases; split the workflow"
    ]


def test_what_is_not_given_speaks_for_the_call() -> None:
    """The first role, a live agent, nothing used and no text from outside; noon of the day."""
    (case,) = load(FILE)

    assert case == Case(
        name="One",
        mark=Mark(4, 5),
        tool="look",
        args={"ticket": "T-1"},
        given=Given(
            roles=("clerk",),
            now_us=1_796_126_400_000_000,
            inputs={"ticket": "T-1"},
            facts={},
            used={},
            influenced=False,
            stage=Stage.LIVE,
        ),
        expect=Verdict.ALLOW,
        reason="",
        entry="",
        who=(),
    )


def test_a_case_gives_what_it_says_on_top_of_what_all_share() -> None:
    """Word by word for inputs, facts and limits; the rest in its place."""
    shared = (
        "workflow: refunds\n"
        "given: {date: 2026-12-01, as: [lead], task: {ticket: T-1}, facts: {state: open}, "
        "used: {calls_per_task: 1}, influenced: true, stage: draft}\n"
    )
    own = (
        "given: {task: {until: 2026-12-24}, facts: {seen: 5}, "
        "used: {refunds_per_day: 0.50 EUR}, influenced: false}"
    )
    text = f"{shared}cases:\n{CASE}{CASE.replace('One', 'Two').replace('expect', f'{own}, expect')}"
    one, two = load_cases(text, "refunds.cases.yaml", WORKFLOW, ["state", "seen"])
    given = Given(
        roles=("lead",),
        now_us=noon_us(TODAY),
        inputs={"ticket": "T-1"},
        facts={"state": "open"},
        used={"calls_per_task": 1},
        influenced=True,
        stage=Stage.DRAFT,
    )

    assert one.given == given
    assert two.given == replace(
        given,
        inputs={"ticket": "T-1", "until": "2026-12-24"},
        facts={"state": "open", "seen": 5},
        used={"calls_per_task": 1, "refunds_per_day": 500_000},
        influenced=False,
    )


@pytest.mark.parametrize(
    "day, at_us",
    [
        (date(1970, 1, 1), 43_200_000_000),
        (date(1970, 1, 2), 129_600_000_000),
        (date(2026, 12, 1), 1_796_126_400_000_000),
    ],
)
def test_a_day_is_its_noon(day: date, at_us: int) -> None:
    """In UTC, so that no zone makes it another day."""
    assert noon_us(day) == at_us


DESK = System(name="desk", url="http://desk.invalid/mcp")
BOUNDARY = compile_offline(WORKFLOW, {"desk": DESK}, {}, code_version="1")
REFUND = "{{case: A, tool: pay, args: {{ticket: T-1, refund: {0}}}, {1}}}"


def came(case: str) -> Outcome:
    """Return what comes of a case, written as one line."""
    (one,) = load(f"{HEAD}cases:\n  - {case}\n")
    return run(one, BOUNDARY)


@pytest.mark.parametrize(
    "refund, expected, wrong",
    [
        (5, "expect: allow", []),
        (20, "expect: ask", []),
        (51, "expect: refuse", []),
        (5, 'expect: allow, reason: boundary.allow, entry: "pay.allow[0]"', []),
        (20, 'expect: ask, reason: boundary.ask, entry: "pay.ask[0]", who: [lead]', []),
        (20, "expect: allow", ["expected allow, came ask"]),
        (5, "expect: draft", ["expected draft, came allow"]),
        (
            20,
            "expect: ask, reason: boundary.only",
            ["expected the reason boundary.only, came boundary.ask, impact.ask, level.ask"],
        ),
        (
            20,
            "expect: ask, reason: boundary.allow",
            ["expected the reason boundary.allow, came boundary.ask, impact.ask, level.ask"],
        ),
        (
            5,
            'expect: allow, entry: "pay.ask[0]"',
            ["expected the entry pay.ask[0], came pay.allow[0]"],
        ),
        (
            51,
            'expect: refuse, entry: "pay.ask[0]"',
            ["expected the entry pay.ask[0], came none"],
        ),
        (
            20,
            "expect: ask, who: [clerk, lead]",
            ["expected that clerk or lead is asked, came lead"],
        ),
        (
            51,
            "expect: ask, who: [lead]",
            [
                "expected ask, came refuse",
                "expected that lead is asked, came nobody",
            ],
        ),
    ],
)
def test_a_case_is_compared_in_each_thing_that_it_expects(
    refund: int, expected: str, wrong: list[str]
) -> None:
    """Verdict, reason, entry and people; what it does not name is not asked."""
    outcome = came(REFUND.format(refund, expected))

    assert list(outcome.wrong) == wrong
    assert outcome.as_json()["as_expected"] is not bool(wrong)


def test_an_outcome_is_told_to_programs_whole() -> None:
    """What was expected beside what came, with every sentence."""
    asked = came(REFUND.format(20, "expect: allow")).as_json()
    refused = came("{case: B, tool: look, args: {ticket: T-9}, expect: refuse}").as_json()
    floors = asked["came"]
    assert isinstance(floors, dict)

    assert {**asked, "came": {**floors, "floors": []}} == {
        "case": "A",
        "line": 4,
        "tool": "pay",
        "expected": "allow",
        "came": {
            "verdict": "ask",
            "entry": "pay.ask[0]",
            "who": ["lead"],
            "how_many": 1,
            "floors": [],
        },
        "as_expected": False,
        "wrong": ["expected allow, came ask"],
    }
    assert floors["floors"] == [
        {
            "verdict": "ask",
            "code": "boundary.ask",
            "sentence": "the boundary asks lead (pay.ask[0])",
        },
        {
            "verdict": "ask",
            "code": "impact.ask",
            "sentence": "it touches money, so a person is asked unless the boundary says otherwise",
        },
        {
            "verdict": "ask",
            "code": "level.ask",
            "sentence": "at level update a person is asked unless the boundary says otherwise",
        },
    ]
    assert refused["came"] == {
        "verdict": "refuse",
        "entry": "",
        "who": [],
        "how_many": 0,
        "floors": [
            {
                "verdict": "refuse",
                "code": "boundary.only",
                "sentence": "ticket must be the task's own ticket",
            },
            {
                "verdict": "allow",
                "code": "level.default",
                "sentence": "level read is allowed by default",
            },
        ],
    }


@pytest.mark.parametrize(
    "given, reason",
    [
        ("{used: {calls_per_task: 2}}", ""),
        ("{used: {calls_per_task: 3}}", "limit.reached"),
        ("{used: {refunds_per_day: 95.00 EUR}}", ""),
        ("{used: {refunds_per_day: 95.01 EUR}}", "limit.sum"),
        ("{as: [lead]}", ""),
        ("{as: [stranger]}", "permission.requester_role"),
        ("{as: [stranger, lead]}", ""),
        ("{stage: live}", ""),
        ("{stage: draft}", "agent.stage_draft"),
        ("{influenced: true}", "influence.untrusted"),
        ("{date: 2027-06-30}", ""),
        ("{date: 2027-12-31}", "boundary.allow_over"),
        ("{date: 2028-01-01}", "boundary.expired"),
        ("{task: {ticket: T-2}}", "boundary.only"),
    ],
)
def test_what_is_given_decides(given: str, reason: str) -> None:
    """By the code that decides real calls."""
    expected = "allow" if not reason else "refuse"
    decision = came(REFUND.format(5, f"given: {given}, expect: {expected}")).decision

    assert (decision.verdict is Verdict.ALLOW) is (not reason)
    assert not reason or reason in {floor.code for floor in decision.floors}


def test_what_is_not_given_of_a_limit_is_not_used() -> None:
    """A limit of one lets a case through."""
    once = replace(WORKFLOW, limits=(Limit(name="calls_per_task", at_most=1, per="task"),))
    boundary = compile_offline(once, {"desk": DESK}, {}, code_version="1")
    (case,) = load(FILE)

    assert run(case, boundary).wrong == ()


def test_a_reason_is_one_of_the_verdict_that_came() -> None:
    """What speaks for a call is no reason to refuse it."""
    outcome = came(
        "{case: A, tool: look, args: {ticket: T-9}, expect: refuse, reason: level.default}"
    )

    assert outcome.wrong == ("expected the reason level.default, came boundary.only",)


def test_everybody_who_would_be_asked_is_named() -> None:
    """Where a case expects others."""
    pay = WORKFLOW.tools["pay"]
    both = replace(pay, ask=(replace(pay.ask[0], who=("lead", "owner")),))
    tools = {**WORKFLOW.tools, "pay": both}
    boundary = compile_offline(replace(WORKFLOW, tools=tools), {"desk": DESK}, {}, code_version="1")
    (case,) = load(f"{HEAD}cases:\n  - {REFUND.format(20, 'expect: ask, who: [lead]')}\n")

    assert run(case, boundary).wrong == ("expected that lead is asked, came lead or owner",)


def test_a_call_is_supposed_of_nobody_in_particular() -> None:
    """It is of the boundary's agent and workflow, whoever asks."""
    outcome = came("{case: A, tool: wipe, args: {}, expect: refuse}")

    assert [reasons.say(floor) for floor in outcome.decision.floors] == [
        "tool `wipe` is not declared in workflow `refunds`"
    ]


LOOK: JsonObject = {
    "name": "look",
    "inputSchema": {"properties": {"ticket": {"type": "integer"}}},
}


def _pins(
    systems: tuple[System, ...], listed: Mapping[str, Iterable[JsonObject]], *homes: str
) -> dict[str, str]:
    """Return which system each tool is of; `homes` are named in the workflow, tool by tool."""
    named = zip(WORKFLOW.tools.values(), homes, strict=False)
    tools = {**WORKFLOW.tools, **{one.tool: replace(one, system=home) for one, home in named}}
    workflow = replace(WORKFLOW, tools=tools)
    boundary = compile_offline(
        workflow, {one.name: one for one in systems}, listed, code_version="1"
    )
    return {tool: pin.system for tool, pin in boundary.pins.items()}


def test_tools_are_taken_as_they_are_listed_and_others_with_any_arguments() -> None:
    """A system that nobody listed takes what the boundary permits; a listed one has no more."""
    knows_pay = replace(DESK, name="bank", tools={"pay": Plumbing()})

    assert _pins((), {}) == {}
    assert _pins((DESK,), {}) == {"look": "desk", "pay": "desk"}
    assert _pins((DESK,), {"desk": [LOOK]}) == {"look": "desk"}
    assert _pins((DESK, knows_pay), {}) == {"look": "desk", "pay": "bank"}
    assert _pins((knows_pay, DESK), {"bank": [LOOK]}) == {"look": "bank", "pay": "desk"}
    assert _pins((DESK, knows_pay), {}, "bank", "desk") == {"look": "bank", "pay": "desk"}
    assert _pins((DESK, knows_pay), {"desk": []}, "desk", "desk") == {}


def test_a_listed_definition_is_held_by_its_digest_and_counts() -> None:
    """Arguments that do not fit its schema are refused; one without a name is of no tool."""
    boundary = compile_offline(WORKFLOW, {"desk": DESK}, {"desk": [LOOK]}, code_version="1")
    (case,) = load(FILE)

    assert boundary.pins["look"] == ToolPin(
        system="desk", tool="look", definition=LOOK, digest=canonical.digest("tool", LOOK)
    )
    assert pin("desk", {}) == ToolPin(
        system="desk", tool="", definition={}, digest=canonical.digest("tool", {})
    )
    assert run(case, boundary).decision.verdict is Verdict.REFUSE


def test_what_no_case_comes_to_is_named() -> None:
    """So that an entry nobody thought of does not stay untried; nor a tool that is kept away."""
    never = Entry(where="pay.never[0]", args={})
    pay, look = WORKFLOW.tools["pay"], WORKFLOW.tools["look"]
    tools = {
        "pay": replace(pay, never=(never,)),
        "look": look,
        "seen": replace(look, tool="seen", implied_by="look"),
    }
    boundary = replace(BOUNDARY, workflow=replace(WORKFLOW, tools=tools, never=("wipe", "drop")))
    wipe = came("{case: A, tool: wipe, args: {}, expect: refuse}")
    look_up = came("{case: A, tool: look, args: {ticket: T-1}, expect: allow}")
    small = came(REFUND.format(5, "expect: allow"))
    large = came(REFUND.format(20, "expect: ask"))
    entry_alone = replace(large, decision=replace(large.decision, floors=()))
    kept = replace(
        large,
        decision=replace(
            large.decision,
            entry="",
            floors=(reasons.refuse("boundary.never", where="pay.never[0]", detail="d"),),
        ),
    )

    assert unreached(boundary, []) == (
        *("wipe", "drop", "pay.allow[0]", "pay.ask[0]", "pay.never[0]", "look"),
    )
    assert unreached(boundary, [wipe, look_up, small, kept]) == ("drop", "pay.ask[0]")
    assert unreached(boundary, [entry_alone]) == unreached(boundary, [large])
    assert unreached(boundary, [large]) == (
        *("wipe", "drop", "pay.allow[0]", "pay.never[0]", "look"),
    )
