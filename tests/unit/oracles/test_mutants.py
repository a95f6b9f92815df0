"""The mutants of the rules: each has a name of its own, and none is argued away that is gone."""

from __future__ import annotations

import ast

import pytest

from scripts import mutants

MODULES = sorted({name.partition(":")[0] for name in mutants.argued()})


@pytest.mark.parametrize("module", MODULES)
def test_every_mutant_has_a_name_of_its_own_and_differs_from_the_original(module: str) -> None:
    """A name stands for one change, or an argument would excuse another."""
    made = list(mutants.mutants(module))
    names = [one.name for one in made]
    original = ast.dump(mutants.changed(mutants.unchanged(module)))

    assert len(set(names)) == len(names)
    for one in made[:: max(len(made) // 20, 1)]:
        assert ast.dump(mutants.changed(one)) != original, one.name


def test_what_is_argued_about_still_exists() -> None:
    """With a reason. Code that moved on has to be argued about anew."""
    known = {one.name for module in MODULES for one in mutants.mutants(module)}

    assert set(mutants.argued()) <= known
    assert all(mutants.argued().values())
