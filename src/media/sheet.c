/* SPDX-License-Identifier: MIT */
#include "media/sheet.h"

#include "media/log.h"

#define ROOM "media"
#define GAP 4
#define BACKGROUND 0x16181d
#define CELL_MIN 16

static int64_t clamp(int64_t n, int64_t low, int64_t high)
{
    return n < low ? low : n > high ? high : n;
}

/* The scaler works on the picture as it is coded; turning comes after. */
static bool is_lying(const struct ad_sheet *sheet)
{
    return sheet->rotation == 90 || sheet->rotation == 270;
}

static int flat_width(const struct ad_sheet *sheet)
{
    return is_lying(sheet) ? sheet->cell_height : sheet->cell_width;
}

static int flat_height(const struct ad_sheet *sheet)
{
    return is_lying(sheet) ? sheet->cell_width : sheet->cell_height;
}

static enum artdag_err open_scaler(struct ad_sheet *sheet, const AVFrame *like,
                                   artdag_error *err)
{
    int flags = SWS_AREA | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_BITEXACT;
    sheet->sws = sws_getContext(like->width, like->height, like->format, flat_width(sheet),
                                flat_height(sheet), AV_PIX_FMT_RGB24, flags, NULL, NULL, NULL);
    if (!sheet->sws) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM,
                            "pictures of this kind cannot be put on a contact sheet");
    }
    int matrix = like->colorspace == AVCOL_SPC_UNSPECIFIED ? SWS_CS_DEFAULT : like->colorspace;
    const int *table = sws_getCoefficients(matrix);
    bool full = like->color_range == AVCOL_RANGE_JPEG;
    /* A format that knows no such details (RGB) keeps its own. */
    (void)sws_setColorspaceDetails(sheet->sws, table, full, table, 1, 0, 1 << 16, 1 << 16);
    return ARTDAG_OK;
}

enum artdag_err ad_sheet_init(struct ad_sheet *sheet, const struct ad_study *study,
                              const AVFrame *like, artdag_error *err)
{
    const double *settings = study->settings.value;
    *sheet = (struct ad_sheet){
        .columns = (int)settings[AD_SET_SHEET_COLUMNS],
        .rows = (int)settings[AD_SET_SHEET_ROWS],
        .cell_width = (int)settings[AD_SET_SHEET_WIDTH],
        .frames = study->frames,
        .rotation = study->rotation,
    };
    int64_t wide = like->width * study->sar_num;
    int64_t high = like->height * study->sar_den;
    int64_t height =
        is_lying(sheet) ? sheet->cell_width * wide / high : sheet->cell_width * high / wide;
    sheet->cell_height = (int)clamp(height, CELL_MIN, (int64_t)4 * sheet->cell_width);
    int64_t wanted = (int64_t)sheet->columns * sheet->rows;
    sheet->count = (int)(wanted < study->frames ? wanted : study->frames);
    if (sheet->count < sheet->columns) {
        sheet->columns = sheet->count;
    }
    sheet->rows = (sheet->count + sheet->columns - 1) / sheet->columns;
    sheet->cell = ad_alloc_array((size_t)sheet->cell_width * (size_t)sheet->cell_height, 3);
    if (!sheet->cell) {
        return ad_error_nomem(err, ROOM);
    }
    enum artdag_err rc = open_scaler(sheet, like, err);
    return rc == ARTDAG_OK
               ? ad_canvas_init(&sheet->canvas,
                                GAP + sheet->columns * (sheet->cell_width + GAP),
                                GAP + sheet->rows * (sheet->cell_height + GAP), BACKGROUND, err)
               : rc;
}

void ad_sheet_fini(struct ad_sheet *sheet)
{
    ad_canvas_fini(&sheet->canvas);
    sws_freeContext(sheet->sws);
    free(sheet->cell);
}

int64_t ad_sheet_frame(const struct ad_sheet *sheet, int i)
{
    return (2 * (int64_t)i + 1) * sheet->frames / (2 * (int64_t)sheet->count);
}

/* Where pixel x, y of the upright cell stands in the flat one. */
static const uint8_t *flat_pixel(const struct ad_sheet *sheet, int x, int y)
{
    int width = flat_width(sheet);
    int height = flat_height(sheet);
    int from_x = x;
    int from_y = y;
    switch (sheet->rotation) {
    case 90: /* clockwise */
        from_x = y;
        from_y = height - 1 - x;
        break;
    case 180:
        from_x = width - 1 - x;
        from_y = height - 1 - y;
        break;
    case 270:
        from_x = width - 1 - y;
        from_y = x;
        break;
    default:
        break;
    }
    return sheet->cell + ((size_t)from_y * (size_t)width + (size_t)from_x) * 3;
}

static enum artdag_err draw(struct ad_sheet *sheet, const AVFrame *frame, artdag_error *err)
{
    uint8_t *to[1] = {sheet->cell};
    int stride[1] = {flat_width(sheet) * 3};
    if (sws_scale(sheet->sws, (const uint8_t *const *)frame->data, frame->linesize, 0,
                  frame->height, to, stride) < 0) {
        return ad_error_set(err, ARTDAG_E_MEDIA, ROOM, "cannot scale a picture");
    }
    int left = GAP + sheet->done % sheet->columns * (sheet->cell_width + GAP);
    int top = GAP + sheet->done / sheet->columns * (sheet->cell_height + GAP);
    for (int y = 0; y < sheet->cell_height; y++) {
        for (int x = 0; x < sheet->cell_width; x++) {
            size_t at = (size_t)(top + y) * (size_t)sheet->canvas.width + (size_t)(left + x);
            memcpy(sheet->canvas.rgb + at * 3, flat_pixel(sheet, x, y), 3);
        }
    }
    sheet->done++;
    return ARTDAG_OK;
}

enum artdag_err ad_sheet_offer(struct ad_sheet *sheet, int64_t number, const AVFrame *frame,
                               artdag_error *err)
{
    enum artdag_err rc = ARTDAG_OK;
    while (rc == ARTDAG_OK && sheet->done < sheet->count &&
           ad_sheet_frame(sheet, sheet->done) == number) {
        rc = draw(sheet, frame, err);
    }
    return rc;
}
