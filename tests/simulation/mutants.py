"""The flow and its surroundings with one protection removed each.

A simulator that no mutant can escape has looked where it matters. Every mutant is made by
replacing a part for the time of a test; the product has no switch for any of this.
"""

# pyright: reportPrivateUsage=false
# What protects is private, and just that is taken out here.

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from sallyport.errors import UpstreamDownError
from sallyport.flow import evidence, recovery
from sallyport.flow.dispatch import Dispatcher
from sallyport.flow.gateway import Gateway
from sallyport.flow.inbox import ending
from sallyport.flow.sending import Sender
from sallyport.model import (
    ActionState,
    Approval,
    Asks,
    Call,
    Decision,
    Ending,
    Floor,
    Person,
    Plumbing,
    Recovery,
    Verdict,
)
from sallyport.ports import Append as StoreAppend
from sallyport.ports import (
    Fence,
    Hear,
    Launch,
    NotLaunchedError,
    Outbound,
    Reply,
    Reserve,
    Update,
)
from sallyport.rules import approval as approvals
from sallyport.rules import asking, look_ups, steps
from sallyport.rules.checks import request
from sallyport.rules.checks.limits import reservations
from sallyport.rules.commands import (
    Append,
    Command,
    Decided,
    DecidedAgain,
    Ended,
    Event,
    Intended,
    LookedUp,
    NotSent,
    Perform,
    Stopped,
)
from sallyport.rules.commands import Reply as CommandReply
from sallyport.rules.context import Context
from sallyport.rules.steps import Steps
from sallyport.simulate import actors
from sallyport.simulate.invariants import Watch
from sallyport.simulate.schedule import Crowd, Until
from sallyport.simulate.store import MemoryStore
from sallyport.simulate.systems import Manners, Systems
from sallyport.simulate.world import ARRIVALS, World

Make = Callable[[int], World]
Mutant = Callable[[pytest.MonkeyPatch], Make]
Part = Generator[Command, CommandReply, Ended | None]


def second_decision(patch: pytest.MonkeyPatch) -> Make:
    """An answered question is carried out as it was decided then, whatever changed since."""

    def careless(call: Call, decision: Decision, seen: LookedUp, kept: Approval) -> Part:
        allowed = replace(decision, verdict=Verdict.ALLOW)
        seen = replace(seen, context=replace(seen.context, approval=kept))
        again = DecidedAgain(call=call, decision=allowed, context=seen.context)
        return steps._act(call, allowed, seen, events=(again,))

    patch.setattr(steps, "_settle_again", careless)
    return World


def epoch_comparison(patch: pytest.MonkeyPatch) -> Make:
    """Neither the commit nor the first byte looks at epochs."""
    epoch_at_the_wire(patch)
    return epoch_in_the_commit(patch)


def epoch_in_the_commit(patch: pytest.MonkeyPatch) -> Make:
    """The commit does not look at epochs."""

    def guard(_self: MemoryStore, _fence: Fence | None) -> None:
        return

    patch.setattr(MemoryStore, "_guard", guard)
    return World


def epoch_at_the_wire(patch: pytest.MonkeyPatch) -> Make:
    """Before the first byte only the stop file is looked at."""

    def compare(self: Dispatcher, scopes: tuple[str, ...], _epoch: int) -> None:
        if set(self._stop_file.scopes()).intersection(scopes):
            raise NotLaunchedError("stop.file")

    patch.setattr(Dispatcher, "_compare", compare)
    return World


def stop_file_at_the_wire(patch: pytest.MonkeyPatch) -> Make:
    """Before the first byte only epochs are looked at."""

    def compare(self: Dispatcher, scopes: tuple[str, ...], epoch: int) -> None:
        if self._fences.closed_for(scopes, epoch):
            raise NotLaunchedError("fence.closed")

    patch.setattr(Dispatcher, "_compare", compare)
    return World


def write_ahead(patch: pytest.MonkeyPatch) -> Make:
    """The intent is written down when the answer is in."""

    def act(call: Call, decision: Decision, seen: LookedUp, *, events: tuple[Event, ...]) -> Part:
        context = seen.context
        intended = replace(call, ending=Ending.WAITING, action=ActionState.INTENDED)
        taken = reservations(context)
        before = events or (Decided(call=intended, decision=decision, context=context),)
        intent = Intended(call=intended, reservations=taken, approval=context.approval)
        done = yield Perform(call=intended, scopes=context.scopes, epoch=context.epoch)
        kept = yield Append(events=(*before, intent), scopes=context.scopes, fence=context.epoch)
        if isinstance(kept, Stopped):
            return None
        return (yield from steps._outcome(intended, done, taken))

    patch.setattr(steps, "_act", act)
    return World


class AwaitingSystems(Systems):
    """Systems behind an adapter that awaits between the comparison and the first byte."""

    async def call(self, outbound: Outbound, launch: Launch, hear: Hear | None = None) -> Reply:
        """Compare, let others have their turn, and send."""
        del hear
        await Until()
        if self._happens(self._manners.refuses):
            raise UpstreamDownError(f"system `{outbound.system}` refused the connection")
        half_done = self.take(outbound)
        launch()
        await Until()
        departure = self.leave(outbound)
        try:
            return await self._exchange(departure, half_done=half_done)
        finally:
            departure.waited_for = False


class AwaitingWorld(World):
    """A world with such an adapter."""

    def make_systems(self, chance: Random, watch: Watch, outside: Crowd) -> Systems:
        """Return the systems behind the adapter that awaits."""
        usual = super().make_systems(chance, watch, outside)
        manners: Manners = usual._manners
        return AwaitingSystems(chance, manners, outside, watch.left, watch.happened)


def no_await(_patch: pytest.MonkeyPatch) -> Make:
    """An adapter awaits between the comparison and the first byte."""
    return AwaitingWorld


def unused_approval(patch: pytest.MonkeyPatch) -> Make:
    """An intent takes an approval in whatever state it and its call are."""
    guarded = evidence._move

    def move(
        table: str,
        row_id: str,
        draught: evidence.Draught,
        columns: dict[str, str | int | bytes | None],
        *,
        expect: object = None,
    ) -> object:
        del expect
        return guarded(table, row_id, draught, columns)

    patch.setattr(evidence, "_move", move)
    return World


def editor_apart(patch: pytest.MonkeyPatch) -> Make:
    """Whoever changed a call may say yes to what they made of it."""
    admit = approvals.admit

    def careless(approval: Approval, person: Person, **more: Any) -> bool:
        more["editor"] = ""
        return admit(approval, person, **more)

    patch.setattr(approvals, "admit", careless)
    return World


def approval_end(patch: pytest.MonkeyPatch) -> Make:
    """An approval that ended between the decision and the intent is used all the same."""

    def never(_event: Event, _at_us: int) -> bool:
        return False

    patch.setattr("sallyport.flow.gateway._too_late", never)
    return World


def reservation(patch: pytest.MonkeyPatch) -> Make:
    """The commit counts, and does not compare the count with the limit."""
    guarded = MemoryStore._apply

    def apply(self: MemoryStore, item: StoreAppend) -> object:
        changes = tuple(
            replace(change, at_most=None) if isinstance(change, Reserve) else change
            for change in item.changes
        )
        return guarded(self, replace(item, changes=changes))

    patch.setattr(MemoryStore, "_apply", apply)
    return World


def reserved_amounts(patch: pytest.MonkeyPatch) -> Make:
    """The commit counts each call as one, whatever amount it moves."""
    guarded = MemoryStore._apply

    def apply(self: MemoryStore, item: StoreAppend) -> object:
        changes = tuple(
            replace(change, amount=1) if isinstance(change, Reserve) else change
            for change in item.changes
        )
        return guarded(self, replace(item, changes=changes))

    patch.setattr(MemoryStore, "_apply", apply)
    return World


def at_most_once(patch: pytest.MonkeyPatch) -> Make:
    """Recovery sends again whatever was open, as if every tool took idempotency keys."""

    def plumbing(_gateway: Gateway, _call: Call) -> Plumbing:
        return Plumbing(recovery=Recovery.IDEMPOTENCY_KEY)

    patch.setattr(recovery, "_plumbing", plumbing)
    return World


def careful_retries(patch: pytest.MonkeyPatch) -> Make:
    """Whatever got no answer is sent again, as if every tool took idempotency keys."""

    def always(_context: Context) -> int:
        return 1

    patch.setattr(look_ups, "retries_of", always)
    return World


def no_recovery(patch: pytest.MonkeyPatch) -> Make:
    """A start leaves open intents as they are."""

    async def nothing(_gateway: Gateway) -> list[Call]:
        return []

    patch.setattr(recovery, "_open_intents", nothing)
    return World


def answered_once(patch: pytest.MonkeyPatch) -> Make:
    """Whoever answers a system is heard, whether it was answered before or waits no more."""

    def unfit(_context: Context) -> Iterator[Floor]:
        return iter(())

    def answered(call: Call, draught: evidence.Draught) -> Update:
        return evidence._move("calls", call.proposal.parent, draught, {})

    patch.setattr(request, "_unfit", unfit)
    patch.setattr(evidence, "_answered", answered)
    return World


def answered_at_once(patch: pytest.MonkeyPatch) -> Make:
    """The commit of an answer does not look whether the question still stands."""

    def answered(call: Call, draught: evidence.Draught) -> Update:
        columns: dict[str, str | int | bytes | None] = {"ending": Ending.ANSWERED.value}
        return evidence._move("calls", call.proposal.parent, draught, columns)

    patch.setattr(evidence, "_answered", answered)
    return World


def no_questions_after_a_yes(patch: pytest.MonkeyPatch) -> Make:
    """A system may ask in the middle of a call that people said yes to."""
    usual = Sender._outbound

    def outbound(self: Sender, command: Perform, run: Any) -> Outbound:
        unapproved = replace(command, call=replace(command.call, approval_id=""))
        return usual(self, unapproved, run)

    patch.setattr(Sender, "_outbound", outbound)
    return World


def named_questions(patch: pytest.MonkeyPatch) -> Make:
    """A system may ask whatever its agent can be asked."""

    def within(abilities: Iterable[str], named: frozenset[str]) -> frozenset[str]:
        del named
        return frozenset(abilities)

    patch.setattr(asking, "within", within)
    return World


def offered_questions(patch: pytest.MonkeyPatch) -> Make:
    """Whatever a system asks is passed on, offered or not."""

    def unasked(asks: Asks, abilities: frozenset[str]) -> bool:
        del asks, abilities
        return False

    patch.setattr(asking, "unasked", unasked)
    return World


def end_of_questions(patch: pytest.MonkeyPatch) -> Make:
    """What a system asked and got no answer to is forgotten."""

    def forget(call: Call, why: Floor | None = None) -> Steps:
        del why
        yield from ()
        return Ended(call=call)

    for module in (recovery, ending):
        patch.setattr(module, "close_asked", forget)
    return World


class _Inquisitive(World):
    """A world whose systems ask in mid-work, wait for the answer, and are often away by then."""

    def make_systems(self, chance: Random, watch: Watch, outside: Crowd) -> Systems:
        """Return such systems."""
        manners = Manners(
            refuses=0.3,
            loses_before=0.0,
            loses_after=0.0,
            complains=0.0,
            dawdles=0.0,
            asks=0.9,
            waits=0.9,
            pushes=0.0,
        )
        return Systems(chance, manners, outside, watch.left, watch.happened)


def _inquisitive(seed: int) -> World:
    patient = {actors.answer: 80, actors.open_task: 12, actors.switch: 1, actors.reply: 2}
    return _Inquisitive(seed, steps=1500, arrivals={**ARRIVALS, **patient})


def lost_answers(patch: pytest.MonkeyPatch) -> Make:
    """An answer that could not leave is over, whatever its system had done before it asked."""

    def believed(reply: CommandReply, _context: Context) -> CommandReply:
        return reply

    patch.setattr(steps, "_unless_waited_for", believed)
    return _inquisitive


def lost_tries(patch: pytest.MonkeyPatch) -> Make:
    """What a second try says is believed of the first one too, which was lost."""

    def believed(reply: CommandReply, lost: CommandReply) -> CommandReply:
        return lost if isinstance(reply, NotSent) else reply

    patch.setattr(steps, "_settling", believed)
    return World


MUTANTS: Mapping[str, Mutant] = {
    "the second decision": second_decision,
    "the epoch comparison": epoch_comparison,
    "the epoch comparison in the commit": epoch_in_the_commit,
    "the epoch comparison at the wire": epoch_at_the_wire,
    "the stop file at the wire": stop_file_at_the_wire,
    "the write-ahead": write_ahead,
    "the no-await rule": no_await,
    "the unused-approval guard": unused_approval,
    "the editor's own answer": editor_apart,
    "the approval's end": approval_end,
    "the reservation guard": reservation,
    "the amounts of reservations": reserved_amounts,
    "at most once in recovery": at_most_once,
    "the care with retries": careful_retries,
    "recovery": no_recovery,
    "the one answer to a question": answered_once,
    "the question's state in the commit": answered_at_once,
    "the silence after a yes": no_questions_after_a_yes,
    "the boundary of questions": named_questions,
    "the boundary of what is passed on": offered_questions,
    "the end of questions": end_of_questions,
    "the doubt about answers that did not leave": lost_answers,
    "the doubt about lost tries": lost_tries,
}
"""What each removes."""
