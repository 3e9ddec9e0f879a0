/* SPDX-License-Identifier: MIT
 *
 * Pinning services and the node's own files.
 */
#include <stdio.h>
#include <string.h>

#include "net/kubo.h"

/* ---- pinning services ---- */

struct remote_rows {
    enum artdag_err (*each)(void *payload, const struct ad_cid *cid, const char *name,
                            const char *status, artdag_error *err);
    void *payload;
};

static void copy_view(char *out, size_t size, struct ad_str s)
{
    size_t len = s.len < size ? s.len : size - 1;
    if (len > 0)
        memcpy(out, s.ptr, len);
    out[len] = '\0';
}

static enum artdag_err take_remote(void *payload, const struct ad_value *row, artdag_error *err)
{
    const struct remote_rows *rows = payload;
    struct ad_cid cid = {0};
    struct ad_str name = {0};
    struct ad_str status = {0};
    char name_text[256] = "";
    char status_text[16] = "";
    enum artdag_err code = ad_kubo_cid_of(row, "Cid", &cid, err);
    if (code == ARTDAG_OK)
        code = ad_value_str(row, "Status", &status, err);
    if (code != ARTDAG_OK)
        return code;
    (void)ad_value_str(row, "Name", &name, NULL);
    copy_view(name_text, sizeof(name_text), name);
    copy_view(status_text, sizeof(status_text), status);
    return rows->each(rows->payload, &cid, name_text, status_text, err);
}

static enum artdag_err keep_status(void *payload, const struct ad_cid *cid, const char *name,
                                   const char *status, artdag_error *err)
{
    (void)cid;
    (void)name;
    (void)err;
    (void)snprintf(payload, 16, "%s", status);
    return ARTDAG_OK;
}

enum artdag_err ad_kubo_remote_pin_add(struct ad_kubo *kubo, const char *service,
                                       const struct ad_cid *cid, const char *name,
                                       char status[16], artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(4096);
    char got[16] = "";
    struct remote_rows rows = {keep_status, got};
    ad_kubo_path(&path, "pin/remote/add", kubo->call_ms);
    ad_kubo_arg_cid(&path, cid);
    ad_kubo_arg(&path, "service", ad_str_from(service));
    ad_kubo_arg(&path, "name", ad_str_from(name));
    (void)ad_buf_str(&path, "&background=true");
    enum artdag_err code = ad_kubo_rows(kubo, &path, kubo->call_ms, 1,
                                        (struct ad_kubo_sink){take_remote, &rows}, NULL, err);
    if (code == ARTDAG_OK)
        memcpy(status, got, sizeof(got));
    return code;
}

enum artdag_err ad_kubo_remote_pin_rm(struct ad_kubo *kubo, const char *service,
                                      const struct ad_cid *cid, artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(4096);
    char text[AD_CID_TEXT_MAX];
    ad_kubo_path(&path, "pin/remote/rm", kubo->call_ms);
    ad_kubo_arg(&path, "service", ad_str_from(service));
    ad_kubo_arg(&path, "cid", (struct ad_str){text, ad_cid_format(cid, text)});
    (void)ad_buf_str(&path, "&status=queued,pinning,pinned,failed&force=true");
    return ad_kubo_rows(kubo, &path, kubo->call_ms, 1, (struct ad_kubo_sink){NULL, NULL}, NULL,
                        err);
}

enum artdag_err ad_kubo_remote_pin_ls(
    struct ad_kubo *kubo, const char *service,
    enum artdag_err (*each)(void *payload, const struct ad_cid *cid, const char *name,
                            const char *status, artdag_error *err),
    void *payload, artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(4096);
    struct remote_rows rows = {each, payload};
    ad_kubo_path(&path, "pin/remote/ls", kubo->call_ms);
    ad_kubo_arg(&path, "service", ad_str_from(service));
    (void)ad_buf_str(&path, "&status=queued,pinning,pinned,failed");
    return ad_kubo_rows(kubo, &path, kubo->call_ms, 1,
                        (struct ad_kubo_sink){take_remote, &rows}, NULL, err);
}

/* ---- MFS ---- */

struct file_rows {
    enum artdag_err (*each)(void *payload, const struct ad_kubo_file *file, artdag_error *err);
    void *payload;
};

static enum artdag_err give_file(const struct file_rows *rows, const struct ad_value *entry,
                                 artdag_error *err)
{
    struct ad_kubo_file file = {0};
    int64_t size = 0;
    int64_t type = 0;
    enum artdag_err code = ad_value_str(entry, "Name", &file.name, err);
    if (code == ARTDAG_OK)
        code = ad_kubo_cid_of(entry, "Hash", &file.cid, err);
    if (code == ARTDAG_OK)
        code = ad_value_i64(entry, "Size", &size, err);
    if (code == ARTDAG_OK)
        code = ad_value_i64(entry, "Type", &type, err);
    if (code != ARTDAG_OK)
        return code;
    file.bytes = size > 0 ? (uint64_t)size : 0;
    file.folder = type == 1;
    return rows->each(rows->payload, &file, err);
}

static enum artdag_err take_files(void *payload, const struct ad_value *row, artdag_error *err)
{
    const struct ad_value *entries = ad_value_get(row, "Entries");
    enum artdag_err code = ARTDAG_OK;
    if (entries == NULL || entries->kind == AD_VALUE_NULL)
        return ARTDAG_OK; /* an empty folder */
    if (entries->kind != AD_VALUE_LIST)
        return ad_error_set(err, ARTDAG_E_FORMAT, ROOM, "a listing that is no list");
    for (size_t i = 0; i < entries->list.len && code == ARTDAG_OK; i++)
        code = give_file(payload, entries->list.items[i], err);
    return code;
}

enum artdag_err ad_kubo_files_ls(struct ad_kubo *kubo, const char *folder,
                                 enum artdag_err (*each)(void *payload,
                                                         const struct ad_kubo_file *file,
                                                         artdag_error *err),
                                 void *payload, artdag_error *err)
{
    struct ad_buf path = AD_BUF_INIT(16384);
    struct file_rows rows = {each, payload};
    char message[256] = "";
    ad_kubo_path(&path, "files/ls", kubo->call_ms);
    ad_kubo_arg(&path, "arg", ad_str_from(folder));
    (void)ad_buf_str(&path, "&long=true");
    enum artdag_err code = ad_kubo_rows(kubo, &path, kubo->call_ms, 1,
                                        (struct ad_kubo_sink){take_files, &rows}, message, err);
    if (code == ARTDAG_E_REMOTE && strstr(message, "does not exist") != NULL)
        return ad_error_set(err, ARTDAG_E_NOTFOUND, ROOM, "the node has no file %s", folder);
    return code;
}
