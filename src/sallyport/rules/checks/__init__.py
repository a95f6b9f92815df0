"""One file per concern. A check looks at a context and states floors; none of them can loosen."""
