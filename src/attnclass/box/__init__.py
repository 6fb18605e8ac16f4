"""The box: a process that may compute, and nothing else, whatever a submission makes it do.

Three rungs, the first that works here is taken: `bubblewrap`, a world of its own; `lowered`, a
change of user with the kernel's own locks on files, network and signals; and, only when the
instructor has said so, `trusted`, which is no box at all. Each has been tried before it is taken.
Nothing of a box lies on a disk, and it ends with the process that has started it.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from functools import cache
from pathlib import Path

from ..border.channel import Channel, TooLate
from ..border.remote import Remote
from ..border.values import Broken
from ..limits import MEGABYTE, USUAL, Limits
from .locks import landlock_version
from .visible import SOURCES, installed, readable

RUNGS = ("bubblewrap", "lowered", "trusted")
NO_BOX = (
    "no box for submissions works here: install bubblewrap (on Debian: apt install bubblewrap) and "
    "see that it may make namespaces, or run as root on Linux 6.12 or later, or say --trust-me to "
    "run them without one"
)
NOT_READY = "the box ({rung}) ended before anything ran in it: {reason}"
STARTING = 60  # seconds until a box is ready
FIRST_USER = 61_000  # of the users that nobody has, one for each box at work


class NoBox(RuntimeError):
    """A box could not be had, which is no fault of what was to run in it."""


@contextmanager
def running(
    rung: str, cells: list[tuple[str, bool]], limits: Limits = USUAL, *, place: int = 0
) -> Iterator[Channel]:
    """A box in which a learner's cells run: the way to what is inside, as long as it lasts.

    Args:
        cells: each with whether it is to be executed whole.
        place: which of the boxes at work at the same time this is, counted from 0.

    Raises:
        NoBox: it ends, or is silent, before the first cell runs.
        ValueError: there is no such rung.
    """
    if rung not in RUNGS:
        raise ValueError(f"expected one of {RUNGS}; got {rung!r}")
    process, channel = _started(rung, limits, place)
    try:
        try:
            channel.send(b"", json.dumps(cells).encode())
            channel.receive()
        except (Broken, TooLate) as error:
            raise NoBox(NOT_READY.format(rung=rung, reason=error)) from error
        yield channel
    finally:
        channel.close()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()  # even if it has left its group
        process.wait()


def _started(rung: str, limits: Limits, place: int) -> tuple[subprocess.Popen, Channel]:
    asked, answers = os.pipe(), os.pipe()
    inside = [
        *(sys.executable, "-s", "-P", "-m", "attnclass.box.inside"),
        *(str(asked[0]), str(answers[1]), rung, str(FIRST_USER + place)),
        json.dumps(asdict(limits)),
    ]
    process = subprocess.Popen(
        _bubblewrap(inside, limits) if rung == "bubblewrap" else inside,
        pass_fds=(asked[0], answers[1]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        cwd="/",
        start_new_session=True,
    )
    os.close(asked[0])
    os.close(answers[1])
    return process, Channel(answers[0], asked[1], STARTING)


def _environment() -> dict[str, str]:
    """What a box is told, and nothing of the instructor's own."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "MPLCONFIGDIR": "/tmp",
        "MPLBACKEND": "agg",
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": ":".join([str(SOURCES), *map(str, installed())]),
    }


def _bubblewrap(inside: list[str], limits: Limits) -> list[str]:
    """A root of its own: the system and Python to read, one small folder to write, no network."""
    visible = readable()
    links = [f"/{name}" for name in ("bin", "lib", "lib64") if Path(f"/{name}").is_symlink()]
    command = ["bwrap", "--die-with-parent", "--new-session"]
    if os.getuid() == 0:  # the user changes inside: the kernel counts no processes of root's
        command += [f"--unshare-{space}" for space in ("ipc", "pid", "net", "uts", "cgroup-try")]
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"]
    command += ["--proc", "/proc", "--dev", "/dev", "--hostname", "box"]
    command += ["--size", str(limits.disk * MEGABYTE), "--perms", "1777", "--tmpfs", "/tmp"]
    above = {parent for path in visible for parent in path.parents} - {Path("/"), Path("/tmp")}
    for parent in sorted(above):  # a home is shut to others, but not what Python has in it
        command += ["--perms", "0755", "--dir", str(parent)]
    for path in visible:
        command += ["--ro-bind", str(path), str(path)]
    for link in links:
        command += ["--symlink", os.readlink(link), link]
    command += ["--remount-ro", "/dev", "--remount-ro", "/"]  # which lie in memory, of any size
    return [*command, "--chdir", "/tmp", "--", *inside]


@cache
def works(rung: str) -> bool:
    """Whether a box of this rung can be had here: one is started, and something runs in it."""
    if rung == "bubblewrap" and not shutil.which("bwrap"):
        return False
    if rung == "lowered" and (os.getuid() != 0 or landlock_version() < 6):
        return False
    try:
        with running(rung, [("answer = 7", True)]) as channel:
            return Remote(channel).work("answer") == 7
    except (Broken, NoBox, TooLate):
        return False


def best(*, trust: bool) -> str:
    """The first rung that works here; `trusted` only if `trust` says so.

    Raises:
        RuntimeError: none does; says what to install.
    """
    for rung in RUNGS[:2]:
        if works(rung):
            return rung
    if trust:
        return "trusted"
    raise RuntimeError(NO_BOX)
