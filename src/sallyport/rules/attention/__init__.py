"""Against answering by reflex: exercises among real questions, and how the team as a whole does.

Rules:
  1. An exercise is a picture of a question. It has no call, so no answer to it does anything.
  2. It counts for the team. No figure here is about one person, and none is shown of so few people
     that it would be.
  3. With fewer than three who answer, or unless the settings say so, there is none of it; and where
     there is, everybody is told that there is.
"""
