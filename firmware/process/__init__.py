"""The core as a process of its own on a PC, under MicroPython: board, flash and host line lie behind a pipe."""
