"""People for whom an identity provider stands never become somebody who is here already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sallyport.adapters.keys import new_token, token_hash
from sallyport.errors import ConflictError
from sallyport.flow.federated import Federated
from sallyport.flow.sessions import Sessions
from tests.unit.flow.room import BOSS, Room

ANN = replace(BOSS, name="Ann@example.com")


@pytest.mark.parametrize("name", ["Ann@example.com", "ann@example.com", "ANN@EXAMPLE.COM"])
def test_a_name_in_other_capitals_is_the_same_name(name: str) -> None:
    """Else one person would count as two wherever two must sign."""
    room = Room(people=(ANN,))
    sessions = Sessions(room.gateway, new_token, token_hash)
    federated = Federated(room.gateway, room.people, sessions)

    with pytest.raises(ConflictError, match="somebody else here"):
        room.run(federated.arrive("https://id.example 1", name, {"reviewer"}))
    assert list(room.gateway.registry.people) == [ANN.name]
