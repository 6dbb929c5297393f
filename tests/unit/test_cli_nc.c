/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nc's command line in our words: each letter, what they mean together, and what is refused. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "cli/nc.h"
#include "cli/options.h"

#include "check.h"
#include "typed.h"

/* Services that are known here, of UDP one more. */
static uint16_t service(void *ctx, const char *name)
{
	if (strcmp(name, "ssh") == 0)
		return 22;
	return strcmp(name, "x11") == 0 ? 6000 : strcmp(name, "ntp") == 0 && strcmp(ctx, "udp") == 0 ? 123 : 0;
}

/* Translate; the text of our command is to be freed. NULL: refused, with why in error. */
static char *translate(const char *text, struct nc_command *command, char *error)
{
	/* A line that begins with < has a file for its input. */
	const struct nc_surroundings around = { .is_input_file = text[0] == '<', .service = service };
	struct nc_line line;
	struct typed typed;
	char *made = NULL;

	typed_cut(&typed, "", text + around.is_input_file);
	error[0] = '\0';
	*command = (struct nc_command){ .argc = 0 };
	if (nc_line_read(&line, typed.argc, typed.argv, error) == 0 &&
	    nc_translate(command, &line, &around, error) == 0)
		made = nc_command_format(command);
	nc_line_clear(&line);
	return made;
}

/* nc's line, and ours behind "sockt ". */
static const struct {
	const char *nc, *ours;
} rows[] = {
	/* Who connects, and when it ends. */
	{ "host 80", "connect --no-shutdown host 80" },
	{ "-N host 80", "connect host 80" },
	{ "host 80 -N", "connect host 80" },
	{ "-- host 80", "connect --no-shutdown host 80" },
	{ "-N -- -host 80", "connect -- -host 80" },
	{ "-N ::1 80", "connect ::1 80" },
	{ "-q 2 host 80", "connect -q 2 host 80" },
	{ "-q0 host 80", "connect -q 1 host 80" },
	{ "-N -q 0s host 80", "connect -q 1 host 80" },
	{ "-q 0 -w 3 host 80", "connect -w 3 -i 3 -q 3 host 80" },
	{ "-q 0 -d host 80", "connect -q 1 host 80 < /dev/null" },
	{ "-lk -q 0 9000", "listen -k -m 1 --until local -q 0 9000" },
	{ "-q -1 host 80", "connect --no-shutdown host 80" },
	{ "-w 3 host 80", "connect --no-shutdown -w 3 -i 3 -q 3 host 80" },
	{ "-Nw3 host 80", "connect -w 3 -i 3 -q 3 host 80" },
	{ "-w 3 -q 1 host 80", "connect -w 3 -i 3 -q 1 host 80" },
	{ "-w 3 -q -1 host 80", "connect --no-shutdown -w 3 -i 3 -q 3 host 80" },
	{ "-d host 80", "connect --recv-only host 80" },
	{ "-d -w 3 host 80", "connect --no-shutdown -w 3 -i 3 -q 3 host 80 < /dev/null" },
	{ "-dN host 80", "connect host 80 < /dev/null" },
	{ "-d -q -1 host 80", "connect --recv-only host 80" },
	{ "-w 0 host 80", "connect --until local --no-shutdown host 80" },
	{ "-u -w0 host 80", "connect -u --until local --no-shutdown host 80" },
	{ "-Nw0 -q 2 host 80", "connect --until local host 80" },
	{ "-w 1 -w 2 -N host 80", "connect -w 2 -i 2 -q 2 host 80" },
	/* Addresses. */
	{ "-4N host 80", "connect -4 host 80" },
	{ "-6N host 80", "connect -6 host 80" },
	{ "-46N host 80", "connect -6 host 80" },
	{ "-6N -4 host 80", "connect -4 host 80" },
	{ "-lN64 9000", "listen -4 --until remote 9000" },
	{ "-nN 127.0.0.1 80", "connect -n 127.0.0.1 80" },
	{ "-nN -s 127.0.0.2 127.0.0.1 80", "connect -n -s 127.0.0.2 127.0.0.1 80" },
	{ "-nN -s name 127.0.0.1 80", "connect -s name 127.0.0.1 80" },
	{ "-zn -s name ::1 80", "connect --scan -s name ::1 80" },
	{ "-N -s 192.0.2.1 -p 31337 host 80", "connect -s 192.0.2.1 -p 31337 host 80" },
	{ "-N -s ::1 host 80", "connect -s '[::1]' host 80" },
	{ "-Nr host 80", "connect host 80" },
	/* UDP: no end, so it goes on as with nc. */
	{ "-u host 53", "connect -u --no-shutdown host 53" },
	{ "-uN host 53", "connect -u --no-shutdown host 53" },
	{ "-u -w 1 host 53", "connect -u --no-shutdown -w 1 -i 1 -q 1 host 53" },
	{ "-u -q 1 host 53", "connect -u -q 1 host 53" },
	{ "-u -q 0 host 53", "connect -u --until local host 53" },
	{ "-ud host 53", "connect -u --recv-only host 53" },
	{ "-ud -w 1 host 53", "connect -u --no-shutdown -w 1 -i 1 -q 1 host 53 < /dev/null" },
	{ "-u -i 1 host 53", "connect -u --delay-lines 1 --datagram line --no-shutdown host 53" },
	{ "-u -i 0 host 53", "connect -u --no-shutdown host 53" },
	{ "-u -N -W 2 host 53", "connect -u --limit-messages 2 --no-shutdown host 53" },
	{ "-NW1 host 22", "connect --limit-reads 1 host 22" },
	{ "-zW1 host 22", "connect --scan host 22" },
	{ "-ulW1 53", "listen -u --limit-messages 1 53" },
	{ "-lUuW 1 /x", "listen --limit-messages 1 unix-dgram:/x" },
	{ "-ub -N 192.0.2.255 9", "connect -u --broadcast --no-shutdown 192.0.2.255 9" },
	{ "-bN host 9", "connect host 9" },
	/* Listening. */
	{ "-l 9000", "listen --until remote --no-shutdown 9000" },
	{ "-lN 9000", "listen --until remote 9000" },
	{ "-l -p 9000", "listen --until remote --no-shutdown 9000" },
	{ "-lp9000", "listen --until remote --no-shutdown 9000" },
	{ "-l 127.0.0.1 9000", "listen --until remote --no-shutdown 127.0.0.1 9000" },
	{ "-l -s 127.0.0.1 -p 9000", "listen --until remote --no-shutdown 127.0.0.1 9000" },
	{ "-l -s 127.0.0.1 9000", "listen --until remote --no-shutdown 127.0.0.1 9000" },
	{ "-l -w 3 9000", "listen --until remote --no-shutdown -i 3 -q 3 9000" },
	{ "-l -w 0 9000", "listen --until local --no-shutdown 9000" },
	{ "<-l 9000", "listen --no-shutdown 9000" },
	{ "<-lk -q 1 9000", "listen -q 1 9000" },
	{ "<-lk -q 0 9000", "listen --until local 9000" },
	{ "<-lk -q -1 9000", "listen -k -m 1 --no-shutdown 9000" },
	{ "-lk -q 1 9000", "listen -k -m 1 --until remote -q 1 9000" },
	{ "<-lk 9000", "listen -k -m 1 --no-shutdown 9000" },
	{ "-lk -w 3 9000", "listen -k -m 1 --until remote --no-shutdown -i 3 9000" },
	{ "-lkd -w 3 9000", "listen -k -m 1 --no-shutdown -i 3 9000 < /dev/null" },
	{ "-ul -w 3 9000", "listen -u -i 3 -q 3 9000" },
	{ "-l -q 3 9000", "listen --until remote -q 3 9000" },
	{ "-ld 9000", "listen --recv-only 9000" },
	{ "-lk 9000", "listen -k -m 1 --until remote --no-shutdown 9000" },
	{ "-lkd 9000", "listen -k -m 1 --recv-only 9000" },
	{ "-lkN 9000", "listen -k -m 1 --until remote 9000" },
	{ "-ul 9000", "listen -u 9000" },
	{ "-ukl 9000", "listen -u -k 9000" },
	{ "-6l 9000", "listen --until remote --no-shutdown :: 9000" },
	{ "-6l :: 9000", "listen --until remote --no-shutdown :: 9000" },
	{ "-6l ::1 9000", "listen -6 --until remote --no-shutdown ::1 9000" },
	{ "-6ul 9000", "listen -u :: 9000" },
	{ "-4l 9000", "listen -4 --until remote --no-shutdown 9000" },
	/* Unix sockets. */
	{ "-U /run/x", "connect --no-shutdown unix:/run/x" },
	{ "-NU /run/a,b", "connect 'unix:/run/a\\,b'" },
	{ "-NU @name", "connect unix:@name" },
	{ "-lU /run/x", "listen --until remote --no-shutdown unix:/run/x" },
	{ "-lkU /run/x", "listen -k -m 1 --until remote --no-shutdown unix:/run/x" },
	{ "-uU /run/x", "connect --no-shutdown unix-dgram:/run/x" },
	{ "-luU /run/x", "listen unix-dgram:/run/x" },
	{ "-zU /run/x", "connect --send-only unix:/run/x < /dev/null" },
	{ "-zuU /run/x", "connect --send-only unix-dgram:/run/x < /dev/null" },
	{ "-uU -s /run/a,b /run/x", "connect --no-shutdown 'unix-dgram:/run/x,bind=/run/a\\,b'" },
	{ "-lU -s /run/x", "listen --until remote --no-shutdown unix:/run/x" },
	/* What is done to the bytes. */
	{ "-CN host 25", "connect -C host 25" },
	{ "-tN host 23", "connect -t host 23" },
	{ "-N -i 2 host 25", "connect --delay-lines 2 host 25" },
	{ "-N -i 0 host 25", "connect host 25" },
	/* Options of the socket. */
	{ "-DN host 80", "connect --sockopt SO_DEBUG=1 host 80" },
	{ "-N -I 65536 host 80", "connect --rcvbuf 65536 host 80" },
	{ "-N -O 65536 host 80", "connect --sndbuf 65536 host 80" },
	{ "-N -M 5 host 80", "connect --ttl 5 host 80" },
	{ "-N -m 250 host 80", "connect --sockopt min-ttl=250 host 80" },
	{ "-N -T ef host 80", "connect --dscp ef host 80" },
	{ "-N -T AF43 host 80", "connect --dscp AF43 host 80" },
	{ "-N -T cs7 host 80", "connect --dscp cs7 host 80" },
	{ "-N -T lowdelay host 80", "connect --tos 16 host 80" },
	{ "-N -T Throughput host 80", "connect --tos 8 host 80" },
	{ "-N -T reliability host 80", "connect --tos 4 host 80" },
	{ "-N -T lowcost host 80", "connect --tos 2 host 80" },
	{ "-N -T critical host 80", "connect --tos 160 host 80" },
	{ "-N -T inetcontrol host 80", "connect --tos 192 host 80" },
	{ "-N -T netcontrol host 80", "connect --tos 224 host 80" },
	{ "-N -T 0xff host 80", "connect --tos 255 host 80" },
	{ "-N -T 8 host 80", "connect --tos 8 host 80" },
	{ "-NS host 80", "connect --md5-key-file FILE host 80" },
	{ "-lSN 80", "listen --md5-key-file FILE --until remote 80" },
	{ "-zS host 80", "connect --scan --md5-key-file FILE host 80" },
	/* DCCP. */
	{ "-ZN host 80", "connect dccp:host:80" },
	{ "-ZN ::1 80", "connect 'dccp:[::1]:80'" },
	{ "-ZlN 80", "listen --until remote dccp:80" },
	{ "-Z6l 80", "listen --until remote --no-shutdown 'dccp:[::]:80'" },
	{ "-zZ host 80", "connect --send-only dccp:host:80 < /dev/null" },
	/* Proxies. */
	{ "-N -x proxy host 80", "connect --proxy socks5h://proxy:1080 host 80" },
	{ "-N -x proxy:1 -X 5 host 80", "connect --proxy socks5h://proxy:1 host 80" },
	{ "-N -x proxy -X 4 host 80", "connect --proxy socks4://proxy:1080 host 80" },
	{ "-N -xproxy -Xconnect host 80", "connect --proxy http://proxy:3128 host 80" },
	{ "-N -xproxy:8080 -X CONNECT -Pa@b host 80", "connect --proxy http://a%40b@proxy:8080 host 80" },
	{ "-N -x [::1]:8 host 80", "connect --proxy 'socks5h://[::1]:8' host 80" },
	{ "-N -x [::1] host 80", "connect --proxy 'socks5h://[::1]:1080' host 80" },
	{ "-N -x ::1 host 80", "connect --proxy 'socks5h://[::1]:1080' host 80" },
	{ "-z -w 2 -x proxy host 80", "connect --proxy socks5h://proxy:1080 --send-only -w 2 host 80 < /dev/null" },
	{ "-N -X 4 host 80", "connect host 80" },
	/* A connection for another. */
	{ "-F host 80", "connect --pass-fd host 80" },
	{ "-FNCd -q 1 -w 3 -x proxy host 80", "connect --pass-fd --proxy socks5h://proxy:1080 -w 3 host 80" },
	/* Ports. */
	{ "-z host 80", "connect --scan host 80" },
	{ "-zv host 20-30", "connect --scan host 20-30" },
	{ "-z host 30-20", "connect --scan host 20-30" },
	{ "-z host http 20 22-23", "connect --scan host http,20,22-23" },
	{ "-zuw1 -n 127.0.0.1 53,123", "connect --scan -u -n -w 1 127.0.0.1 53,123" },
	{ "-zN -q 1 -C -d host 80", "connect --scan host 80" },
	{ "-z -s 127.0.0.1 host 80", "connect --scan -s 127.0.0.1 host 80" },
	{ "-zr host 20-30", "connect --scan --shuffle host 20-30" },
	{ "-z -i 1 host 20-30", "connect --scan --pause 1 host 20-30" },
	{ "-z -i 0 -w 0 host 20-30", "connect --scan host 20-30" },
	{ "-zn 127.0.0.1 ssh 80 x11", "connect --scan -n 127.0.0.1 22,80,6000" },
	{ "-nN 127.0.0.1 ssh", "connect -n 127.0.0.1 22" },
	{ "-nuN 127.0.0.1 ntp", "connect -u -n --no-shutdown 127.0.0.1 123" },
	{ "-N -n 127.0.0.1 20-30", "connect -n 127.0.0.1 20-30" },
	{ "-lnN ssh", "listen -n --until remote 22" },
	{ "-N host 20-30", "connect host 20-30" },
	/* What is said. */
	{ "-vN host 80", "connect host 80" },
	{ "-vvN host 80", "connect -v host 80" },
	{ "-vvvN host 80", "connect -vv host 80" },
	{ "-vvvvvvN host 80", "connect -vvv host 80" },
	/* Words that a shell would take apart. */
	{ "-N a~b 80", "connect 'a b' 80" },
	{ "-N it's 80", "connect $'it\\'s' 80" },
	{ "-N a\033\\ 80", "connect $'a\\x1b\\\\' 80" },
	{ "-N '' 80", "connect '' 80" },
};

static void test_rows(void **state)
{
	char error[NC_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nc_command command;
		char *made = translate(rows[i].nc, &command, error);

		if (made == NULL)
			fail_msg("nc %s: refused: %s", rows[i].nc, error);
		if (strncmp(made, "sockt ", 6) != 0 || strcmp(made + 6, rows[i].ours) != 0)
			fail_msg("nc %s: expected sockt %s\ngot: %s", rows[i].nc, rows[i].ours, made);
		assert_string_equal(command.argv[0], "sockt");
		assert_null(command.argv[command.argc]);
		nc_command_clear(&command);
		free(made);
	}
}

/* Each is a command line that ours takes, but for words that only the rows about quoting have. */
static void test_ours_takes_them(void **state)
{
	char error[OPTIONS_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct nc_command command;
		struct options options;
		char *made = translate(rows[i].nc, &command, error);

		if (strchr(made, '$') == NULL && strstr(made, "a b") == NULL && strstr(made, "''") == NULL &&
		    strstr(made, "-host") == NULL && command.port_at == 0) {
			if (options_parse(&options, command_find(command.argv[1]), command.argc, command.argv, error) <
			    0)
				fail_msg("nc %s, %s: %s", rows[i].nc, made, error);
			options_clear(&options);
		}
		nc_command_clear(&command);
		free(made);
	}
}

/* nc's line, and a part of what is said of it. */
static const struct {
	const char *nc, *error;
} mistakes[] = {
	{ "", "nc wants a host and a port" },
	{ "host", "missing port number" },
	{ "-l", "missing port number" },
	{ "-l host 1 2", "listens on one port" },
	{ "-l -p 1 host", "not some of both" },
	{ "-l -p 1 host 2", "not some of both" },
	{ "-l -s host host 2", "not some of both" },
	{ "-U", "missing socket pathname" },
	{ "-U /x 80", "cannot use port with -U" },
	{ "-k host 80", "must use -l with -k" },
	{ "-zl 80", "-z and -l contradict" },
	{ "-x p -l 80", "-x and -l contradict" },
	{ "-x p -u host 80", "-x and -u contradict" },
	{ "-x p -U /x", "-x and -U contradict" },
	{ "-x p -Z host 80", "-x and -Z contradict" },
	{ "-ZU /x", "-Z and -U contradict" },
	{ "-FU /x", "-F and -U contradict" },
	{ "-Fl 80", "-F and -l contradict" },
	{ "-Zu host 80", "-Z and -u contradict" },
	{ "-Z host 80-90", "several ports" },
	{ "-P me host 80", "-P is the user of an HTTP proxy" },
	{ "-P me -x p host 80", "-P is the user of an HTTP proxy" },
	{ "-x [::1 host 80", "an IPv6 address with a port is written" },
	{ "-X 6 host 80", "-X is 4, 5 (SOCKS) or connect (HTTP), not \"6\"" },
	{ "-T 256 host 80", "-T \"256\" is no traffic class" },
	{ "-T af44 host 80", "-T \"af44\" is no traffic class" },
	{ "-T cs8 host 80", "no traffic class" },
	{ "-T 0x host 80", "no traffic class" },
	{ "-T \033[31m host 80", "-T \"\\x1b[31m\" is no traffic class" },
	{ "-w x host 80", "-w \"x\" is not a time" },
	{ "-q x host 80", "-q \"x\" is not a time" },
	{ "-q -x host 80", "-q \"-x\"" },
	{ "-p x host 80", "-p \"x\" is not a number (0-65535)" },
	{ "-p 65536 host 80", "-p 65536 is out of range (0-65535)" },
	{ "-I 0 host 80", "-I 0 is out of range" },
	{ "-O 1073741825 host 80", "-O 1073741825 is out of range" },
	{ "-M 0 host 80", "-M 0 is out of range" },
	{ "-M 256 host 80", "-M 256 is out of range" },
	{ "-m 256 host 80", "-m 256 is out of range" },
	{ "-w", "-w wants an argument: -w TIMEOUT" },
	{ "-zw", "-w wants an argument: -w TIMEOUT" },
	{ "-uW 0 host 80", "-W 0 is out of range" },
	{ "-Su host 80", "-S and -u contradict" },
	{ "-SU /x", "-S and -U contradict" },
	{ "-SZ host 80", "-S and -Z contradict" },
	{ "-V 1 host 80", "-V: Linux has no routing table of a socket" },
	{ "-E host 80", "nc has no option -E" },
	{ "-e sh host 80", "--exec 'PROGRAM ARG...'" },
	{ "-c sh host 80", "--sh COMMAND" },
	{ "-o x host 80", "--hex-file" },
	{ "--verbose host 80", "no option --verbose" },
	{ "--mode 660 host 80", "sockt connect --help" },
	{ "-lU --mode 660 a.sock", "sockt listen --help" },
	{ "-s x -U /x", "-s and -U" },
	{ "-s x -luU /x", "-s and -U" },
	{ "-p 1 -U /x", "-p and -U" },
};

static void test_mistakes(void **state)
{
	char error[NC_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct nc_command command;
		char *made = translate(mistakes[i].nc, &command, error);

		if (made != NULL)
			fail_msg("nc %s: not refused: %s", mistakes[i].nc, made);
		if (strstr(error, mistakes[i].error) == NULL)
			fail_msg("nc %s: expected \"%s\"\ngot: %s", mistakes[i].nc, mistakes[i].error, error);
		nc_command_clear(&command);
	}
}

/* Every letter of nc's is there, with a help, and is in one of the tables above. */
static void test_letters(void **state)
{
	/* What `nc -h` of 1.219 names, and getopt() takes. */
	static const char expected[] = "46bCDdFhIiklMmNnOPpqrSsTtUuVvWwXxZz";
	const struct nc_letter *letter;
	size_t i;

	(void)state;
	for (i = 0; (letter = nc_letter_at(i)) != NULL; i++) {
		assert_non_null(strchr(expected, letter->letter));
		assert_true(letter->help[0] != '\0');
		assert_ptr_equal(nc_letter_find(letter->letter), letter);
	}
	assert_int_equal(i, strlen(expected));
	assert_null(nc_letter_find('E'));
}

static void test_help(void **state)
{
	static const char *const lines[] = { "-h", "-zvh x", "--help", "-l --help" };
	char error[NC_ERROR_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct nc_line line;
		struct typed typed;

		typed_cut(&typed, "", lines[i]);
		assert_int_equal(nc_line_read(&line, typed.argc, typed.argv, error), 0);
		assert_true(line.is_help);
		nc_line_clear(&line);
	}
}

/* Of several ports the place of the list is known. */
static void test_several_ports(void **state)
{
	char error[NC_ERROR_MAX];
	struct nc_command command;
	char *made = translate("-N host 80 90", &command, error);

	(void)state;
	assert_non_null(made);
	assert_string_equal(command.argv[command.port_at], "80,90");
	nc_command_clear(&command);
	free(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_ours_takes_them),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_several_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
