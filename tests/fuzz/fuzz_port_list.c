/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of ports: whatever is typed, ports that are none twice, or an error that says something. */
#include "endpoint/port_list.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Some names are ports. */
static uint16_t lookup(void *ctx, const char *name)
{
	(void)ctx;
	return name[0] == 'h' ? (uint16_t)(1 + strlen(name)) : 0;
}

static void check_list(const struct port_list *list)
{
	static bool is_there[65536];

	memset(is_there, 0, sizeof(is_there));
	assert(list->count > 0 && list->count < 65536);
	for (size_t i = 0; i < list->count; i++) {
		assert(list->ports[i] != 0 && !is_there[list->ports[i]]);
		is_there[list->ports[i]] = true;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), error[PORT_LIST_ERROR_MAX] = "";
	struct port_list list;
	int ret;

	assert(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	ret = port_list_parse(&list, text, size % 2 == 0 ? lookup : NULL, NULL, error);
	assert(ret == 0 || ret == -EINVAL);
	if (ret == 0) {
		check_list(&list);
		port_list_clear(&list);
	} else {
		assert(strnlen(error, sizeof(error)) > 0 && strnlen(error, sizeof(error)) < sizeof(error));
		for (size_t i = 0; error[i] != '\0'; i++)
			assert((unsigned char)error[i] >= 0x20);
	}
	free(text);
	return 0;
}
