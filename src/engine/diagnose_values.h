/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The values that the templates of diagnoses may name: {host}, {port}, {holder} ... Pure. */
#ifndef SOCKT_ENGINE_DIAGNOSE_VALUES_H
#define SOCKT_ENGINE_DIAGNOSE_VALUES_H

#include <stddef.h>

#include "base/buf.h"
#include "engine/facts.h"
#include "trace/failure.h"

/* Add the value of that name (len bytes) to text. A name that there is not is a mistake of the programmer's. */
void diagnose_value_add(const char *name, size_t len, const struct failure *failure, const struct facts *facts,
			struct text *text);

#endif
