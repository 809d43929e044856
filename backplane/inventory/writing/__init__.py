"""Carries plans out: rows into requests, answers into results. Knows no database but for the rows of our own."""
