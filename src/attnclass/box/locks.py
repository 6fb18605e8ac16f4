"""The kernel's own locks, for a process that gives up what it does not need: files and calls.

Landlock shuts the file system and other processes' signals (`man 7 landlock`); a seccomp filter
refuses system calls (`man 2 seccomp`). Both hold for good, and for all that the process starts.
"""

import ctypes
import errno
import os
import platform
import select
import signal
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on all processors
_VERSION = 1  # asks which version of Landlock there is
_FILES = (1 << 16) - 1  # every access to files that version 5 knows, `ioctl` on devices included
_READING, _LISTING = 0b0101, 0b1000  # of these: to execute and to read files; to list folders
_BENEATH = 1  # a rule for all that lies in a folder
_TCP = 0b11  # bind and connect
_SCOPES = 0b11  # abstract sockets, and signals to processes outside
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_END_WITH_PARENT = 1
_REFUSED, _ALLOWED, _KILLED = 0x00050000, 0x7FFF0000, 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _HAS_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # the filter's machine
_CALL, _PROCESSOR, _FIRST_ARGUMENT = 0, 4, 16  # where the filter finds them
_OTHER_NUMBERS = 0x40000000  # on x86_64, where the same calls have numbers for a second time
_THREAD = 0x00010000  # of `clone`, which also makes threads


@dataclass(frozen=True)
class _Processor:
    """What seccomp calls a kind of processor, and the numbers of its system calls."""

    name: int
    clone: int
    clone3: int
    prctl: int
    refused: tuple[int, ...]


_PROCESSORS = {
    # Refused: fork, vfork (one process is what the limits of memory hold for); shmget, msgget,
    # semget, mq_open, memfd_create (memory that no limit counts); socket, socketpair,
    # io_uring_setup (the network); ptrace, process_vm_readv, process_vm_writev (other processes);
    # keyctl, add_key, request_key, bpf, perf_event_open, userfaultfd, unshare, setns (the kernel's
    # wide surface)
    "x86_64": _Processor(
        0xC000003E,
        clone=56,
        clone3=435,
        prctl=157,
        refused=(
            *(57, 58, 29, 68, 64, 240, 319, 41, 53, 425, 101, 310, 311),
            *(250, 248, 249, 321, 298, 323, 272, 308),
        ),
    ),
    "aarch64": _Processor(
        0xC00000B7,
        clone=220,
        clone3=435,
        prctl=167,
        refused=(
            *(194, 186, 190, 180, 279, 198, 199, 425, 117, 270, 271),
            *(219, 217, 218, 280, 241, 282, 97, 268),
        ),
    ),
}

_libc = ctypes.CDLL(None, use_errno=True)


def landlock_version() -> int:
    """Which version of Landlock the kernel has; 0 without it."""
    if platform.system() != "Linux":
        return 0
    return max(0, _libc.syscall(_CREATE_RULESET, None, 0, _VERSION))


def shut_files(readable: Iterable[Path], listed: Iterable[Path]) -> None:
    """No file can be opened any more but below `readable`, no port, no other's process reached.

    Args:
        listed: folders whose names can still be listed, with those in them.

    Raises:
        OSError: the kernel does not do this.
    """
    _checked(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    rules = ctypes.create_string_buffer(struct.pack("<QQQ", _FILES, _TCP, _SCOPES))
    ruleset = _checked(_libc.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(24), 0))
    for access, paths in ((_READING, readable), (_LISTING, listed)):
        for path in paths:
            _allow(ruleset, path, access)
    _checked(_libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _allow(ruleset: int, path: Path, access: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rule = ctypes.create_string_buffer(struct.pack("=Qi", access, descriptor))
    _checked(_libc.syscall(_ADD_RULE, ruleset, _BENEATH, rule, 0))
    os.close(descriptor)


def end_with_the_marker(asked: int) -> None:
    """This process ends when the one does that has started it and may write to the pipe `asked`.

    To be called after a change of user, which undoes it, and before `refuse_calls`, which sees to
    it that nothing else does.

    Raises:
        OSError: the kernel does not do this.
    """
    _checked(_libc.prctl(_END_WITH_PARENT, signal.SIGKILL, 0, 0, 0))
    poll = select.poll()
    poll.register(asked, 0)
    if poll.poll(0):  # it has ended before
        os._exit(1)


def refuse_calls() -> None:
    """No process can be started any more, no socket made, no memory had that no limit counts.

    Raises:
        OSError: the kernel does not do this, or not on this kind of processor.
    """
    kind = _PROCESSORS.get(platform.machine())
    if kind is None:
        raise OSError(errno.ENOSYS, f"no filter is known for {platform.machine()}")
    _checked(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    steps = [(_LOAD, 0, 0, _PROCESSOR), (_EQUAL, 1, 0, kind.name), (_RETURN, 0, 0, _KILLED)]
    steps += [(_LOAD, 0, 0, _CALL)]
    steps += [(_AT_LEAST, 0, 1, _OTHER_NUMBERS), (_RETURN, 0, 0, _KILLED)]
    for number in kind.refused:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSED | errno.EPERM)]
    # whose flags no filter can see; without it, the C library makes threads by `clone`
    steps += [(_EQUAL, 0, 1, kind.clone3), (_RETURN, 0, 0, _REFUSED | errno.ENOSYS)]
    steps += [(_EQUAL, 0, 4, kind.prctl), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
    steps += [(_EQUAL, 0, 1, _END_WITH_PARENT), (_RETURN, 0, 0, _REFUSED | errno.EPERM)]
    steps += [(_RETURN, 0, 0, _ALLOWED)]
    steps += [(_EQUAL, 1, 0, kind.clone), (_RETURN, 0, 0, _ALLOWED)]
    steps += [(_LOAD, 0, 0, _FIRST_ARGUMENT), (_HAS_BITS, 1, 0, _THREAD)]
    steps += [(_RETURN, 0, 0, _REFUSED | errno.EPERM), (_RETURN, 0, 0, _ALLOWED)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(code))
    _checked(_libc.prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(program), 0, 0))


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
