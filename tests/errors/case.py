"""A way to an error, and the decorator that makes one of a function."""

import re
from typing import NamedTuple

from tests.errors.source import TITLES, find


class Case(NamedTuple):
    """A way to an error."""

    role: str
    place: str
    parts: dict
    play: object
    api: str
    where: str
    rewritten: bool
    raised: str

    @property
    def title(self):
        """The title of the dialog, which goes by the exception that is raised."""
        return TITLES[find(self.place).exception or self.raised]

    def text(self, values):
        """The words of the source, with `values`: all that they name, and no others."""
        texts = {name: find(place).text for name, place in self.parts.items()}
        message = find(self.place).text
        named = set(re.findall(r"%\((\w+)\)", " ".join([message, *texts.values()])))
        given = {*values, *texts} - {"lead"}
        assert named == given, f"{self.place} names {named}, its case gives {given}"
        parts = {name: text % values for name, text in texts.items()}
        message %= {**values, **parts}
        return f"{parts['lead']} {message}" if "lead" in parts else message


CASES = []


def error(
    role,
    place,
    *,
    api=None,
    where=None,
    rewritten=False,
    raised="UserError",
    **parts,
):
    """Make a case of a function, for the message at a place of the source.

    `parts` are the places of messages that the message has in it. A part called `lead`
    is a sentence of its own before it. `api` says why no screen leads to the error.
    `where` finds the text on the page that shows it, if that is no dialog. `rewritten`
    says that others write rows meanwhile, as they are already. `raised` names the
    exception where another method raises the message.

    :raise LookupError: the source has no message there
    """
    for name in (place, *parts.values()):
        find(name)

    def register(play):
        CASES.append(Case(role, place, parts, play, api, where, rewritten, raised))
        return play

    return register
