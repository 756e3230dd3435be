"""A way to an error, and the decorator that makes one of a function."""

from typing import NamedTuple


class Case(NamedTuple):
    """A way to an error."""

    role: str
    message: str
    parts: dict
    play: object
    api: str
    where: str


CASES = []


def error(role, message, *, api=None, where=None, **parts):
    """Make a case of a function; `parts` are messages that the message has in it.

    A part called `lead` is a sentence of its own before it.
    `api` says why no screen leads to the error. `where` finds the text on the page
    that shows it, if that is no dialog.
    """

    def register(play):
        CASES.append(Case(role, message, parts, play, api, where))
        return play

    return register
