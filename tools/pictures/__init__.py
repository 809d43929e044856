"""The scenes behind docs/pictures: what is played on the simulated rack, and what is taken of it."""
