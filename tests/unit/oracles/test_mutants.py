"""The mutants of the rules, and the machine that tries them.

Each has a name of its own, none is argued away that is gone, and what is changed quickly in memory
is what the changed text would do.
"""

from __future__ import annotations

import ast
import os
import signal
import time
from collections import Counter
from collections.abc import Callable

import pytest

from sallyport.rules import notices, times
from scripts.mutants import forked, live, made, results, trying, typed
from scripts.mutants.made import Mutant

MODULES = sorted({name.partition(":")[0] for name in results.argued()})
SMALL = '''
"""A module."""
TABLE = {"a": 1}

def reads(name: str) -> int:
    """Say it."""
    if name in TABLE:
        return 7
    return cast("int", 0)

@dataclass(frozen=True)
class Held:
    size: int = 3

    def up(self):
        say()
        return self.size
'''


# Making them.


@pytest.mark.parametrize("module", MODULES)
def test_every_mutant_has_a_name_of_its_own_and_differs_from_the_original(module: str) -> None:
    """A name stands for one change, or an argument would excuse another."""
    all_of_them = made.mutants(module)
    names = [one.name for one in all_of_them]
    original = ast.dump(made.read(module).changed(made.AS_IT_IS))

    assert len(set(names)) == len(names)
    for one in all_of_them[:: max(len(all_of_them) // 20, 1)]:
        assert ast.dump(made.read(module).changed(one.number)) != original, one.name


def test_what_is_argued_about_still_exists() -> None:
    """With a reason. Code that moved on has to be argued about anew."""
    known = {one.name for module in MODULES for one in made.mutants(module)}

    assert set(results.argued()) <= known
    assert all(results.argued().values())
    for pattern, why in results.classes().items():
        module = pattern.pattern.partition(":")[0].replace("\\", "")
        assert why
        assert any(pattern.fullmatch(one.name) for one in made.mutants(module)), pattern.pattern


def test_a_mutant_knows_its_statement_its_function_and_whether_only_code_changes() -> None:
    """By these the tests that reach it are found, and the way it is tried is chosen."""
    told = {
        (one.name.partition(": ")[2], one.owner, one.first, one.last, one.in_body)
        for one in made.mutants("small", SMALL)
    }

    assert told == {
        ("(module): 'a' -> 'a~'", "TABLE", 3, 3, False),
        ("(module): 1 -> 2", "TABLE", 3, 3, False),
        (
            "reads: if name in TABLE: return 7 -> if not name in TABLE: return 7",
            "reads",
            7,
            7,
            True,
        ),
        ("reads: name in TABLE -> name not in TABLE", "reads", 7, 7, True),
        ("reads: return 7 -> return None", "reads", 8, 8, True),
        ("reads: 7 -> 8", "reads", 8, 8, True),
        ("reads: return cast('int', 0) -> return None", "reads", 9, 9, True),
        ("reads: 0 -> 1", "reads", 9, 9, True),
        ("Held: 3 -> 4", "Held", 13, 13, False),
        (
            "Held.up: def up(self): say() return self.size -> def up(self): pass return self.size",
            "Held.up",
            16,
            16,
            True,
        ),
        ("Held.up: return self.size -> return None", "Held.up", 17, 17, True),
    }


# Changing what is imported.


def given(module: str, name: str, see: Callable[[], bool]) -> int:
    """Return how a process ends in which one mutant was given to what is imported."""
    mutant = next(one for one in made.mutants(module) if one.name.endswith(name))
    whole = made.read(module)
    original = compile(whole.text, str(whole.path), "exec", dont_inherit=True)
    alive = live.Live()

    def work(_: forked.Tell) -> int:
        try:
            alive.give(whole, original, mutant)
        except live.CannotBeGivenError:
            return forked.CANNOT
        return forked.LIVES if see() else forked.KILLED

    return forked.forked(work, 30).code


def test_every_alias_of_a_function_sees_its_new_code() -> None:
    """Others imported the function by name, or hold it in a table."""
    alias = {"held": times.today}
    change = "today: _EPOCH + now_us // DAY_US -> _EPOCH - now_us // DAY_US"

    assert given("times", change, lambda: alias["held"](times.DAY_US).day == 31) == forked.LIVES
    assert times.today(times.DAY_US).day == 2


def test_everybody_who_imported_a_value_sees_the_new_one_and_what_was_made_of_it() -> None:
    """Under its name, as most do; and what the same module derives from it changes with it."""

    def see() -> bool:
        days = vars(times)["DAY_US"]
        return bool(vars(notices)["SECOND_US"] == 1_000_001 and days == 86400 * 1_000_001)

    assert given("times", "1000000 -> 1000001", see) == forked.LIVES


def test_a_class_is_not_changed_in_place() -> None:
    """Its instances and subclasses exist already: the slow way imports it anew."""
    stated = next(one for one in made.mutants("boundary.new") if one.owner == "Answers")

    assert given("boundary.new", stated.name, lambda: True) == forked.CANNOT


# What a process may do.


def test_what_never_ends_is_ended_and_what_fails_has_said_where() -> None:
    """A mutant that loops for ever was noticed, and so was one that ends its process."""

    def fails(tell: forked.Tell) -> int:
        tell(0)
        tell(7)
        raise RuntimeError

    def sleeps(_: forked.Tell) -> int:
        time.sleep(60)
        return forked.LIVES

    assert forked.forked(sleeps, 0.1).code == -signal.SIGKILL
    assert forked.forked(fails, 30) == forked.Ended(forked.KILLED, 7)
    assert forked.forked(lambda _: os._exit(9), 30) == forked.Ended(9, -1)


# What is asked of a mutant.


def test_what_noticed_before_is_asked_first_then_one_of_each_test() -> None:
    """A thousand rows of one table say much the same."""
    tests = {"a::t[1]": 0.1, "a::t[2]": 0.2, "b::slow": 9.0, "b::u": 0.3, "c::knows": 5.0}

    order = [name for name, _ in trying.planned(tests, Counter({"c::knows": 1}))]

    assert order == ["c::knows", "a::t[1]", "b::u", "b::slow", "a::t[2]"]

    about = [name for name, _ in trying.planned(tests, Counter(), frozenset({"a"}))]

    assert about == ["a::t[1]", "b::u", "c::knows", "b::slow", "a::t[2]"]
    assert trying.planned({"a::t": 2.0, "b::u": 0.3}, Counter(), frozenset({"a"}))[0][0] == "a::t"


def test_what_fits_into_the_time_is_asked_and_at_least_one_test() -> None:
    """A test too long for what is left leaves its place to shorter ones."""
    tests = [("a::1", 2.0), ("b::1", 2.0), ("a::2", 1.0), ("c::1", 0.5)]

    assert trying.within(tests, 3.0) == [tests[0], tests[2]]
    assert trying.within(tests, 9.0, files=1) == [tests[0], tests[2]]
    assert trying.within(tests, 0.0) == tests[:1]


def test_a_name_is_mentioned_through_constants_and_classes_too() -> None:
    """So the tests are found that reach what is made of a changed table."""
    tree = ast.parse(
        "from elsewhere import thing\nA = 1\nB = {A}\nclass C:\n    x = B\n    def m(self): ...\n"
        "def f(): return C()\ndef g(): return 1\n"
    )

    found = trying.mentions(tree)

    assert found["A"] == found["C"] == {"f", "C.m"}
    assert found["g"] == {"g"}
    assert found["import"] == {"elsewhere", "thing"}


# What the type checker refuses.


def test_what_the_type_checker_refuses_does_not_land() -> None:
    """No text where one is promised is refused; another number is not, nor the module as it is."""
    text = made.read("times").text
    mutants = made.mutants("times")
    nothing = next(one for one in mutants if one.name.endswith("-> return None"))
    number = next(one for one in mutants if one.name.endswith("-> 1000001"))
    with typed.checker() as mypy:
        found = [mypy.refuses(one, text) for one in (nothing, number, nothing)]
        mypy.restore("times", text)
        unchanged = Mutant("times", "", made.AS_IT_IS, "", 0, 0, in_body=False, about="")
        assert not mypy.refuses(unchanged, text)

    assert found == [True, False, True]
