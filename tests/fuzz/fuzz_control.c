/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines that --control takes: whatever comes, a request within its bounds or an error that says something. */
#include "engine/control_commands.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(int ret, const char *error)
{
	size_t len = strnlen(error, CONTROL_ERROR_MAX);
	struct json json = { 0 };

	assert(ret == -EINVAL || ret == -E2BIG);
	assert(len > 0 && len < CONTROL_ERROR_MAX);
	for (size_t i = 0; i < len; i++)
		assert(error[i] >= 0x20 && error[i] < 0x7f);
	control_write_error(error, &json);
	assert(json.len > len && json.data[json.len - 1] == '\n');
	json_clear(&json);
}

static void check_request(const struct control_request *request, size_t size)
{
	size_t len = strnlen(request->text, sizeof(request->text));

	assert(control_command_find(request->command->name) == request->command);
	assert(len <= CONTROL_LINE_MAX && len < size);
	assert((request->session != 0) == (request->command->argument == CONTROL_SESSION));
	assert((len != 0) == (request->command->argument != CONTROL_NOTHING));
}

/* What is asked for as faults. */
static void check_faults(const char *text)
{
	struct fault_list list = { 0 };
	char error[CONTROL_ERROR_MAX] = "";

	for (int is_messages = 0; is_messages < 2; is_messages++) {
		size_t before = list.count;
		int ret = control_add_faults(&list, text, is_messages, error);

		assert(ret == 0 ? list.count > 0 : list.count == before && error[0] != '\0');
	}
	fault_list_clear(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct control_request request = { .command = NULL };
	struct control_answer answer = { 0 };
	char error[CONTROL_ERROR_MAX] = "";
	char *line = malloc(size > 0 ? size : 1);

	if (line == NULL)
		abort();
	/* The line ends where its memory ends: a byte too far is seen. */
	if (size > 0)
		memcpy(line, data, size);

	int ret = control_parse(line, size, "", &request, error);
	free(line);
	if (ret < 0) {
		check_error(ret, error);
		return 0;
	}
	check_request(&request, size);
	if (request.command->argument == CONTROL_TEXT)
		check_faults(request.text);
	/* As an answer of another process: whatever it is, it is read within its bounds. */
	control_answer_merge(&answer, true, &request, data, size);
	control_answer_clear(&answer);
	return 0;
}
