"""Putting the firmware onto an ESP32 by its USB port: MicroPython's prompt, its files, and MicroPython itself."""
