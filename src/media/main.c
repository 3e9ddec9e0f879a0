/* SPDX-License-Identifier: MIT
 *
 * artdag-media: the only program that holds libav. People have little use for it; artdag starts it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "media/log.h"
#include "media/media.h"

static const char usage[] =
    "usage: artdag-media --zygote FD    serve media jobs on the connected socket FD\n"
    "       artdag-media --toolchain    print what the bytes of films depend on\n"
    "       artdag-media --version\n"
    "       artdag-media --help\n"
    "artdag starts this program itself. It opens no file by name and reads no unit but from "
    "its socket.\n";

static int fail_usage(void)
{
    (void)fputs(usage, stderr);
    return 2;
}

static int print_toolchain(void)
{
    struct ad_buf buf = AD_BUF_INIT(4096);
    ad_media_log_start(NULL);
    enum artdag_err rc = ad_toolchain(&buf, NULL);
    bool ok = rc == ARTDAG_OK && printf("%.*s\n", (int)buf.len, (const char *)buf.data) > 0 &&
              fflush(stdout) == 0;
    ad_buf_fini(&buf);
    return ok ? 0 : 1;
}

static int serve_zygote(const char *text)
{
    int64_t fd = -1;
    int type = 0;
    socklen_t len = sizeof(type);
    if (!ad_str_to_i64(ad_str_from(text), &fd) || fd < 0 || fd > INT32_MAX ||
        getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_STREAM) {
        (void)fprintf(stderr, "artdag-media: \"%s\" is no connected stream socket\n", text);
        return 2;
    }
    return ad_zygote_main((int)fd);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "--zygote") == 0) {
        return serve_zygote(argv[2]);
    }
    if (argc != 2) {
        return fail_usage();
    }
    if (strcmp(argv[1], "--toolchain") == 0) {
        return print_toolchain();
    }
    if (strcmp(argv[1], "--version") == 0) {
        return printf("artdag-media %s\n", AD_MEDIA_VERSION) > 0 ? 0 : 1;
    }
    if (strcmp(argv[1], "--help") == 0) {
        return fputs(usage, stdout) >= 0 ? 0 : 1;
    }
    return fail_usage();
}
