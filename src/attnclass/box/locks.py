"""The kernel's own locks, for a process that gives up what it does not need: files and sockets.

Landlock shuts the file system and other processes' signals (`man 7 landlock`); a seccomp filter
refuses system calls (`man 2 seccomp`). Both hold for good, and for all that the process starts.
"""

import ctypes
import os
import platform
import struct
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on all processors
_VERSION = 1  # asks which version of Landlock there is
_FILES = (1 << 16) - 1  # every access to files that version 5 knows, `ioctl` on devices included
_READING = 0b1101  # of these: to execute and to read files, to list folders
_BENEATH = 1  # a rule for all that lies in a folder
_TCP = 0b11  # bind and connect
_SCOPES = 0b11  # abstract sockets, and signals to processes outside
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_REFUSED = 0x00050000 | 1  # EPERM
_ALLOWED, _KILLED = 0x7FFF0000, 0x80000000
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # of the filter's own machine
_ARCHITECTURES = {
    # what seccomp calls the processor, and the numbers of the calls that are refused: socket,
    # socketpair, ptrace, process_vm_readv, process_vm_writev, memfd_create, io_uring_setup,
    # keyctl, add_key, request_key, bpf, perf_event_open, userfaultfd, unshare, setns
    "x86_64": (
        0xC000003E,
        (41, 53, 101, 310, 311, 319, 425, 250, 248, 249, 321, 298, 323, 272, 308),
    ),
    "aarch64": (
        0xC00000B7,
        (198, 199, 117, 270, 271, 279, 425, 219, 217, 218, 280, 241, 282, 97, 268),
    ),
}

_libc = ctypes.CDLL(None, use_errno=True)


def landlock_version() -> int:
    """Which version of Landlock the kernel has; 0 without it, or on a processor not known here."""
    if platform.system() != "Linux" or platform.machine() not in _ARCHITECTURES:
        return 0
    return max(0, _libc.syscall(_CREATE_RULESET, None, 0, _VERSION))


def lock(readable: Iterable[Path]) -> None:
    """No file can be opened any more but below `readable`, no socket made, no process reached.

    Raises:
        OSError: the kernel does not do this.
    """
    _checked(_libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    rules = ctypes.create_string_buffer(struct.pack("<QQQ", _FILES, _TCP, _SCOPES))
    ruleset = _checked(_libc.syscall(_CREATE_RULESET, rules, ctypes.c_size_t(24), 0))
    for folder in readable:
        descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        rule = ctypes.create_string_buffer(struct.pack("=Qi", _READING, descriptor))
        _checked(_libc.syscall(_ADD_RULE, ruleset, _BENEATH, rule, 0))
        os.close(descriptor)
    _checked(_libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)
    processor, refused = _ARCHITECTURES[platform.machine()]
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, processor), (_RETURN, 0, 0, _KILLED)]
    steps += [(_LOAD, 0, 0, 0)]
    for number in refused:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSED)]
    steps += [(_RETURN, 0, 0, _ALLOWED)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(code))
    _checked(_libc.prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(program), 0, 0))


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result
