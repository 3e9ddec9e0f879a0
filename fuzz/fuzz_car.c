/* SPDX-License-Identifier: MIT
 *
 * CAR files, versions 1 and 2: no block reaches the sink that does not hash to its CID.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "ipld/ipld.h"

static enum artdag_err put(void *payload, const struct ad_cid *cid, const void *data,
                           size_t len, artdag_error *err)
{
    (void)payload;
    FUZZ_CHECK(ad_cid_verify(cid, data, len, err) == ARTDAG_OK);
    return ARTDAG_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    struct ad_block_sink sink = {put, NULL};
    ad_cid_vec roots = {0};
    artdag_error err = {0};
    if (fd < 0)
        fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0 && ftruncate(fd, 0) == 0);
    FUZZ_CHECK(pwrite(fd, data, size, 0) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0);
    enum artdag_err code = ad_car_read_fd(fd, &sink, &roots, &err);
    if (code != ARTDAG_OK)
        FUZZ_CHECK_ERROR(code, err);
    ad_vec_fini(&roots);
    return 0;
}
