"""What waits for people: questions, drafts, and calls in doubt; and what an answer sets going.

Rules:
  1. An answer counts only with the person's own signature over all that the question binds.
  2. The answer is durable before anything follows from it; then the call is decided anew.
  3. Silence expires a question; nothing is ever approved by time passing.
  4. A yes to what cannot be taken back waits a little, and can itself be taken back meanwhile.
  5. Releasing a draft, and changing a call, is a new call, decided anew, that asks.
"""

from __future__ import annotations

from sallyport.flow.inbox.batch import Batches
from sallyport.flow.inbox.cooling import Cooling
from sallyport.flow.inbox.deciding import Deciding
from sallyport.flow.inbox.doubts import Doubts
from sallyport.flow.inbox.drafts import Drafts
from sallyport.flow.inbox.ending import Ending
from sallyport.flow.inbox.rising import Rising
from sallyport.flow.inbox.waiting import Item, Spawn, Waiting

__all__ = ["Inbox", "Item", "Spawn", "Waiting"]


class Inbox(Batches, Cooling, Deciding, Drafts, Doubts, Ending, Rising):
    """Lists what waits and takes answers."""
