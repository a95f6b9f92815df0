"""What a boundary is proved to grant: claims as formulas, and calls that refute them.

Read `claims.py` first. A formula says no less than what can happen, so what is shown to have no
model is proved; what has one is put before the evaluator itself, as a concrete call.
"""
