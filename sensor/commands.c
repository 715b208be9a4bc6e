/* Printing the list the sensor is made of: fields. */
#include "sensor/commands.h"

#include "core/field.h"

#include <stdio.h>

int command_fields(void)
{
	printf("%-42s %-10s %-10s %s\n", "name", "type", "set by", "meaning");
	for (int f = 0; f < FIELD_COUNT; f++)
		printf("%-42s %-10s %-10s %s\n", field_info[f].name,
		       field_type_name(field_info[f].type), field_setter_name(field_info[f].setter),
		       field_info[f].meaning);
	return 0;
}
