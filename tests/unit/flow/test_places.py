"""Places: whoever comes late displaces nobody, and nobody is forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sallyport.flow.places import Places

_PLACES = st.sampled_from([("t-1", "d-1"), ("t-1", "d-2"), ("t-2", "d-1")])
_CALLS = st.sampled_from(["c-1", "c-2", "c-3"])
_MOVES = st.lists(st.tuples(st.booleans(), _PLACES, _CALLS))


@given(_MOVES)
def test_a_place_belongs_to_whoever_took_it_first_and_has_not_left(
    moves: list[tuple[bool, tuple[str, str], str]],
) -> None:
    """Compared with a plain list of all who came, after every move."""
    places, came = Places(), list[tuple[tuple[str, str], str]]()
    for takes, place, call in moves:
        if takes and (place, call) not in came:
            came.append((place, call))
        elif not takes and (place, call) in came:
            came.remove((place, call))
        (places.take if takes else places.leave)(place, call)
        for one in {place for place, _ in came} | {place}:
            here = [call for where, call in came if where == one]
            assert places.holder(one) == (here[0] if here else None)
        assert len(places) == len({place for place, _ in came})
