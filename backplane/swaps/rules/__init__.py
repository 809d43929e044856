"""The rules of a swap: a picture of now -> the one next move, or none. Pure.

Applied again and again until nothing moves, so each rule says one thing. Nothing here keeps anything.
"""

from backplane.swaps.rules.deadlines import deadline_of
from backplane.swaps.rules.following import where_seen
from backplane.swaps.rules.moving import next_move

__all__ = ["deadline_of", "next_move", "where_seen"]
