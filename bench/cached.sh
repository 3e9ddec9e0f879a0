#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A run of 1,000 steps that are all cached, as a whole process, next to what starting a program costs.
# usage: cached.sh ARTDAG ARTDAG_MEDIA [ROUNDS]
set -euo pipefail
artdag=$(realpath "$1")
ARTDAG_MEDIA=$(realpath "$2")
export ARTDAG_MEDIA
rounds=${3:-21}
folder=$(mktemp -d "${TMPDIR:-/tmp}/artdag-bench-XXXXXX")
trap 'rm -rf "$folder"' EXIT
export HOME=$folder
unset "${!ARTDAG_CLUSTER@}"

ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=64x48:rate=24:duration=21 -c:v libx264 -g 12 "$folder/in.mp4"
# 499 clips of one frame, each coloured: with source, sequence and encoding 1,001 steps
{
    echo "name: thousand
format: {width: 64, height: 48, fps: 24}
dag:
  nodes:
    - {id: video, type: SOURCE, config: {input: true}}"
    clips=''
    for i in {0..498}; do
        echo "    - {id: c$i, type: SEGMENT, config: {start: ${i}f, duration: 1f}, inputs: [video]}
    - {id: g$i, type: TRANSFORM, config: {effects: {brightness: 0.000$((i + 100))}}, inputs: [c$i]}"
        clips+="g$i, "
    done
    echo "    - {id: film, type: SEQUENCE, inputs: [${clips%, }]}
  output: film"
} >"$folder/film.yaml"

cold() { "$artdag" run-recipe "$folder/film.yaml" -i video="$folder/in.mp4" --json 2>"$folder/errors"; }
cold >"$folder/first.json" || {
    cat "$folder/errors" >&2
    exit 1
}
cold >"$folder/second.json"
python3 - "$folder" <<'END'
import json, sys
first, second = (json.load(open(f"{sys.argv[1]}/{name}.json")) for name in ("first", "second"))
assert second["steps"]["executed"] == 0 and second["units"]["executed"] == 0, second["steps"]
assert first["output_cid"] == second["output_cid"]
print(f'{second["steps"]["total"]} steps, all cached; rendered first in {first["elapsed"]:.1f} s')
END

# elapsed COMMAND...: milliseconds
elapsed() {
    local start=$EPOCHREALTIME end
    "$@" >/dev/null 2>&1
    end=$EPOCHREALTIME
    echo $((${end/./} - ${start/./})) | awk '{printf "%.2f\n", $1 / 1000}'
}
median() { sort -n "$1" | awk '{a[NR] = $1} END {print a[int((NR + 1) / 2)]}'; }
for ((i = 0; i < rounds; i++)); do
    elapsed "$artdag" run-recipe "$folder/film.yaml" -i video="$folder/in.mp4" --json >>"$folder/run"
    elapsed "$artdag" --version >>"$folder/start"
    elapsed ffmpeg -version >>"$folder/ffmpeg"
    elapsed /bin/true >>"$folder/true"
done
for name in run start ffmpeg true; do
    case $name in
        run) what="artdag, cached run" ;;
        start) what="artdag --version" ;;
        ffmpeg) what="ffmpeg -version" ;;
        true) what="/bin/true" ;;
    esac
    printf '%-20s %8.1f ms (best %.1f)\n' "$what" "$(median "$folder/$name")" "$(sort -n "$folder/$name" | head -1)"
done
ratio() { awk "BEGIN {printf \"%-36s %6.2f\\n\", \"$1\", $(median "$2") / $(median "$3")}"; }
ratio "cached run / artdag --version" "$folder/run" "$folder/start"
ratio "cached run / ffmpeg -version" "$folder/run" "$folder/ffmpeg"
