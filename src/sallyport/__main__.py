"""`python -m sallyport` is the same door as `sallyport`."""

from sallyport.doors.cli import main

main()
