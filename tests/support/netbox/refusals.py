"""What the double answers instead of 2xx: a status and a JSON body, as an exception that undoes the transaction."""

from tests.support.netbox.kinds import Value


class RefusalError(Exception):
    """An answer that is no success; `etag` is the current one beside a 412."""

    def __init__(self, status: int, body: Value, etag: str | None = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.etag = etag


def invalid(**fields: str) -> RefusalError:
    """Return a 400 that names fields, each with one sentence."""
    return RefusalError(400, {name: [message] for name, message in fields.items()})


def invalid_object(message: str) -> RefusalError:
    return RefusalError(400, {"__all__": [message]})


def missing(model: str) -> RefusalError:
    return RefusalError(404, {"detail": f"No {model} matches the given query."})


def forbidden(message: str) -> RefusalError:
    return RefusalError(403, {"detail": message})


def stale(etag: str) -> RefusalError:
    """Return the 412 of an If-Match that is no longer true."""
    return RefusalError(412, {"detail": "Precondition failed."}, etag)


def duplicate_key(constraint: str, column: str, value: object) -> RefusalError:
    """Return the 500 by which a lost race for a unique value shows."""
    text = (
        f'duplicate key value violates unique constraint "{constraint}"\n'
        f"DETAIL:  Key ({column})=({value}) already exists.\n"
    )
    body = {
        "error": text,
        "exception": "IntegrityError",
        "netbox_version": "4.6.8",
        "python_version": "3.12.0",
    }
    return RefusalError(500, body)
