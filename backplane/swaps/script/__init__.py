"""What people read and can press, for each step and branch. Pure: a picture of now -> a Stage.

The words of swaps are here and nowhere else.
"""

from backplane.swaps.script.lines import LogLine, step_lines
from backplane.swaps.script.stages import stage_of

__all__ = ["LogLine", "stage_of", "step_lines"]
