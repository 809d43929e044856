"""The answer to the gravest question: the name, and one's own password."""

from tests.people.conftest import PASSWORD


def proof(name: str, password: str = PASSWORD) -> dict[str, str]:
    return {"typed": name, "password": password}
