"""One line there, one line back: how the core's process asks the process that owns the rack.

On the unix port over standard input and output; in Node the module `port` does the same.
"""

try:
    from port import ask as _ask  # pyright: ignore[reportMissingImports] - node.mjs registers it
except ImportError:
    import sys

    def _ask(line: str) -> str:
        sys.stdout.write(line + "\n")
        return sys.stdin.readline()


def ask(line: str) -> str:
    """Ask, and wait for the answer. Raises OSError with the number that the other side gave."""
    answer = _ask("?" + line).rstrip("\n")
    if answer.startswith("!"):
        raise OSError(int(answer[1:]))
    return answer


def ask_number(line: str) -> int:
    """Ask for one number."""
    return int(ask(line))
