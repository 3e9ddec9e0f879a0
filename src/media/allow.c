/* SPDX-License-Identifier: MIT
 *
 * A decoder is on the list when its output is the same on every CPU: by its standard (H.264, VP9, FLAC ...), with
 * idct=simple and bitexact (MPEG-4, MPEG-2, MJPEG, which decode.c sets), or with SIMD off (lossy audio, which runs in a
 * process of its own). docs/determinism.md has the measurements. Parsers come with the decoders; no bit stream
 * filter is ever named by a unit, those that demuxers and muxers insert themselves are part of the formats.
 */
#include "media/allow.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct ad_container containers[] = {
    {"aac", "aac", false, false, true},
    {"aiff", "aiff", false, false, true},
    {"avi", "avi", false, false, false, AD_SEEK_DTS},
    {"bmp_pipe", "bmp", false, true, false},
    {"caf", "caf", false, false, true},
    {"flac", "flac", false, false, true},
    {"flv", "flv", false, false, false, AD_SEEK_DTS},
    {"gif", "gif", false, false, false},
    {"jpeg_pipe", "jpeg", false, true, false},
    {"matroska,webm", "matroska", true, false, false, AD_SEEK_NOTE},
    {"mov,mp4,m4a,3gp,3g2,mj2", "mov", true, false, false, AD_SEEK_DTS},
    {"mp3", "mp3", false, false, true},
    {"mpeg", "mpeg", false, false, false},
    {"mpegts", "mpegts", false, false, false, AD_SEEK_BYTE},
    {"nut", "nut", true, false, false, AD_SEEK_PTS},
    {"ogg", "ogg", false, false, false},
    {"png_pipe", "png", false, true, false},
    {"tiff_pipe", "tiff", false, true, false},
    {"wav", "wav", false, false, true},
    {"webp_pipe", "webp", false, true, false},
    {"yuv4mpegpipe", "y4m", false, false, false},
};

/* Lists of other files: libav would open what they name. */
static const char *const playlists[] = {"hls", "concat", "dash", "rtsp", "sdp", "imf"};

static const char *const decoders[] = {
    /* video */
    "bmp",
    "dnxhd",
    "ffv1",
    "ffvhuff",
    "flv",
    "gif",
    "h263",
    "h264",
    "hevc",
    "huffyuv",
    "libdav1d",
    "libvpx",
    "libvpx-vp9",
    "magicyuv",
    "mjpeg",
    "mpeg1video",
    "mpeg2video",
    "mpeg4",
    "msmpeg4",
    "png",
    "prores",
    "qtrle",
    "rawvideo",
    "theora",
    "tiff",
    "utvideo",
    "vp8",
    "vp9",
    "webp",
    /* audio */
    "aac",
    "ac3",
    "adpcm_ima_wav",
    "adpcm_ms",
    "alac",
    "eac3",
    "flac",
    "mp2float",
    "mp3float",
    "opus",
    "pcm_alaw",
    "pcm_f32be",
    "pcm_f32le",
    "pcm_f64be",
    "pcm_f64le",
    "pcm_mulaw",
    "pcm_s16be",
    "pcm_s16le",
    "pcm_s24be",
    "pcm_s24le",
    "pcm_s32be",
    "pcm_s32le",
    "pcm_s8",
    "pcm_u8",
    "vorbis",
    "wavpack",
};

static const char *const encoders[] = {
    "aac",   "ffv1", "ffvhuff", "flac",      "gif",       "libvpx-vp9", "libx264",
    "mjpeg", "opus", "png",     "pcm_f32le", "pcm_s16le", "pcm_s24le",  "prores_ks",
};

static const char *const muxers[] = {"flac", "gif", "image2pipe", "ipod", "matroska",
                                     "mov",  "mp4", "nut",        "wav",  "webm"};

static bool is_listed(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], name) == 0) {
            return true;
        }
    }
    return false;
}

const struct ad_container *ad_container_find(const char *demuxer)
{
    for (size_t i = 0; i < COUNT(containers); i++) {
        if (strcmp(containers[i].demuxer, demuxer) == 0) {
            return &containers[i];
        }
    }
    return NULL;
}

const char *ad_container_hint(const char *demuxer)
{
    if (is_listed(demuxer, playlists, COUNT(playlists))) {
        return "a playlist names other files, and no file is opened by name; give the media "
               "files themselves as inputs";
    }
    return NULL;
}

static const char *join(char *out, size_t size, const char *const *list, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count && len < size; i++) {
        len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? "," : "", list[i]);
    }
    return out;
}

const char *ad_container_list(void)
{
    static char text[512];
    const char *names[COUNT(containers)];
    for (size_t i = 0; i < COUNT(containers); i++) {
        names[i] = containers[i].demuxer;
    }
    return join(text, sizeof(text), names, COUNT(containers));
}

const char *ad_decoder_list(void)
{
    static char text[1024];
    return join(text, sizeof(text), decoders, COUNT(decoders));
}

/* Codecs of which libav has several decoders, and the one we want. */
static const char *preferred(enum AVCodecID id, bool alpha)
{
    switch (id) {
    case AV_CODEC_ID_VP8:
        return alpha ? "libvpx" : "vp8";
    case AV_CODEC_ID_VP9:
        return alpha ? "libvpx-vp9" : "vp9";
    case AV_CODEC_ID_AV1:
        return "libdav1d";
    case AV_CODEC_ID_MP2:
        return "mp2float";
    case AV_CODEC_ID_MP3:
        return "mp3float";
    default:
        return NULL;
    }
}

const AVCodec *ad_decoder_find(enum AVCodecID id, bool alpha)
{
    const char *name = preferred(id, alpha);
    const AVCodec *codec = name ? avcodec_find_decoder_by_name(name) : avcodec_find_decoder(id);
    if (!codec || !is_listed(codec->name, decoders, COUNT(decoders))) {
        return NULL;
    }
    return codec;
}

bool ad_encoder_allowed(const char *name)
{
    return is_listed(name, encoders, COUNT(encoders));
}

bool ad_muxer_allowed(const char *name)
{
    return is_listed(name, muxers, COUNT(muxers));
}
