/* SPDX-License-Identifier: MIT
 *
 * The working format: what the recipe says, else what its first video input is, else defaults.
 */
#include "plan/planner.h"

#define NO_VIDEO_WIDTH 1280 /* nothing of an audio-only film depends on its size */
#define NO_VIDEO_HEIGHT 720

static int64_t even(int64_t n)
{
    return n < 2 ? 2 : n + n % 2;
}

/* Size as shown: square pixels (the height stays, the width gives), then turned. */
static void shown_size(const struct ad_source_info *info, int64_t *ret_width,
                       int64_t *ret_height)
{
    int64_t width = info->width;
    if (info->sar_num > 0 && info->sar_den > 0)
        width = ad_muldiv_round(info->width, info->sar_num, info->sar_den);
    bool turned = info->rotation == 90 || info->rotation == 270;
    *ret_width = even(turned ? info->height : width);
    *ret_height = even(turned ? width : info->height);
}

/* The inputs that decide, found in one pass over the nodes in file order. */
struct deciding {
    const struct ad_source_info *video;  /* first with a picture */
    const struct ad_source_info *moving; /* first that moves */
    const struct ad_source_info *audio;  /* first with sound */
};

static struct deciding find_deciding(const struct ad_plan *plan, const struct ad_recipe *recipe,
                                     const uint32_t *bound, const bool *reach)
{
    struct deciding d = {0};
    for (size_t i = 0; i < recipe->node_count; i++) {
        if (!reach[i] || bound[i] == AD_RECIPE_UNBOUND)
            continue;
        const struct ad_source_info *info = &plan->sources[bound[i]];
        if (info->video && !d.video)
            d.video = info;
        if (info->video && !info->still && !d.moving)
            d.moving = info;
        if (info->audio && !d.audio)
            d.audio = info;
    }
    return d;
}

static void take_rate(const struct deciding *d, struct ad_format *format)
{
    format->fps_num = 25;
    format->fps_den = 1;
    if (d->moving && d->moving->fps_num > 0 && d->moving->fps_den > 0) {
        format->fps_num = d->moving->fps_num;
        format->fps_den = d->moving->fps_den;
    }
}

static int64_t take_sample_rate(const struct deciding *d)
{
    if (d->video && d->video->audio)
        return d->video->sample_rate;
    return d->audio ? d->audio->sample_rate : 48000;
}

enum artdag_err ad_plan_format(const struct ad_plan *plan, const struct ad_recipe *recipe,
                               const uint32_t *bound, const bool *reach, struct ad_format *ret,
                               artdag_error *err)
{
    const struct ad_recipe_format *said = &recipe->format;
    struct deciding d = find_deciding(plan, recipe, bound, reach);
    struct ad_format format = {
        .width = NO_VIDEO_WIDTH,
        .height = NO_VIDEO_HEIGHT,
        .pixel_format = said->pixel_format ? said->pixel_format : "yuv420p",
        .sample_rate = said->sample_rate ? said->sample_rate : take_sample_rate(&d),
        .channels = said->channels ? said->channels : 2,
    };
    if (d.video)
        shown_size(d.video, &format.width, &format.height);
    if (said->width) {
        format.width = said->width;
        format.height = said->height;
    }
    take_rate(&d, &format);
    if (said->fps_num) {
        format.fps_num = said->fps_num;
        format.fps_den = said->fps_den;
    }
    enum artdag_err rc = ad_format_check(&format, err);
    if (rc != ARTDAG_OK) {
        ad_error_prefix(err, rc, "the format taken from the first input");
        ad_error_hint(err, "state it in the recipe under format:");
        return rc;
    }
    *ret = format;
    return ARTDAG_OK;
}
