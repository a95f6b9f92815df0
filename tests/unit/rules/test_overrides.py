"""How often people gave another label than the agent: what is counted, and how it is shown."""

from __future__ import annotations

from decimal import Decimal

from sallyport.model import Json, Level
from sallyport.rules import labels
from sallyport.rules.labels import Counted, Override, difference, report


def _override(was: Json, now: Json, tool: str = "label", workflow: str = "mail") -> Override:
    return Override(workflow=workflow, tool=tool, argument="queue", was=was, now=now)


def _counted(tool: str, made: int, asked: int) -> Counted:
    return Counted(workflow="mail", tool=tool, made=made, asked=asked)


def test_an_override_has_a_name_in_the_ledger_and_is_about_classifying() -> None:
    """Whoever reads the ledger finds it by this word."""
    assert labels.OVERRIDDEN == "label.overridden"
    assert labels.LEVEL is Level.CLASSIFY


def test_what_a_person_changed_is_told_by_argument() -> None:
    """What stood there, what stands there now, and null for nothing."""
    assert difference({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 4, "d": Decimal("5.0")}) == {
        "b": {"was": 2, "now": 4},
        "c": {"was": 3, "now": None},
        "d": {"was": None, "now": Decimal("5.0")},
    }
    assert difference({"a": 1}, {"a": 1}) == {}


def test_a_report_counts_each_change_of_a_label_for_its_tool() -> None:
    """The most frequent first, then by name; a tool that nobody was asked about has no share."""
    overrides = (
        _override("billing", "sales"),
        _override("sales", "billing"),
        _override("billing", "refunds"),
        _override("sales", "billing"),
        _override("billing", "sales", tool="other"),
        _override("billing", "sales", workflow="elsewhere"),
    )
    counted = [_counted("label", 20, 7), _counted("other", 5, 1), _counted("quiet", 3, 0)]

    assert report(counted, iter(overrides)) == {
        "tools": [
            {
                "workflow": "mail",
                "tool": "label",
                "made": 20,
                "asked": 7,
                "overridden": 4,
                "per_mille": 571,
                "pairs": [
                    {"argument": "queue", "was": '"sales"', "now": '"billing"', "count": 2},
                    {"argument": "queue", "was": '"billing"', "now": '"refunds"', "count": 1},
                    {"argument": "queue", "was": '"billing"', "now": '"sales"', "count": 1},
                ],
            },
            {
                "workflow": "mail",
                "tool": "other",
                "made": 5,
                "asked": 1,
                "overridden": 1,
                "per_mille": 1000,
                "pairs": [
                    {"argument": "queue", "was": '"billing"', "now": '"sales"', "count": 1},
                ],
            },
            {
                "workflow": "mail",
                "tool": "quiet",
                "made": 3,
                "asked": 0,
                "overridden": 0,
                "per_mille": 0,
                "pairs": [],
            },
        ]
    }
