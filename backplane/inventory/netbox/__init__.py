"""Talks to NetBox over HTTP: one function, typed errors, answers checked. Decides nothing and keeps nothing."""
