"""The tests of Sallyport; a package only so that tests can share what they are built from."""
