"""What went wrong, by its nature: every reason there is has a class, and nothing is left out."""

from __future__ import annotations

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
