"""What run.mjs does, on MicroPython's unix port: micropython run_parts.py FOLDER_OF_FIRMWARE BOARD_JSON SCRIPT FLASH."""

# ruff: noqa: PTH123, S102, T201 - MicroPython, and its output is the result
# mypy: ignore-errors

import gc
import os
import sys

gc.threshold(16384)  # as main.py does
sys.path.insert(0, sys.argv[1])
sys.path.insert(0, sys.argv[3].rpartition("/")[0])  # stage_board.py
names = {"gc": gc, "os": os, "BOARD": sys.argv[2], "FLASH": sys.argv[4], "__name__": "__main__"}
with open(sys.argv[3]) as file:
    parts = file.read().split("\n# -- ")
exec(parts.pop(0), names)
for part in parts:
    head, _, text = part.partition("\n")
    name, _, times = head.partition(", ")
    for _ in range(int(times.split()[0]) if times else 1):
        exec(text, names)
    gc.collect()
    print(name, "uses", gc.mem_alloc())
