"""An ESP32 without silicon: the modules that only its MicroPython has, over simulated chips, in virtual time."""
