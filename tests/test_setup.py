"""The set-up leaves alone what other checkouts use too."""

from pathlib import Path

import pytest

from dev import setup


@pytest.fixture
def linked(tmp_path, monkeypatch):
    """The tools of this checkout are links to those of another."""
    others, own = tmp_path / "other/.dev", tmp_path / "own/.dev"
    own.mkdir(parents=True)
    for name in ("venv", "node"):
        (others / name).mkdir(parents=True)
        (others / name / "installed").write_text("by another checkout")
        (own / name).symlink_to(others / name)
    monkeypatch.setattr(setup, "DEV", own)
    monkeypatch.setattr(setup, "VENV", own / "venv")
    return others


@pytest.mark.parametrize("name", ["venv", "node"])
def test_linked_tools_stay(linked, name, capsys):
    """They are not made anew, though they were made elsewhere and of other versions."""
    getattr(setup, name)()
    assert (linked / name / "installed").read_text() == "by another checkout"
    assert (setup.DEV / name).is_symlink()
    assert f"linked: {name} is {linked / name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["venv", "node"])
def test_link_to_nowhere(linked, name):
    """It is told which link is to be removed."""
    (linked / name).rename(linked / "gone")
    with pytest.raises(SystemExit, match=f"{name} leads to .* remove the link"):
        getattr(setup, name)()


def test_whole_folder_linked(linked, monkeypatch, tmp_path):
    """The folder of all tools may be the link as well."""
    folder = Path(tmp_path / "third")
    folder.mkdir()
    (folder / ".dev").symlink_to(linked)
    monkeypatch.setattr(setup, "VENV", folder / ".dev/venv")
    setup.venv()
    assert (linked / "venv/installed").exists()
