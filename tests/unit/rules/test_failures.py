"""What went wrong, by its nature: every reason there is has a class, and nothing is left out."""

from __future__ import annotations

import pytest

from sallyport.rules import failures
from sallyport.rules.answering import REASONS
from sallyport.rules.failures import MEANS, OF_CODE, OF_REASON, Class, Failed, report
from sallyport.rules.reasons import SENTENCES
from tests.requirements import requirement

# What never refuses, or is a person's own answer.
NEVER_REFUSES = {"level", "impact", "edit", "irreversible", "review", "glass"}


def _failed(by: str, code: str, tool: str = "mail.send") -> Failed:
    return Failed(by=by, code=code, workflow="support", tool=tool, agent="bot")


@requirement("B-114")
def test_every_reason_of_people_and_of_the_gateway_has_a_class() -> None:
    """The catalogues are closed; a new code has to say what it is."""
    assert set(OF_REASON) == set(REASONS)
    assert set(OF_CODE) <= set(SENTENCES)
    unclear = [one for one in SENTENCES if _failed("gateway", one).nature is Class.UNCLASSIFIED]
    assert {code.partition(".")[0] for code in unclear} == NEVER_REFUSES
    assert set(MEANS) == set(Class)


def test_a_report_counts_each_failure_once_by_class_reason_and_tool() -> None:
    """People, the gateway and systems, side by side."""
    found = report(
        [
            _failed("people", "wrong_target"),
            _failed("people", "wrong_target", "tickets.update"),
            _failed("gateway", "parameters.schema"),
            _failed("gateway", "boundary.never"),
            _failed("gateway", "upstream.down"),
            _failed("system", "answered.error"),
            _failed("people", "no such code"),
            _failed("gateway", "unheard.of"),
        ]
    )
    assert found["total"] == 8
    classes = found["classes"]
    assert isinstance(classes, list)
    by = {str(one["class"]): one for one in classes if isinstance(one, dict)}
    assert list(by) == [one.value for one in Class]
    assert (by["reasoning"]["rejected"], by["reasoning"]["refused"]) == (2, 1)
    assert by["reasoning"]["reasons"] == [
        {"by": "people", "code": "wrong_target", "count": 2},
        {"by": "gateway", "code": "parameters.schema", "count": 1},
    ]
    assert (by["software"]["refused"], by["software"]["failed"]) == (1, 1)
    assert by["permission"]["count"] == 1
    assert by["unclassified"]["count"] == 2
    assert by["retrieval"] == {
        "class": "retrieval",
        "means": MEANS[Class.RETRIEVAL],
        "count": 0,
        "rejected": 0,
        "refused": 0,
        "failed": 0,
        "reasons": [],
        "tools": [],
    }


def test_a_class_has_its_word_and_says_what_it_means() -> None:
    """People read both in the report."""
    classes = report([])["classes"]
    assert isinstance(classes, list)
    assert {one["class"]: one["means"] for one in classes if isinstance(one, dict)} == {
        "software": "a system, a tool or the gateway did not work as it should",
        "reasoning": "the agent concluded wrongly: the wrong record, tool or value",
        "retrieval": "what it went by was missing, stale or not there to be found",
        "permission": "it was not allowed to do that",
        "workflow": "the work was not in a state for it: done already, too early, too often",
        "security": "it looks like an attack, or something was stopped",
        "unclassified": "none of these",
    }
    assert (failures.DAYS, failures.DAYS_MAX) == (30, 3660)


OF_PEOPLE = {
    "reasoning": ("wrong_target", "wrong_value"),
    "retrieval": ("unsupported", "out_of_date"),
    "workflow": ("not_wanted", "done_already", "not_now"),
    "permission": ("not_allowed",),
    "software": ("broken",),
    "security": ("suspicious",),
    "unclassified": ("other", "no such reason"),
}
OF_THE_GATEWAY = {
    "retrieval": ("boundary.fact_missing", "lookup.failed"),
    "workflow": (
        *("boundary.when", "approval.stale", "approval.any", "request.any", "answer.any"),
        *("limit.any", "call.any", "limit"),
    ),
    "reasoning": (
        *("boundary.argument_missing", "boundary.only", "boundary.template"),
        *("boundary.no_entry", "boundary.tool_not_declared", "tool.unknown", "parameters.any"),
    ),
    "permission": ("agent.any", "permission.any", "boundary.any", "tool.any"),
    "security": ("tool.quarantined", "switch.any", "stop.any", "fence.any", "influence.any"),
    "software": ("upstream.any", "check.any", "gateway.any"),
    "unclassified": ("lookup.any", "unheard.of", "", "wrong_target"),
}


@pytest.mark.parametrize(
    "by, code, nature",
    [
        *(("people", code, nature) for nature, codes in OF_PEOPLE.items() for code in codes),
        *(("gateway", code, nature) for nature, codes in OF_THE_GATEWAY.items() for code in codes),
        *(("system", code, "software") for code in ("answered.error", "wrong_target", "")),
    ],
)
def test_a_failure_is_of_one_nature(by: str, code: str, nature: str) -> None:
    """By the reason of a person, by a code or its first word, or a system's own."""
    assert _failed(by, code).nature.value == nature


def test_reasons_and_tools_stand_most_frequent_first_and_then_by_name() -> None:
    """So that whoever looks sees what to begin with."""
    found = report(
        [
            _failed("system", "a", "z"),
            _failed("gateway", "upstream.down", "b"),
            _failed("system", "b", "b"),
            _failed("system", "b", "a"),
            _failed("people", "broken", "a"),
        ]
    )
    classes = found["classes"]
    assert isinstance(classes, list)
    assert (found["total"], classes[0]) == (
        5,
        {
            "class": "software",
            "means": MEANS[Class.SOFTWARE],
            "count": 5,
            "rejected": 1,
            "refused": 1,
            "failed": 3,
            "reasons": [
                {"by": "system", "code": "b", "count": 2},
                {"by": "gateway", "code": "upstream.down", "count": 1},
                {"by": "people", "code": "broken", "count": 1},
                {"by": "system", "code": "a", "count": 1},
            ],
            "tools": [
                {"workflow": "support", "tool": "a", "count": 2},
                {"workflow": "support", "tool": "b", "count": 2},
                {"workflow": "support", "tool": "z", "count": 1},
            ],
        },
    )
