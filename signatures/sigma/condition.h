/* The language of conditions: names of searches, and, or, not, parentheses, `1 of`, `all of`. */
#ifndef CMTAP_SIGNATURES_SIGMA_CONDITION_H
#define CMTAP_SIGNATURES_SIGMA_CONDITION_H

#include "signatures/sigma/rule.h"

/* Reads a condition over the searches, and marks those it uses. NULL when it is wrong, which has
 * been said at `place`. */
struct node *condition_read(struct reading *r, const struct yaml_node *place, struct bytes text,
                            const struct searches *searches);

#endif
