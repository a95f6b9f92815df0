"""Give a module that is imported already the code of a mutant, so that every alias of it sees it.

Functions get new code, wherever they are held. Names bound to plain data get new values, in this
module and wherever the same object was imported under some name; what was derived from them in
other modules keeps its old value, so a mutant that lives this way is tried the slow way as well.
"""

from __future__ import annotations

import enum
import gc
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import CodeType, FunctionType, MappingProxyType, ModuleType
from typing import Any, Final, cast

from scripts.mutants.made import PACKAGE, Module, Mutant

_ATOMS: Final = frozenset(
    (
        *(str, int, bytes, float, bool, type(None), Decimal),
        *(date, datetime, time, timedelta, re.Pattern),
    )
)
_OURS: Final = ("sallyport", "tests")

Codes = dict[tuple[str, int], list[CodeType]]


class CannotBeGivenError(Exception):
    """This change cannot be made to a module that is imported already."""


class Live:
    """What is imported: which functions there are of each file of the rules."""

    def __init__(self) -> None:
        """Find them. Before `gc.freeze`, which hides them."""
        self.functions: dict[str, list[FunctionType]] = {}
        for one in gc.get_objects():
            if type(one) is FunctionType:
                self.functions.setdefault(one.__code__.co_filename, []).append(one)

    def give(self, module: Module, original: CodeType, mutant: Mutant) -> None:
        """Change a module; `original` is the code of all of it as it is.

        Raises `CannotBeGivenError`, and whatever the changed module raises when it is run.
        """
        code = compile(module.changed(mutant.number), str(module.path), "exec", dont_inherit=True)
        if mutant.in_body:
            self._functions(str(module.path), original, code)
        else:
            _values(module.full_name, code)

    def _functions(self, path: str, original: CodeType, code: CodeType) -> None:
        old, new = _codes(original), _codes(code)
        given = 0
        for function in self.functions.get(path, ()):
            before = function.__code__
            after = _counterpart(before, old, new)
            if after is not None and after != before:
                try:
                    function.__code__ = after
                except ValueError as impossible:
                    raise CannotBeGivenError from impossible
                given += 1
        if not given:
            raise CannotBeGivenError


def _codes(code: CodeType) -> Codes:
    found: Codes = {}
    for one in _inside(code):
        found.setdefault((one.co_qualname, one.co_firstlineno), []).append(one)
    return found


def _inside(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _inside(one)


def _counterpart(before: CodeType, old: Codes, new: Codes) -> CodeType | None:
    """Return the new code of a function; None if it is not of this text (made by `exec`)."""
    key = before.co_qualname, before.co_firstlineno
    was, now = old.get(key, []), new.get(key, [])
    if not was:
        return None
    if len(was) != len(now):
        raise CannotBeGivenError
    return now[was.index(before)] if len(was) > 1 and before in was else now[0]


def _values(name: str, code: CodeType) -> None:
    """Run the changed module aside, and give its plain values to the one that is imported."""
    old = sys.modules.get(name)
    if old is None:
        raise CannotBeGivenError
    new = ModuleType(name)
    new.__dict__.update(__file__=old.__file__, __package__=old.__package__, __spec__=old.__spec__)
    exec(code, new.__dict__)  # noqa: S102
    given = 0
    for bound, value in list(new.__dict__.items()):
        if bound.startswith("__") or isinstance(value, (FunctionType, type, ModuleType)):
            continue
        try:
            own, before = _own(value, old), old.__dict__.get(bound)
        except CannotBeGivenError:
            continue
        if type(own) is not type(before) or own != before:
            _replace(bound, before, own)
            old.__dict__[bound] = own
            given += 1
    if not given:
        raise CannotBeGivenError


def _own(value: Any, old: ModuleType) -> Any:
    """Return a value in terms of the module that is imported: its functions, its classes."""
    if isinstance(value, (FunctionType, type)):
        return value if value.__module__ != old.__name__ else _named(old, value.__name__)
    if isinstance(value, enum.Enum):
        own: Any = _own(type(value), old)
        return own[value.name]
    if isinstance(value, (dict, MappingProxyType)):
        held = cast("Mapping[Any, Any]", value)
        pairs = {_own(key, old): _own(one, old) for key, one in held.items()}
        return pairs if isinstance(value, dict) else MappingProxyType(pairs)
    if type(value) in (tuple, list, set, frozenset):
        return type(value)(_own(one, old) for one in value)
    if type(value) in _ATOMS or _is_foreign(value):
        return value
    raise CannotBeGivenError


def _named(old: ModuleType, name: str) -> Any:
    if name not in old.__dict__:
        raise CannotBeGivenError
    return old.__dict__[name]


def _is_foreign(value: object) -> bool:
    """Return whether a value's class is not of the rules, and it is equal by what it is."""
    kind = type(value)
    return kind.__module__ == "typing" or (
        kind.__module__.startswith("sallyport.")
        and not kind.__module__.startswith(PACKAGE)
        and kind.__eq__ is not object.__eq__
    )


def _replace(name: str, before: object, after: object) -> None:
    """Give everybody who imported a value the new one; a container by whatever name they use."""
    is_one_thing = type(before) not in _ATOMS
    for module in list(sys.modules.values()):
        if module.__name__.startswith(_OURS):
            for held, value in list(module.__dict__.items()):
                if value is before and (is_one_thing or held == name):
                    module.__dict__[held] = after
