/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guide: words of the shell's language that are no calls. Texts only. */
#include "trace/guide_topics.h"

#include "base/i18n.h"
#include "base/util.h"

static const struct guide_topic topics[] = {
	{
		.name = "statements",
		.aliases = "statement info sleep history quit exit linger variables",
		.title = N_("what a line of the shell may be"),
		.text = N_(
			"Most statements are the calls themselves: socket, bind, listen, "
			"accept, connect, send, recv, sendto, recvfrom, shutdown, close, "
			"setsockopt, getsockopt, getsockname, getpeername, poll. 'help' in "
			"the shell lists all of them, 'help WORD' says how one is written. "
			"These are no calls, or stand for one:\n\n"
			"  info [NAME]...      all sockets, with states and queues\n"
			"  linger NAME TIME    setsockopt() with SO_LINGER: 0 is a reset\n"
			"  nonblock NAME on    fcntl() with O_NONBLOCK\n"
			"  wait NAME           for the call that & left behind\n"
			"  expect ...          check the last result\n"
			"  sandbox             first of all: a network of its own\n"
			"  sleep TIME          let time pass; a script seldom needs it\n"
			"  explain TOPIC       what help of the command line says\n"
			"  /trace KIND[:FILE]  write the steps from here on\n"
			"  history, quit       the statements so far; leave\n\n"
			"$NAME.port and $NAME.addr stand for the local address of a socket, "
			"which the kernel may have chosen.\n\n"
			"See sockt-shell(1), 'sockt help shell', 'sockt help expect'."),
	},
	{
		.name = "lessons",
		.aliases = "lesson course tutorial questions answers",
		.title = N_("a course to play: scripts for the shell"),
		.text = N_(
			"Each lesson says something in plain words, makes the calls that "
			"show it, and checks that it is so. None needs a privilege, or a "
			"network.\n\n"
			"  sockt shell --lessons       what there is\n"
			"  sockt shell 03              plays the third one\n"
			"  sockt shell --step 03       the same, stopping before each call\n"
			"  sockt shell --answers 03    with the answers to its questions\n\n"
			"See sockt-shell(1), 'sockt help statements', 'sockt help ideas'."),
	},
	{
		.name = "wait",
		.aliases = "background ampersand &",
		.title = N_("two calls of the shell at once"),
		.text = N_(
			"A call that blocks waits, and the shell with it. A blank and & "
			"behind a statement let it wait in the background, while other "
			"sockets act. Its answer is shown when it comes; 'wait NAME' waits "
			"for it, and it is the last result then, for 'expect'. A socket has "
			"one such call at a time.\n\n"
			"  recv peer &\n"
			"  send client \"hi\"\n"
			"  wait peer\n"
			"  expect data \"hi\"\n\n"
			"'expect waits peer' holds while the call is not done.\n\n"
			"See sockt-shell(1), 'sockt help blocking'."),
	},
	{
		.name = "expect",
		.aliases = "expectation expectations check assert",
		.title = N_("what the last call must have answered"),
		.text = N_(
			"A script that claims something says so: 'expect' looks at the "
			"last result. Where it does not hold, the script ends with 1 and "
			"tells the line, what was expected and what came. So does an error "
			"that the next line does not expect.\n\n"
			"  expect = 6               the result; also < > <= >= !=\n"
			"  expect ECONNREFUSED      the errno\n"
			"  expect data \"hello\"      the bytes that were received\n"
			"  expect within 50ms       it took no longer; after: no less\n"
			"  expect from NAME         the sender, or who was accepted\n"
			"  expect poll NAME IN      what poll said of it\n"
			"  expect option N          what getsockopt read\n"
			"  expect state NAME STATE  waits for that, 2 s at most\n"
			"  expect queue NAME N      how many wait for accept\n\n"
			"See sockt-shell(1), 'sockt help wait'."),
	},
};

const struct guide_topics guide_topics_words_shell = { topics, ARRAY_LEN(topics) };
