"""Programs for those who work on Backplane; none is part of a release."""
