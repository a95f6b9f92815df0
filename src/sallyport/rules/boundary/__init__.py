"""Authority: what an owner wrote, read strictly, compiled, explained and applied to one call.

Text comes in from outside; nothing here opens a file, asks the time or changes anything. Read
`workflow_file` for the words an owner may use, then `evaluate` for what they mean.
"""
