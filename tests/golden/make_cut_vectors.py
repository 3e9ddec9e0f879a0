#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/golden/unixfs-cuts.tsv: files with cut points and their roots, by Python's hashlib and docs/formats/unixfs.md.

usage: make_cut_vectors.py > unixfs-cuts.tsv

An implementation of its own, built level by level from a list of leaves; it checks itself against CIDs of the specification.
"""
import base64
import hashlib

MIB = 1 << 20
HELLO = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"  # IPIP-0499
HELLO_V0 = "Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD"  # IPIP-0499
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def varint(n):
    out = b""
    while n >= 128:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(tag, data):
    return bytes([tag]) + varint(len(data)) + data


def multihash(block):
    return b"\x12\x20" + hashlib.sha256(block).digest()


def name(version, codec, block):
    return multihash(block) if version == 0 else bytes([1, codec]) + multihash(block)


def text(cid):
    if cid[0] == 1:
        return "b" + base64.b32encode(cid).decode().lower().rstrip("=")
    n, out = int.from_bytes(cid, "big"), ""
    while n:
        n, digit = divmod(n, 58)
        out = ALPHABET[digit] + out
    return out


def leaf(version, raw, piece):
    if raw:
        return name(1, 0x55, piece), len(piece), len(piece)
    data = b"\x08\x02" + (field(0x12, piece) if piece else b"") + b"\x18" + varint(len(piece))
    block = field(0x0A, data)
    return name(version, 0x70, block), len(piece), len(block)


def node(version, children):
    links = b"".join(field(0x12, field(0x0A, cid) + b"\x12\x00\x18" + varint(tsize))
                     for cid, _, tsize in children)
    size = sum(c[1] for c in children)
    data = b"\x08\x02\x18" + varint(size) + b"".join(b"\x20" + varint(c[1]) for c in children)
    block = links + field(0x0A, data)
    return name(version, 0x70, block), size, len(block) + sum(c[2] for c in children)


def borders(size, chunk, cuts):
    """Every chunk bytes from 0 and from each cut, up to the next cut."""
    starts = sorted({0, *(c for c in cuts if c < size)})
    return [at for start, end in zip(starts, starts[1:] + [size]) for at in range(start, end, chunk)]


def root(data, version, raw, chunk, width, cuts):
    at = borders(len(data), chunk, cuts) or [0]
    level = [leaf(version, raw, data[a:b]) for a, b in zip(at, at[1:] + [len(data)])]
    while len(level) > 1:
        level = [node(version, level[i:i + width]) for i in range(0, len(level), width)]
    return text(level[0][0])


def content(what, size):
    if what.startswith("text:"):
        return what[5:].encode()
    return bytes(i % 251 for i in range(size)) if what == "mod251" else bytes(size)


V1 = (1, "raw", MIB, 1024)
V0 = (0, "pb", 262144, 174)
ROWS = [
    ("text:hello world", 11, V1, (5,)),
    ("text:hello world", 11, V1, (0, 5, 5, 11, 12, 2**63)),
    ("text:hello world", 11, (1, "raw", 4, 1024), (5,)),
    ("text:hello world", 11, V1, ()),
    ("text:hello world", 11, V0, (5, 6)),
    ("zeros", 0, V1, (0, 1)),
    ("zeros", MIB, V1, (MIB,)),
    ("zeros", MIB + 1, V1, (1,)),
    ("mod251", 3 * MIB + 12345, V1, (MIB, 2 * MIB, 3 * MIB)),
    ("mod251", 3 * MIB + 12345, V1, (1000000,)),
    ("mod251", 3 * MIB + 12345, V1, (5, 2 * MIB, 2 * MIB + 7)),
    ("mod251", 3 * MIB + 12345, V0, (5, 2 * MIB, 2 * MIB + 7)),
    ("mod251", 3 * MIB + 12345, (1, "raw", 1000, 3), tuple(range(700, 3 * MIB, 70001))),
    ("mod251", 9 * MIB, (1, "raw", MIB, 5), tuple(range(900, 9 * MIB, 1234))),
]


def main():
    assert root(b"hello world", 1, True, MIB, 1024, []) == HELLO
    assert root(b"hello world", 0, False, 262144, 174, []) == HELLO_V0
    out = ["# Files with cut points and their root CIDs, by make_cut_vectors.py. Columns: content, bytes, CID version, leaves,",
           "# chunk bytes, width, CID, cut points (FROM:TO:STEP is a range without its end, as in Python)."]
    for what, size, (version, leaves, chunk, width), cuts in ROWS:
        cid = root(content(what, size), version, leaves == "raw", chunk, width, cuts)
        shown = ",".join(map(str, cuts)) or "none"
        if len(cuts) > 9:
            shown = f"{cuts[0]}:{cuts[-1] + 1}:{cuts[1] - cuts[0]}"
        out.append("\t".join(map(str, (what, size, version, leaves, chunk, width, cid, shown))))
    print("\n".join(out))


main()
