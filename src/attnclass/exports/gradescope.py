"""A zip for Gradescope, whose container marks each submission as `attnclass grade` does."""

import io
import json
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import attnclass

from ..assignment import FILE, Assignment, write
from .sources import wheel_of

WRITTEN = (
    "{out}: upload it in Gradescope at a programming assignment, under Configure Autograder, with "
    "Ubuntu 22.04 or later and a container of 1.5 GB or more. It was tried in Gradescope's layout "
    "of folders, never at Gradescope itself."
)
ROOM = (
    "Where no box works in Gradescope's container, a submission runs there without one: it "
    "is alone, but can reach the file of its own marks. The container's output says so."
)
BY_HAND = "Exercises in writing ({n}) are no part of it: turn on manual grading there for them."
LATE = (
    "Gradescope has a date and a late date of its own, in the assignment's settings there: set "
    "both. The rule of {file} takes nothing off there."
)

# Said while Gradescope builds its image, in one sentence.
NO_PYTHON = "Python 3.11, 3.12 or 3.13 is needed here, and neither the image nor apt has one."
NO_PACKAGES = "The packages that marking needs could not be installed: pip says above why."

# The option with which pip finds torch without what drives graphics cards, which is ten times
# smaller: `.binder/` has it, for the same reason; without that file torch comes whole.
BINDER = Path(attnclass.__file__).parents[2] / ".binder" / "requirements.txt"
OPTION = "--extra-index-url"
SMALL_TORCH = " ".join(
    line
    for line in (BINDER.read_text("utf-8").splitlines() if BINDER.is_file() else [])
    if line.startswith(OPTION)
)

# Both find their place by themselves, so that they can be tried elsewhere than in /autograder.
SETUP = f"""\
#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image in which submissions are marked.
set -u
export DEBIAN_FRONTEND=noninteractive
source=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$source")

apt_install() {{ apt-get update -qq && apt-get install -y -qq "$@"; }}

find_python() {{
    for name in python3.11 python3.12 python3.13; do
        "$name" -c "import ensurepip" >/dev/null 2>&1 && echo "$name" && return
    done
}}
python=$(find_python)
if [ -z "$python" ]; then
    for version in 3.11 3.12 3.13; do
        apt_install "python$version" "python$version-venv" && break
    done
    python=$(find_python)
fi
[ -n "$python" ] || {{ echo "{NO_PYTHON}" >&2; exit 1; }}

# A box for submissions, where the container lets one be made; without it marking does what it can.
command -v bwrap >/dev/null || apt_install bubblewrap || true

# attnclass goes beside attnlab
"$python" -m venv "$root/venv" &&
    "$root/venv/bin/pip" install torch {SMALL_TORCH} &&
    "$root/venv/bin/pip" install "$source"/attnlab-*.whl &&
    cp -R "$source/attnclass" "$("$root/venv/bin/python" -c \\
        'import sysconfig; print(sysconfig.get_path("purelib"))')" ||
    {{ echo "{NO_PACKAGES}" >&2; exit 1; }}
"""
RUN = """\
#!/usr/bin/env bash
# Gradescope runs this for each submission, and then reads results/results.json.
root=$(cd "$(dirname "$0")" && pwd)
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE
exec "$root/venv/bin/python" -m attnclass.exports.on_gradescope "$root"
"""


def export(assignment: Assignment, out: Path) -> list[str]:
    """Write the zip `out`.

    Returns:
        what the instructor should know.

    Raises:
        ValueError: there is no wheel to put into it.
    """
    name, wheel = wheel_of(assignment)
    members: dict[str, bytes] = {
        "setup.sh": SETUP.encode(),
        "run_autograder": RUN.encode(),
        name: wheel,
        f"assignment/{FILE}": (assignment.folder / FILE).read_bytes(),
    }
    for chapter, kit in assignment.kits.items():
        members[f"assignment/kits/{chapter}/kit.json"] = _without_solutions(kit.notebook.parent)
    package = Path(attnclass.__file__).parent
    for path in sorted(package.rglob("*.py")):
        members[f"attnclass/{path.relative_to(package).as_posix()}"] = path.read_bytes()
    content = io.BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for path, inside in members.items():
            member = ZipInfo(path)
            member.external_attr = (0o755 if "/" not in path else 0o644) << 16
            member.compress_type = ZIP_DEFLATED
            archive.writestr(member, inside)
    write(out, content.getvalue())
    by_hand = sum(
        each.is_written for chapter in assignment.kits for each in assignment.exercises(chapter)
    )
    said = [WRITTEN.format(out=out), ROOM, LATE.format(file=FILE)]
    return said + ([BY_HAND.format(n=by_hand)] if by_hand else [])


def _without_solutions(folder: Path) -> bytes:
    """A chapter's kit for a place where submissions may be able to read it."""
    kit = json.loads((folder / "kit.json").read_bytes())
    for exercise in kit["exercises"]:
        exercise |= {"solution": "", "explanation": ""}
    return json.dumps(kit).encode()
