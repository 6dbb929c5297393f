/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access rules as files have them: whatever is written, rules that can be asked, or an error that says something. */
#include "engine/access.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(int ret, const char *error)
{
	size_t len = strnlen(error, ACCESS_ERROR_MAX);

	assert(ret == -EINVAL || ret == -ERANGE);
	assert(len > 0 && len < ACCESS_ERROR_MAX);
	for (size_t i = 0; i < len; i++)
		assert(error[i] >= 0x20 && error[i] < 0x7f);
}

/* The verdict of an address; the mapped one has the same. */
static void ask(struct access *access, const char *text, const char *mapped)
{
	struct access_verdict verdict, other;
	struct addr addr;

	addr_parse_ip(&addr, text, 1);
	verdict = access_decide(access, &addr);
	assert(verdict.is_admitted || verdict.option == ACCESS_ALLOW || verdict.rule != NULL);
	addr_parse_ip(&addr, mapped, 2);
	other = access_decide(access, &addr);
	assert(other.is_admitted == verdict.is_admitted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const enum access_option options[] = { ACCESS_ALLOW, ACCESS_DENY, ACCESS_ALLOWFILE, ACCESS_DENYFILE };
	enum access_option option;
	struct access *access;
	char error[ACCESS_ERROR_MAX] = "";
	struct addr addr;
	int ret;

	if (size == 0)
		return 0;
	option = options[data[0] & 3];
	access = access_new();
	ret = access_add(access, option, "file", (const char *)data + 1, size - 1, error);
	if (ret < 0)
		check_error(ret, error);
	addr_parse_ip(&addr, "192.0.2.1", 0);
	for (size_t i = 0; i < access_name_count(access); i++) {
		assert(strlen(access_name(access, i)) > 0 && access_name_option(access, i) == option);
		assert(access_set_name(access, i, &addr) == 0);
	}
	ask(access, "127.0.0.1", "::ffff:127.0.0.1");
	ask(access, "10.1.2.3", "::ffff:10.1.2.3");
	ask(access, "192.0.2.1", "::ffff:192.0.2.1");
	ask(access, "2001:db8::1", "2001:db8::1");
	if (access_name_count(access) > 0 && ret == 0)
		assert(access_decide(access, &addr).is_admitted ==
		       (option == ACCESS_ALLOW || option == ACCESS_ALLOWFILE));
	access_free(access);
	return 0;
}
