"""Backplane firmware: one sans-I/O core that runs on an ESP32, in the simulator and in tests.

MicroPython subset only; only board_esp32.py, main.py and boot_selector.py know the machine.
"""
