"""Zips, and such as nobody hands in by mistake; all are small, and none holds what would run."""

import io
import os
import stat
import struct
import zipfile


def zipped(members: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", packing) as archive:
        for name, inside in members.items():
            archive.writestr(zipfile.ZipInfo(name), inside, packing)
    return content.getvalue()


def linked(name: str, target: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, target)
    return content.getvalue()


def overlapping(n: int) -> bytes:
    """A zip whose many members are all the same bytes."""
    one = zipped({"a.ipynb": b"\0" * (19 << 20)})
    end = one.index(b"PK\x01\x02")
    entry = one[end : one.index(b"PK\x05\x06")]
    tail = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, n, n, n * len(entry), end, 0)
    return one[:end] + entry * n + tail


def lying() -> bytes:
    """A zip that says a member is small."""
    whole = zipped({"a.ipynb": b"\0" * (30 << 20)})
    return whole.replace(struct.pack("<L", 30 << 20), struct.pack("<L", 100))


def nested(depth: int) -> bytes:
    content = zipped({"a.ipynb": b""})
    for _ in range(depth):
        content = zipped({"a.zip": content, "b.zip": content})
    return content


def corrupt() -> bytes:
    content = bytearray(zipped({"heads.ipynb": os.urandom(5000)}))
    content[100:200] = bytes(100)
    return bytes(content)


def encrypted() -> bytes:
    content = bytearray(zipped({"heads.ipynb": b"x"}))
    for place in (6, content.index(b"PK\x01\x02") + 8):
        content[place] |= 1
    return bytes(content)


BOMBS = {
    "zeros": lambda: zipped({f"{i}.ipynb": b"\0" * (19 << 20) for i in range(4)}),
    "overlapping": lambda: overlapping(3000),
    "larger than it says": lying,
    "too large": lambda: zipped({"a.ipynb": b"\0" * (21 << 20)}),
    "zips in zips": lambda: nested(7),
    "a million members": lambda: zipped({f"{i}.txt": b"" for i in range(20_001)}),
    "many notebooks": lambda: zipped({f"{i}.ipynb": b"" for i in range(2_000)}),
    "many links": lambda: zipped({f"{i}.zip": linked("a.ipynb", "/") for i in range(2_000)}),
    "deep": lambda: zipped({"a/" * 20_000 + "a.ipynb": b""}),
    "lzma": lambda: zipped({"a.ipynb": b""}, zipfile.ZIP_LZMA),
    "bzip2": lambda: zipped({"a.ipynb": b""}, zipfile.ZIP_BZIP2),
    "no zip": lambda: b"PK\x03\x04 and no more",
    "nothing": lambda: b"",
    "corrupt": corrupt,
    "encrypted": encrypted,
}
