"""The gateways that a user could install instead, each set up by script and put in the same race.

Rules:
  1. A peer has a virtual environment of its own, made from a pinned requirement file beside this
     one, and is never part of the tests or of CI.
  2. It gets what speeds it up without changing what it does: JSON answers, uvloop, no log of
     requests, no limit of rates.
  3. One that cannot be set up, or fails, is told as `not run`, with the reason.
"""
