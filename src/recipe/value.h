/* SPDX-License-Identifier: MIT
 *
 * Private to recipe: values of parameters.
 */
#ifndef AD_RECIPE_VALUE_H
#define AD_RECIPE_VALUE_H

#include "recipe/recipe.h"

/* value may be what param stands for: type, range, one of its values. format NULL: a time's spelling only. FORMAT
 * without a position. */
enum artdag_err ad_param_check(const struct ad_recipe_param *param,
                               const struct ad_value *value, const struct ad_format *format,
                               artdag_error *err);

#endif
