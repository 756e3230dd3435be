"""The external API, as a program of the company's would use it."""

import json
from functools import partial
from types import SimpleNamespace

import httpx
import odoolib

# The library loads all certificates of the machine for each call, which takes longer
# than most calls; these are to this machine, without any.
odoolib.json2.httpx = SimpleNamespace(post=partial(httpx.post, verify=False))

READABLE = {
    "odoo.exceptions.AccessError",
    "odoo.exceptions.UserError",
    "odoo.exceptions.ValidationError",
}
# What only a programmer can read.
UNREADABLE = (
    "Traceback",
    "psycopg2",
    "ValueError",
    "TypeError",
    "could not serialize",
    "violates",
    "Odoo Server Error",
    'File "',
)


class Refused(Exception):
    """The server's refusal of a call: `name` of the error and its `message`."""

    def __init__(self, name, message):
        super().__init__(f"{name}: {message}")
        self.name, self.message = name, message

    def is_readable(self):
        """Whether it is an error meant for people, in words for people."""
        return (
            self.name in READABLE
            and self.message.strip()
            and not any(text in self.message for text in UNREADABLE)
        )

    def assert_readable(self):
        """Fail unless it is an error meant for people, in words for people."""
        assert self.is_readable(), f"not for people: {self}"


class Client:
    """What one user may do over JSON-2, by Odoo's own client library."""

    def __init__(self, port, db, user, host="127.0.0.1"):
        self.user_id, self.login, self.password = (
            user["id"],
            user["login"],
            user["password"],
        )
        self.url = f"http://{host}:{port}"
        self._connection = odoolib.get_connection(
            hostname=host,
            protocol="json2",
            port=port,
            database=db,
            password=user["key"],
        )

    def call(self, model, method, ids=(), **values):
        """Call a public method; raise `Refused` where the server does."""
        if ids:
            values["ids"] = [ids] if isinstance(ids, int) else list(ids)
        try:
            return getattr(self._connection.get_model(model), method)(**values)
        except ValueError as error:
            raise _refusal(error) from None

    def create(self, model, context=None, **values):
        """Make one record; return its id."""
        return self.call(model, "create", vals_list=[values], context=context or {})[0]

    def write(self, model, ids, **values):
        """Change records."""
        return self.call(model, "write", ids, vals=values)

    def read(self, model, record_id, *names):
        """Read one record: its only value, or a dictionary of several."""
        record = self.call(model, "read", record_id, fields=list(names))
        return record[names[0]] if len(names) == 1 else record

    def search(self, model, *domain, order="id"):
        """Find the ids of records."""
        return self.call(model, "search", domain=list(domain), order=order)


def _refusal(error):
    """Take the server's own words out of the library's error."""
    text = str(error)
    if "{" not in text:
        raise error
    body, _end = json.JSONDecoder().raw_decode(text, text.index("{"))
    return Refused(body["name"], body["message"])
