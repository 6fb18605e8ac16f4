"""The code below a chapter's title: it makes `attnlab` ready for whoever has the notebook."""

from ..links import Repository

NEEDED = "0.2.0"  # the oldest attnlab that the chapters run with

_CODE = """\
# Makes attnlab, the course's own package, ready; NumPy and PyTorch stay as they are.
import os
import re
from importlib.metadata import distributions
from packaging.version import Version

os.environ.setdefault("OMP_NUM_THREADS", "1")  # fastest for small models, if it is set
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # before PyTorch is imported
needed, none = Version("{needed}"), Version("0")


def installed(package):
    return next((Version(d.version) for d in distributions(name=package)), none)


if installed("attnlab") < needed:
    named = re.compile("attnlab-([0-9]+([.][0-9]+)*)-py3-none-any[.]whl").fullmatch
    wheels = {{Version(wheel[1]): wheel[0] for wheel in map(named, os.listdir()) if wheel}}
    newest = max(wheels, default=none)
{choice}
    kept = " ".join(f"{{p}}=={{installed(p)}}" for p in ("numpy", "torch") if installed(p) > none)
    %pip install --quiet --disable-pip-version-check {{source}} {{kept}}
    if installed("attnlab") < needed:
        raise ModuleNotFoundError(f"pip could not install {{source}}: it says above why.")
"""
_WITH_REPOSITORY = """\
    source = wheels[newest] if newest >= needed else "git+{home.url}@{home.branch}"\
"""
_WITHOUT_REPOSITORY = """\
    if not wheels:
        raise ModuleNotFoundError(
            f"This notebook needs attnlab {needed} or later: keep it beside the wheel of its zip, "
            f"by its name there (attnlab-{needed}-py3-none-any.whl or a later one), "
            "or run `pip install .` in a copy of the course's repository."
        )
    source = wheels[newest]
    if newest < needed:
        raise ModuleNotFoundError(
            f"{source} holds version {newest}, and this notebook needs attnlab {needed} or later: "
            "download the chapter again."
        )\
"""


def code(home: Repository | None) -> str:
    """Code that finds `attnlab`, or installs it, or says in one sentence what to do about it."""
    choice = _WITH_REPOSITORY.format(home=home) if home else _WITHOUT_REPOSITORY
    return _CODE.format(needed=NEEDED, choice=choice).rstrip()
