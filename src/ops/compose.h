/* SPDX-License-Identifier: MIT
 *
 * Pictures laid over pictures: LAYER, BLEND and all ops that show a part of a changed picture. Private to room ops.
 *
 * Two ways. The plain one is one filter: straight alpha, in the working format. The fine one is for what moves, grows,
 * turns, is cropped or lies between the colour samples of 4:2:0: the picture goes to 4:4:4 with premultiplied alpha, in which
 * scaling, turning and averaging are right to the edges, and back to the working format where it will lie. Opaque pixels that
 * are neither scaled nor turned come through both ways as they are; colours of 4:2:0 do when they lie at even places.
 */
#ifndef AD_OPS_COMPOSE_H
#define AD_OPS_COMPOSE_H

#include "ops/op.h"

/* The formats that belong to a working pixel format. NULL: libav lays nothing over pictures of this one (4:4:4 at 10
 * bits). */
struct ad_compose_formats {
    const char *opaque, *alpha,
        *overlay;     /* native, native with alpha, filter overlay's name for it */
    const char *full; /* 4:4:4 with alpha */
    const char *gray;
    int sub_x, sub_y; /* 1: colour at half the size */
    int depth;
};
const struct ad_compose_formats *ad_compose_formats(const char *pixel_format);
/* UNSUPPORTED, with a hint, when there are none. */
enum artdag_err ad_compose_check(const char *node_type, const struct ad_format *format,
                                 artdag_error *err);

enum ad_side {
    AD_LEFT,
    AD_TOP,
    AD_RIGHT,
    AD_BOTTOM
};

/* One picture on a ground. Frames of curves count on the ground. */
struct ad_layer {
    int64_t in_width, in_height; /* of the picture that comes */
    int64_t ground_width, ground_height;
    int64_t start, frames; /* frame of the ground that picture 0 lies on; how many there are */
    struct ad_curve x, y;  /* where `anchor` of the picture lies, from `origin` of the ground */
    double anchor_x, anchor_y, origin_x, origin_y; /* 0, 0.5 or 1 of the width and height */
    struct ad_curve width, height;                 /* 0 = as it comes, times scale */
    struct ad_curve scale;
    struct ad_curve rotation; /* degrees clockwise about the middle */
    struct ad_curve opacity;
    struct ad_curve crop[4]; /* by side: pixels of the picture that comes */
    /* The fine way: even sizes, at least the picture's largest (its diagonal when it turns). 0 = the plain way. */
    int64_t box_width, box_height;
};
/* A layer that covers a ground of its size. */
struct ad_layer ad_layer_init(int64_t width, int64_t height, int64_t frames);
/* Whether the plain way would not do. */
bool ad_layer_is_fine(const struct ad_layer *layer, const char *pixel_format);
/* The box that the fine way needs, of all frames of the layer. */
void ad_layer_box(const struct ad_layer *layer, int64_t *ret_width, int64_t *ret_height);

struct ad_pad ad_layer_over(struct ad_graph *graph, const struct ad_format *format,
                            struct ad_pad ground, struct ad_pad picture,
                            const struct ad_layer *layer);

/* What a stream of pictures measures. */
struct ad_stage {
    int64_t width, height;
    int64_t start; /* the frame of curves that picture 0 stands on */
    int64_t frames;
};

/* Lays top over base, both as stage says: all of it times opacity, which may change from frame to frame. The result has the
 * base's transparency. */
struct ad_pad ad_video_mix(struct ad_graph *graph, const struct ad_format *format,
                           struct ad_pad base, struct ad_pad top, const struct ad_stage *stage,
                           const struct ad_curve *opacity);

/* A stream of grey frames, each filled with round(curve x maximum). */
struct ad_pad ad_video_level(struct ad_graph *graph, const struct ad_format *format,
                             const struct ad_stage *stage, const struct ad_curve *curve);
/* Multiplies the alpha of a picture in that format, which has alpha, by a grey one, which may go on longer. */
struct ad_pad ad_video_masked(struct ad_graph *graph, struct ad_pad picture, struct ad_pad mask,
                              const char *format);

/* The 4:4:4 format with the depth and the alpha of a working format. */
const char *ad_compose_whole(const char *pixel_format);
/* One frame that stands for ever. */
struct ad_pad ad_video_stand(struct ad_graph *graph, struct ad_pad in);

/* 4:4:4 without mixing colour samples, and back by averaging those of one place; together they change nothing. */
struct ad_pad ad_video_spread(struct ad_graph *graph, struct ad_pad in, const char *full);
struct ad_pad ad_video_gather(struct ad_graph *graph, struct ad_pad in, const char *native);

#endif
