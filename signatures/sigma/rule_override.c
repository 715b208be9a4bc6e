/* Overrides: to come. */
#include "signatures/sigma/rule_load.h"

void overrides_apply(struct loader *l)
{
	(void)l;
}
