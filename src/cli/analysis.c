/* SPDX-License-Identifier: MIT
 *
 * An analysis for people: one line per feature, with what one wants to know at a glance; --json has it all.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

#define TIMES_SHOWN 8

static void label(const char *text)
{
    printf("  %-14s ", text);
}

static double number(json_t *map, const char *key)
{
    return json_number_value(json_object_get(map, key));
}

static const char *text_of(json_t *map, const char *key)
{
    const char *text = json_string_value(json_object_get(map, key));
    return text ? text : "";
}

static double ratio(json_t *map, const char *key)
{
    json_t *r = json_object_get(map, key);
    double den = number(r, "den");
    return den > 0 ? number(r, "num") / den : 0;
}

/* 1:02:03.45 */
static const char *time_text(double seconds, char out[32])
{
    long long hundredths = (long long)(seconds * 100 + 0.5);
    long long s = hundredths / 100;
    if (s >= 3600)
        snprintf(out, 32, "%lld:%02lld:%02lld.%02lld", s / 3600, s / 60 % 60, s % 60,
                 hundredths % 100);
    else
        snprintf(out, 32, "%lld:%02lld.%02lld", s / 60, s % 60, hundredths % 100);
    return out;
}

static void print_level(const char *what, double level)
{
    if (level > 0)
        printf("%s %.1f dB", what, 20 * log10(level));
    else
        printf("%s silence", what);
}

/* ---- metadata ---- */

static void print_head(json_t *d)
{
    char bytes[32];
    char time[32];
    label("container");
    printf("%s, %s, %s\n", text_of(d, "container"),
           ad_cli_bytes((uint64_t)number(d, "bytes"), bytes),
           time_text(ratio(d, "duration"), time));
}

static void print_picture(json_t *v)
{
    json_t *color = json_object_get(v, "color");
    if (!json_is_object(v))
        return;
    label("video");
    printf("%s, %.0fx%.0f", text_of(v, "codec"), number(v, "width"), number(v, "height"));
    if (number(v, "rotation") != 0)
        printf(" turned by %.0f degrees", number(v, "rotation"));
    printf(", %.6g fps%s, %.0f frames, %s", number(v, "frame_rate"),
           json_is_true(json_object_get(v, "vfr")) ? " (variable)" : "", number(v, "frames"),
           text_of(v, "pixel_format"));
    if (*text_of(color, "matrix"))
        printf(", %s", text_of(color, "matrix"));
    if (*text_of(color, "range"))
        printf(" %s", text_of(color, "range"));
    if (json_is_true(json_object_get(v, "alpha")))
        printf(", alpha");
    if (json_is_true(json_object_get(v, "interlaced")))
        printf(", interlaced");
    putchar('\n');
}

static void print_sound(json_t *a)
{
    char time[32];
    if (!json_is_object(a))
        return;
    label("audio");
    printf("%s, %s, %.0f Hz, %s\n", text_of(a, "codec"), text_of(a, "channel_layout"),
           number(a, "sample_rate"), time_text(number(a, "duration"), time));
}

/* ---- sound ---- */

static void print_beats(json_t *beats)
{
    size_t count = json_array_size(json_object_get(beats, "beat_times"));
    if (!beats)
        return;
    label("beats");
    if (count == 0) {
        puts("none");
        return;
    }
    printf("%.2f bpm, %s, %zu beats, %zu bars (confidence %.2f)\n", number(beats, "tempo"),
           text_of(beats, "time_signature"), count,
           json_array_size(json_object_get(beats, "downbeat_times")),
           number(beats, "confidence"));
}

static void print_tempo(json_t *tempo)
{
    json_t *values = json_object_get(tempo, "values");
    size_t i;
    json_t *value;
    double low = 1e9;
    double high = 0;
    if (!tempo)
        return;
    json_array_foreach(values, i, value)
    {
        double bpm = json_number_value(value);
        low = bpm < low ? bpm : low;
        high = bpm > high ? bpm : high;
    }
    label("tempo");
    if (json_array_size(values) == 0)
        puts("none");
    else
        printf("%.2f bpm, between %.1f and %.1f\n", number(tempo, "tempo"), low, high);
}

static void print_levels(json_t *a)
{
    json_t *energy = json_object_get(a, "energy");
    json_t *max = json_object_get(json_object_get(a, "spectrum"), "max");
    if (energy) {
        label("energy");
        print_level("up to", number(energy, "max"));
        print_level(", mean", number(energy, "mean"));
        printf(", every %.0f ms\n", number(energy, "window_ms"));
    }
    if (max) {
        label("spectrum");
        print_level("bass up to", number(max, "bass"));
        print_level(", mid", number(max, "mid"));
        print_level(", high", number(max, "high"));
        putchar('\n');
    }
}

static void print_loudness(json_t *l)
{
    if (!l)
        return;
    label("loudness");
    if (json_is_null(json_object_get(l, "integrated")))
        fputs("too quiet to measure", stdout);
    else
        printf("%.1f LUFS, range %.1f LU", number(l, "integrated"), number(l, "range"));
    if (!json_is_null(json_object_get(l, "true_peak")))
        printf(", true peak %.1f dBTP", number(l, "true_peak"));
    putchar('\n');
}

/* ---- times and stretches ---- */

static void print_times(const char *name, json_t *times, const char *what)
{
    char time[32];
    size_t i;
    json_t *at;
    if (!times)
        return;
    label(name);
    printf("%zu%s", json_array_size(times), what);
    json_array_foreach(times, i, at)
    {
        if (i < TIMES_SHOWN)
            printf("%s%s", i ? ", " : ": ", time_text(json_number_value(at), time));
    }
    puts(json_array_size(times) > TIMES_SHOWN ? " ..." : "");
}

static void print_stretches(const char *name, json_t *found)
{
    json_t *ranges = json_object_get(found, "ranges");
    char from[32];
    char to[32];
    size_t i;
    json_t *range;
    if (!found)
        return;
    label(name);
    if (json_array_size(ranges) == 0)
        fputs("none", stdout);
    else
        printf("%.2f s", number(found, "total"));
    json_array_foreach(ranges, i, range)
    {
        if (i < TIMES_SHOWN / 2)
            printf("%s%s-%s", i ? ", " : ": ",
                   time_text(json_number_value(json_array_get(range, 0)), from),
                   time_text(json_number_value(json_array_get(range, 1)), to));
    }
    puts(json_array_size(ranges) > TIMES_SHOWN / 2 ? " ..." : "");
}

/* ---- pictures ---- */

static void print_motion(json_t *v)
{
    json_t *motion = json_object_get(v, "motion");
    if (!motion)
        return;
    label("motion");
    printf("mean %.1f of 255", number(motion, "mean"));
    if (number(v, "motion_tempo") > 0)
        printf(", %.1f a minute (confidence %.2f)", number(v, "motion_tempo"),
               number(motion, "confidence"));
    else
        fputs(", no regular one", stdout);
    putchar('\n');
}

static void print_sheet(json_t *sheet)
{
    if (!sheet)
        return;
    label("contact sheet");
    printf("%s (PNG, %.0fx%.0f, %zu pictures)\n", text_of(sheet, "cid"), number(sheet, "width"),
           number(sheet, "height"), json_array_size(json_object_get(sheet, "times")));
}

void ad_cli_print_analysis(json_t *d)
{
    json_t *a = json_object_get(d, "audio");
    json_t *v = json_object_get(d, "video");
    print_head(d);
    print_picture(v);
    print_sound(a);
    print_beats(json_object_get(a, "beats"));
    print_tempo(json_object_get(a, "tempo"));
    print_levels(a);
    print_times("onsets", json_object_get(a, "onsets"), "");
    print_loudness(json_object_get(a, "loudness"));
    print_stretches("silence", json_object_get(a, "silence"));
    print_times("scenes", json_object_get(v, "scene_changes"), " cuts");
    print_motion(v);
    print_stretches("black", json_object_get(v, "black"));
    print_stretches("freeze", json_object_get(v, "freeze"));
    print_sheet(json_object_get(v, "contact_sheet"));
    label("input");
    puts(text_of(d, "input_hash"));
}
