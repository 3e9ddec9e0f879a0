/* SPDX-License-Identifier: MIT
 *
 * Settings of materialised intermediates: FFVHUFF and 32-bit float PCM in NUT. docs/decisions has the reasons.
 */
#include "graph/graph.h"

static bool set_video(struct ad_arena *arena, const struct ad_format *format,
                      struct ad_codec_settings *codec)
{
    codec->codec = "ffvhuff";
    codec->pixel_format = ad_arena_strdup(arena, ad_str_from(format->pixel_format));
    return codec->pixel_format && ad_codec_set(arena, codec, "flags", "+bitexact") &&
           ad_codec_set(arena, codec, "pred", "left") &&
           ad_codec_set(arena, codec, "threads", "1");
}

int64_t ad_encode_rate(const struct ad_encode *encode, const struct ad_format *format)
{
    return encode->audio.sample_rate ? encode->audio.sample_rate : format->sample_rate;
}

int64_t ad_encode_samples(const struct ad_encode *encode, const struct ad_format *format,
                          int64_t frames)
{
    struct ad_format encoded = *format;
    encoded.sample_rate = ad_encode_rate(encode, format);
    return ad_samples_for(&encoded, frames);
}

enum artdag_err ad_encode_mezzanine(struct ad_arena *arena, const struct ad_format *format,
                                    bool video, bool audio, struct ad_encode *ret)
{
    struct ad_encode encode = {.container = "nut"};
    bool ok = ad_encode_set(arena, &encode, "fflags", "+bitexact");
    if (video)
        ok = ok && set_video(arena, format, &encode.video);
    if (audio) {
        encode.audio.codec = "pcm_f32le";
        encode.audio.sample_format = "flt";
        ok = ok && ad_codec_set(arena, &encode.audio, "flags", "+bitexact");
    }
    if (!ok)
        return ARTDAG_E_NOMEM;
    *ret = encode;
    return ARTDAG_OK;
}
