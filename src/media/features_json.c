/* SPDX-License-Identifier: MIT
 *
 * Results of room analysis as the analysis document has them. Every feature is a map whose members join the document's "audio"
 * or "video". Keys stand in canonical order. Numbers are rounded, which is exact arithmetic and halves the document: times to a microsecond,
 * levels to a millionth of full scale, the rest to a thousandth.
 */
#include "media/sheet.h"
#include "media/study.h"

#define TIME 1e6
#define LEVEL 1e6
#define OTHER 1e3
#define ALTERNATIVES_MAX 4
#define NOTHING_DB (-199.0) /* room analysis says -200 for "nothing" */

static double rounded(double x, double scale)
{
    double y = x * scale;
    if (!(y > -9e15 && y < 9e15)) {
        return x;
    }
    return (double)(int64_t)(y + (y < 0 ? -0.5 : 0.5)) / scale;
}

static void put(struct ad_json_writer *w, const char *key, double value, double scale)
{
    ad_jw_key(w, key);
    ad_jw_double(w, rounded(value, scale));
}

/* null where there is nothing to state. */
static void put_if(struct ad_json_writer *w, const char *key, bool there, double value)
{
    if (there) {
        put(w, key, value, OTHER);
    } else {
        ad_jw_key(w, key);
        ad_jw_null(w);
    }
}

static void put_int(struct ad_json_writer *w, const char *key, int64_t value)
{
    ad_jw_key(w, key);
    ad_jw_int(w, value);
}

static void put_list(struct ad_json_writer *w, const char *key, const double *values,
                     size_t count, double scale)
{
    ad_jw_key(w, key);
    ad_jw_list_begin(w);
    for (size_t i = 0; i < count; i++) {
        ad_jw_double(w, rounded(values[i], scale));
    }
    ad_jw_list_end(w);
}

static void put_floats(struct ad_json_writer *w, const char *key, const float *values,
                       size_t count)
{
    ad_jw_key(w, key);
    ad_jw_list_begin(w);
    for (size_t i = 0; i < count; i++) {
        ad_jw_double(w, rounded((double)values[i], OTHER));
    }
    ad_jw_list_end(w);
}

static void begin(struct ad_json_writer *w, const char *key)
{
    ad_jw_key(w, key);
    ad_jw_map_begin(w);
}

static void put_ranges(struct ad_json_writer *w, const struct ad_range *ranges, size_t count,
                       double total)
{
    ad_jw_key(w, "ranges");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < count; i++) {
        ad_jw_list_begin(w);
        ad_jw_double(w, rounded(ranges[i].start, TIME));
        ad_jw_double(w, rounded(ranges[i].end, TIME));
        ad_jw_list_end(w);
    }
    ad_jw_list_end(w);
    put(w, "total", total, TIME);
}

/* ---- sound ---- */

/* "4/4"; where a beat falls into three eighths, "6/8" for two of them. */
static void put_signature(struct ad_json_writer *w, const struct ad_beats *beats)
{
    char text[16];
    bool eighths = beats->beat_unit == 8;
    ad_jw_key(w, "time_signature");
    if (beats->beats_per_bar < 1) {
        ad_jw_null(w);
        return;
    }
    snprintf(text, sizeof(text), "%d/%d", (eighths ? 3 : 1) * beats->beats_per_bar,
             eighths ? 8 : 4);
    ad_jw_cstr(w, text);
}

static void put_alternatives(struct ad_json_writer *w, const struct ad_beats *beats)
{
    ad_jw_key(w, "alternatives");
    ad_jw_list_begin(w);
    for (size_t i = 1; i < beats->hypothesis_count && i <= ALTERNATIVES_MAX; i++) {
        const struct ad_beat_hypothesis *h = &beats->hypotheses[i];
        ad_jw_map_begin(w);
        put_list(w, "beat_times", h->times, h->count, TIME);
        put(w, "confidence", h->confidence, OTHER);
        put(w, "tempo", h->tempo, OTHER);
        ad_jw_map_end(w);
    }
    ad_jw_list_end(w);
}

static void put_beats(struct ad_json_writer *w, const struct ad_audio_result *result)
{
    const struct ad_beats *beats = result->beats;
    begin(w, "beats");
    put_alternatives(w, beats);
    put_list(w, "beat_times", beats->times, beats->count, TIME);
    put_int(w, "beats_per_bar", beats->beats_per_bar);
    put(w, "confidence", beats->confidence, OTHER);
    put(w, "downbeat_confidence", beats->downbeat_confidence, OTHER);
    put_list(w, "downbeat_times", beats->downbeats, beats->downbeat_count, TIME);
    put_if(w, "tempo", beats->count > 0, beats->tempo);
    put_signature(w, beats);
    ad_jw_map_end(w);
}

static void put_tempo(struct ad_json_writer *w, const struct ad_audio_result *result)
{
    const struct ad_beats *beats = result->beats;
    begin(w, "tempo");
    put(w, "confidence", beats->confidence, OTHER);
    put_if(w, "tempo", beats->count > 0, beats->tempo);
    put_list(w, "times", beats->tempo_times, beats->tempo_count, TIME);
    put_list(w, "values", beats->tempo_values, beats->tempo_count, OTHER);
    ad_jw_map_end(w);
}

static void put_energy(struct ad_json_writer *w, const struct ad_audio_result *result)
{
    const struct ad_energy *energy = result->energy;
    begin(w, "energy");
    put(w, "max", energy->max, LEVEL);
    put(w, "mean", energy->mean, LEVEL);
    put_list(w, "times", energy->times, energy->count, TIME);
    put_list(w, "values", energy->values, energy->count, LEVEL);
    put_int(w, "window_ms", result->window_ms);
    ad_jw_map_end(w);
}

static void put_spectrum(struct ad_json_writer *w, const struct ad_audio_result *result)
{
    static const struct {
        const char *name;
        int band;
    } bands[] = {{"bass", AD_BASS}, {"high", AD_HIGH}, {"mid", AD_MID}};
    const struct ad_spectrum *spectrum = result->spectrum;
    begin(w, "spectrum");
    begin(w, "band_ranges");
    for (int i = 0; i < 3; i++) {
        const double edges[2] = {spectrum->low_hz[bands[i].band],
                                 spectrum->high_hz[bands[i].band]};
        put_list(w, bands[i].name, edges, 2, OTHER);
    }
    ad_jw_map_end(w);
    put_list(w, "bass", spectrum->values[AD_BASS], spectrum->count, LEVEL);
    put_list(w, "high", spectrum->values[AD_HIGH], spectrum->count, LEVEL);
    begin(w, "max");
    for (int i = 0; i < 3; i++) {
        put(w, bands[i].name, spectrum->max[bands[i].band], LEVEL);
    }
    ad_jw_map_end(w);
    put_list(w, "mid", spectrum->values[AD_MID], spectrum->count, LEVEL);
    put_list(w, "times", spectrum->times, spectrum->count, TIME);
    put_int(w, "window_ms", result->window_ms);
    ad_jw_map_end(w);
}

static void put_onsets(struct ad_json_writer *w, const struct ad_audio_result *result)
{
    const struct ad_onsets *onsets = result->onsets;
    put_list(w, "onset_strengths", onsets->strengths, onsets->count, OTHER);
    put_list(w, "onsets", onsets->times, onsets->count, TIME);
}

static void put_loudness(struct ad_json_writer *w, const struct ad_audio_result *result)
{
    const struct ad_loudness *l = result->loudness;
    begin(w, "loudness");
    put_if(w, "integrated", l->measured, l->integrated);
    put_if(w, "momentary_max", l->momentary_max > NOTHING_DB, l->momentary_max);
    put_if(w, "range", l->measured, l->range);
    put_if(w, "range_high", l->measured, l->range_high);
    put_if(w, "range_low", l->measured, l->range_low);
    put_if(w, "sample_peak", l->sample_peak > NOTHING_DB, l->sample_peak);
    put_if(w, "short_term_max", l->short_term_max > NOTHING_DB, l->short_term_max);
    put_if(w, "true_peak", l->true_peak > NOTHING_DB, l->true_peak);
    ad_jw_map_end(w);
}

static void put_silence(struct ad_json_writer *w, const struct ad_audio_result *result)
{
    begin(w, "silence");
    put_ranges(w, result->silence->ranges, result->silence->count, result->silence->total);
    ad_jw_map_end(w);
}

void ad_audio_features_write(struct ad_json_writer *w, const struct ad_audio_result *result,
                             unsigned features)
{
    static const struct {
        enum ad_feature feature;
        void (*write)(struct ad_json_writer *w, const struct ad_audio_result *result);
    } table[] = {{AD_FEATURE_BEATS, put_beats},       {AD_FEATURE_ENERGY, put_energy},
                 {AD_FEATURE_LOUDNESS, put_loudness}, {AD_FEATURE_ONSETS, put_onsets},
                 {AD_FEATURE_SILENCE, put_silence},   {AD_FEATURE_SPECTRUM, put_spectrum},
                 {AD_FEATURE_TEMPO, put_tempo}};
    ad_jw_map_begin(w);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (features & AD_FEATURE_BIT(table[i].feature)) {
            begin(w, ad_feature_name(table[i].feature));
            table[i].write(w, result);
            ad_jw_map_end(w);
        }
    }
    ad_jw_map_end(w);
}

/* ---- pictures ---- */

static void put_stretches(struct ad_json_writer *w, const char *name,
                          const struct ad_ranges *ranges)
{
    begin(w, name);
    begin(w, name);
    put_ranges(w, ranges->ranges, ranges->count, ranges->total);
    ad_jw_map_end(w);
    ad_jw_map_end(w);
}

static void put_sheet(struct ad_json_writer *w, const struct ad_sheet *sheet,
                      const struct ad_study *study)
{
    begin(w, "contact_sheet");
    begin(w, "contact_sheet");
    put_int(w, "cell_height", sheet->cell_height);
    put_int(w, "cell_width", sheet->cell_width);
    put_int(w, "columns", sheet->columns);
    put_int(w, "height", sheet->canvas.height);
    put_int(w, "rows", sheet->rows);
    ad_jw_key(w, "times");
    ad_jw_list_begin(w);
    for (int i = 0; i < sheet->count; i++) {
        double frame = (double)ad_sheet_frame(sheet, i);
        ad_jw_double(w, rounded(frame * (double)study->fps_den / (double)study->fps_num, TIME));
    }
    ad_jw_list_end(w);
    put_int(w, "width", sheet->canvas.width);
    ad_jw_map_end(w);
    ad_jw_map_end(w);
}

static void put_motion(struct ad_json_writer *w, const struct ad_motion *motion)
{
    begin(w, "motion_tempo");
    begin(w, "motion");
    put(w, "confidence", motion->confidence, OTHER);
    put(w, "mean", motion->mean, OTHER);
    put_floats(w, "values", motion->values, motion->count);
    ad_jw_map_end(w);
    put_if(w, "motion_tempo", motion->tempo > 0, motion->tempo);
    ad_jw_map_end(w);
}

static void put_scenes(struct ad_json_writer *w, const struct ad_scenes *scenes)
{
    begin(w, "scene_changes");
    put_floats(w, "frame_scores", scenes->scores, scenes->score_count);
    ad_jw_key(w, "scene_changes");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < scenes->count; i++) {
        ad_jw_double(w, rounded(scenes->changes[i].time, TIME));
    }
    ad_jw_list_end(w);
    ad_jw_key(w, "scene_frames");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < scenes->count; i++) {
        ad_jw_int(w, scenes->changes[i].frame);
    }
    ad_jw_list_end(w);
    ad_jw_key(w, "scene_scores");
    ad_jw_list_begin(w);
    for (size_t i = 0; i < scenes->count; i++) {
        ad_jw_double(w, rounded(scenes->changes[i].score, OTHER));
    }
    ad_jw_list_end(w);
    ad_jw_map_end(w);
}

void ad_video_features_write(struct ad_json_writer *w, const struct ad_video_result *result,
                             const struct ad_sheet *sheet, const struct ad_study *study)
{
    ad_jw_map_begin(w);
    if (result && result->black) {
        put_stretches(w, "black", result->black);
    }
    if (sheet) {
        put_sheet(w, sheet, study);
    }
    if (result && result->freeze) {
        put_stretches(w, "freeze", result->freeze);
    }
    if (result && result->motion) {
        put_motion(w, result->motion);
    }
    if (result && result->scenes) {
        put_scenes(w, result->scenes);
    }
    ad_jw_map_end(w);
}
