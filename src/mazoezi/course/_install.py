"""The notebooks' first code cell: it installs the course where that is missing, as on Colab."""

from importlib.metadata import metadata

INSTALL = "install"  # the cell's tag

_CODE = """\
# Installs the course where it is missing, such as on Colab; elsewhere it does nothing.
import importlib.util

if importlib.util.find_spec("mazoezi") is None:
    import subprocess
    import sys
    from pathlib import Path

    sources = sorted(map(str, Path().glob("mazoezi-*.whl"))) or {sources}
    if not sources:
        raise ModuleNotFoundError("Put the course's wheel, mazoezi-*.whl, beside this notebook.")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", sources[-1]], check=True)
    importlib.invalidate_caches()"""


def install_code() -> str:
    """Return the cell's code.

    It takes a wheel beside the notebook if there is one. Otherwise it takes the repository that
    pyproject.toml names as the project's `Source`; while it names none, the learner is told what is
    missing. Never just the name `mazoezi`: on a public index that may be anybody's package.
    """
    repository = _source_repository()
    return _CODE.format(sources=f'["mazoezi @ git+{repository}"]' if repository else "[]")


def _source_repository() -> str | None:
    """Return the address that `[project.urls]` gives as `Source`."""
    for entry in metadata("mazoezi").get_all("Project-URL") or ():
        name, _, address = entry.partition(",")
        if name.strip().lower() == "source":
            return address.strip()
    return None
