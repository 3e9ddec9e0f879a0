/* SPDX-License-Identifier: MIT
 *
 * analyze: what is in several inputs. First what each is, in parallel; then what is not known yet, one decoding per stream, in
 * parallel over all streams of all inputs; then the documents.
 */
#include "pipeline/analyze.h"

#include <pthread.h>

#define ROOM "pipeline"

/* One stream to decode. */
struct stream {
    struct ad_subject *subject;
    size_t item;
    unsigned features;
    struct ad_arena arena; /* of the parts found in it */
    struct analysis *analysis;
};

struct analysis {
    struct ad_site *site;
    const struct ad_analyze_request *request;
    struct ad_feature_settings settings;
    struct ad_subject *subjects; /* parallel to the request's items */
    AD_VEC(struct stream) streams;
    pthread_mutex_t lock; /* progress is told by one thread at a time */
};

/* ---- what there is ---- */

/* Nobody can hear the beats of a silent film. Whoever asks for everything takes what there is. */
static enum artdag_err check_streams(const struct ad_subject *s, artdag_error *err)
{
    unsigned audio = s->info.audio ? 0 : s->asked & AD_FEATURES_AUDIO;
    unsigned video = s->info.video ? 0 : s->asked & AD_FEATURES_VIDEO;
    if (s->asked == AD_FEATURES_ALL || !(audio | video))
        return ARTDAG_OK;
    int first = 0;
    while (!((audio | video) & AD_FEATURE_BIT(first)))
        first++;
    ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "it has no %s, so it has no %s",
                 AD_FEATURE_BIT(first) & AD_FEATURES_AUDIO ? "sound" : "pictures",
                 ad_feature_name((enum ad_feature)first));
    ad_error_hint(err, "ask for other features, or for all to get what there is");
    return ARTDAG_E_MEDIA;
}

static unsigned possible(const struct ad_subject *s)
{
    return s->asked &
           (AD_FEATURE_BIT(AD_FEATURE_METADATA) | (s->info.audio ? AD_FEATURES_AUDIO : 0) |
            (s->info.video ? AD_FEATURES_VIDEO : 0));
}

/* The part of an earlier analysis, when it and all it names are still here. */
static enum artdag_err recall(struct analysis *a, struct ad_subject *s, enum ad_feature feature,
                              artdag_error *err)
{
    struct ad_buf text = AD_BUF_INIT(AD_ANALYSIS_BYTES_MAX);
    struct ad_id id;
    struct ad_cid cid;
    const struct ad_value *part = NULL;
    enum artdag_err rc = ad_feature_id(a->site, s->cid, feature, &a->settings, &id, err);
    if (rc == ARTDAG_OK)
        rc = ad_site_find(a->site, AD_STATE_ANALYSIS, &id, &cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_read(a->site->store, &cid, AD_ANALYSIS_BYTES_MAX, &text, err);
    if (rc == ARTDAG_OK)
        rc = ad_part_parse(&s->own, ad_buf_as_str(&text), &part, err);
    if (rc == ARTDAG_OK && feature == AD_FEATURE_CONTACT_SHEET) {
        bool complete = false;
        if (!ad_sheet_cid(part, &cid) ||
            ad_lease_hold(a->site->lease, &cid, &complete, NULL) != ARTDAG_OK || !complete)
            part = NULL;
    }
    if (rc == ARTDAG_OK && part) {
        s->parts[feature] = part;
        s->found |= AD_FEATURE_BIT(feature);
    }
    ad_buf_fini(&text);
    return rc == ARTDAG_E_NOTFOUND ? ARTDAG_OK : rc;
}

static enum artdag_err name_item(const struct ad_analyze_item *item, enum artdag_err rc,
                                 artdag_error *err)
{
    return rc != ARTDAG_OK && item->name ? ad_error_prefix(err, rc, "%s", item->name) : rc;
}

static enum artdag_err look(void *payload, size_t i, artdag_error *err)
{
    struct analysis *a = payload;
    struct ad_analyze_item *item = &a->request->items[i];
    struct ad_subject *s = &a->subjects[i];
    enum artdag_err rc =
        ad_metadata(a->site, s->cid, &item->metadata, &item->metadata_cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_subject_read(s, ad_buf_as_str(&item->metadata), err);
    if (rc == ARTDAG_OK)
        rc = check_streams(s, err);
    for (int f = 0; rc == ARTDAG_OK && f < AD_FEATURE_COUNT; f++)
        if (f != AD_FEATURE_METADATA && (possible(s) & AD_FEATURE_BIT(f)))
            rc = recall(a, s, (enum ad_feature)f, err);
    return name_item(item, rc, err);
}

/* ---- what has to be found ---- */

static struct ad_study study_of(const struct ad_subject *s,
                                const struct ad_feature_settings *settings, unsigned features)
{
    const struct ad_source_info *info = &s->info;
    bool sound = features & AD_FEATURES_AUDIO;
    return (struct ad_study){
        .features = features,
        .settings = *settings,
        .stream = sound ? info->audio_stream : info->video_stream,
        .origin_num = info->origin_num,
        .origin_den = info->origin_den,
        .fps_num = info->fps_num,
        .fps_den = info->fps_den,
        .frames = s->frames > 0 ? s->frames : 1,
        .rotation = info->rotation,
        .sar_num = info->sar_num,
        .sar_den = info->sar_den,
    };
}

static void tell(void *payload, int64_t done)
{
    const struct stream *stream = payload;
    const struct ad_analyze_request *request = stream->analysis->request;
    bool sound = stream->features & AD_FEATURES_AUDIO;
    const struct ad_analyze_progress progress = {
        .name = request->items[stream->item].name,
        .sound = sound,
        .done = done,
        .total = sound ? stream->subject->samples : stream->subject->frames,
    };
    if (!request->progress)
        return;
    pthread_mutex_lock(&stream->analysis->lock);
    request->progress(request->payload, &progress);
    pthread_mutex_unlock(&stream->analysis->lock);
}

/* Stores the contact sheet, and its CID in its part. */
static enum artdag_err keep_sheet(struct stream *stream, const struct ad_buf *png,
                                  const struct ad_value **part, artdag_error *err)
{
    struct ad_site *site = stream->analysis->site;
    struct ad_cid cid;
    bool complete = false;
    enum artdag_err rc = ad_store_add_bytes(site->store, png->data, png->len, &cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_lease_hold(site->lease, &cid, &complete, err);
    if (rc != ARTDAG_OK)
        return rc;
    *part = ad_sheet_with_cid(&stream->arena, *part, &cid);
    return *part ? ARTDAG_OK : ad_error_nomem(err, ROOM);
}

/* Takes one feature out of what the job answered, and keeps it. */
static enum artdag_err take(struct stream *stream, enum ad_feature feature,
                            const struct ad_value *answer, const struct ad_buf *png,
                            artdag_error *err)
{
    struct analysis *a = stream->analysis;
    struct ad_subject *s = stream->subject;
    struct ad_buf text = AD_BUF_INIT(AD_ANALYSIS_BYTES_MAX);
    const struct ad_value *part = ad_value_get(answer, ad_feature_name(feature));
    struct ad_id id;
    struct ad_cid cid;
    if (!part || part->kind != AD_VALUE_MAP)
        return ad_error_set(err, ARTDAG_E_INTERNAL, ROOM, "the media program left out %s",
                            ad_feature_name(feature));
    enum artdag_err rc =
        feature == AD_FEATURE_CONTACT_SHEET ? keep_sheet(stream, png, &part, err) : ARTDAG_OK;
    if (rc == ARTDAG_OK)
        rc = ad_json_canonical(part, &text, err);
    if (rc == ARTDAG_OK)
        rc = ad_feature_id(a->site, s->cid, feature, &a->settings, &id, err);
    if (rc == ARTDAG_OK)
        rc = ad_site_keep(a->site, AD_STATE_ANALYSIS, &id, &text, &cid, err);
    if (rc == ARTDAG_OK)
        s->parts[feature] = part;
    ad_buf_fini(&text);
    return rc;
}

static unsigned threads_each(const struct analysis *a)
{
    unsigned cores = ad_threads_cores();
    unsigned jobs = a->streams.len < cores ? (unsigned)a->streams.len : cores;
    return jobs ? cores / jobs : cores;
}

static enum artdag_err decode(void *payload, size_t i, artdag_error *err)
{
    struct analysis *a = payload;
    struct stream *stream = &a->streams.items[i];
    struct ad_buf json = AD_BUF_INIT(AD_ANALYSIS_BYTES_MAX);
    struct ad_buf png = AD_BUF_INIT(AD_ANALYSIS_BYTES_MAX);
    const struct ad_value *answer = NULL;
    const struct ad_exec_study call = {
        .cid = stream->subject->cid,
        .study = study_of(stream->subject, &a->settings, stream->features),
        .threads = threads_each(a),
        .progress = tell,
        .payload = stream,
        .json = &json,
        .sheet = &png,
    };
    enum artdag_err rc = ad_exec_features(a->site->exec, &call, err);
    if (rc == ARTDAG_OK)
        rc = ad_part_parse(&stream->arena, ad_buf_as_str(&json), &answer, err);
    for (int f = 0; rc == ARTDAG_OK && f < AD_FEATURE_COUNT; f++)
        if (stream->features & AD_FEATURE_BIT(f))
            rc = take(stream, (enum ad_feature)f, answer, &png, err);
    ad_buf_fini(&json);
    ad_buf_fini(&png);
    return name_item(&a->request->items[stream->item], rc, err);
}

static enum artdag_err list_streams(struct analysis *a, artdag_error *err)
{
    static const unsigned media[] = {AD_FEATURES_AUDIO, AD_FEATURES_VIDEO};
    /* Who has found one has found the other. */
    static const unsigned pulse =
        AD_FEATURE_BIT(AD_FEATURE_BEATS) | AD_FEATURE_BIT(AD_FEATURE_TEMPO);
    for (size_t i = 0; i < a->request->count; i++) {
        struct ad_subject *s = &a->subjects[i];
        for (size_t m = 0; m < 2; m++) {
            unsigned missing = possible(s) & ~s->found & media[m];
            missing |= missing & pulse ? pulse : 0;
            struct stream stream = {s, i, missing, AD_ARENA_INIT, a};
            if (missing && !ad_vec_push(&a->streams, stream))
                return ad_error_nomem(err, ROOM);
        }
    }
    return ARTDAG_OK;
}

/* ---- the documents ---- */

static enum artdag_err finish(struct analysis *a, size_t i, artdag_error *err)
{
    struct ad_analyze_item *item = &a->request->items[i];
    struct ad_subject *s = &a->subjects[i];
    bool complete = false;
    s->found = possible(s);
    enum artdag_err rc = ad_document_write(s, &a->settings, &item->document, err);
    if (rc == ARTDAG_OK)
        rc = ad_store_add_bytes(a->site->store, item->document.data, item->document.len,
                                &item->document_cid, err);
    if (rc == ARTDAG_OK)
        rc = ad_lease_hold(a->site->lease, &item->document_cid, &complete, err);
    return name_item(item, rc, err);
}

static enum artdag_err run(struct analysis *a, artdag_error *err)
{
    size_t count = a->request->count;
    enum artdag_err rc = ad_threads_each(a->site->jobs, count, look, a, err);
    if (rc == ARTDAG_OK)
        rc = list_streams(a, err);
    if (rc == ARTDAG_OK && a->streams.len)
        rc = ad_threads_each(a->site->jobs, a->streams.len, decode, a, err);
    for (size_t i = 0; rc == ARTDAG_OK && i < count; i++)
        rc = finish(a, i, err);
    return rc;
}

enum artdag_err ad_analyze(struct ad_site *site, const struct ad_analyze_request *request,
                           artdag_error *err)
{
    struct analysis a = {.site = site, .request = request};
    if (request->settings)
        a.settings = *request->settings;
    else
        ad_feature_settings_init(&a.settings);
    a.subjects = ad_alloc_array(request->count + 1, sizeof(*a.subjects));
    if (!a.subjects)
        return ad_error_nomem(err, ROOM);
    pthread_mutex_init(&a.lock, NULL);
    for (size_t i = 0; i < request->count; i++) {
        a.subjects[i].cid = &request->items[i].cid;
        a.subjects[i].asked = request->items[i].features ? request->items[i].features
                                                         : AD_FEATURE_BIT(AD_FEATURE_METADATA);
        ad_buf_init(&request->items[i].metadata, AD_METADATA_BYTES_MAX);
        ad_buf_init(&request->items[i].document, AD_ANALYSIS_BYTES_MAX);
    }
    enum artdag_err rc = run(&a, err);
    for (size_t i = 0; i < a.streams.len; i++)
        ad_arena_fini(&a.streams.items[i].arena);
    for (size_t i = 0; i < request->count; i++)
        ad_arena_fini(&a.subjects[i].own);
    ad_vec_fini(&a.streams);
    free(a.subjects);
    pthread_mutex_destroy(&a.lock);
    return rc;
}

void ad_analyze_item_fini(struct ad_analyze_item *item)
{
    if (!item)
        return;
    ad_buf_fini(&item->metadata);
    ad_buf_fini(&item->document);
}

/* ---- the picture ---- */

enum artdag_err ad_plot(struct ad_site *site, const struct ad_analyze_item *item,
                        struct ad_buf *png, artdag_error *err)
{
    struct ad_subject subject = {.cid = &item->cid, .own = AD_ARENA_INIT};
    struct ad_exec_plot call = {.document = &item->document_cid, .png = png};
    struct ad_feature_settings settings;
    const struct ad_value *document = NULL;
    struct ad_cid sheet;
    ad_feature_settings_init(&settings);
    enum artdag_err rc = ad_subject_read(&subject, ad_buf_as_str(&item->metadata), err);
    if (rc == ARTDAG_OK)
        rc = ad_part_parse(&subject.own, ad_buf_as_str(&item->document), &document, err);
    if (rc == ARTDAG_OK) {
        call.study = study_of(&subject, &settings, AD_FEATURES_AUDIO);
        call.study.stream = subject.info.audio ? subject.info.audio_stream : 0;
        call.medium = subject.info.audio ? &item->cid : NULL;
        call.sheet = ad_sheet_cid(ad_value_get(document, "video"), &sheet) ? &sheet : NULL;
        rc = ad_exec_plot(site->exec, &call, err);
    }
    ad_arena_fini(&subject.own);
    return rc;
}
