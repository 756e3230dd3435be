"""Makes the pages about the add-on that others show: PyPI, Odoo's Apps, file browsers.

::

    .dev/venv/bin/python -m dev.pages [--check]

From the fragments in ``dropship_link/readme`` it makes ``README.rst``, and
``static/description/index.html`` as Odoo's store lets it pass: sections with classes of
Bootstrap, no styles but colours, no links to elsewhere, nothing but ASCII. From
``dev/banner.svg`` it draws the banner, and from pictures of the handbook those of the
page. The figures in the project's README are those of the last ``make bench``. Texts
are compared with what they should be; a picture holds the digest of what it was made
from, because browsers differ by a pixel here and there.

With ``--check`` it writes nothing and fails when a file is not what it would write.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import jinja2
import pypandoc
from docutils.core import publish_string
from lxml import html
from PIL import Image, PngImagePlugin
from playwright.sync_api import sync_playwright

from harness import project
from harness.browser import FLAGS, chromium

ADDON = project.ROOT / project.ADDON
README = ADDON / "README.rst"
PAGE = ADDON / "static/description"
BANNER = PAGE / "banner.png"
DRAWING = project.ROOT / "dev/banner.svg"
TEMPLATE = project.ROOT / "dev/index.html.jinja"
IMAGES = project.ROOT / "docs/images/en"
# Fragments in their order, by the names and under the titles that OCA gives them.
SECTIONS = {
    "CONTEXT": "Context",
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Limits and roadmap",
    "HISTORY": "Changelog",
    "CONTRIBUTORS": "Contributors",
}
# Pictures of the handbook that the page shows, and what is to be seen there.
PICTURES = {
    "workbench": "All drop shipments in one list, with what is to be done next",
    "get-sales-order": "Get Sales Order: what the customer waits for, to choose from",
    "post-ship": "Post: ship on the sales order, receive on the purchase order",
}
WIDTH = 1200
# The project's README, and what it tells of the benchmark.
FRONT = project.ROOT / "README.md"
RESULTS = project.ROOT / "benchmarks/results.json"
MARKS = "<!-- bench -->", "<!-- end of bench -->"
MEASURES = (
    "Whole cycle",
    "Get Sales Order, 1,000",
    "Post (ship), 1,000",
    "Create Purchase Orders",
    "Opening",
    "Throughput",
    "95th percentile",
)
FONTS = {"400": "Lato-Reg-webfont.ttf", "700": "Lato-Bol-webfont.ttf"}


def fragment(name):
    """The text of a fragment, its headings one level lower, without comments."""
    text = (ADDON / "readme" / f"{name}.md").read_text()
    text = re.sub(r"<!--.*?-->\n*", "", text, flags=re.DOTALL)
    return re.sub(r"^#", "##", text, flags=re.MULTILINE).strip()


def readme():
    """The text of README.rst."""
    parts = [f"# {project.manifest()['name']}", fragment("DESCRIPTION")]
    for name, title in SECTIONS.items():
        parts += [f"## {title}", fragment(name)]
    options = ["--columns=88", "--wrap=auto"]
    text = pypandoc.convert_text(
        "\n\n".join(parts), "rst", format="markdown", extra_args=options
    )
    text = f".. Made from the files in readme/ by: make pages\n\n{text.strip()}\n"
    # PyPI shows no page at all if there is a warning.
    publish_string(text, settings_overrides={"report_level": 1, "halt_level": 2})
    return text


def measured(value, unit):
    """A measured value as text: seconds with three decimals, queries with none."""
    decimals = 0 if unit in ("queries", "MB") else 3 if value < 10 else 1
    return f"{value:,.{decimals}f} {unit}"


def figures():
    """The text of the project's README, with the figures of the last benchmark."""
    text = FRONT.read_text()
    if not RESULTS.exists():
        return text
    table = ["| Measure | Here | Against | Figure |", "| --- | --- | --- | --- |"]
    for row in json.loads(RESULTS.read_text())["rows"]:
        if row["measure"].startswith(MEASURES) and row["kind"] == "x":
            here, there = (
                measured(row[key], row["unit"]) for key in ("value", "reference")
            )
            table.append(
                f"| {row['measure']} | {here} | {row['against']}: {there} "
                f"| {row['figure']:.2f} x |"
            )
    before, _mark, rest = text.partition(MARKS[0])
    _old, _mark, after = rest.partition(MARKS[1])
    rows = "\n".join(table)
    return f"{before}{MARKS[0]}\n\n{rows}\n\n{MARKS[1]}{after}"


def as_html(name):
    """The HTML of a fragment, as the store takes it."""
    text = pypandoc.convert_text(
        fragment(name), "html5", format="markdown-smart", extra_args=["--wrap=none"]
    )
    root = html.fragment_fromstring(text, create_parent="div")
    for link in root.xpath("//a"):
        link.drop_tag()
    for table in root.xpath("//table"):
        table.set("class", "table")
    for node in root.xpath("//colgroup"):
        node.drop_tree()
    for node in root.xpath("//*[@style or @id]"):
        node.attrib.pop("style", None)
        node.attrib.pop("id", None)
    return root


def inner(node):
    """What is inside of a node, in ASCII."""
    children = (html.tostring(child, encoding="us-ascii").decode() for child in node)
    return ((node.text or "") + "".join(children)).strip()


def page():
    """The text of index.html."""
    description = as_html("DESCRIPTION")
    [highlights] = description.xpath("./ul")
    closing = highlights.getnext()
    for node in (highlights, closing):
        description.remove(node)
    manifest = project.manifest()
    shown = {f"{n}.jpg": alt for n, alt in PICTURES.items() if source(n).exists()}
    environment = jinja2.Environment(
        autoescape=False,  # noqa: S701 - all of it comes from the repository
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = environment.from_string(TEMPLATE.read_text()).render(
        name=manifest["name"],
        summary=manifest["summary"],
        description=inner(description),
        highlights=[inner(node) for node in highlights],
        closing=inner(closing),
        pictures=shown,
        sections=[
            (title, inner(as_html(name)))
            for name, title in SECTIONS.items()
            if name not in ("HISTORY", "CONTRIBUTORS")
        ],
    )
    return text.encode("us-ascii", "xmlcharrefreplace").decode()


def source(name):
    """The picture of the handbook by this name."""
    return IMAGES / f"{name}.webp"


def digest(path):
    """What a picture that is made from this file has to hold."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def pictures():
    """Return {picture: the file that it is made from}."""
    shown = {PAGE / f"{name}.jpg": source(name) for name in PICTURES}
    return {BANNER: DRAWING} | {to: of for to, of in shown.items() if of.exists()}


def drawn(path, made_from):
    """Whether the picture was made from the file as it is now."""
    if not path.exists():
        return False
    with Image.open(path) as image:
        comment = image.info.get("comment", "")
    return comment in (digest(made_from), digest(made_from).encode())


def draw_banner():
    """Draw the banner, in a browser, with fonts of Odoo's."""
    web = Path(find_spec("odoo.addons.web").origin).parent
    faces = ""
    for weight, name in FONTS.items():
        data = base64.b64encode((web / "static/fonts/lato" / name).read_bytes())
        faces += (
            f"@font-face {{font-family: Lato; font-weight: {weight};"
            f" src: url(data:font/ttf;base64,{data.decode()})}}"
        )
    body = f"<style>{faces} body {{margin: 0}}</style>{DRAWING.read_text()}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        tab = browser.new_page(viewport={"width": 1120, "height": 560})
        tab.set_content(body)
        tab.evaluate("document.fonts.ready")
        shot = tab.screenshot()
        browser.close()
    text = PngImagePlugin.PngInfo()
    text.add_text("comment", digest(DRAWING))
    with Image.open(BytesIO(shot)) as image:
        image.convert("RGB").save(BANNER, optimize=True, pnginfo=text)


def shrink(path, made_from):
    """Make a picture of the handbook small enough for the page."""
    with Image.open(made_from) as image:
        image.thumbnail((WIDTH, WIDTH))
        image.convert("RGB").save(
            path, quality=85, optimize=True, comment=digest(made_from)
        )


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m dev.pages")
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    texts = {README: readme(), PAGE / "index.html": page(), FRONT: figures()}
    stale = [p for p, text in texts.items() if not p.exists() or p.read_text() != text]
    stale += [path for path, of in pictures().items() if not drawn(path, of)]
    # A picture that the handbook no longer has.
    stale += [path for path in PAGE.glob("*.jpg") if path not in pictures()]
    names = ", ".join(str(path.relative_to(project.ROOT)) for path in stale)
    if check:
        return f"stale: {names}\nrun: make pages" if stale else None
    for path in stale:
        if path in texts:
            path.write_text(texts[path])
        elif path == BANNER:
            draw_banner()
        elif path in pictures():
            shrink(path, pictures()[path])
        else:
            path.unlink()
    print(f"written: {names}" if stale else "all pages are up to date")
    return None


if __name__ == "__main__":
    sys.exit(main())
