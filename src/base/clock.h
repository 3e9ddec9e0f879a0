/* SPDX-License-Identifier: MIT
 *
 * The two clocks. No identity or output byte may depend on either.
 */
#ifndef AD_BASE_CLOCK_H
#define AD_BASE_CLOCK_H

#include <stdint.h>

int64_t ad_clock_monotonic_ms(void);
int64_t ad_clock_monotonic_us(void);
int64_t ad_clock_wall_ms(void); /* since 1970-01-01 UTC */

#endif
