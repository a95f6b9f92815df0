"""What a governed call costs, measured beside the same call without us.

Rules:
  1. Every target of a table ran in the same run, in turns, against the same system, driven by the
     same raw load generator; so a busy machine slows all of them, and ratios hold.
  2. The cost is the CPU time of the measured processes alone. Calls per second and waiting times
     are told beside it, with the disk's own speed, since they are the machine's as much as ours.
  3. Every answer is looked at: one that does not hold what the call sent counts as an error.
"""
