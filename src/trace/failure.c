/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filling a failure: the first one stays. */
#include "trace/failure.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int failure_set(struct failure *fail, enum step_id step, int error, const struct addr *addr)
{
	if (fail->domain != FAILURE_NONE)
		return -error;
	fail->domain = FAILURE_ERRNO;
	fail->code = error;
	fail->step = step;
	if (addr != NULL)
		fail->addr = *addr;
	return -error;
}

int failure_usage(struct failure *fail, const char *format, ...)
{
	va_list args;

	if (fail->domain != FAILURE_NONE)
		return -EINVAL;
	fail->domain = FAILURE_USAGE;
	va_start(args, format);
	vsnprintf(fail->text, sizeof(fail->text), format, args);
	va_end(args);
	return -EINVAL;
}

int failure_refused(struct failure *fail, const char *format, ...)
{
	va_list args;

	if (fail->domain != FAILURE_NONE)
		return -EACCES;
	fail->domain = FAILURE_REFUSED;
	va_start(args, format);
	vsnprintf(fail->text, sizeof(fail->text), format, args);
	va_end(args);
	return -EACCES;
}
