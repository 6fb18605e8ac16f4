"""Places that a grader may run in, made for a test: another user, namespaces, a container's limits.

`inside(place, what)` forks, goes there, and gives back what `what` returns. All that is changed is
the fork's own, and gone with it.
"""

import ctypes
import os
import pickle
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attnclass.box import SOURCES, works

USER = 1000  # somebody who is not root
_NAMESPACE_OF_USERS, _NAMESPACE_OF_MOUNTS = 0x10000000, 0x20000
_BIND, _PRIVATE = 0x1000 | 0x4000, (1 << 18) | 0x4000  # with all that is below
_REMOUNT = 0x20
_CAN_BE_LOOKED_INTO, _GIVE_UP_FOR_GOOD, _ADMIN = 4, 24, 21
_libc = ctypes.CDLL(None, use_errno=True)


def inside(place: Callable[[], Any], what: Callable[[], Any]) -> Any:
    """What `what` returns in a fork of this process that has gone to `place` before.

    Raises:
        Exception: whatever is raised there.
    """
    reads, writes = os.pipe()
    with warnings.catch_warnings(action="ignore"):  # a test's process may have threads
        child = os.fork()
    if child == 0:
        try:
            works.cache_clear()
            place()
            told = True, what()
        except BaseException as error:
            told = False, error
        try:
            with os.fdopen(writes, "wb") as file:
                file.write(pickle.dumps(told))
        finally:
            os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as file:
        content = file.read()
    os.waitpid(child, 0)
    succeeded, told = pickle.loads(content)
    if not succeeded:
        raise told
    return told


def here() -> None:
    """As whoever runs the tests."""


def user() -> None:
    """Somebody who is not root, and to whom the home is open in which Python may lie."""
    if os.getuid() != 0:
        return
    _show(Path(sys.base_prefix), Path(sys.prefix), SOURCES)
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)
    _checked(_libc.prctl(_CAN_BE_LOOKED_INTO, 1, 0, 0, 0))


def user_without_namespaces() -> None:
    user()
    _new_namespace(f"{os.getuid()} {os.getuid()} 1", f"{os.getgid()} {os.getgid()} 1")
    _no_more_namespaces()


def user_without_bubblewrap() -> None:
    user()
    without_bubblewrap()


def root_without_namespaces() -> None:
    _new_namespace("0 0 65536", "0 0 65536")
    _no_more_namespaces()


def root_of_nobody_else() -> None:
    """Root where no other user is, as a container without a range of users has it."""
    _new_namespace(f"0 {os.getuid()} 1", f"0 {os.getgid()} 1")


def container() -> None:
    """Root as Docker has it by default: it may change its user, and mount nothing."""
    _checked(_libc.prctl(_GIVE_UP_FOR_GOOD, _ADMIN, 0, 0, 0))


def without_bubblewrap() -> None:
    os.environ["PATH"] = "/nowhere"


def disk(size: str, where: Path, *, again: bool = False) -> None:
    """A disk of that size in a folder; or the one that is there, of another size."""
    if not again:
        root_of_nobody_else()
        _checked(_libc.unshare(_NAMESPACE_OF_MOUNTS))
    _mount("disk", where, "tmpfs", _REMOUNT if again else 0, f"size={size}")


def _new_namespace(users: str, groups: str) -> None:
    """A namespace of users of one's own; who is who in it, a process outside has to say."""
    grader, (reads, writes) = os.getpid(), os.pipe()
    helper = os.fork()
    if helper == 0:
        os.read(reads, 1)
        for name, content in (("setgroups", "deny"), ("uid_map", users), ("gid_map", groups)):
            if name != "setgroups" or groups.endswith(" 1"):
                Path(f"/proc/{grader}/{name}").write_text(content)
        os._exit(0)
    _checked(_libc.unshare(_NAMESPACE_OF_USERS))
    os.write(writes, b"!")
    os.waitpid(helper, 0)
    if Path("/proc/self/uid_map").read_text().split() != users.split():
        raise OSError("the namespace has no users")


def _no_more_namespaces() -> None:
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def _show(*paths: Path) -> None:
    """Let others see what lies in a folder that is shut to them, in a namespace of mounts."""
    shut = {path: [p for p in path.parents if not p.stat().st_mode & 1] for path in paths}
    if not any(shut.values()):
        return
    _checked(_libc.unshare(_NAMESPACE_OF_MOUNTS))
    _mount("none", Path("/"), "", _PRIVATE)
    opened = {path: os.open(path, os.O_PATH) for path in paths if shut[path]}
    for folder in {shut[path][-1] for path in opened}:
        _mount("tmpfs", folder, "tmpfs", 0, "mode=755")
    for path, descriptor in opened.items():
        path.mkdir(parents=True)
        _mount(f"/proc/self/fd/{descriptor}", path, "", _BIND)


def _mount(what: str, where: Path, kind: str, flags: int, settings: str = "") -> None:
    given = (text.encode() for text in (what, str(where), kind))
    _checked(_libc.mount(*given, flags, settings.encode()))


def _checked(result: int) -> None:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


def _are_possible() -> bool:
    try:
        inside(root_of_nobody_else, int)
    except OSError:
        return False
    return True


needs_namespaces = pytest.mark.skipif(
    not _are_possible(), reason="no namespaces of users are allowed here"
)
