"""A seeded world around the real flow: every order of events, every crash, checked at every step.

It ships with the product, so that whoever doubts a promise can try to break it:

    python -m sallyport.simulate --seeds 2000
"""
