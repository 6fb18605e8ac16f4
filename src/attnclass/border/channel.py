"""Messages over two pipes: whole ones, within a time and up to a size.

A message that comes in is JSON, with the bytes of arrays behind it. Both ends of a channel are set
not to block, for a learner's process may neither read nor write.
"""

import json
import math
import os
import select
import struct
import time
from typing import Any

from .values import Broken, Ended

LARGEST_HEAD, LARGEST_BODY = 8 << 20, 64 << 20  # bytes of a message: its JSON, its arrays
_LENGTHS = struct.Struct("<II")
_CHUNK = 1 << 20


class TooLate(Exception):
    """The other side has not answered within these `seconds`."""

    def __init__(self, seconds: float):
        super().__init__(f"no answer within {seconds:.0f} seconds")
        self.seconds = seconds


class Channel:
    """One side of the border: it reads from one descriptor and writes to another.

    Args:
        seconds: within which a whole message has to come in or go out; without it, for ever.
        last: when no message may come in or go out any more, by the monotonic clock.
    """

    def __init__(self, reads: int, writes: int, seconds: float = math.inf, last: float = math.inf):
        self.reads, self.writes, self.seconds, self.last = reads, writes, seconds, last
        for descriptor in (reads, writes):
            os.set_blocking(descriptor, False)

    def send(self, head: bytes, body: bytes = b"") -> None:
        """Send a message.

        Raises:
            Broken: nobody reads any more.
            TooLate: nobody does yet.
        """
        until = self._until()
        rest = memoryview(_LENGTHS.pack(len(head), len(body)) + head + body)
        while rest:
            self._wait(until, writes=True)
            try:
                rest = rest[os.write(self.writes, rest[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise Ended("the process has ended") from error

    def receive(self) -> tuple[bytes, bytes]:
        """The next message.

        Raises:
            Broken: the other side has ended, or sends too much.
            TooLate: no whole message has come.
        """
        until = self._until()
        head, body = _LENGTHS.unpack(self._read(_LENGTHS.size, until))
        if head > LARGEST_HEAD or body > LARGEST_BODY:
            raise Broken("an answer that is too large")
        return self._read(head, until), self._read(body, until)

    def send_values(self, told: Any, blobs: list[bytes]) -> None:
        """What the learner's side sends: JSON, and the bytes of arrays."""
        self.send(json.dumps([told, [len(blob) for blob in blobs]]).encode(), b"".join(blobs))

    def receive_values(self) -> tuple[dict, list[bytes]]:
        """What came from the learner's side.

        Raises:
            Broken: it is no message.
            TooLate: no whole message has come.
        """
        head, body = self.receive()
        try:
            told, sizes = json.loads(head)
            if not (isinstance(told, dict) and isinstance(sizes, list)):
                raise TypeError
            if any(type(n) is not int or n < 0 for n in sizes) or sum(sizes) != len(body):
                raise ValueError
        except (ValueError, TypeError, RecursionError, MemoryError) as error:
            raise Broken("an answer that cannot be read") from error
        blobs, start = [], 0
        for size in sizes:
            blobs.append(body[start : start + size])
            start += size
        return told, blobs

    def close(self) -> None:
        for descriptor in (self.reads, self.writes):
            os.close(descriptor)

    def _until(self) -> float:
        return min(self.last, time.monotonic() + self.seconds)

    def _wait(self, until: float, *, writes: bool) -> None:
        poll = select.poll()  # where `select` knows no descriptor above 1,023
        if writes:
            poll.register(self.writes, select.POLLOUT)
        else:
            poll.register(self.reads, select.POLLIN)
        while (left := until - time.monotonic()) > 0:
            if poll.poll(1000 * min(left, 60)):
                return
        raise TooLate(self.seconds)

    def _read(self, size: int, until: float) -> bytes:
        content = bytearray()
        while len(content) < size:
            self._wait(until, writes=False)
            try:
                part = os.read(self.reads, min(_CHUNK, size - len(content)))
            except BlockingIOError:
                continue
            except OSError as error:
                raise Ended("the process has ended") from error
            if not part:
                raise Ended("the process has ended")
            content += part
        return bytes(content)
