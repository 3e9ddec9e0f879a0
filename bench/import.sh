#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How fast a file becomes a CID, next to Debian's ipfs_cid and to nothing but SHA-256 on all cores.
# usage: import.sh BENCH_IMPORT [MEBIBYTES [ROUNDS]]
set -euo pipefail
program=$1
mebibytes=${2:-512}
rounds=${3:-5}
command -v ipfs_cid >/dev/null || {
    echo "import.sh: the program ipfs_cid (Debian package ipfs-cid) is missing" >&2
    exit 1
}
# Memory if there is some: disks are not what is measured.
folder=${TMPDIR:-/tmp}
[ -d /dev/shm ] && [ -w /dev/shm ] && folder=/dev/shm
file=$(mktemp "$folder/artdag-bench-XXXXXX")
trap 'rm -f "$file"' EXIT
openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv 00000000000000000000000000000000 \
    -in /dev/zero 2>/dev/null | head -c "$((mebibytes * 1048576))" >"$file" || true
[ "$(stat -c %s "$file")" = "$((mebibytes * 1048576))" ] || {
    echo "import.sh: cannot write $mebibytes MiB to $folder" >&2
    exit 1
}
"$program" "$file" "$rounds"
