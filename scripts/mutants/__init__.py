"""Change one thing in the rules at a time, and see whether a test notices.

Every mutant that no test notices is either a hole in the tests or a change without a difference.
The second kind stands in `tests/mutants.toml`, each with why nothing can notice it.

A mutant lives in memory; what is on disk stays as it is. Most are tried the quick way: a process
in which all tests are collected already forks, gives the changed function its new code and runs the
tests that reach the changed line. What is changed outside of functions, or ran while tests were
collected, is tried the slow way: a process imports the changed module anew and collects anew.

What is not changed, because no reader would call a difference there a hole: types (annotations,
aliases, the first argument of `cast` and `TypeVar`), docstrings, imports, `__all__`; how a record
is stored (what stands in `@dataclass(...)`: the type checkers watch `frozen`); `return False` to
`return None`, beside the `return True` that is tried.
Sentences are changed like everything else: people decide by them.
"""
