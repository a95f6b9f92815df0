"""What a person is told of a call: one sentence, where each value comes from, and what is odd.

Everything here is made from what the gateway itself holds, never from what an agent says of itself.
"""
