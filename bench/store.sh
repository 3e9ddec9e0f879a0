#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# How fast the store takes a file in and gives it back, next to hashing and copying it by hand on the same disk.
# usage: store.sh BENCH_STORE [MEBIBYTES [ROUNDS]]
set -euo pipefail
program=$1
mebibytes=${2:-512}
rounds=${3:-5}
folder=$(mktemp -d "${TMPDIR:-/tmp}/artdag-bench-XXXXXX")
trap 'rm -rf "$folder"' EXIT
openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv 00000000000000000000000000000000 \
    -in /dev/zero 2>/dev/null | head -c "$((mebibytes * 1048576))" >"$folder/file" || true
[ "$(stat -c %s "$folder/file")" = "$((mebibytes * 1048576))" ] || {
    echo "store.sh: cannot write $mebibytes MiB to $folder" >&2
    exit 1
}
sync
"$program" "$folder/file" "$folder" "$rounds"
