/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a run of nc's ends, in our words: see nc_private.h. */
#include "base/parse.h"
#include "cli/nc_private.h"

/* So long an answer is waited for with -q 0, with which nc waits for the peer's end. */
#define ANSWER "1"

bool nc_is_zero(const struct nc_line *line, char letter)
{
	const char *time = nc_argument(line, letter);
	uint64_t ns;

	return time != NULL && parse_duration(time, NULL, &ns, NULL) == 0 && ns == 0;
}

bool nc_is_tried(const struct nc_line *line)
{
	return nc_has(line, 'z') && (nc_has(line, 'U') || nc_has(line, 'x') || nc_has(line, 'Z'));
}

/* A negative -q is none. */
static bool has_quit(const struct nc_line *line)
{
	const char *quit = nc_argument(line, 'q');

	return quit != NULL && quit[0] != '-';
}

/*
 * With -d nothing is read. What -N, -q and -w say of the end of the input then holds from the start: it is an input
 * that has ended.
 */
static bool is_ended_input(const struct nc_line *line)
{
	return nc_has(line, 'd') && (nc_has(line, 'N') || has_quit(line) || nc_has(line, 'w'));
}

/*
 * nc sends no end unless -N or -q ask for it. Of datagrams there is none anyway, but --no-shutdown keeps a client of
 * UDP waiting for answers, as nc does.
 */
static bool keeps_silent_about_end(const struct nc_command *command, const struct nc_line *line)
{
	if (nc_has(line, 'u'))
		return command->mode == NC_CONNECT && !has_quit(line);
	return !nc_has(line, 'N') && !has_quit(line);
}

/*
 * Does it leave as soon as all is sent? What is sent is acknowledged first, as it has to be with us. With -q 0 a client
 * of TCP waits for the peer's end with nc too, whatever the manual says.
 */
static bool is_leaving_at_once(const struct nc_command *command, const struct nc_line *line)
{
	return nc_is_zero(line, 'w') || (nc_is_zero(line, 'q') && (command->mode == NC_LISTEN || nc_has(line, 'u')));
}

/* Once a client has ended nc leaves, or takes the next: an input that need not end is not waited for. */
static bool ends_with_client(const struct nc_command *command, const struct nc_line *line,
			     const struct nc_surroundings *around)
{
	return command->mode == NC_LISTEN && !nc_has(line, 'u') && !around->is_input_file && !command->has_no_input;
}

/*
 * -w bounds the connection, and then the silence on it: -i. Once standard input has ended it is silence that nc's users
 * wait for with it, to have the whole answer: that is -q, and no failure. Who listens waits for a client for ever; with
 * -k silence ends a client, whose failure is not that of the run, and -q would end all.
 */
static void add_limits(struct nc_command *command, const struct nc_line *line, bool is_keep_open)
{
	const char *timeout = nc_is_zero(line, 'w') ? NULL : nc_argument(line, 'w');
	const char *quit = has_quit(line) && !nc_is_zero(line, 'q') ? nc_argument(line, 'q') :
			   is_keep_open				    ? NULL :
								      timeout;

	if (timeout != NULL && command->mode == NC_CONNECT)
		nc_add_option(command, "-w", timeout);
	if (timeout != NULL)
		nc_add_option(command, "-i", timeout);
	/* Of many clients that of one is not the end of all, which this is. */
	if (is_leaving_at_once(command, line) && is_keep_open && nc_is_zero(line, 'q'))
		nc_add_option(command, "-q", "0");
	if (is_leaving_at_once(command, line))
		return;
	if (quit != NULL)
		nc_add_option(command, "-q", quit);
	else if (nc_is_zero(line, 'q'))
		nc_add_option(command, "-q", ANSWER);
}

/* With -q nc takes no further client once its input has ended, whatever -k says; a file ends with the first one. */
static bool keeps_open(const struct nc_line *line, const struct nc_surroundings *around)
{
	return nc_has(line, 'k') && !(has_quit(line) && around->is_input_file);
}

/* Of what moves data. */
static void add_rules(struct nc_command *command, const struct nc_line *line, const struct nc_surroundings *around)
{
	bool is_recv_only = nc_has(line, 'd') && !is_ended_input(line);

	command->has_no_input = is_ended_input(line);
	if (keeps_open(line, around))
		nc_add(command, "-k");
	/* One client after another. */
	if (keeps_open(line, around) && !nc_has(line, 'u'))
		nc_add_option(command, "-m", "1");
	if (is_recv_only) {
		nc_add(command, "--recv-only");
		return;
	}
	if (is_leaving_at_once(command, line))
		nc_add_option(command, "--until", "local");
	else if (ends_with_client(command, line, around))
		nc_add_option(command, "--until", "remote");
	if (keeps_silent_about_end(command, line))
		nc_add(command, "--no-shutdown");
	add_limits(command, line, keeps_open(line, around));
}

void nc_add_ending(struct nc_command *command, const struct nc_line *line, const struct nc_surroundings *around)
{
	if (command->mode != NC_SCAN && !nc_has(line, 'F') && !nc_is_tried(line)) {
		add_rules(command, line, around);
		return;
	}
	if (nc_is_tried(line)) {
		nc_add(command, "--send-only");
		command->has_no_input = true;
	}
	if (command->mode == NC_SCAN && nc_has(line, 'r'))
		nc_add(command, "--shuffle");
	if (command->mode == NC_SCAN && nc_has(line, 'i') && !nc_is_zero(line, 'i'))
		nc_add_option(command, "--pause", nc_argument(line, 'i'));
	if (nc_has(line, 'w') && !nc_is_zero(line, 'w'))
		nc_add_option(command, "-w", nc_argument(line, 'w'));
}
