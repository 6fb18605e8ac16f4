"""Messages between two processes: whole ones, in time, of a size that can be read."""

import fcntl
import json
import os
import resource
import struct
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnclass.border.channel import LARGEST_BODY, LARGEST_HEAD, Channel, TooLate
from attnclass.border.values import Broken, Ended


@pytest.fixture
def ends():
    """A channel, and the descriptors of its other side: to be written to, and read from."""
    answers, asks = os.pipe(), os.pipe()
    channel = Channel(answers[0], asks[1], seconds=0.3)
    left = {answers[1], asks[0]}

    def close(descriptor):
        left.discard(descriptor)
        os.close(descriptor)

    yield channel, answers[1], asks[0], close
    channel.close()
    for descriptor in left:
        os.close(descriptor)


def message(head: bytes, body: bytes = b"") -> bytes:
    return struct.pack("<II", len(head), len(body)) + head + body


def test_values_go_through(ends):
    channel, writes, reads, _ = ends
    other = Channel(os.dup(reads), os.dup(writes), seconds=5)
    body = [b"a" * 3_000_000, b"", b"bc"]
    told = {"k": "é", "n": [1]}
    thread = threading.Thread(target=other.send_values, args=(told, body))
    thread.start()
    channel.seconds = 5
    assert channel.receive_values() == (told, body)
    thread.join()
    other.close()


@pytest.mark.parametrize(
    "sent",
    [
        message(b""),
        message(b"{"),
        message(b"\xff\xfe"),
        message(b"null"),
        message(b"3"),
        message(b'"ab"'),
        message(b"[]"),
        message(b"[{}]"),
        message(b"[{}, [], []]"),
        message(b'{"a": 1, "b": 2}'),
        message(b"[[], []]"),
        message(b"[{}, {}]"),
        message(b"[{}, 5]"),
        message(b'[{}, "ab"]'),
        message(b"[{}, null]"),
        message(b"[{}, [true]]", b"x"),
        message(b"[{}, [1.0]]", b"x"),
        message(b"[{}, [-1, 2]]", b"x"),
        message(b"[{}, [2]]", b"x"),
        message(b"[{}, [1e999]]", b"x"),
        message(b"[{}, []]", b"x"),
        message(b"[" * 1_000_000)[: 1 << 16],
        message(b"[{}, [" + b"9" * 5000 + b"]]"),
        struct.pack("<II", LARGEST_HEAD + 1, 0),
        struct.pack("<II", 2, LARGEST_BODY + 1),
        struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF),
    ],
    ids=lambda sent: repr(sent[8:30]),
)
def test_what_is_no_message_is_refused(ends, sent):
    channel, writes, _, close = ends
    os.write(writes, sent)
    close(writes)
    with pytest.raises(Broken):
        channel.receive_values()


def test_what_is_said_to_be_too_large_is_not_waited_for(ends):
    for sizes in ((LARGEST_HEAD + 1, 0), (2, LARGEST_BODY + 1)):
        os.write(ends[1], struct.pack("<II", *sizes))
        with pytest.raises(Broken, match="an answer that is too large"):
            ends[0].receive()


def test_nesting_without_end_is_refused(ends):
    channel, writes, _, _ = ends
    channel.seconds = 5
    sent = message(b"[" * 4_000_000)
    thread = threading.Thread(target=write_all, args=(writes, sent))
    thread.start()
    with pytest.raises(Broken, match="an answer that cannot be read"):
        channel.receive_values()
    thread.join()


def write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


@pytest.mark.parametrize("sent", [b"", b"ab", message(b"abc")[:-1]])
def test_who_has_ended_and_who_is_silent(ends, sent):
    channel, writes, _, close = ends
    os.write(writes, sent)
    with pytest.raises(TooLate) as late:
        channel.receive()
    assert late.value.seconds == 0.3
    close(writes)
    with pytest.raises(Ended):
        channel.receive()


def test_a_trickle_is_no_answer(ends):
    channel, writes, _, _ = ends
    until = time.monotonic() + 1

    def trickle():
        for byte in message(b"x" * 1000):
            if time.monotonic() > until:
                return
            os.write(writes, bytes([byte]))
            time.sleep(0.01)

    thread = threading.Thread(target=trickle)
    thread.start()
    with pytest.raises(TooLate):
        channel.receive()
    thread.join()


def test_who_does_not_read_is_waited_for_no_longer_than_others(ends):
    channel, _, reads, close = ends
    with pytest.raises(TooLate):
        channel.send(b"x" * 1_000_000)
    close(reads)
    with pytest.raises(Ended):
        channel.send(b"x")


def test_the_end_of_all_time_counts_as_well(ends):
    channel, *_ = ends
    channel.seconds, channel.last = 60, time.monotonic() + 0.1
    with pytest.raises(TooLate):
        channel.receive()
    with pytest.raises(TooLate):
        channel.send(b"x")


def test_descriptors_may_have_large_numbers():
    reads, writes = os.pipe()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2000)), hard))
    high = fcntl.fcntl(reads, fcntl.F_DUPFD, 1500)
    os.close(reads)
    channel = Channel(high, writes, seconds=1)
    channel.send(b"[{}, []]")
    assert channel.receive_values() == ({}, [])
    channel.close()


@given(st.binary(max_size=64), st.booleans())
def test_any_bytes_are_a_message_or_refused(content, framed):
    reads, writes = os.pipe()
    channel = Channel(reads, writes, seconds=5)
    try:
        channel.send(content) if framed else write_all(writes, content)
        os.close(channel.writes)
        channel.writes = os.dup(reads)
        told, blobs = channel.receive_values()
    except Broken:
        pass
    else:
        assert isinstance(told, dict) and json.dumps(told) and all(type(x) is bytes for x in blobs)
    finally:
        channel.close()
