/* SPDX-License-Identifier: MIT
 *
 * Files to DAGs, hashing on all cores. The file is taken in batches of whole chunks, about 1
 * MiB each, so that small chunks do not pay for a lock each. Workers read and hash batches into
 * the slots of a ring; the calling thread takes finished batches in file order, hands them to
 * the sink and builds the tree. The ring's size bounds the memory: a worker that is a whole
 * ring ahead waits.
 *
 * Regular files and memory are read by offset, so workers read side by side; pipes are read in
 * turn under a lock of their own. What decides the result, chunk borders and order, depends on
 * offsets only, never on scheduling.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipld/block.h"

#define BATCH_BYTES (1u << 20)
#define BATCH_CHUNKS 4096 /* so that tiny chunks do not make a batch's list of leaves long */
#define WRAPPED_MAX (4u * AD_BLOCK_MAX)
#define THREADS_MAX 256

struct leaf {
    struct ad_cid cid;
    size_t at;       /* where the chunk starts in the batch */
    size_t len;      /* of the chunk */
    size_t block_at; /* where its block starts in `wrapped`, when leaves are wrapped */
    size_t block_len;
};

/* One piece of the file on its way through. Filled by one worker, then emptied by the
 * calling thread. */
struct batch {
    uint8_t *storage;
    size_t storage_cap;
    const uint8_t *data; /* storage, or the caller's memory */
    uint64_t offset;     /* from where the import started */
    size_t want;         /* bytes asked for; fewer in len is the end of the file */
    size_t len;
    AD_VEC(struct leaf) leaves;
    struct ad_buf wrapped;
    bool ready;
    enum artdag_err rc;
    artdag_error err;
};

struct import {
    const struct ad_import_params *params;
    const struct ad_unixfs_profile *profile;
    struct ad_chunking chunking;
    struct ad_tree *tree;
    uint64_t total; /* bytes handed to the tree */
    bool ended;     /* a short batch was emitted */

    int fd; /* < 0: memory */
    const uint8_t *memory;
    size_t memory_len;
    bool seekable;
    uint64_t start; /* file position of the first byte */

    pthread_mutex_t read_lock; /* held while a pipe is read; taken before lock */
    pthread_mutex_t lock;      /* guards everything below, and batch.ready */
    pthread_cond_t changed;
    struct batch *ring;
    size_t ring_len;
    uint64_t claimed;     /* batches given to workers */
    uint64_t emitted;     /* batches the calling thread is done with */
    uint64_t next_offset; /* of the next batch */
    bool stop;            /* the end is known, or something failed: claim no more */
};

/* ---- one batch ---- */

static size_t batch_len(const struct ad_chunking *chunking, uint64_t offset)
{
    size_t len = 0;
    for (unsigned chunks = 0; chunks < BATCH_CHUNKS && len < BATCH_BYTES; chunks++)
        len += ad_chunk_len(chunking, offset + len);
    return len;
}

static void batch_init(struct batch *batch)
{
    *batch = (struct batch){0};
    ad_buf_init(&batch->wrapped, WRAPPED_MAX);
}

static void batch_fini(struct batch *batch)
{
    free(batch->storage);
    ad_vec_fini(&batch->leaves);
    ad_buf_fini(&batch->wrapped);
}

static enum artdag_err reserve_storage(struct batch *batch, artdag_error *err)
{
    if (batch->storage_cap >= batch->want)
        return ARTDAG_OK;
    free(batch->storage);
    batch->storage_cap = 0;
    batch->storage = ad_alloc(batch->want);
    if (!batch->storage)
        return ad_error_nomem(err, "ipld");
    batch->storage_cap = batch->want;
    return ARTDAG_OK;
}

static enum artdag_err read_stream(int fd, uint8_t *data, size_t want, size_t *ret_len,
                                   artdag_error *err)
{
    size_t len = 0;
    while (len < want) {
        ssize_t n = read(fd, data + len, want - len);
        if (n == 0)
            break;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ad_error_errno(err, errno, "ipld", "cannot read the file to import");
        len += (size_t)n;
    }
    *ret_len = len;
    return ARTDAG_OK;
}

static enum artdag_err read_batch(const struct import *import, struct batch *batch,
                                  artdag_error *err)
{
    batch->len = 0;
    if (import->fd < 0) {
        size_t left =
            batch->offset < import->memory_len ? import->memory_len - (size_t)batch->offset : 0;
        batch->data = left ? import->memory + batch->offset : NULL;
        batch->len = left < batch->want ? left : batch->want;
        return ARTDAG_OK;
    }
    enum artdag_err rc = reserve_storage(batch, err);
    if (rc != ARTDAG_OK)
        return rc;
    batch->data = batch->storage;
    if (import->seekable)
        return ad_fs_pread_full(import->fd, batch->storage, batch->want,
                                import->start + batch->offset, &batch->len, "ipld", err);
    return read_stream(import->fd, batch->storage, batch->want, &batch->len, err);
}

static enum artdag_err hash_leaf(const struct import *import, struct batch *batch,
                                 struct leaf *leaf, artdag_error *err)
{
    const uint8_t *chunk = batch->data + leaf->at;
    struct ad_buf *wrapped = &batch->wrapped;
    if (import->profile->raw_leaves) {
        leaf->block_len = leaf->len;
        return ad_cid_of(AD_CODEC_RAW, chunk, leaf->len, &leaf->cid, err);
    }
    leaf->block_at = wrapped->len;
    ad_put_leaf(wrapped, chunk, leaf->len);
    if (ad_buf_status(wrapped) != ARTDAG_OK)
        return ad_error_nomem(err, "ipld");
    leaf->block_len = wrapped->len - leaf->block_at;
    return ad_node_cid(import->profile, wrapped->data + leaf->block_at, leaf->block_len,
                       &leaf->cid, err);
}

static enum artdag_err hash_batch(const struct import *import, struct batch *batch,
                                  artdag_error *err)
{
    batch->leaves.len = 0;
    ad_buf_clear(&batch->wrapped);
    for (size_t at = 0; at < batch->len;) {
        struct leaf leaf = {.at = at,
                            .len = ad_chunk_len(&import->chunking, batch->offset + at)};
        if (leaf.len > batch->len - at)
            leaf.len = batch->len - at;
        enum artdag_err rc = hash_leaf(import, batch, &leaf, err);
        if (rc != ARTDAG_OK)
            return rc;
        if (!ad_vec_push(&batch->leaves, leaf))
            return ad_error_nomem(err, "ipld");
        at += leaf.len;
    }
    return ARTDAG_OK;
}

static void set_range(struct batch *batch, const struct ad_chunking *chunking, uint64_t offset)
{
    batch->offset = offset;
    batch->want = batch_len(chunking, offset);
}

/* Calling thread: what a finished batch holds goes to the sink and into the tree. */
static enum artdag_err emit_batch(struct import *import, const struct batch *batch,
                                  artdag_error *err)
{
    const struct ad_import_params *params = import->params;
    if (import->ended && batch->len)
        return ad_error_set(err, ARTDAG_E_IO, "ipld", "the file changed while it was read");
    for (size_t i = 0; i < batch->leaves.len; i++) {
        const struct leaf *leaf = &batch->leaves.items[i];
        const uint8_t *block = import->profile->raw_leaves
                                   ? batch->data + leaf->at
                                   : batch->wrapped.data + leaf->block_at;
        enum artdag_err rc = ARTDAG_OK;
        if (params->on_leaf)
            rc = params->on_leaf(params->on_leaf_payload, &leaf->cid, batch->offset + leaf->at,
                                 leaf->len, err);
        if (rc == ARTDAG_OK)
            rc = ad_block_put(&params->sink, &leaf->cid, block, leaf->block_len, err);
        if (rc == ARTDAG_OK)
            rc = ad_tree_leaf(import->tree, &leaf->cid, leaf->len, leaf->block_len, err);
        if (rc != ARTDAG_OK)
            return rc;
    }
    import->total += batch->len;
    import->ended = batch->len < batch->want;
    return ARTDAG_OK;
}

/* ---- many batches ---- */

static void wake_all(struct import *import)
{
    (void)pthread_cond_broadcast(&import->changed);
}

/* Waits for a free slot and takes the next range of the file. NULL = there is nothing left
 * to claim. */
static struct batch *claim(struct import *import)
{
    struct batch *batch = NULL;
    (void)pthread_mutex_lock(&import->lock);
    while (!import->stop && import->claimed - import->emitted >= import->ring_len)
        (void)pthread_cond_wait(&import->changed, &import->lock);
    if (!import->stop) {
        batch = &import->ring[import->claimed++ % import->ring_len];
        set_range(batch, &import->chunking, import->next_offset);
        import->next_offset += batch->want;
    }
    (void)pthread_mutex_unlock(&import->lock);
    return batch;
}

static void finish_batch(struct import *import, struct batch *batch)
{
    (void)pthread_mutex_lock(&import->lock);
    batch->ready = true;
    if (batch->rc != ARTDAG_OK || batch->len < batch->want)
        import->stop = true;
    wake_all(import);
    (void)pthread_mutex_unlock(&import->lock);
}

/* Claims and reads. A pipe must be read in the order of claims, so there the lock spans
 * both; and a short read must be known before the next claim, or that would read a
 * terminal's second end of file. */
static struct batch *next_batch(struct import *import)
{
    bool in_turn = import->fd >= 0 && !import->seekable;
    if (in_turn)
        (void)pthread_mutex_lock(&import->read_lock);
    struct batch *batch = claim(import);
    if (batch) {
        batch->err = (artdag_error){0};
        batch->rc = read_batch(import, batch, &batch->err);
        if (in_turn && (batch->rc != ARTDAG_OK || batch->len < batch->want)) {
            (void)pthread_mutex_lock(&import->lock);
            import->stop = true;
            (void)pthread_mutex_unlock(&import->lock);
        }
    }
    if (in_turn)
        (void)pthread_mutex_unlock(&import->read_lock);
    return batch;
}

static void *work(void *payload)
{
    struct import *import = payload;
    for (struct batch *batch = next_batch(import); batch; batch = next_batch(import)) {
        if (batch->rc == ARTDAG_OK)
            batch->rc = hash_batch(import, batch, &batch->err);
        finish_batch(import, batch);
    }
    return NULL;
}

/* The batch whose turn it is, when a worker has finished it; NULL after the last. */
static struct batch *await_batch(struct import *import)
{
    struct batch *batch = NULL;
    (void)pthread_mutex_lock(&import->lock);
    for (;;) {
        batch = &import->ring[import->emitted % import->ring_len];
        if (import->emitted < import->claimed && batch->ready)
            break;
        if (import->emitted == import->claimed && import->stop) {
            batch = NULL;
            break;
        }
        (void)pthread_cond_wait(&import->changed, &import->lock);
    }
    (void)pthread_mutex_unlock(&import->lock);
    return batch;
}

static void release_batch(struct import *import, struct batch *batch)
{
    (void)pthread_mutex_lock(&import->lock);
    batch->ready = false;
    import->emitted++;
    wake_all(import);
    (void)pthread_mutex_unlock(&import->lock);
}

static void stop_workers(struct import *import)
{
    (void)pthread_mutex_lock(&import->lock);
    import->stop = true;
    wake_all(import);
    (void)pthread_mutex_unlock(&import->lock);
}

static enum artdag_err emit_all(struct import *import, artdag_error *err)
{
    for (struct batch *batch = await_batch(import); batch; batch = await_batch(import)) {
        enum artdag_err rc = batch->rc;
        if (rc != ARTDAG_OK && err)
            *err = batch->err;
        if (rc == ARTDAG_OK)
            rc = emit_batch(import, batch, err);
        if (rc != ARTDAG_OK)
            return rc;
        release_batch(import, batch);
    }
    return ARTDAG_OK;
}

static enum artdag_err run_workers(struct import *import, unsigned threads, artdag_error *err)
{
    pthread_t ids[THREADS_MAX];
    unsigned started = 0;
    enum artdag_err rc = ARTDAG_OK;
    while (started < threads && pthread_create(&ids[started], NULL, work, import) == 0)
        started++;
    if (started == 0)
        rc = ad_error_set(err, ARTDAG_E_LIMIT, "ipld", "cannot start a thread");
    else
        rc = emit_all(import, err);
    stop_workers(import);
    for (unsigned i = 0; i < started; i++)
        (void)pthread_join(ids[i], NULL);
    return rc;
}

static enum artdag_err import_parallel(struct import *import, unsigned threads,
                                       artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    import->ring_len = 2 * (size_t)threads + 1;
    import->ring = ad_alloc_array(import->ring_len, sizeof(*import->ring));
    if (!import->ring)
        return ad_error_nomem(err, "ipld");
    for (size_t i = 0; i < import->ring_len; i++)
        batch_init(&import->ring[i]);
    (void)pthread_mutex_init(&import->read_lock, NULL);
    (void)pthread_mutex_init(&import->lock, NULL);
    (void)pthread_cond_init(&import->changed, NULL);
    rc = run_workers(import, threads, err);
    (void)pthread_cond_destroy(&import->changed);
    (void)pthread_mutex_destroy(&import->lock);
    (void)pthread_mutex_destroy(&import->read_lock);
    for (size_t i = 0; i < import->ring_len; i++)
        batch_fini(&import->ring[i]);
    free(import->ring);
    return rc;
}

/* The first batch is done here without any thread: most files are no longer than that. */
static enum artdag_err import_first(struct import *import, artdag_error *err)
{
    struct batch batch;
    batch_init(&batch);
    set_range(&batch, &import->chunking, 0);
    enum artdag_err rc = read_batch(import, &batch, err);
    if (rc == ARTDAG_OK)
        rc = hash_batch(import, &batch, err);
    if (rc == ARTDAG_OK)
        rc = emit_batch(import, &batch, err);
    import->next_offset = batch.want;
    batch_fini(&batch);
    return rc;
}

static enum artdag_err import_all(struct import *import, const struct ad_import_params *params,
                                  struct ad_cid *ret_root, uint64_t *ret_bytes,
                                  artdag_error *err)
{
    unsigned threads = params->threads ? params->threads : ad_threads_cores();
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    import->params = params;
    import->profile = params->profile ? params->profile : &ad_unixfs_v1_2025;
    enum artdag_err rc = ad_chunking_init(&import->chunking, import->profile, params->cuts,
                                          params->cut_count, err);
    if (rc == ARTDAG_OK)
        rc = ad_tree_create(import->profile, &params->sink, &import->tree, err);
    if (rc == ARTDAG_OK)
        rc = import_first(import, err);
    if (rc == ARTDAG_OK && !import->ended)
        rc = import_parallel(import, threads, err);
    if (rc == ARTDAG_OK)
        rc = ad_tree_finish(import->tree, ret_root, NULL, err);
    if (rc == ARTDAG_OK && ret_bytes)
        *ret_bytes = import->total;
    ad_tree_destroy(import->tree);
    return rc;
}

enum artdag_err ad_unixfs_import_fd(int fd, const struct ad_import_params *params,
                                    struct ad_cid *ret_root, uint64_t *ret_bytes,
                                    artdag_error *err)
{
    struct import import = {.fd = fd};
    struct stat st;
    if (fstat(fd, &st) != 0)
        return ad_error_errno(err, errno, "ipld", "cannot examine the file to import");
    off_t start = lseek(fd, 0, SEEK_CUR);
    if ((S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)) && start >= 0) {
        import.seekable = true;
        import.start = (uint64_t)start;
        (void)posix_fadvise(fd, start, 0, POSIX_FADV_SEQUENTIAL);
    }
    enum artdag_err rc = import_all(&import, params, ret_root, ret_bytes, err);
    if (rc == ARTDAG_OK && import.seekable)
        (void)lseek(fd, (off_t)(import.start + import.total), SEEK_SET);
    return rc;
}

enum artdag_err ad_unixfs_import_bytes(const void *data, size_t len,
                                       const struct ad_import_params *params,
                                       struct ad_cid *ret_root, artdag_error *err)
{
    struct import import = {.fd = -1, .memory = data, .memory_len = len};
    return import_all(&import, params, ret_root, NULL, err);
}
