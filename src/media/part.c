/* SPDX-License-Identifier: MIT */
#include "media/part.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM "media"
#define MAGIC "ADPART02"
#define RECORD_MAX ((size_t)64 << 20)

struct head {
    char magic[8];
    int64_t bit_rate;
    int32_t codec_type, codec_id, format, profile, level;
    int32_t width, height, sar_num, sar_den, video_delay;
    int32_t field_order, color_range, primaries, transfer, matrix, chroma_location;
    int32_t sample_rate, channels;
    int32_t frame_size, block_align, initial_padding, trailing_padding;
    int32_t bits_coded, bits_raw;
    uint32_t extradata_bytes, zero;
};

struct item {
    int64_t pts, dts, duration;
    int32_t flags;
    uint32_t bytes, side_count, zero;
};

struct side {
    int32_t type;
    uint32_t bytes;
};

struct tail {
    uint32_t zero[2]; /* the first stands where a packet's length would */
    int64_t packets, length;
};

/* Bytes of these structs are stored: none may be left to the compiler. */
_Static_assert(sizeof(struct head) == 8 + 8 + 26 * 4, "no gaps");
_Static_assert(sizeof(struct item) == 3 * 8 + 4 * 4, "no gaps");
_Static_assert(sizeof(struct tail) == 2 * 4 + 2 * 8, "no gaps");

/* ---- writing ---- */

static enum artdag_err put(struct ad_part_writer *part, const void *data, size_t len,
                           artdag_error *err)
{
    const uint8_t *bytes = data;
    while (len > 0) {
        ssize_t n = pwrite(part->fd, bytes, len, part->pos);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return ad_error_errno(err, errno, ROOM, "cannot write the part");
        }
        bytes += n;
        len -= (size_t)n;
        part->pos += n;
    }
    return ARTDAG_OK;
}

enum artdag_err ad_part_create(int fd, const AVCodecParameters *codecpar,
                               struct ad_part_writer *ret, artdag_error *err)
{
    struct head head = {
        .magic = MAGIC,
        .bit_rate = codecpar->bit_rate,
        .codec_type = codecpar->codec_type,
        .codec_id = codecpar->codec_id,
        .format = codecpar->format,
        .profile = codecpar->profile,
        .level = codecpar->level,
        .width = codecpar->width,
        .height = codecpar->height,
        .sar_num = codecpar->sample_aspect_ratio.num,
        .sar_den = codecpar->sample_aspect_ratio.den,
        .video_delay = codecpar->video_delay,
        .field_order = codecpar->field_order,
        .color_range = codecpar->color_range,
        .primaries = codecpar->color_primaries,
        .transfer = codecpar->color_trc,
        .matrix = codecpar->color_space,
        .chroma_location = codecpar->chroma_location,
        .sample_rate = codecpar->sample_rate,
        .channels = codecpar->ch_layout.nb_channels,
        .frame_size = codecpar->frame_size,
        .block_align = codecpar->block_align,
        .initial_padding = codecpar->initial_padding,
        .trailing_padding = codecpar->trailing_padding,
        .bits_coded = codecpar->bits_per_coded_sample,
        .bits_raw = codecpar->bits_per_raw_sample,
        .extradata_bytes = (uint32_t)codecpar->extradata_size,
    };
    *ret = (struct ad_part_writer){.fd = fd};
    ad_buf_init(&ret->buf, RECORD_MAX);
    enum artdag_err rc = put(ret, &head, sizeof(head), err);
    if (rc == ARTDAG_OK && codecpar->extradata_size > 0) {
        rc = put(ret, codecpar->extradata, (size_t)codecpar->extradata_size, err);
    }
    return rc;
}

enum artdag_err ad_part_write(struct ad_part_writer *part, const AVPacket *packet,
                              artdag_error *err)
{
    struct item item = {
        .pts = packet->pts,
        .dts = packet->dts,
        .duration = packet->duration,
        .flags = packet->flags,
        .bytes = (uint32_t)packet->size,
        .side_count = (uint32_t)packet->side_data_elems,
    };
    struct ad_buf *buf = &part->buf;
    ad_buf_clear(buf);
    uint32_t length = 0;
    (void)ad_buf_append(buf, &length, sizeof(length));
    (void)ad_buf_append(buf, &item, sizeof(item));
    (void)ad_buf_append(buf, packet->data, (size_t)packet->size);
    for (int i = 0; i < packet->side_data_elems; i++) {
        const AVPacketSideData *from = &packet->side_data[i];
        struct side side = {(int32_t)from->type, (uint32_t)from->size};
        (void)ad_buf_append(buf, &side, sizeof(side));
        (void)ad_buf_append(buf, from->data, from->size);
    }
    if (ad_buf_status(buf) != ARTDAG_OK) {
        return ad_error_set(err, ad_buf_status(buf), ROOM, "a packet is too large");
    }
    length = (uint32_t)(buf->len - sizeof(length));
    memcpy(buf->data, &length, sizeof(length));
    part->packets++;
    return put(part, buf->data, buf->len, err);
}

enum artdag_err ad_part_finish(struct ad_part_writer *part, int64_t length, artdag_error *err)
{
    struct tail tail = {.packets = part->packets, .length = length};
    enum artdag_err rc = put(part, &tail, sizeof(tail), err);
    if (rc == ARTDAG_OK && ftruncate(part->fd, part->pos) != 0) {
        rc = ad_error_errno(err, errno, ROOM, "cannot write the part");
    }
    return rc;
}

void ad_part_writer_fini(struct ad_part_writer *part)
{
    ad_buf_fini(&part->buf);
}

/* ---- reading ---- */

static enum artdag_err broken(artdag_error *err)
{
    return ad_error_set(err, ARTDAG_E_CORRUPT, ROOM, "an encoded part is damaged");
}

static enum artdag_err get(struct ad_part_reader *part, void *out, size_t len,
                           artdag_error *err)
{
    size_t n = 0;
    enum artdag_err rc = ARTDAG_OK;
    if ((int64_t)len > part->size - part->pos) {
        return broken(err);
    }
    if (part->pb) {
        int got = avio_read(part->pb, out, (int)len);
        n = got > 0 ? (size_t)got : 0;
        if (got < 0 && got != AVERROR_EOF) {
            return ad_error_set(err, ARTDAG_E_IO, ROOM, "cannot read the part");
        }
    } else {
        rc = ad_fs_pread_full(part->fd, out, len, (uint64_t)part->pos, &n, ROOM, err);
    }
    if (rc == ARTDAG_OK && n != len) {
        rc = broken(err);
    }
    part->pos += (int64_t)n;
    return rc;
}

static bool head_is_sane(const struct head *head)
{
    bool sound = head->codec_type == AVMEDIA_TYPE_AUDIO && head->channels >= 1 &&
                 head->channels <= 8 && head->sample_rate >= 1;
    bool pictures = head->codec_type == AVMEDIA_TYPE_VIDEO && head->width >= 1 &&
                    head->width <= 16384 && head->height >= 1 && head->height <= 16384 &&
                    head->video_delay >= 0 && head->video_delay <= 16;
    return memcmp(head->magic, MAGIC, 8) == 0 && head->extradata_bytes <= (1u << 20) &&
           (sound || pictures);
}

static void set_parameters(AVCodecParameters *par, const struct head *head)
{
    par->codec_type = (enum AVMediaType)head->codec_type;
    par->codec_id = (enum AVCodecID)head->codec_id;
    par->bit_rate = head->bit_rate;
    par->format = head->format;
    par->profile = head->profile;
    par->level = head->level;
    par->width = head->width;
    par->height = head->height;
    par->sample_aspect_ratio = (AVRational){head->sar_num, head->sar_den};
    par->video_delay = head->video_delay;
    par->field_order = (enum AVFieldOrder)head->field_order;
    par->color_range = (enum AVColorRange)head->color_range;
    par->color_primaries = (enum AVColorPrimaries)head->primaries;
    par->color_trc = (enum AVColorTransferCharacteristic)head->transfer;
    par->color_space = (enum AVColorSpace)head->matrix;
    par->chroma_location = (enum AVChromaLocation)head->chroma_location;
    par->sample_rate = head->sample_rate;
    par->frame_size = head->frame_size;
    par->block_align = head->block_align;
    par->initial_padding = head->initial_padding;
    par->trailing_padding = head->trailing_padding;
    par->bits_per_coded_sample = head->bits_coded;
    par->bits_per_raw_sample = head->bits_raw;
    if (head->channels > 0) {
        av_channel_layout_default(&par->ch_layout, head->channels);
    }
}

static enum artdag_err read_head(struct ad_part_reader *part, artdag_error *err)
{
    struct head head;
    AVCodecParameters *par = part->codecpar;
    enum artdag_err rc = get(part, &head, sizeof(head), err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    if (!head_is_sane(&head)) {
        return broken(err);
    }
    set_parameters(par, &head);
    if (head.extradata_bytes == 0) {
        return ARTDAG_OK;
    }
    par->extradata = av_mallocz(head.extradata_bytes + AV_INPUT_BUFFER_PADDING_SIZE);
    if (!par->extradata) {
        return ad_error_nomem(err, ROOM);
    }
    par->extradata_size = (int)head.extradata_bytes;
    return get(part, par->extradata, head.extradata_bytes, err);
}

static enum artdag_err start_reading(struct ad_part_reader *part, artdag_error *err)
{
    ad_buf_init(&part->buf, RECORD_MAX);
    part->codecpar = avcodec_parameters_alloc();
    return part->codecpar ? read_head(part, err) : ad_error_nomem(err, ROOM);
}

enum artdag_err ad_part_open(int fd, struct ad_part_reader *ret, artdag_error *err)
{
    struct stat st;
    *ret = (struct ad_part_reader){.fd = fd};
    if (fstat(fd, &st) != 0) {
        return ad_error_errno(err, errno, ROOM, "cannot read the part");
    }
    ret->size = st.st_size;
    return start_reading(ret, err);
}

enum artdag_err ad_part_open_input(struct ad_input *input, struct ad_part_reader *ret,
                                   artdag_error *err)
{
    *ret = (struct ad_part_reader){.fd = -1, .pb = input->pb, .size = input->size};
    return start_reading(ret, err);
}

static enum artdag_err read_tail(struct ad_part_reader *part, artdag_error *err)
{
    struct tail tail = {0};
    enum artdag_err rc = get(part, &tail.zero[1], sizeof(tail) - sizeof(tail.zero[0]), err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    if (tail.packets != part->packets) {
        return broken(err);
    }
    part->length = tail.length;
    return ARTDAG_E_NOTFOUND;
}

/* The side data after the packet's bytes. */
static enum artdag_err parse_side(const struct ad_buf *buf, size_t at, uint32_t count,
                                  AVPacket *packet, artdag_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        struct side side;
        if (buf->len - at < sizeof(side)) {
            return broken(err);
        }
        memcpy(&side, buf->data + at, sizeof(side));
        at += sizeof(side);
        if (buf->len - at < side.bytes) {
            return broken(err);
        }
        uint8_t *data =
            av_packet_new_side_data(packet, (enum AVPacketSideDataType)side.type, side.bytes);
        if (!data) {
            return ad_error_nomem(err, ROOM);
        }
        memcpy(data, buf->data + at, side.bytes);
        at += side.bytes;
    }
    return at == buf->len ? ARTDAG_OK : broken(err);
}

static enum artdag_err parse_packet(const struct ad_buf *buf, AVPacket *packet,
                                    artdag_error *err)
{
    struct item item;
    if (buf->len < sizeof(item)) {
        return broken(err);
    }
    memcpy(&item, buf->data, sizeof(item));
    if (buf->len - sizeof(item) < item.bytes) {
        return broken(err);
    }
    if (av_new_packet(packet, (int)item.bytes) < 0) {
        return ad_error_nomem(err, ROOM);
    }
    memcpy(packet->data, buf->data + sizeof(item), item.bytes);
    packet->pts = item.pts;
    packet->dts = item.dts;
    packet->duration = item.duration;
    packet->flags = item.flags;
    return parse_side(buf, sizeof(item) + item.bytes, item.side_count, packet, err);
}

enum artdag_err ad_part_read(struct ad_part_reader *part, AVPacket *packet, artdag_error *err)
{
    uint32_t length = 0;
    enum artdag_err rc = get(part, &length, sizeof(length), err);
    if (rc != ARTDAG_OK) {
        return rc;
    }
    if (length == 0) {
        return read_tail(part, err);
    }
    ad_buf_clear(&part->buf);
    uint8_t *to = length <= RECORD_MAX ? ad_buf_extend(&part->buf, length) : NULL;
    if (!to) {
        return length > RECORD_MAX ? broken(err) : ad_error_nomem(err, ROOM);
    }
    rc = get(part, to, length, err);
    if (rc == ARTDAG_OK) {
        rc = parse_packet(&part->buf, packet, err);
    }
    if (rc != ARTDAG_OK) {
        av_packet_unref(packet);
        return rc;
    }
    part->packets++;
    return ARTDAG_OK;
}

void ad_part_reader_fini(struct ad_part_reader *part)
{
    ad_buf_fini(&part->buf);
    avcodec_parameters_free(&part->codecpar);
}
