"""Backplane firmware: one sans-I/O core that runs on an ESP32, in the simulator and in tests.

MicroPython subset only; only board_esp32.py and main.py know the machine.
"""
