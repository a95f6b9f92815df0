"""What a call would change: what stands there now, beside what it becomes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sallyport.model import Effect, Json, JsonObject
from sallyport.rules.telling.before import Change, changes

IMAGE: Json = {"ticket": {"status": "open", "refunded": Decimal("10.50"), "count": 2, "tags": []}}


@pytest.mark.parametrize(
    "effect, field, expected",
    [
        (Effect(source="solved"), "status", Change(field="status", now="open", after="solved", known=True)),  # noqa: E501
        (Effect(source="arg.to"), "status", Change(field="status", now="open", after="bob", known=True)),  # noqa: E501
        (Effect(source="arg.to"), "owner", Change(field="owner", now=None, after="bob", known=False)),  # noqa: E501
        (Effect(source="arg.gone"), "status", None),
        (Effect(source="x", only_with="gone"), "status", None),
        (Effect(source="x", only_with="to"), "status", Change(field="status", now="open", after="x", known=True)),  # noqa: E501
        (Effect(source=None), "status", Change(field="status", now="open", after=None, known=True)),
        (Effect(source=True), "status", Change(field="status", now="open", after=True, known=True)),
        (Effect(source="argument"), "status", Change(field="status", now="open", after="argument", known=True)),  # noqa: E501
        (Effect(source="arg.more", plus=True), "refunded", Change(field="refunded", now=Decimal("10.50"), after=Decimal("11.75"), known=True)),  # noqa: E501
        (Effect(source=1, plus=True), "count", Change(field="count", now=2, after=Decimal(3), known=True)),  # noqa: E501
        (Effect(source="arg.to", plus=True), "count", Change(field="count", now=2, after=None, known=True)),  # noqa: E501
        (Effect(source=True, plus=True), "count", Change(field="count", now=2, after=None, known=True)),  # noqa: E501
        (Effect(source=1, plus=True), "status", Change(field="status", now="open", after=None, known=True)),  # noqa: E501
        (Effect(source=1, plus=True), "gone", Change(field="gone", now=None, after=None, known=False)),  # noqa: E501
        (Effect(source=1, plus=True), "tags", Change(field="tags", now=None, after=None, known=False)),  # noqa: E501
    ],
)  # fmt: skip
def test_what_is_declared_is_what_becomes_of_a_field(
    effect: Effect, field: str, expected: Change | None
) -> None:
    """A sum is exact, and nobody's guess where one of the two is no number."""
    args: JsonObject = {"to": "bob", "more": Decimal("1.25")}

    assert changes(IMAGE, args, {field: effect}) == ((expected,) if expected else ())


def test_whatever_is_left_out_hides_nothing_that_comes_after_it() -> None:
    """Each declared field is looked at for itself, in their order."""
    declared = {
        "a": Effect(source=1, only_with="gone"),
        "b": Effect(source="arg.gone"),
        "status": Effect(source="arg.to"),
        "d": Effect(source=4),
    }

    assert [one.field for one in changes(IMAGE, {"to": "x"}, declared)] == ["status", "d"]


def test_without_a_declaration_each_argument_stands_beside_its_field() -> None:
    """One known field is enough to show all; none is nothing to compare."""
    args: JsonObject = {"status": "open", "note": "x"}

    assert changes(IMAGE, args, {}) == changes(IMAGE, args)
    assert [one.as_json() for one in changes(IMAGE, args)] == [
        {"field": "status", "now": "open", "after": "open", "known": True, "same": True},
        {"field": "note", "now": None, "after": "x", "known": False, "same": False},
    ]
    assert changes(IMAGE, {"note": None}) == ()
    (unknown,) = changes(None, {}, {"note": Effect(source=None)})
    assert unknown.as_json() == {
        "field": "note",
        "now": None,
        "after": None,
        "known": False,
        "same": False,
    }


@pytest.mark.parametrize(
    "image, now",
    [
        ({"status": "own", "deeper": {"status": "deep"}}, "own"),
        ({"deeper": {"status": "deep"}, "status": "own"}, "own"),
        ({"one": {"status": "first"}, "other": {"status": "second"}}, "second"),
        ([{"status": "only"}], "only"),
        ({"rows": [{"status": "only"}]}, "only"),
    ],
)
def test_a_record_s_own_field_counts_before_a_deeper_one(image: Json, now: str) -> None:
    """And a list of one record is that record."""
    (change,) = changes(image, {"status": "x"})

    assert (change.now, change.known) == (now, True)


@pytest.mark.parametrize("depth, is_seen", [(32, True), (33, False)])
@pytest.mark.parametrize("as_list", [False, True])
def test_what_lies_too_deep_is_not_read(depth: int, *, is_seen: bool, as_list: bool) -> None:
    """However a system nests its answers, reading them ends."""
    image: Json = {"status": "open"}
    for _ in range(depth):
        image = [image] if as_list else {"in": image}

    assert bool(changes(image, {"status": "x"})) is is_seen
