"""What a request may hold: every misfit is named, and no value is repeated."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.doors.api import fields
from sallyport.doors.api.admin import ENDPOINTS as ADMIN
from sallyport.doors.api.fields import Field, check, from_query
from sallyport.doors.api.v1 import ENDPOINTS as V1
from sallyport.doors.api.wire import Endpoint
from sallyport.errors import BadInputError
from sallyport.model import Json

FIELDS = {
    "name": fields.text("a name"),
    "count": fields.whole("a count", at_most=10, optional=True),
    "on": fields.flag("on or off", optional=True),
    "kind": fields.one_of(("a", "b"), "a kind", optional=True),
    "signed": fields.signed("stop", optional=True),
}
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@pytest.mark.parametrize(
    "given_, named",
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x", "count": 11}, "count"),
        ({"name": "x", "count": True}, "count"),
        ({"name": "x", "kind": "c"}, "kind"),
        ({"name": "x", "signed": {"person": "p"}}, "signed"),
        ({"name": "x", "other": 1}, "other"),
    ],
)
def test_a_field_that_does_not_fit_is_named(given_: dict[str, Json], named: str) -> None:
    """With what to give in its place."""
    with pytest.raises(BadInputError) as refused:
        check(FIELDS, given_, "the body")
    assert f"`{named}`" in refused.value.what
    assert refused.value.fix.startswith("give ")


@given(st.dictionaries(st.sampled_from([*FIELDS, "other"]), JSON))
def test_whatever_is_sent_is_taken_or_refused(values: dict[str, Json]) -> None:
    """No other error ever comes out, and no value comes back in it."""
    try:
        taken = check(FIELDS, {**values, "name": "x"}, "the body")
    except BadInputError:
        return
    assert taken.text("name") == "x"
    assert taken.whole("count", 3) <= 10
    assert taken.text("kind") in {"", "a", "b"}


def test_a_query_spells_numbers_and_flags() -> None:
    """And nothing else than digits is a number."""
    values = from_query(FIELDS, [("name", "12"), ("count", "7"), ("on", "1")])
    taken = check(FIELDS, values, "the query")
    assert (taken.text("name"), taken.whole("count"), taken.flag("on")) == ("12", 7, True)
    for wrong in ("-1", "1e1", "٣", "7.0", "", "9" * 30):
        with pytest.raises(BadInputError, match="`count`"):
            check(FIELDS, from_query(FIELDS, [("name", "x"), ("count", wrong)]), "the query")
    with pytest.raises(BadInputError, match="twice"):
        from_query(FIELDS, [("name", "x"), ("name", "y")])


@pytest.mark.parametrize("one", [*V1, *ADMIN], ids=lambda e: f"{e.method} {e.path}")
def test_every_address_says_what_it_does_and_what_it_takes(one: Endpoint[Any]) -> None:
    """The table is the documentation: nothing in it is left unsaid."""
    assert one.does
    assert one.run.__doc__
    taken: list[Field] = [*(one.body or {}).values(), *one.query.values(), *one.answer.values()]
    assert all(field.says for field in taken)
    assert (one.body is not None) == (one.method == "POST")


def test_no_address_stands_twice() -> None:
    """The second one would never be reached."""
    lines: list[Endpoint[Any]] = [*V1, *ADMIN]
    addresses = [(line.method, line.path) for line in lines]
    assert len(addresses) == len(set(addresses))


def test_a_whole_number_that_is_spelled_as_a_decimal_is_refused_in_a_sentence() -> None:
    """JSON Schema takes `1.0` for an integer; nested or not, it is no failure of ours."""
    taken = check(FIELDS, {"name": "x", "count": Decimal("1.0")}, "the body")
    with pytest.raises(BadInputError, match="`count` is spelled as a decimal"):
        taken.whole("count")
