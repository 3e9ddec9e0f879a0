/* SPDX-License-Identifier: MIT
 *
 * The outermost structure of three families of formats:
 *   MP4       boxes: u32 size (1: u64 follows the type; 0: to the end), type
 *   Matroska  EBML elements: ID, size (all ones: unknown); header element, then one Segment
 *   RIFF      "RIFF", u32 little-endian size of the rest (0 and all ones: unknown)
 */
#include "media/truncated.h"

#include <inttypes.h>
#include <string.h>

#define ROOM "media"
#define BOXES_MAX 100000
#define EBML_HEADER 0x1A45DFA3u
#define EBML_SEGMENT 0x18538067u

static enum artdag_err cut_off(const struct ad_input *input, uint64_t end, artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                        "the file is cut off: %" PRId64 " bytes of at least %" PRIu64,
                        input->size, end);
}

static uint64_t be(const uint8_t *bytes, size_t count)
{
    uint64_t n = 0;
    for (size_t i = 0; i < count; i++) {
        n = n << 8 | bytes[i];
    }
    return n;
}

static enum artdag_err check_boxes(struct ad_input *input, artdag_error *err)
{
    uint64_t at = 0;
    uint64_t size = (uint64_t)input->size;
    for (int i = 0; i < BOXES_MAX && at + 8 <= size; i++) {
        uint8_t head[16] = {0};
        size_t n = 0;
        enum artdag_err rc = ad_input_peek(input, (int64_t)at, head, sizeof(head), &n, err);
        if (rc != ARTDAG_OK) {
            return rc;
        }
        uint64_t length = be(head, 4);
        if (length == 1 && n == 16) {
            length = be(head + 8, 8);
        } else if (length == 0) {
            return ARTDAG_OK;
        }
        if (length < 8) {
            return ARTDAG_OK; /* something else stands behind the last box */
        }
        if (length > size - at) {
            bool is_data = memcmp(head + 4, "mdat", 4) == 0 ||
                           memcmp(head + 4, "moov", 4) == 0 || memcmp(head + 4, "moof", 4) == 0;
            return is_data ? cut_off(input, at + length, err) : ARTDAG_OK;
        }
        at += length;
    }
    return ARTDAG_OK;
}

/* Reads an EBML element's head. False when there is none. An unknown size is UINT64_MAX. */
static bool parse_element(const uint8_t *bytes, size_t len, uint64_t *ret_id,
                          uint64_t *ret_size, size_t *ret_head)
{
    if (len < 12 || bytes[0] < 0x10) {
        return false;
    }
    size_t id_bytes = bytes[0] >= 0x80 ? 1 : bytes[0] >= 0x40 ? 2 : bytes[0] >= 0x20 ? 3 : 4;
    const uint8_t *p = bytes + id_bytes;
    size_t size_bytes = 1;
    while (size_bytes <= 8 && !(p[0] & (0x80 >> (size_bytes - 1)))) {
        size_bytes++;
    }
    if (size_bytes > 8) {
        return false;
    }
    uint64_t mask = (UINT64_C(1) << (7 * size_bytes)) - 1;
    *ret_id = be(bytes, id_bytes);
    *ret_size = be(p, size_bytes) & mask;
    if (*ret_size == mask) {
        *ret_size = UINT64_MAX;
    }
    *ret_head = id_bytes + size_bytes;
    return true;
}

static enum artdag_err check_ebml(struct ad_input *input, artdag_error *err)
{
    uint64_t at = 0;
    for (int i = 0; i < 16; i++) {
        uint8_t head[12];
        size_t n = 0;
        uint64_t id = 0;
        uint64_t length = 0;
        size_t head_bytes = 0;
        enum artdag_err rc = ad_input_peek(input, (int64_t)at, head, sizeof(head), &n, err);
        if (rc != ARTDAG_OK || !parse_element(head, n, &id, &length, &head_bytes) ||
            length == UINT64_MAX) {
            return rc;
        }
        at += head_bytes;
        if (length > (uint64_t)input->size - at) {
            return id == EBML_SEGMENT || id == EBML_HEADER ? cut_off(input, at + length, err)
                                                           : ARTDAG_OK;
        }
        at += length;
        if (at >= (uint64_t)input->size) {
            return ARTDAG_OK;
        }
    }
    return ARTDAG_OK;
}

static enum artdag_err check_riff(struct ad_input *input, artdag_error *err)
{
    uint8_t head[8];
    size_t n = 0;
    enum artdag_err rc = ad_input_peek(input, 0, head, sizeof(head), &n, err);
    if (rc != ARTDAG_OK || n < sizeof(head) || memcmp(head, "RIFF", 4) != 0) {
        return rc;
    }
    uint64_t length = (uint64_t)head[4] | (uint64_t)head[5] << 8 | (uint64_t)head[6] << 16 |
                      (uint64_t)head[7] << 24;
    if (length == 0 || length >= UINT32_MAX - 8) {
        return ARTDAG_OK;
    }
    return length + 8 > (uint64_t)input->size ? cut_off(input, length + 8, err) : ARTDAG_OK;
}

enum artdag_err ad_check_whole(struct ad_input *input, const struct ad_container *container,
                               artdag_error *err)
{
    if (strcmp(container->name, "mov") == 0) {
        return check_boxes(input, err);
    }
    if (strcmp(container->name, "matroska") == 0) {
        return check_ebml(input, err);
    }
    if (strcmp(container->name, "wav") == 0 || strcmp(container->name, "avi") == 0 ||
        strcmp(container->name, "webp") == 0) {
        return check_riff(input, err);
    }
    return ARTDAG_OK;
}
