"""What the steps may ask of the world, and what the world may answer.

The steps are pure: they yield one of these commands and are sent its reply. Whoever performs them
(the gateway, or the simulator, which interleaves requests at every command) holds no rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from sallyport.model import (
    ActionState,
    Approval,
    Asks,
    Call,
    Decision,
    Draft,
    Ending,
    Floor,
    JsonObject,
    Proposal,
)
from sallyport.rules.checks.limits import Reservation
from sallyport.rules.context import Context

# --- Events: what becomes durable. ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Steps 1 to 5 of a call that is new: who asked what, what was seen, what was found."""

    call: Call
    decision: Decision
    context: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedAgain:
    """A call that waited was decided anew, right before its effect or because it went stale."""

    call: Call
    decision: Decision
    context: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question was put to people. `again` names the approval that it replaces."""

    approval: Approval
    again: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The call was stored as a draft, with no effect."""

    draft: Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """The write-ahead: from here on the effect may happen, so from here on it is on record."""

    call: Call
    reservations: tuple[Reservation, ...] = ()
    approval: Approval | None = None
    image: JsonObject | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """What became of the action. `result` is what the asker gets; `why` the floors of a refusal.

    `given_back` are reservations of a call that certainly had no effect; one in doubt keeps its.
    """

    call: Call
    result: JsonObject | None = None
    error: JsonObject | None = None
    why: tuple[Floor, ...] = ()
    given_back: tuple[Reservation, ...] = ()
    asks: Asks | None = None
    was: Ending = Ending.WAITING
    owed: bool = True
    """Whether its asker is still to be told of it, if not now then with an identical proposal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Influenced:
    """Text from an upstream entered this agent's run."""

    agent: str
    instance: str
    source: str


Event: TypeAlias = "Decided | DecidedAgain | Asked | Stored | Intended | Concluded | Influenced"


# --- Commands and their replies. ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Take the snapshot of step 2. The reply is a `Context`."""

    proposal: Proposal
    approval_id: str = ""
    taken_up: bool = False
    """The call exists already, so an identical earlier one is not looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Make events durable together. The reply is `Kept` or `Stopped`.

    `fence` is the epoch of the context that was decided on; None for events without an effect.
    """

    events: tuple[Event, ...]
    scopes: tuple[str, ...] = ()
    fence: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Perform:
    """Let the call leave, unless the world has moved past `epoch`.

    The reply is `Answered`, `NotSent`, `Lost` or `Recalled`.
    """

    call: Call
    scopes: tuple[str, ...]
    epoch: int
    declines: Asks | None = None
    """What its system asked and will not get; the call itself left before."""
    may_be_asked: bool = True
    """Whether its system may put questions; nobody could answer those of a second try."""


Command: TypeAlias = "Load | Append | Perform"


@dataclass(frozen=True, slots=True)
class Kept:
    """The events are on disk."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A guard did not hold, and nothing of the append happened.

    `why` is `epoch`, `limit` or `changed`; `subject` names the counter or the table.
    """

    why: str
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The system answered this very request: a result object, an error object, or a question."""

    result: JsonObject | None = None
    error: JsonObject | None = None
    asks: Asks | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """Nothing left. `why` is the floor that says so."""

    why: Floor


@dataclass(frozen=True, slots=True)
class Lost:
    """The request left; what became of it cannot be known from here."""

    what: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """The agent took its call back before an answer was here. `sent` says whether it had left."""

    why: Floor
    sent: bool = False


Reply: TypeAlias = "Context | Kept | Stopped | Answered | NotSent | Lost | Recalled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What the asker is told. `call.ending` says how it ended; the rest fills in the words."""

    call: Call
    floors: tuple[Floor, ...] = ()
    result: JsonObject | None = None
    error: JsonObject | None = None
    asks: Asks | None = None
    approval: Approval | None = None
    draft: Draft | None = None
    taken_up: bool = False
    doubt: str = ""

    @property
    def ending(self) -> Ending:
        """How the call ended for its asker."""
        return self.call.ending

    @property
    def action(self) -> ActionState | None:
        """What is known of the effect."""
        return self.call.action


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the gateway's own reads brought: a new context, a before-image, or why they failed.

    `skipped` says that nothing was read, because the call is refused whatever it would have told.
    """

    context: Context
    image: JsonObject | None = None
    failed: tuple[Floor, ...] = field(default_factory=tuple)
    skipped: bool = False
