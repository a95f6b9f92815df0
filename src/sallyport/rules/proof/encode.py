"""What a rule says of a call, as formulas: when it is allowed, when a person is asked.

This mirrors `evaluate.rule_on` and the defaults of level and impact, line by line, over arguments,
inputs, facts and the day of the decision. What it does not know is outside of a boundary's words:
stops, stages, labels, limits. Those only ever make a verdict stricter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Final

from sallyport.model import (
    ASKS_BY_DEFAULT,
    ArgumentRule,
    Entry,
    Question,
    Template,
    ToolRule,
)
from sallyport.rules.boundary.gates import lifts
from sallyport.rules.boundary.ruling import facts_needed, may_be_absent
from sallyport.rules.decide import DEFAULT_QUESTION
from sallyport.rules.proof.formula import (
    NO,
    YES,
    Compare,
    Formula,
    Number,
    all_of,
    either,
    implies,
    no,
    some_of,
)
from sallyport.rules.proof.subjects import Subject, World
from sallyport.rules.proof.texts import is_filled, is_narrower
from sallyport.rules.waiting_rules import within_s

DAY: Final = Number("day", whole=True)
"""The day of the decision, in days as `date.toordinal` counts them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """When a rule allows a call and when it asks; what is neither is refused.

    `questions` has each question that may be put, and the condition under which it counts.
    """

    allowed: Formula
    asked: Formula
    questions: tuple[tuple[Question, Formula], ...] = ()
    entries: tuple[tuple[str, Formula], ...] = ()
    """Each `allow` and `ask` entry, by its `where`, and the condition under which it counts."""

    @property
    def refused(self) -> Formula:
        """When neither happens."""
        return no(some_of((self.allowed, self.asked)))


NOTHING: Final = Said(allowed=NO, asked=NO)
"""What a boundary says of a tool that it does not name."""


def said(rule: ToolRule, world: World, names: Iterable[str]) -> Said:
    """Return what a rule says of a call with any of these arguments.

    Args:
        rule: The rule.
        world: Where its arguments, inputs and facts are known.
        names: Every argument that any rule in question names.
    """
    return _Reader(rule, world, tuple(names)).said()


def fits(args: Mapping[str, ArgumentRule], world: World) -> Formula:
    """Return that each of these arguments of a call fits, as far as it is there."""
    found = ((world.named(f"arg.{name}"), wanted) for name, wanted in args.items())
    return all_of(
        implies(argument.present, all_of(argument.holds(one) for one in wanted.constraints))
        for argument, wanted in found
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    rule: ToolRule
    world: World
    names: tuple[str, ...]

    def said(self) -> Said:
        rule, base = self.rule, all_of(self._base())
        strict = rule.level in ASKS_BY_DEFAULT or bool(rule.touches) or rule.irreversible
        if not rule.allow and not rule.ask:
            allowed, asked = (NO, base) if strict else (base, NO)
            return Said(allowed=allowed, asked=asked, questions=((usual_question(rule), asked),))
        asks = tuple((self._matches(entry), entry) for entry in rule.ask)
        allows = tuple((self._in_force(entry), entry) for entry in rule.allow)
        any_ask, any_allow = some_of(one for one, _ in asks), some_of(one for one, _ in allows)
        bare = some_of(one for one, entry in allows if not lifts(rule, entry))
        unasked = all_of((any_allow, no(any_ask), no(bare) if strict else YES))
        asked = some_of((any_ask, all_of((any_allow, bare)) if strict else NO))
        return Said(
            allowed=all_of((base, unasked)),
            asked=all_of((base, asked)),
            questions=(
                *((question_of(entry), all_of((base, one))) for one, entry in asks),
                (usual_question(rule), all_of((base, asked, no(any_ask)))),
            ),
            entries=tuple((entry.where, all_of((base, one))) for one, entry in (*allows, *asks)),
        )

    def _base(self) -> Iterator[Formula]:
        """Yield what must hold whatever entry counts."""
        rule = self.rule
        named = {
            *rule.only,
            *rule.templates,
            *(name for e in (*rule.allow, *rule.ask) for name in e.args),
        }
        yield from (no(self._argument(name).present) for name in self.names if name not in named)
        yield from (self._counts(name, currency) for name, currency in rule.units.items())
        yield from (self._fact(name).present for name in facts_needed(rule))
        yield from (self._meets(name, wanted) for name, wanted in rule.only.items())
        yield from (self._is_one_of(name, texts) for name, texts in rule.templates.items())
        yield from (self._fact(name).is_listed(values) for name, values in rule.when.items())
        yield from (no(self._forbids(entry)) for entry in rule.never)

    def _counts(self, name: str, currency: str) -> Formula:
        """Return that an argument counts cents: what it stands for here is then an amount."""
        argument = self._argument(name)
        return some_of((no(argument.present), argument.is_amount_in(currency)))

    def _is_one_of(self, name: str, texts: tuple[Template, ...]) -> Formula:
        """Return that an argument is one of its templates; only `only` lets it be left out."""
        argument = self._argument(name)
        self._compare(argument, texts)
        found = some_of(is_filled(argument.name, one) for one in texts)
        absent = all_of((no(argument.present), either(condition=name in self.rule.only)))
        return some_of((all_of((argument.is_text, found)), absent))

    def _compare(self, argument: Subject, texts: tuple[Template, ...]) -> None:
        """Note which templates are certain to be filled wherever another one is."""
        known = self.world.templates.setdefault(argument.name, [])
        known += texts
        for one, other in permutations(known, 2):
            if is_narrower(one, other):
                filled = is_filled(argument.name, one), is_filled(argument.name, other)
                self.world.add(implies(*filled))

    def _matches(self, entry: Entry) -> Formula:
        always = {*self.rule.only, *self.rule.templates}
        loose = (name for name in self.names if name not in always)
        unnamed = (name for name in loose if name not in entry.args)
        return all_of(
            (
                *(no(self._argument(name).present) for name in unnamed),
                *(self._meets(name, wanted) for name, wanted in entry.args.items()),
                *(self._fact(name).is_listed(values) for name, values in entry.when.items()),
            )
        )

    def _in_force(self, entry: Entry) -> Formula:
        if entry.until is None:
            return self._matches(entry)
        return all_of((self._matches(entry), Compare(DAY, "<=", entry.until.toordinal())))

    def _meets(self, name: str, wanted: ArgumentRule) -> Formula:
        argument = self._argument(name)
        holds = all_of(argument.holds(one) for one in wanted.constraints)
        absent = all_of((no(argument.present), either(condition=may_be_absent(wanted))))
        return some_of((all_of((argument.present, holds)), absent))

    def _forbids(self, entry: Entry) -> Formula:
        parts: list[Formula] = [self._fact(name).present for name in entry.when]
        for name, wanted in entry.args.items():
            argument = self._argument(name)
            may = all_of(argument.may_hold(one) for one in wanted.constraints)
            absent = all_of((no(argument.present), either(condition=may_be_absent(wanted))))
            parts.append(some_of((all_of((argument.present, may)), absent)))
        parts += (self._fact(name).may_be_listed(values) for name, values in entry.when.items())
        return all_of(parts)

    def _argument(self, name: str) -> Subject:
        return self.world.named(f"arg.{name}")

    def _fact(self, name: str) -> Subject:
        return self.world.named(f"fact.{name}")


def usual_question(rule: ToolRule) -> Question:
    """Return the question that is put where no entry says whom to ask."""
    return replace(DEFAULT_QUESTION, within_s=within_s(rule.level, rule.touches))


def question_of(entry: Entry) -> Question:
    """Return the question that an `ask` entry puts."""
    within = entry.within_s if entry.within_s is not None else DEFAULT_QUESTION.within_s
    return Question(
        who=entry.who, how_many=entry.how_many, within_s=within, needs_human=entry.needs_human
    )
