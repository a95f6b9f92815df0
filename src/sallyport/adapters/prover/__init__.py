"""Proves what a boundary grants, with the solver z3; needs the extra `prove`.

The solver runs in a process of its own, which is killed when its time is over: a question that it
cannot answer costs a process and never the gateway.
"""

from sallyport.adapters.prover.process import ProcessProver

__all__ = ["ProcessProver"]
