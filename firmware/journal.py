"""The journal's interface: events and facts that must outlive a reset."""


class Journal:
    """What the core needs of a journal."""

    id = 0


class MemoryJournal(Journal):
    """A journal for tests; share one object between two cores to play a reboot."""


class FileJournal(Journal):
    """A journal in a folder of the flash file system (or of a disk)."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
