/* The type that YAML 1.1 gives a plain scalar, resolved as PyYAML does. Part of core/yaml.c. */
#ifndef CMTAP_CORE_YAML_SCALAR_H
#define CMTAP_CORE_YAML_SCALAR_H

#include "core/yaml.h"

/* Sets type, integer and real of a scalar from its text, which is NUL-terminated. Returns NULL, or
 * what is wrong with it. */
const char *yaml_scalar_resolve(struct yaml_node *node);

#endif
