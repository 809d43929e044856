"""The middleware of static files for tests: it goes through the folders once, not for each test client."""

from typing import Any

from servestatic.middleware import ServeStaticMiddleware


class ReadOnceMiddleware(ServeStaticMiddleware):  # type: ignore[misc]  # servestatic's types are not read
    """Serves as its parent does. A test client has a handler of its own, and each would read 190 files."""

    _read: dict[str, Any] = {}

    def add_files_from_finders(self) -> None:
        if not self._read:
            super().add_files_from_finders()
            self._read.update(self.files)
        self.files.update(self._read)
