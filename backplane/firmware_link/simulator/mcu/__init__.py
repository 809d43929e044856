"""The microcontroller as a process of its own: the unchanged core under real MicroPython, over the same rack."""
