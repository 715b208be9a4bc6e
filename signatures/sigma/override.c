/* Overrides: to come. */
#include "signatures/sigma/load.h"

void overrides_apply(struct loader *l)
{
	(void)l;
}
