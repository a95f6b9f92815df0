"""`python -m sallyport.demo`: what `sallyport demo` runs."""

import os

from sallyport.demo.run import main

if __name__ == "__main__":
    os.umask(0o077)
    raise SystemExit(main())
