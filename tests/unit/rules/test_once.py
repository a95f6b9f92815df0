"""What follows from a frozen value is worked out once, and for that very value."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sallyport.rules import once
from sallyport.rules.once import Once, OnceEach

worked: list[str] = []


@dataclass(frozen=True)
class Sample:
    """A frozen value without slots."""

    name: str

    @Once
    def long(self) -> str:
        """Say it at length."""
        worked.append(self.name)
        return self.name * 2


@pytest.fixture(autouse=True)
def _fresh() -> None:
    worked.clear()


def test_a_method_is_worked_out_when_it_is_first_asked_for() -> None:
    """And then never again for that instance; another that is equal works out its own."""
    sample, twin = Sample("a"), Sample("a")

    assert worked == []
    assert [sample.long, sample.long, twin.long] == ["aa", "aa", "aa"]
    assert worked == ["a", "a"]
    assert vars(Sample)["long"].__doc__ == "Say it at length."


def _each() -> OnceEach[Sample, str]:
    def told(sample: Sample) -> str:
        """Say it."""
        worked.append(sample.name)
        return sample.name.upper()

    return OnceEach(told)


def test_a_function_is_worked_out_once_for_each_value() -> None:
    """Told apart by identity."""
    told, sample, twin = _each(), Sample("a"), Sample("a")

    assert [told(sample), told(sample), told(twin), told(sample)] == ["A"] * 4
    assert worked == ["a", "a"]
    assert told.__doc__ == "Say it."


def test_a_function_that_has_seen_many_values_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded: at the limit all is forgotten, and the newest is kept."""
    assert once.KEPT_MAX == 65_536
    monkeypatch.setattr(once, "KEPT_MAX", 2)
    told, one, two, three = _each(), Sample("1"), Sample("2"), Sample("3")

    for sample in (one, two, one, two, three, three, one):
        told(sample)
    assert worked == ["1", "2", "3", "1"]
