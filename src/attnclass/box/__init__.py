"""The box: a process that may compute, and nothing else, whatever a submission makes it do.

Three rungs, the first that works here is taken: `bubblewrap`, a world of its own; `lowered`, a
change of user with the kernel's own locks on files, network and signals; and, only when the
instructor has said so, `trusted`, which is no box at all. Each has been tried before it is taken.
"""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

import attnlab

from ..border.channel import Channel, TooLate
from ..border.remote import Remote
from ..border.values import Broken
from .locks import landlock_version

RUNGS = ("bubblewrap", "lowered", "trusted")
NO_BOX = (
    "no box for submissions works here: install bubblewrap (on Debian: apt install bubblewrap), "
    "or run as root on Linux 6.12 or later, or say --trust-me to run them without one"
)
SOURCES = Path(attnlab.__file__).parents[1]  # in which `attnlab` and `attnclass` lie
FIRST_USER = 61_000  # of the users that nobody has, one for each box at work


@dataclass(frozen=True)
class Limits:
    """What a submission may use, in seconds of the processor's time, bytes, and numbers."""

    seconds: int = 60
    memory: int = 2 << 30
    disk: int = 64 << 20
    threads: int = 16
    files: int = 128


LIMITS = Limits()


@dataclass(frozen=True)
class Started:
    """A box at work: its process, and the descriptors by which one speaks with what is inside."""

    process: subprocess.Popen
    answers: int
    asks: int

    def stop(self) -> None:
        """End all that is in it; safe to call twice."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()  # even if it has left its group
        self.process.wait()


def start(rung: str, code: Path, *, place: int = 0) -> Started:
    """Start a learner's process on the cells in `code`.

    Args:
        place: which of the boxes at work at the same time this is, counted from 0.

    Raises:
        ValueError: there is no such rung.
    """
    if rung not in RUNGS:
        raise ValueError(f"expected one of {RUNGS}; got {rung!r}")
    asked, answers = os.pipe(), os.pipe()
    inside = [
        *(sys.executable, "-s", "-P", "-m", "attnclass.box.inside"),
        *(str(asked[0]), str(answers[1]), str(code)),
        *(rung, str(FIRST_USER + place), *(str(each) for each in vars(LIMITS).values())),
    ]
    command = _bubblewrap(inside, code) if rung == "bubblewrap" else inside
    process = subprocess.Popen(
        command,
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
    return Started(process, answers[0], asked[1])


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
        "PYTHONPATH": ":".join([str(SOURCES), *map(str, _installed())]),
    }


def _installed() -> list[Path]:
    """Where packages are installed, which may be elsewhere than Python."""
    ends = ("site-packages", "dist-packages")
    return [Path(place) for place in sys.path if place.endswith(ends) and Path(place).is_dir()]


def readable() -> list[Path]:
    """What a box may read: the system, Python, what is installed, and the course's own packages."""
    own = [SOURCES / name for name in ("attnlab", "attnclass")]
    return [Path("/usr"), Path(sys.prefix), Path(sys.base_prefix), *_installed(), *own]


def _bubblewrap(inside: list[str], code: Path) -> list[str]:
    """A root of its own: the system and Python to read, one small folder to write, no network."""
    visible = [*readable(), code]
    links = [f"/{name}" for name in ("bin", "lib", "lib64") if Path(f"/{name}").is_symlink()]
    command = ["bwrap", "--die-with-parent", "--new-session"]
    if os.getuid() == 0:  # the user changes inside: the kernel counts no processes of root's
        command += [f"--unshare-{space}" for space in ("ipc", "pid", "net", "uts", "cgroup-try")]
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-all", "--unshare-user", "--disable-userns", "--cap-drop", "ALL"]
    command += ["--proc", "/proc", "--dev", "/dev", "--hostname", "box"]
    command += ["--size", str(LIMITS.disk), "--perms", "1777", "--tmpfs", "/tmp"]
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
    with NamedTemporaryFile("w", suffix=".json") as code:
        code.write('[["answer = 7", true]]')
        code.flush()
        os.chmod(code.name, 0o644)
        box = start(rung, Path(code.name))
        channel = Channel(box.answers, box.asks, seconds=60)
        try:
            return Remote(channel).work("answer") == 7
        except (Broken, TooLate):
            return False
        finally:
            channel.close()
            box.stop()


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
