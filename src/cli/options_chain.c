/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --proxy and what belongs to it: see options_chain.h. */
#include "cli/options_chain.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/i18n.h"
#include "base/parse.h"
#include "base/util.h"
#include "cli/options_apply.h"
#include "endpoint/hop.h"
#include "trace/names.h"

/* A line of a file of users: both, a colon, a newline, and one byte more to see that it is too long. */
#define LINE_MAX_BYTES (2 * SOCKS_NAME_MAX + 3)

int apply_proxy(struct options *options, const struct option_record *record, const char *argument,
		char *error)
{
	char why[ENDPOINT_ERROR_MAX];
	size_t secret_len = 0;
	const char *secret = hop_find_password(argument, &secret_len);
	int ret;

	(void)record;
	if (options->chain == NULL)
		options->chain = xcalloc(1, sizeof(*options->chain));
	if (options->chain->count == HOPS_MAX) {
		snprintf(error, PARSE_ERROR_MAX, _("--proxy: a chain has at most %d proxies"), HOPS_MAX);
		return -EINVAL;
	}
	ret = hop_parse(&options->chain->hops[options->chain->count], argument, why);
	/* It is argv's, which is ours to write: /proc/PID/cmdline shows it to everybody (proc(5)). */
	if (secret != NULL)
		memset((char *)(uintptr_t)secret, '*', secret_len);
	if (ret < 0)
		snprintf(error, PARSE_ERROR_MAX, "--proxy: %.*s", PARSE_ERROR_MAX - 16, why);
	else
		options->chain->count++;
	return ret;
}

/* The first line of the file. */
static int read_file(const struct options *options, struct hop *hop, char *error)
{
	char line[LINE_MAX_BYTES + 1], why[ENDPOINT_ERROR_MAX], name[32];
	FILE *file = fopen(options->proxy_auth_file, "re");
	size_t len = 0;
	int ret;

	if (file != NULL) {
		setvbuf(file, NULL, _IONBF, 0);
		len = fread(line, 1, LINE_MAX_BYTES, file);
	}
	if (file == NULL || ferror(file)) {
		ret = errno;
		snprintf(error, OPTIONS_ERROR_MAX, _("--proxy-auth-file %1$s: %2$s (%3$s)"), options->proxy_auth_file,
			 strerror(ret), name_errno(ret, name, sizeof(name)));
		if (file != NULL)
			fclose(file);
		return -EINVAL;
	}
	fclose(file);
	line[len] = '\0';
	len = strcspn(line, "\n");
	if (len > 0 && line[len - 1] == '\r')
		len--;
	ret = hop_set_user(hop, line, len, why);
	explicit_bzero(line, sizeof(line));
	if (ret < 0)
		snprintf(error, OPTIONS_ERROR_MAX, _("--proxy-auth-file %1$s, line 1: %2$s"), options->proxy_auth_file,
			 why);
	return ret;
}

/* Who asks the first proxy, where its URL does not say. */
static int look_up_user(const struct options *options, struct hop *hop, char *error)
{
	const char *variable = getenv(OPTIONS_PROXY_AUTH);
	char why[ENDPOINT_ERROR_MAX];

	if (options->proxy_auth_file != NULL)
		return read_file(options, hop, error);
	/* It may be meant for another proxy, of another run. */
	if (variable == NULL || !hop_kind_record(hop->kind)->has_password)
		return 0;
	if (hop_set_user(hop, variable, strlen(variable), why) < 0) {
		snprintf(error, OPTIONS_ERROR_MAX, "%s: %s", OPTIONS_PROXY_AUTH, why);
		return -EINVAL;
	}
	return 0;
}

int options_chain_check_server(const struct options *options, const struct endpoint *endpoint, char *error)
{
	if (options->proxy_server == PROXY_SERVER_NONE || !endpoint->kind->is_messages)
		return 0;
	snprintf(error, OPTIONS_ERROR_MAX, _("--proxy-server: %s has no streams, which clients of a proxy need"),
		 endpoint->kind->name);
	return -EINVAL;
}

/* A user of the URL who has a password there is complete; another's password is no use to one who has none. */
static int find_user(const struct options *options, struct hop *hop, char *error)
{
	struct hop found = *hop;
	int ret;

	if (hop->has_user && (hop->password[0] != '\0' || !hop_kind_record(hop->kind)->has_password))
		return 0;
	ret = look_up_user(options, &found, error);
	if (ret == 0 && (!hop->has_user || strcmp(found.user, hop->user) == 0))
		*hop = found;
	explicit_bzero(&found, sizeof(found));
	return ret;
}

/* Whom a proxy server serves. */
static int options_chain_users(struct options *options, const struct endpoint *endpoint, char *error)
{
	char why[USERS_ERROR_MAX], name[32], *data;
	FILE *file;
	size_t len = 0;
	int ret = 0;

	if (options_chain_check_server(options, endpoint, error) < 0)
		return -EINVAL;
	if (options->proxy_auth_file == NULL)
		return 0;
	data = xcalloc(1, USERS_FILE_MAX + 1);
	file = fopen(options->proxy_auth_file, "re");
	if (file != NULL) {
		setvbuf(file, NULL, _IONBF, 0);
		len = fread(data, 1, USERS_FILE_MAX + 1, file);
	}
	if (file == NULL || ferror(file) || len > USERS_FILE_MAX) {
		int code = len > USERS_FILE_MAX ? EFBIG : errno;

		snprintf(error, OPTIONS_ERROR_MAX, _("--proxy-auth-file %1$s: %2$s (%3$s)"), options->proxy_auth_file,
			 strerror(code), name_errno(code, name, sizeof(name)));
		ret = -EINVAL;
	} else if (users_read(&options->users, data, len, why) < 0) {
		snprintf(error, OPTIONS_ERROR_MAX, _("--proxy-auth-file %1$s, %2$s"), options->proxy_auth_file, why);
		ret = -EINVAL;
	}
	if (file != NULL)
		fclose(file);
	explicit_bzero(data, len);
	free(data);
	return ret;
}

int options_chain_finish(struct options *options, const struct endpoint *target, char *error)
{
	struct endpoint *first;
	int ret;

	if (options->proxy_server != PROXY_SERVER_NONE)
		return options_chain_users(options, target, error);
	if (options->chain == NULL) {
		if (options->proxy_auth_file == NULL)
			return 0;
		snprintf(error, OPTIONS_ERROR_MAX, "%s",
			 _("--proxy-auth-file is for --proxy or --proxy-server, and there is none"));
		return -EINVAL;
	}
	if (target->kind->form != FORM_HOST_PORT || target->kind->socktype != SOCK_STREAM) {
		snprintf(error, OPTIONS_ERROR_MAX,
			 _("--proxy: a proxy leads to a host and a port of TCP, and %s is not that"),
			 target->kind->name);
		return -EINVAL;
	}
	for (size_t i = 0; options->wish.is_numeric && i < options->chain->count; i++) {
		if (options->chain->hops[i].endpoint.addr.len != 0)
			continue;
		snprintf(error, OPTIONS_ERROR_MAX,
			 _("--proxy: \"%s\" is a name, and -n (--numeric) wants an address in numbers"),
			 options->chain->hops[i].endpoint.host);
		return -EINVAL;
	}
	ret = find_user(options, &options->chain->hops[0], error);
	unsetenv(OPTIONS_PROXY_AUTH);
	/* There is one socket, and it connects to the first proxy: what is asked of it is asked there. */
	first = &options->chain->hops[0].endpoint;
	memcpy(first->options, target->options, sizeof(first->options));
	first->option_count = target->option_count;
	first->source = target->source;
	return ret;
}

void options_chain_clear(struct options *options)
{
	if (options->chain != NULL)
		explicit_bzero(options->chain, sizeof(*options->chain));
	users_clear(&options->users);
	free(options->chain);
	options->chain = NULL;
}
