/* SPDX-License-Identifier: MIT
 *
 * Remembering the media program's identity. Asking for it costs loading two hundred libraries, so the answer is
 * kept together with the stat data of the program and of every library it had mapped: when all are
 * unchanged, so is the answer. The file:
 *
 *   {"files":[["/usr/bin/artdag-media", "size mtime_ns inode"], ...],"libraries":"LD_LIBRARY_PATH",
 *    "program":"...","toolchain":"..."}
 *
 * What the linker would find elsewhere now shows in its cache file and in its search path, which belong to it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "doc/doc.h"
#include "exec/exec_private.h"

#define ROOM AD_EXEC_ROOM
#define FILE_NAME "toolchain.json"
#define LINKER_CACHE "/etc/ld.so.cache"
#define FILE_BYTES_MAX ((size_t)1 << 20)

static int64_t mtime_ns(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* Numbers go as text: nanoseconds do not fit what JSON numbers carry exactly. */
static void fingerprint(const struct stat *st, char out[80])
{
    snprintf(out, 80, "%" PRIu64 " %" PRId64 " %" PRIu64, (uint64_t)st->st_size, mtime_ns(st),
             (uint64_t)st->st_ino);
}

static bool file_unchanged(const struct ad_value *entry)
{
    struct stat st;
    char now[80];
    char path[4096];
    if (entry->kind != AD_VALUE_LIST || entry->list.len != 2 ||
        entry->list.items[0]->kind != AD_VALUE_STRING ||
        entry->list.items[1]->kind != AD_VALUE_STRING)
        return false;
    struct ad_str name = entry->list.items[0]->string;
    if (name.len >= sizeof(path))
        return false;
    memcpy(path, name.ptr, name.len);
    path[name.len] = 0;
    if (stat(path, &st) != 0)
        return false;
    fingerprint(&st, now);
    return ad_str_is(entry->list.items[1]->string, now);
}

static const char *library_path(void)
{
    const char *path = getenv("LD_LIBRARY_PATH"); /* NOLINT(concurrency-mt-unsafe) */
    return path ? path : "";
}

static bool still_valid(const struct ad_value *root, const char *program)
{
    struct ad_str of;
    if (ad_value_str(root, "libraries", &of, NULL) != ARTDAG_OK ||
        !ad_str_is(of, library_path()))
        return false;
    const struct ad_value *files = NULL;
    if (ad_value_str(root, "program", &of, NULL) != ARTDAG_OK || !ad_str_is(of, program))
        return false;
    if (ad_value_list(root, "files", &files, NULL) != ARTDAG_OK || files->list.len == 0)
        return false;
    for (size_t i = 0; i < files->list.len; i++)
        if (!file_unchanged(files->list.items[i]))
            return false;
    return true;
}

static enum artdag_err not_remembered(artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the toolchain is not remembered");
}

enum artdag_err ad_toolchain_recall(const char *cache_folder, const char *program, char **ret,
                                    artdag_error *err)
{
    struct ad_arena arena = AD_ARENA_INIT;
    struct ad_buf text = AD_BUF_INIT(FILE_BYTES_MAX);
    const struct ad_value *root = NULL;
    struct ad_str toolchain;
    char *path = cache_folder ? ad_fs_join(cache_folder, FILE_NAME) : NULL;
    enum artdag_err rc = not_remembered(err);
    if (!path || ad_fs_read_file(path, FILE_BYTES_MAX, &text, ROOM, NULL) != ARTDAG_OK)
        goto out;
    if (ad_json_parse(&arena, ad_buf_as_str(&text), NULL, NULL, &root, NULL) != ARTDAG_OK)
        goto out;
    if (!still_valid(root, program) ||
        ad_value_str(root, "toolchain", &toolchain, NULL) != ARTDAG_OK)
        goto out;
    struct ad_buf copy = AD_BUF_INIT(FILE_BYTES_MAX);
    ad_buf_view(&copy, toolchain);
    *ret = ad_buf_take(&copy, NULL);
    rc = *ret ? ARTDAG_OK : ad_error_nomem(err, ROOM);
out:
    free(path);
    ad_buf_fini(&text);
    ad_arena_fini(&arena);
    return rc;
}

/* Adds a file unless it was added before or is none. */
static void write_file(struct ad_json_writer *w, struct ad_map *seen, const char *path)
{
    struct stat st;
    char print[80];
    bool added = false;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) ||
        !ad_map_put(seen, ad_str_from(path), &added) || !added)
        return;
    fingerprint(&st, print);
    ad_jw_list_begin(w);
    ad_jw_cstr(w, path);
    ad_jw_cstr(w, print);
    ad_jw_list_end(w);
}

/* Every file the process has mapped, each once, from /proc/PID/maps. */
static bool write_files(struct ad_json_writer *w, const char *program, pid_t pid)
{
    struct ad_map seen = {0};
    char name[64], *line = NULL;
    size_t cap = 0;
    snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(name, "re");
    if (!maps)
        return false;
    ad_jw_key(w, "files");
    ad_jw_list_begin(w);
    while (getline(&line, &cap, maps) > 0) {
        char *path = strchr(line, '/');
        if (!path)
            continue;
        path[strcspn(path, "\n")] = 0;
        write_file(w, &seen, path);
    }
    bool any = seen.len > 0;
    write_file(w, &seen, LINKER_CACHE);
    write_file(w, &seen, program); /* a script that starts the real one is not mapped */
    ad_jw_list_end(w);
    free(line);
    (void)fclose(maps);
    ad_map_fini(&seen);
    return any;
}

void ad_toolchain_remember(const char *cache_folder, const char *program, pid_t pid,
                           const char *toolchain)
{
    struct ad_buf text = AD_BUF_INIT(FILE_BYTES_MAX);
    struct ad_json_writer w;
    char *path = cache_folder ? ad_fs_join(cache_folder, FILE_NAME) : NULL;
    if (!path)
        return;
    ad_jw_init(&w, &text);
    ad_jw_map_begin(&w);
    bool any = write_files(&w, program, pid);
    ad_jw_key(&w, "libraries");
    ad_jw_cstr(&w, library_path());
    ad_jw_key(&w, "program");
    ad_jw_cstr(&w, program);
    ad_jw_key(&w, "toolchain");
    ad_jw_cstr(&w, toolchain);
    ad_jw_map_end(&w);
    if (any && ad_buf_status(&text) == ARTDAG_OK)
        (void)!ad_fs_write_file(path, text.data, text.len, 0600, ROOM, NULL);
    ad_buf_fini(&text);
    free(path);
}

void ad_toolchain_forget(const char *cache_folder)
{
    char *path = cache_folder ? ad_fs_join(cache_folder, FILE_NAME) : NULL;
    if (path)
        (void)!ad_fs_remove_tree(path, ROOM, NULL);
    free(path);
}
