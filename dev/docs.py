"""Builds the handbook in docs/ to HTML, and fails where a link leads nowhere.

::

    .dev/venv/bin/python -m dev.docs

MkDocs checks the links of the handbook; those of the other pages, which GitHub shows,
are checked here.
"""

import re
import subprocess
import sys

from harness import project

OUTPUT = project.ROOT / "artifacts/docs"
REQUIREMENTS = project.ROOT / "dev/requirements-docs.txt"
# Pages in docs/ that are no part of the handbook.
FOR_DEVELOPERS = ("docs/architecture.md", "docs/developers.md")
LINK = re.compile(r"(?:\]\(|<img [^>]*src=\")([^)\s#\"]+)")


def broken_links():
    """Return "page: link" for each link of a page to a file that is not there."""
    listed = subprocess.check_output(
        ["git", "ls-files", "*.md"], cwd=project.ROOT, text=True
    )
    pages = [
        project.ROOT / name
        for name in listed.split()
        if name in FOR_DEVELOPERS or not name.startswith("docs/")
    ]
    return [
        f"{page.relative_to(project.ROOT)}: {link}"
        for page in pages
        for link in LINK.findall(page.read_text())
        if "://" not in link
        and not link.startswith("mailto:")
        and not (page.parent / link).exists()
    ]


def main():
    """Build the handbook; return the number of links that lead nowhere."""
    python = project.tools("docs", REQUIREMENTS)
    command = [python, "-m", "mkdocs", "build", "--strict", "--clean", "-d", OUTPUT]
    subprocess.run(command, cwd=project.ROOT, check=True)
    broken = broken_links()
    for line in broken:
        print(f"leads nowhere: {line}")
    print(f"The handbook is in {OUTPUT / 'index.html'}")
    return len(broken)


if __name__ == "__main__":
    sys.exit(main())
