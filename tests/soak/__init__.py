"""A long bad time for board and host in virtual time, judged against what the pins did.

`python -m tests.soak` (make soak) runs many seeds and prints what they went through.
"""
