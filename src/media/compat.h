/* SPDX-License-Identifier: MIT
 *
 * The differences between libav 5.1 and later, in one place. Every libav header of the room comes through here.
 */
#ifndef AD_MEDIA_COMPAT_H
#define AD_MEDIA_COMPAT_H

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/cpu.h>
#include <libavutil/display.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

/* The write callback of an AVIOContext takes const bytes from libavformat 61 on. */
#if LIBAVFORMAT_VERSION_MAJOR >= 61
typedef const uint8_t ad_avio_bytes;
#else
typedef uint8_t ad_avio_bytes;
#endif

static inline int64_t ad_compat_frame_duration(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_MAJOR >= 58
    return frame->duration;
#else
    return frame->pkt_duration;
#endif
}

static inline int ad_compat_frame_interlaced(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 29, 100)
    return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
    return frame->interlaced_frame;
#endif
}

static inline void ad_compat_frame_set_progressive(AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 29, 100)
    frame->flags &= ~(AV_FRAME_FLAG_INTERLACED | AV_FRAME_FLAG_TOP_FIELD_FIRST);
#else
    frame->interlaced_frame = 0;
    frame->top_field_first = 0;
#endif
}

/* The 3x3 display matrix of a stream, or NULL. */
static inline const int32_t *ad_compat_display_matrix(const AVStream *stream)
{
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
    const AVPacketSideData *side = av_packet_side_data_get(stream->codecpar->coded_side_data,
                                                           stream->codecpar->nb_coded_side_data,
                                                           AV_PKT_DATA_DISPLAYMATRIX);
    return side && side->size >= 9 * sizeof(int32_t) ? (const void *)side->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return data && size >= 9 * sizeof(int32_t) ? (const void *)data : NULL;
#endif
}

/* From 7.0 on YUV links negotiate matrix and range; a source that does not state them causes conversions. */
static inline void ad_compat_source_color(AVBufferSrcParameters *params,
                                          enum AVColorSpace space, enum AVColorRange range)
{
#if LIBAVFILTER_VERSION_MAJOR >= 10
    params->color_space = space;
    params->color_range = range;
#else
    (void)params;
    (void)space;
    (void)range;
#endif
}

#endif
