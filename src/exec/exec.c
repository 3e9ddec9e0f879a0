/* SPDX-License-Identifier: MIT
 *
 * The engine's handle: opening, closing, finding the media program, naming its libraries.
 */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/exec_private.h"

#ifndef ARTDAG_LIBEXECDIR
#define ARTDAG_LIBEXECDIR "/usr/libexec/artdag"
#endif

#define ROOM AD_EXEC_ROOM

bool ad_exec_canceled(const struct ad_exec *exec)
{
    return exec->params.canceled && exec->params.canceled(exec->params.cancel_payload);
}

enum artdag_err ad_exec_cancel_error(artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_CANCELED, ROOM, "stopped on request");
}

enum artdag_err ad_exec_temp(const struct ad_exec *exec, int *ret_fd, artdag_error *err)
{
    return ad_fs_temp_fd(exec->cache_folder ? exec->cache_folder : "/tmp", ret_fd, ROOM, err);
}

static bool is_program(const char *path)
{
    struct stat st;
    return path && stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Beside the running program (installed side by side, or in the folders of a build), then the
 * installed place. */
static char *find_program(void)
{
    static const char *const beside[] = {"artdag-media", "../media/artdag-media",
                                         "../libexec/artdag/artdag-media"};
    char exe[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
    char *slash = NULL;
    if (len > 0) {
        exe[len] = 0;
        slash = strrchr(exe, '/');
    }
    if (slash) {
        *slash = 0;
        for (size_t i = 0; i < sizeof(beside) / sizeof(*beside); i++) {
            char *path = ad_fs_join(exe, beside[i]);
            if (is_program(path))
                return path;
            free(path);
        }
    }
    return ad_strdup(ARTDAG_LIBEXECDIR "/artdag-media");
}

enum artdag_err ad_exec_open(const struct ad_exec_params *params, struct ad_exec **ret,
                             artdag_error *err)
{
    struct ad_exec *exec = ad_alloc(sizeof(*exec));
    if (!exec)
        return ad_error_nomem(err, ROOM);
    exec->params = *params;
    exec->jobs = params->jobs ? params->jobs : ad_threads_cores();
    exec->program = params->media_program ? ad_strdup(params->media_program) : find_program();
    exec->cache_folder = ad_strdup(params->cache_folder);
    exec->cpu_flags = ad_strdup(params->cpu_flags);
    exec->key = ad_alloc(params->cluster_key.len + 1);
    if (exec->key && params->cluster_key.len)
        memcpy(exec->key, params->cluster_key.ptr, params->cluster_key.len);
    exec->cluster_key = (struct ad_str){exec->key, params->cluster_key.len};
    exec->params.cluster_key = exec->cluster_key;
    pthread_mutex_init(&exec->toolchain_lock, NULL);
    ad_zygote_init(&exec->zygote);
    if (!exec->key || !exec->program || (params->cache_folder && !exec->cache_folder) ||
        (params->cpu_flags && !exec->cpu_flags)) {
        ad_exec_close(exec);
        return ad_error_nomem(err, ROOM);
    }
    *ret = exec;
    return ARTDAG_OK;
}

void ad_exec_close(struct ad_exec *exec)
{
    if (!exec)
        return;
    ad_zygote_fini(&exec->zygote);
    pthread_mutex_destroy(&exec->toolchain_lock);
    free(exec->toolchain);
    free(exec->program);
    free(exec->cache_folder);
    free(exec->cpu_flags);
    if (exec->key)
        explicit_bzero(exec->key, exec->cluster_key.len);
    free(exec->key);
    free(exec);
}

/* ---- toolchain ---- */

static enum artdag_err ask_toolchain(struct ad_exec *exec, artdag_error *err)
{
    enum artdag_err rc =
        ad_toolchain_recall(exec->cache_folder, exec->program, &exec->toolchain, err);
    if (rc != ARTDAG_E_NOTFOUND)
        return rc;
    rc = ad_zygote_start(&exec->zygote, exec->program, err);
    if (rc != ARTDAG_OK)
        return rc;
    exec->toolchain = ad_strdup(exec->zygote.toolchain);
    if (!exec->toolchain)
        return ad_error_nomem(err, ROOM);
    ad_toolchain_remember(exec->cache_folder, exec->program, exec->zygote.pid, exec->toolchain);
    return ARTDAG_OK;
}

enum artdag_err ad_exec_toolchain(struct ad_exec *exec, const char **ret, artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    pthread_mutex_lock(&exec->toolchain_lock);
    if (!exec->toolchain)
        rc = ask_toolchain(exec, err);
    pthread_mutex_unlock(&exec->toolchain_lock);
    if (rc == ARTDAG_OK)
        *ret = exec->toolchain;
    return rc;
}
