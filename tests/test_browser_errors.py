"""Every error message of the add-on, met by the person with the fewest rights.

A case makes the situation over the external API and yields what the message is about.
Then it runs into the error: in the browser, or over the API where the screens offer no
way, for the reason that it gives. The dialog must say the message word for word, and
nothing may have changed.

The cases are in ``tests/errors``, a file for each subject. A case names the place of
its message, and the words are those that the source has there.
``test_no_error_is_left_out`` compares the places of the cases with those of the source.
"""

import re

import pytest
from playwright.sync_api import expect

from harness import project
from harness.client import Refused
from tests.errors.case import CASES
from tests.errors.elsewhere import ELSEWHERE
from tests.errors.scene import JOBS, Scene
from tests.errors.source import TITLES, messages

OTHER_MODULES = "dropship_link/tests/other_modules.py"


@pytest.fixture(scope="module")
def the_scene(server, people, desks):
    return Scene(server, people, desks)


@pytest.fixture
def scene(the_scene, request):
    """The scene; after a failure, nothing of it is left in the browsers."""
    yield the_scene
    if not getattr(request.node, "passed", False):
        for person in the_scene.desk.persons.values():
            person.page.goto(f"{person.server.url}/odoo")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.play.__name__)
def test_error(case, scene, fingerprint):
    steps = case.play(scene)
    text = case.text(next(steps))
    before = fingerprint(values=case.rewritten)
    if case.api:
        with pytest.raises(Refused) as caught:
            next(steps, None)
        caught.value.assert_readable()
        assert caught.value.message == text
        assert TITLES[caught.value.name.split(".")[-1]] == case.title
    else:
        person = scene.desk(case.role)
        next(steps, None)
        meet(person, case, text)
        leave(person)
    assert fingerprint(values=case.rewritten) == before


def meet(person, case, text):
    """See the message, word for word, and close its dialog."""
    shot = f"errors/{case.play.__name__.replace('_', '-')}"
    if case.where:
        # One of them, where there are several.
        expect(person.page.locator(case.where)).to_contain_text([text])
        person.shot(shot)
        return
    body = person.page.locator(".o_error_dialog .modal-body")
    expect(body).to_have_text(re.compile(f"^{re.escape(text)}$"))
    person.refused(text, shot, title=case.title)


def leave(person):
    """Close what is open, without saving it."""
    for button in (
        ".o_dialog .modal-footer [special=cancel]",
        f"{JOBS} .modal-footer .btn",
        ".o_form_status_indicator .o_form_button_cancel",
    ):
        found = person.page.locator(f"{button}:visible")
        if found.count():
            found.last.click()
            expect(found).to_have_count(0)


# Nothing is left out


def test_no_error_is_left_out():
    """Each message of the source has a case here or a test elsewhere."""
    told = {place for case in CASES for place in (case.place, *case.parts.values())}
    missing = [
        f"{place}  {message.text}"
        for place, message in messages().items()
        if place not in told | set(ELSEWHERE)
    ]
    assert not missing, "no case for\n" + "\n".join(missing)
    assert not told & set(ELSEWHERE)
    tests = project.ROOT / project.ADDON / "tests"
    paths = [project.ROOT / OTHER_MODULES, tests / "test_accounts.py"]
    paths += tests.glob("test_vendor_*.py")
    for addon in project.companions():
        paths += (project.ROOT / addon / "tests").glob("test_*.py")
    text = "".join(path.read_text() for path in paths)
    for test in ELSEWHERE.values():
        assert f"def {test}(" in text, test
