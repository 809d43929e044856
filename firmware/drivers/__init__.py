"""Drivers of single chips: registers in, numbers out. None keeps a rule or knows `machine`; buses and pins are given."""
