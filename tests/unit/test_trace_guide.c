/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: all that the trace can show has a topic, every topic can be found, every line fits. */
#include "trace/guide.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/util.h"
#include "endpoint/sockopt.h"
#include "trace/names.h"
#include "trace/step_id.h"

#include "check.h"

#define LINE_MAX_COLUMNS 76
#define HEADING_MAX_COLUMNS 80
#define WORD_MAX 64

/* Call visit for the name and every alias of a topic. */
static void each_name(const struct guide_topic *topic,
		      void (*visit)(const struct guide_topic *topic, const char *name))
{
	const char *alias = topic->aliases;
	char word[WORD_MAX];

	visit(topic, topic->name);
	while (*alias != '\0') {
		size_t len = strcspn(alias, " ");

		assert_true(len > 0 && len < sizeof(word));
		memcpy(word, alias, len);
		word[len] = '\0';
		visit(topic, word);
		alias += len;
		if (*alias == ' ')
			alias++;
	}
}

/* A name finds its own topic in its group: so no two topics of a group share one. */
static void must_find_itself(const struct guide_topic *topic, const char *name)
{
	const struct guide_topic *found = guide_find_in(guide_group_of(topic), name);

	if (found != topic)
		fail_msg("\"%s\" of %s finds %s", name, topic->name,
			 found != NULL ? found->name : "nothing");
}

/* Names are unique in a group, and every topic is in one. */
static void test_names(void **state)
{
	const struct guide_topic *topic;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; (topic = guide_at(i)) != NULL; i++, count++) {
		assert_true(guide_group_of(topic) < GUIDE_GROUP_COUNT);
		each_name(topic, must_find_itself);
	}
	assert_true(count > 100);
	assert_null(guide_at(count + 1));
}

/* The first line of a topic: "NAME (LABEL): TITLE"; and a line of a group's list. */
static void must_fit_heading(const struct guide_topic *topic)
{
	const char *label = guide_heading(guide_group_of(topic))->label;
	size_t len = strlen(topic->name) + strlen(" (): ") + strlen(label) + strlen(topic->title);

	if (len > HEADING_MAX_COLUMNS || topic->title[0] == '\0')
		fail_msg("%s: a heading of %zu columns", topic->name, len);
}

/* Texts are there, and no line that is shown as it stands is too long. */
static void test_texts(void **state)
{
	const struct guide_topic *topic;

	(void)state;
	for (size_t i = 0; (topic = guide_at(i)) != NULL; i++) {
		const char *line = topic->text;

		must_fit_heading(topic);
		assert_true(strlen(topic->text) > 40);
		while (*line != '\0') {
			size_t len = strcspn(line, "\n");

			if (line[0] == ' ' && len > LINE_MAX_COLUMNS)
				fail_msg("%s: %zu columns: %.*s", topic->name, len, (int)len, line);
			if (len > 0 && line[len - 1] == ' ')
				fail_msg("%s: blank behind: %.*s", topic->name, (int)len, line);
			line += len + (line[len] == '\n' ? 1 : 0);
		}
		assert_null(strstr(topic->text, "\n\n\n"));
		assert_null(strchr(topic->text, '\t'));
	}
}

/* Every step, and every TCP state as the kernel calls it. */
static void test_steps_and_states(void **state)
{
	const char *name;

	(void)state;
	for (enum step_id step = 0; step < STEP_COUNT; step++) {
		if (guide_find_in(GUIDE_CALLS, step_name(step)) == NULL)
			fail_msg("step %s has no topic", step_name(step));
	}
	for (size_t i = 0; (name = name_at(&names_tcp_state, i)) != NULL; i++) {
		if (guide_find_in(GUIDE_STATES, name) == NULL)
			fail_msg("state %s has no topic", name);
	}
}

/* The errors that a program with sockets meets, and the codes of the resolver. */
static void test_errors(void **state)
{
	static const char *const errnos[] = {
		"EACCES", "EADDRINUSE", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EAGAIN", "EALREADY",
		"EBADF", "ECONNABORTED", "ECONNREFUSED", "ECONNRESET", "EDESTADDRREQ",
		"EDQUOT", "EFBIG", "EHOSTDOWN", "EHOSTUNREACH", "EINPROGRESS", "EINTR",
		"EINVAL", "EIO", "EISCONN", "EISDIR", "ELOOP", "EMFILE", "EMSGSIZE",
		"ENAMETOOLONG", "ENETDOWN", "ENETUNREACH", "ENFILE", "ENOBUFS", "ENODEV",
		"ENOENT", "ENOMEM", "ENOPROTOOPT", "ENOSPC", "ENOTCONN", "ENOTDIR", "ENOTSOCK",
		"ENXIO", "EOPNOTSUPP", "EPERM", "EPIPE", "EPROTO", "EPROTONOSUPPORT",
		"EPROTOTYPE", "EROFS", "ESOCKTNOSUPPORT", "ETIMEDOUT",
	};
	static const char *const resolver[] = {
		"EAI_NONAME", "EAI_AGAIN", "EAI_FAIL", "EAI_NODATA", "EAI_SERVICE",
		"EAI_FAMILY", "EAI_SYSTEM", "EAI_MEMORY", "EAI_ADDRFAMILY", "EAI_SOCKTYPE",
		"EAI_OVERFLOW",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(errnos); i++) {
		if (guide_find_in(GUIDE_ERRORS, errnos[i]) == NULL)
			fail_msg("%s has no topic", errnos[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(resolver); i++) {
		if (guide_find_in(GUIDE_RESOLVER, resolver[i]) == NULL)
			fail_msg("%s has no topic", resolver[i]);
	}
}

static bool has_option(const char *name)
{
	return guide_find_in(GUIDE_OPTIONS, name) != NULL || guide_find_in(GUIDE_MORE_OPTIONS, name) != NULL;
}

/* Every socket option that the trace has a name for, and those of endpoints by both of their names. */
static void test_options(void **state)
{
	static const int levels[] = { SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP, IPPROTO_IPV6, IPPROTO_UDP };
	const char *name;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		for (size_t k = 0; (name = name_at(names_of_level(levels[i]), k)) != NULL; k++) {
			if (!has_option(name))
				fail_msg("option %s has no topic", name);
		}
	}
	for (size_t i = 0; sockopt_at(i) != NULL; i++) {
		if (sockopt_at(i)->name != NULL && guide_find(sockopt_at(i)->name) == NULL)
			fail_msg("option %s has no topic", sockopt_at(i)->name);
		assert_true(has_option(sockopt_at(i)->constant));
	}
}

/* What an explanation begins with is a sentence or two, of at most two lines and a half. */
static void test_leads(void **state)
{
	const struct guide_topic *topic;
	char lead[512];

	(void)state;
	for (size_t i = 0; (topic = guide_at(i)) != NULL; i++) {
		size_t len = strlen(guide_lead(topic, lead, sizeof(lead)));

		if (len > 170 || len < 10 || lead[len - 1] != '.')
			fail_msg("%s: \"%s\"", topic->name, lead);
		if (guide_group_of(topic) == GUIDE_CALLS && topic->lead == NULL && strcmp(topic->name, "note") != 0)
			fail_msg("step %s has no lead", topic->name);
	}
}

/* The words that a newcomer meets. */
static void test_words(void **state)
{
	static const char *const words[] = {
		"port", "ephemeral port", "backlog", "half-close", "TIME_WAIT", "RST", "Nagle", "keepalive", "blocking",
		"byte stream", "datagram", "dual stack", "loopback", "happy eyeballs", "lessons", "tutorial", "tcpdump",
		"Wireshark", "no such host", "unreachable", "LISTENING",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (guide_find(words[i]) == NULL)
			fail_msg("%s has no topic", words[i]);
	}
}

/* The ways in which people write one thing. */
static void test_spellings(void **state)
{
	static const struct {
		enum guide_group group;
		const char *words, *name; /* name NULL: nothing is found */
	} rows[] = {
		{ GUIDE_STATES, "FIN_WAIT1", "FIN_WAIT1" },
		{ GUIDE_STATES, "FIN-WAIT-1", "FIN_WAIT1" },
		{ GUIDE_STATES, "FIN_WAIT_1", "FIN_WAIT1" },
		{ GUIDE_STATES, "fin wait 2", "FIN_WAIT2" },
		{ GUIDE_STATES, "CLOSED", "CLOSE" },
		{ GUIDE_STATES, "SYN-RECEIVED", "SYN_RECV" },
		{ GUIDE_STATES, "time-wait", "TIME_WAIT" },
		{ GUIDE_STATES, "SYN-SENT", "SYN_SENT" },
		{ GUIDE_STATES, "CLOSE-WAIT", "CLOSE_WAIT" },
		{ GUIDE_STATES, "last ack", "LAST_ACK" },
		{ GUIDE_CALLS, "connect()", "connect" },
		{ GUIDE_CALLS, "BIND(2)", "bind" },
		{ GUIDE_CALLS, " bind ", "bind" },
		{ GUIDE_CALLS, "getaddrinfo", "resolve" },
		{ GUIDE_OPTIONS, "so_reuseaddr", "SO_REUSEADDR" },
		{ GUIDE_ERRORS, "econnrefused", "ECONNREFUSED" },
		{ GUIDE_WORDS, "half close", "half-close" },
		{ GUIDE_WORDS, "Half_Close", "half-close" },
		{ GUIDE_COMMANDS, "listen", "listen" },
		{ GUIDE_CALLS, "listen", "listen" },
		{ GUIDE_STATES, "listen", "LISTEN" },
		{ GUIDE_CALLS, "bin", NULL },
		{ GUIDE_CALLS, "bindd", NULL },
		{ GUIDE_CALLS, "", NULL },
		{ GUIDE_CALLS, "()", NULL },
		{ GUIDE_CALLS, "-_ ", NULL },
		{ GUIDE_CALLS, "bind)", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct guide_topic *topic = guide_find_in(rows[i].group, rows[i].words);
		const char *found = topic != NULL ? topic->name : "nothing";
		const char *want = rows[i].name != NULL ? rows[i].name : "nothing";

		if (strcmp(found, want) != 0)
			fail_msg("\"%s\" finds %s, not %s", rows[i].words, found, want);
	}
}

/* One word, several topics: each is found once, in the order of the groups. */
static void test_several(void **state)
{
	static const enum guide_group groups[] = { GUIDE_COMMANDS, GUIDE_CALLS, GUIDE_STATES };
	const struct guide_topic *topic = guide_find("listen");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		assert_non_null(topic);
		assert_int_equal(guide_group_of(topic), groups[i]);
		topic = guide_find_next("listen", topic);
	}
	assert_null(topic);
	assert_null(guide_find("no such topic"));
}

/* The six ideas are six; groups are found by name; the names for near_find() are all of them. */
static void test_groups(void **state)
{
	size_t names = 0, topics = 0;

	(void)state;
	assert_int_equal(guide_find_group("Ideas"), GUIDE_IDEAS);
	assert_int_equal(guide_find_group("tcp states"), GUIDE_STATES);
	assert_int_equal(guide_find_group("errno"), GUIDE_ERRORS);
	assert_int_equal(guide_find_group("bind"), GUIDE_GROUP_COUNT);
	assert_non_null(guide_topic(GUIDE_IDEAS, 5));
	assert_null(guide_topic(GUIDE_IDEAS, 6));
	while (guide_name_at(NULL, names) != NULL)
		names++;
	while (guide_at(topics) != NULL)
		topics++;
	assert_int_equal(names, topics + GUIDE_GROUP_COUNT);
}

/* The first name of a text that 'sockt help WORD' points to. */
static void must_be_known(const struct guide_topic *topic, const char *reference)
{
	char word[WORD_MAX];
	size_t len = strcspn(reference, "'");

	assert_true(len < sizeof(word));
	memcpy(word, reference, len);
	word[len] = '\0';
	if (guide_find(word) == NULL && guide_find_group(word) == GUIDE_GROUP_COUNT)
		fail_msg("%s points to \"%s\", which is no topic", topic->name, word);
}

/* Where a text points to another topic, that topic is there. */
static void test_references(void **state)
{
	static const char mark[] = "'sockt help ";
	const struct guide_topic *topic;
	size_t found = 0;

	(void)state;
	for (size_t i = 0; (topic = guide_at(i)) != NULL; i++) {
		const char *at = topic->text;

		while ((at = strstr(at, mark)) != NULL) {
			at += strlen(mark);
			must_be_known(topic, at);
			found++;
		}
	}
	assert_true(found > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_steps_and_states),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_leads),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
