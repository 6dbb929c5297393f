/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a failure and the facts about it to its cause and cure: pure. The sentences stand in tables, one a
 * file (diagnosis_bind.c, diagnosis_connect.c, ...); they are templates (base/template.h), whose values are the list
 * in diagnose_values.c. A `command` is never broken over two lines.
 */
#ifndef SOCKT_ENGINE_DIAGNOSE_H
#define SOCKT_ENGINE_DIAGNOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/facts.h"
#include "trace/failure.h"

/* In an expanded text: a blank at which no line may be broken. */
#define DIAGNOSE_BLANK '\x01'

/* What kind of address a row is about. */
enum diagnosis_kind {
	KIND_TCP = 1U << 0,
	KIND_UDP = 1U << 1,
	KIND_UNIX = 1U << 2,
	KIND_VSOCK = 1U << 3,
	KIND_INET = KIND_TCP | KIND_UDP,
	KIND_ANY = KIND_INET | KIND_UNIX | KIND_VSOCK,
};

/* A step among the steps of a row: there are more of them than an int has bits. */
#define STEP_BIT(name) (UINT64_C(1) << STEP_##name)

/* One row: the first one whose every condition holds is the diagnosis. */
struct diagnosis {
	enum failure_domain domain;
	int code;       /* errno, EAI_*, enum ended_by; of ERRNO 0: any */
	uint64_t steps; /* STEP_BIT() of each; 0: any */
	unsigned kinds; /* enum diagnosis_kind */
	bool (*holds)(const struct failure *failure, const struct facts *facts); /* NULL: always */
	const char *why;
	const char *cure; /* "": there is nothing to be done */
};

/* The tables, each ended by a row of FAILURE_NONE, in the order they are searched. */
extern const struct diagnosis diagnosis_sandbox[];
extern const struct diagnosis diagnosis_file[];
extern const struct diagnosis diagnosis_unix[];
extern const struct diagnosis diagnosis_bind[];
extern const struct diagnosis diagnosis_connect[];
extern const struct diagnosis diagnosis_data[];
extern const struct diagnosis diagnosis_proxy[];
extern const struct diagnosis diagnosis_option[];
extern const struct diagnosis diagnosis_rights[];
extern const struct diagnosis diagnosis_vsock[];
extern const struct diagnosis diagnosis_other[];

/* The kind of address that a failure is about: one bit of enum diagnosis_kind. */
unsigned diagnose_kind(const struct failure *failure);

/* The row for a failure, or NULL where there is nothing to say beyond its name. */
const struct diagnosis *diagnose_find(const struct failure *failure, const struct facts *facts);

/* Expand a template of a row into text: {name} by its value, the blanks of a `command` by DIAGNOSE_BLANK. */
void diagnose_expand(const char *template, const struct failure *failure, const struct facts *facts,
		     struct text *text);

#endif
