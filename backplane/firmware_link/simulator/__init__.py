"""A simulated rack that runs the real firmware: for demos, tests and rehearsals without hardware."""
