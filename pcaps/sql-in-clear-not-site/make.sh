#!/bin/bash
# Neither machine is a site system, and the database is another program's.
. "$(dirname "$0")/../../tests/lab/case.sh"
sql sup01 --encryption not-supported
record
query client01 sup01 off payroll
finish
