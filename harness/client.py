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


class Calls:
    """What people do to records, by the method `call` of who makes the calls."""

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

    def rows(self, model, domain, *fields):
        """Return the values of these fields, a list for each record."""
        rows = self.call(model, "search_read", domain=domain, fields=fields)
        return [[row[field] for field in fields] for row in rows]

    def refused(self, *args, **values):
        """Return the message that refuses a call, without advice that follows."""
        try:
            self.call(*args, **values)
        except Refused as refusal:
            refusal.assert_readable()
            return refusal.message.partition("\n")[0]
        raise AssertionError(f"accepted, not refused: {args}")


class Client(Calls):
    """What one user may do over JSON-2, by Odoo's own client library."""

    def __init__(self, port, db, user, host="127.0.0.1"):
        self.user_id, self.login, self.password = (
            user["id"],
            user["login"],
            user["password"],
        )
        self.url, self.db = f"http://{host}:{port}", db
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


def ask(browser, path, **params):
    """Ask a page for data, as Odoo's own screens do."""
    answer = browser.post(path, json={"params": params}).json()
    if "error" in answer:
        data = answer["error"]["data"]
        raise Refused(data["name"], data["message"])
    return answer["result"]


def sign_in(url, db, login, password):
    """Return a browser's session."""
    browser = httpx.Client(base_url=url, timeout=120)
    ask(browser, "/web/session/authenticate", db=db, login=login, password=password)
    return browser


def _refusal(error):
    """Take the server's own words out of the library's error."""
    text = str(error)
    if "{" not in text:
        raise error
    body, _end = json.JSONDecoder().raw_decode(text, text.index("{"))
    return Refused(body["name"], body["message"])
