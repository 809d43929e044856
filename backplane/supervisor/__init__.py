"""Life and death of the pieces: starts them, keeps them apart, stops them in order."""

from backplane.supervisor.supervisor import Options, Supervisor

__all__ = ["Options", "Supervisor"]
