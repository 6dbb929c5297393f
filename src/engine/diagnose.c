/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a failure and facts to cause and cure: see diagnose.h. Pure: what is not in its arguments it does not know. */
#include "engine/diagnose.h"

#include "base/template.h"
#include "base/util.h"
#include "engine/diagnose_values.h"

unsigned diagnose_kind(const struct failure *failure)
{
	switch (failure->protocol) {
	case PROTOCOL_UDP:
		return KIND_UDP;
	case PROTOCOL_UNIX:
	case PROTOCOL_UNIX_DGRAM:
	case PROTOCOL_UNIX_SEQPACKET:
		return KIND_UNIX;
	case PROTOCOL_TCP:
		return KIND_TCP;
	case PROTOCOL_VSOCK:
		return KIND_VSOCK;
	case PROTOCOL_SCTP:
	case PROTOCOL_DCCP:
	case PROTOCOL_NONE:
	case PROTOCOL_OTHER:
	case PROTOCOL_COUNT:
		break;
	}
	return addr_family(&failure->addr) == AF_UNIX ? KIND_UNIX : KIND_TCP;
}

static bool is_diagnosis(const struct diagnosis *row, const struct failure *failure, const struct facts *facts)
{
	if (row->domain != failure->domain || (row->kinds & diagnose_kind(failure)) == 0)
		return false;
	if (row->code != failure->code && !(row->domain == FAILURE_ERRNO && row->code == 0))
		return false;
	if (row->steps != 0 && (row->steps & (UINT64_C(1) << failure->step)) == 0)
		return false;
	return row->holds == NULL || row->holds(failure, facts);
}

const struct diagnosis *diagnose_find(const struct failure *failure, const struct facts *facts)
{
	static const struct diagnosis *const tables[] = {
		diagnosis_sandbox, diagnosis_file, diagnosis_unix, diagnosis_bind, diagnosis_connect, diagnosis_data,
		diagnosis_proxy, diagnosis_option, diagnosis_rights, diagnosis_vsock, diagnosis_other,
	};

	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (const struct diagnosis *row = tables[i]; row->domain != FAILURE_NONE; row++)
			if (is_diagnosis(row, failure, facts))
				return row;
	return NULL;
}

/* What a template asks for, and where it comes from. */
struct values {
	const struct failure *failure;
	const struct facts *facts;
};

static bool add_value(const void *ctx, const char *name, size_t len, struct text *text)
{
	const struct values *values = ctx;

	diagnose_value_add(name, len, values->failure, values->facts, text);
	return true;
}

void diagnose_expand(const char *template, const struct failure *failure, const struct facts *facts,
		     struct text *text)
{
	const struct values values = { failure, facts };

	template_expand(template, DIAGNOSE_BLANK, add_value, &values, text);
}
