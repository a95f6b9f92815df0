"""The pages of a list: every tool once, in order, however the list changes between them."""

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sallyport.doors.mcp import offer
from sallyport.doors.mcp.refusals import ParamsError
from sallyport.model import Json, ToolPin

NAMES = st.sets(st.text("abcXYZ019._/-", min_size=1, max_size=4), max_size=350)


def pins(names: set[str]) -> list[ToolPin]:
    """Return pins as the house offers them: sorted by name."""
    return [
        ToolPin(system="s", tool=name, definition={"name": name}, digest=name)
        for name in sorted(names)
    ]


def walked(names: set[str], later: set[str]) -> list[Json]:
    """Return the names on all pages, where the list becomes `later` after the first one."""
    found: list[Json] = []
    cursor: Json = None
    now = names
    while True:
        page = offer.page(pins(now), cursor)
        tools = cast("list[dict[str, Json]]", page["tools"])
        assert len(tools) <= offer.PAGE
        found += [tool["name"] for tool in tools]
        cursor, now = page.get("nextCursor"), later
        if cursor is None:
            return found


@given(NAMES)
def test_the_pages_together_are_the_list(names: set[str]) -> None:
    """Nothing twice, nothing left out."""
    assert walked(names, names) == sorted(names)


@given(NAMES, st.data())
def test_a_tool_that_is_taken_away_meanwhile_moves_no_other(
    names: set[str], data: st.DataObject
) -> None:
    """Whatever stays is seen exactly once."""
    gone = data.draw(st.sets(st.sampled_from(sorted(names)))) if names else set[str]()
    found = walked(names, names - gone)

    assert [name for name in found if name not in gone] == sorted(names - gone)


@given(st.one_of(st.text(), st.integers(), st.booleans(), st.just([])))
def test_a_cursor_is_a_place_or_a_clean_error(cursor: Json) -> None:
    """No cursor makes trouble."""
    try:
        offer.page(pins({"a", "b"}), cursor)
    except ParamsError:
        return
    assert isinstance(cursor, str)


def test_an_overlong_cursor_is_refused() -> None:
    """It is not even decoded."""
    with pytest.raises(ParamsError):
        offer.page([], "A" * 2000)
