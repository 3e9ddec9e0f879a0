#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A cold render of a typical film, next to one hand-written ffmpeg command with the same settings.
# usage: render.sh ARTDAG ARTDAG_MEDIA [ROUNDS]      samples: ARTDAG_TEST_MEDIA, by default ../shared/media beside the checkout
set -euo pipefail
artdag=$(realpath "$1")
ARTDAG_MEDIA=$(realpath "$2")
export ARTDAG_MEDIA
rounds=${3:-5}
here=$(dirname "$(realpath "$0")")
samples=${ARTDAG_TEST_MEDIA:-$here/../../shared/media}
folder=$(mktemp -d "${TMPDIR:-/tmp}/artdag-bench-XXXXXX")
trap 'rm -rf "$folder"' EXIT
export HOME=$folder
unset "${!ARTDAG_CLUSTER@}"

# ---- two sources of 24 s (720p at 24, 360p at 25) and a song ----
source_video() { # OUT GOP INPUT...
    local out=$1 gop=$2
    shift 2
    ffmpeg -nostdin -v error -y "$@" -t 24 -c:v libx264 -preset veryfast -crf 20 -pix_fmt yuv420p -g "$gop" \
        -c:a aac -b:a 160k "$out"
}
source_video "$folder/one.mp4" 48 -i "$samples/big_buck_bunny_0_30.webm"
source_video "$folder/two.mp4" 50 -stream_loop 3 -i "$samples/chaplin.mp4"
cp "$samples/rain.mp3" "$folder/music.mp3"

# ---- eight clips of 3 s, the four of the second source coloured, seven crossfades of 0.5 s, 960x540, music ----
starts=(1 3.5 6 8.5 11 13.5 16 18.5)
scaler=flags=bicubic+accurate_rnd+full_chroma_int+bitexact
{
    echo "name: bench
format: {width: 1280, height: 720, fps: 24, sample_rate: 48000}
dag:
  nodes:
    - {id: one, type: SOURCE, config: {input: true}}
    - {id: two, type: SOURCE, config: {input: true}}
    - {id: music, type: SOURCE, config: {input: true}}"
    for i in {0..7}; do
        source=one
        [ $((i % 2)) = 0 ] || source=two
        echo "    - {id: c$i, type: SEGMENT, config: {start: ${starts[i]}s, duration: 72f}, inputs: [$source]}"
        [ $((i % 2)) = 0 ] || echo "    - {id: g$i, type: TRANSFORM, inputs: [c$i]," \
            "config: {effects: {saturation: 1.3, brightness: 0.03, contrast: 1.1}}}"
    done
    echo "    - {id: cut, type: SEQUENCE, inputs: [c0, g1, c2, g3, c4, g5, c6, g7],
       config: {transition: {type: crossfade, duration: 12f}}}
    - {id: small, type: RESIZE, config: {width: 960, height: 540}, inputs: [cut]}
    - {id: film, type: MUX, config: {shortest: true}, inputs: {video: small, audio: music}}
  output: film"
} >"$folder/film.yaml"

inputs=''
graph=''
last=v0
for i in {0..7}; do
    source=one
    colour=''
    [ $((i % 2)) = 0 ] || source=two
    [ $((i % 2)) = 0 ] || colour=,eq=saturation=1.3:brightness=0.03:contrast=1.1
    inputs+=" -ss ${starts[i]} -t 3 -i $folder/$source.mp4"
    graph+="[$i:v]fps=24,scale=1280:720:$scaler,setsar=1,format=yuv420p,settb=1/24${colour}[v$i];"
done
for i in {1..7}; do
    graph+="[$last][v$i]xfade=transition=fade:duration=0.5:offset=$(awk "BEGIN {print 2.5 * $i}")[x$i];"
    last=x$i
done
graph+="[$last]scale=960:540:${scaler}[v];[8:a]aresample=48000,atrim=0:20.5[a]"
ours="rm -rf $folder/home && ARTDAG_HOME=$folder/home $artdag run-recipe $folder/film.yaml -i one=$folder/one.mp4 \
-i two=$folder/two.mp4 -i music=$folder/music.mp3 -o $folder/ours.mp4 --json 2>/dev/null"
theirs="ffmpeg -nostdin -v error -y $inputs -i $folder/music.mp3 -filter_complex '$graph' -map '[v]' -map '[a]' \
-c:v libx264 -profile:v high -level 4.1 -preset fast -crf 18 -g 48 -pix_fmt yuv420p -c:a aac -b:a 192k -ar 48000 \
-frames:v 492 -movflags +faststart $folder/theirs.mp4"

python3 "$here/render_measure.py" "$rounds" "artdag, nothing cached" "$ours" "ffmpeg, one command" "$theirs"

# Equal lengths, or the comparison means nothing.
for film in ours theirs; do
    ffprobe -v error -count_packets -select_streams v -show_entries stream=nb_read_packets,width,height \
        -of csv=p=0 "$folder/$film.mp4" | sed "s/^/$film: width, height, frames /"
    echo "$film: $(stat -c %s "$folder/$film.mp4") bytes"
done
ffmpeg -nostdin -v info -i "$folder/ours.mp4" -i "$folder/theirs.mp4" -lavfi '[0:v][1:v]ssim' -f null - 2>&1 |
    sed -n 's/.*SSIM.*All:\([0-9.]*\).*/SSIM between both: \1/p'
