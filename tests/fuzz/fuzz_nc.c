/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nc's command line, a word a line: whatever is typed, a command of ours that a terminal may show, or an error that
 * says something.
 */
#include "cli/nc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_shown(const char *text)
{
	assert(text[0] != '\0');
	for (; *text != '\0'; text++)
		assert((unsigned char)*text >= 0x20 && *text != 0x7f);
}

/* Some words are services. */
static uint16_t service(void *ctx, const char *name)
{
	(void)ctx;
	return name[0] == 's' ? 65535 : 0;
}

static void check_command(const struct nc_command *command)
{
	char *line = nc_command_format(command);

	assert(command->argc >= 3 && command->argc <= NC_WORDS_MAX && command->argv[command->argc] == NULL);
	assert(strcmp(command->argv[0], "sockt") == 0);
	assert(command->port_at == 0 || command->port_at == command->argc - 1);
	check_shown(line);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *rest = text, error[NC_ERROR_MAX] = "", *argv[WORDS_MAX + 1];
	const struct nc_surroundings around = { .is_input_file = size % 2 == 0, .service = service };
	struct nc_command command = { .argc = 0 };
	struct nc_line line;
	int argc = 0;

	assert(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	while (argc < WORDS_MAX && rest != NULL)
		argv[argc++] = strsep(&rest, "\n");
	argv[argc] = NULL;
	if (nc_line_read(&line, argc, argv, error) < 0) {
		check_shown(error);
	} else if (!line.is_help && !line.is_version) {
		if (nc_translate(&command, &line, &around, error) == 0)
			check_command(&command);
		else
			check_shown(error);
	}
	nc_command_clear(&command);
	nc_line_clear(&line);
	free(text);
	return 0;
}
