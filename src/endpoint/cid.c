/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of the addresses of virtual machines: a context id and a port (vsock(7)). */
#include <string.h>
#include <strings.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "endpoint/reading.h"

#define NUMBER_MAX 24
/* Of Linux 5.6; headers may be older. */
#ifndef VMADDR_CID_LOCAL
#define VMADDR_CID_LOCAL 1
#endif

/* Machines that have a name. */
static const struct {
	const char *name;
	uint32_t cid;
} names[] = {
	{ "any", VMADDR_CID_ANY },
	{ "local", VMADDR_CID_LOCAL },
	{ "host", VMADDR_CID_HOST },
	{ "hypervisor", VMADDR_CID_HYPERVISOR },
};

static int read_number(struct reading *r, struct span text, const char *what, uint64_t min, uint32_t *number)
{
	char copy[NUMBER_MAX], error[PARSE_ERROR_MAX];
	uint64_t value;

	if (!span_copy(text, copy, sizeof(copy)))
		return written_mistake(&r->written, text, _("%1$s is a number up to %2$u"), what, UINT32_MAX - 1);
	/* The largest means any. */
	if (parse_uint(copy, what, min, UINT32_MAX - 1, &value, error) < 0)
		return written_mistake(&r->written, text, "%s", error);
	*number = (uint32_t)value;
	return 0;
}

static int read_cid(struct reading *r, struct span text, uint32_t *cid)
{
	char shown[SPAN_SHOWN_MAX];

	if (text.len == 0)
		return written_mistake(&r->written, text, _("the CID is missing: vsock:CID:PORT"));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strlen(names[i].name) != text.len || strncasecmp(names[i].name, text.at, text.len) != 0)
			continue;
		if (names[i].cid == VMADDR_CID_ANY && r->wish->role == ROLE_CONNECT)
			return written_mistake(&r->written, text,
					       _("any is for listeners; name the machine to connect to"));
		*cid = names[i].cid;
		return 0;
	}
	if (!span_consists_of(text, "0123456789"))
		return written_mistake(&r->written, text,
				       _("\"%s\" is no CID: that is a number, or any, local, host, hypervisor"),
				       span_show(text, shown));
	return read_number(r, text, _("CID"), 0, cid);
}

int reading_cid_port(struct reading *r, struct span rest)
{
	const char *colon = span_find(rest, ':');
	bool is_client = r->wish->role == ROLE_CONNECT;
	uint32_t cid, port;
	int ret;

	if (colon == NULL)
		return written_mistake(&r->written, rest, _("a socket of virtual machines is vsock:CID:PORT"));
	ret = read_cid(r, span_until(rest, colon), &cid);
	if (ret == 0)
		ret = read_number(r, span_from(rest, colon + 1), _("port"), is_client ? 1 : 0, &port);
	if (ret < 0)
		return ret;
	/* As elsewhere, 0 asks for one that is free. */
	addr_set_vsock(&r->endpoint.addr, cid, port == 0 ? VMADDR_PORT_ANY : port);
	return 0;
}
