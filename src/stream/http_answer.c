/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `listen --http` answers: see http_answer.h. */
#include "stream/http_answer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/util.h"

/* What a browser has to know of a file, by the end of its name. */
static const struct {
	const char *suffix, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".htm", "text/html; charset=utf-8" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".md", "text/markdown; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".csv", "text/csv; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".json", "application/json" },
	{ ".xml", "application/xml" },
	{ ".pdf", "application/pdf" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".gif", "image/gif" },
	{ ".jpg", "image/jpeg" },
	{ ".jpeg", "image/jpeg" },
	{ ".ico", "image/vnd.microsoft.icon" },
};

bool http_status_has_content(unsigned status)
{
	return status >= 200 && status != 204 && status != 304;
}

/* The media type of a file. */
static const char *type_of(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		size_t suffix = strlen(types[i].suffix);

		if (len > suffix && strcasecmp(path + len - suffix, types[i].suffix) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}

/* RFC 9110, section 5.6.7. The names are those of the C locale, which strftime(3) may not give. */
static const char *format_date(char *dst, size_t size)
{
	static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = (time_t)(clock_real_ns() / NS_PER_S);
	struct tm tm;

	gmtime_r(&now, &tm);
	snprintf(dst, size, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + (ptrdiff_t)3 * tm.tm_wday, tm.tm_mday,
		 months + (ptrdiff_t)3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return dst;
}

/* Open the file of the service. Returns 0 or an errno. */
static int open_file(struct http_answer *answer, const char *path)
{
	struct stat stat;

	/* O_NONBLOCK: what has become a FIFO would wait for a writer. */
	answer->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (answer->fd == -1)
		return errno;
	if (fstat(answer->fd, &stat) == -1)
		return errno;
	if (!S_ISREG(stat.st_mode))
		return S_ISDIR(stat.st_mode) ? EISDIR : EINVAL;
	answer->file_left = (uint64_t)stat.st_size;
	answer->body_bytes = answer->file_left;
	return 0;
}

static void set_text(struct http_answer *answer, const char *text)
{
	answer->text = text;
	answer->text_len = strlen(text);
	answer->body_bytes = answer->text_len;
}

/* No content: HEAD, or a status that has none. */
static void drop_content(struct http_answer *answer)
{
	answer->text_len = 0;
	answer->file_left = 0;
	answer->body_bytes = 0;
}

/* The first line and the fields. given: those of a person. */
static void write_head(struct http_answer *answer, const struct http_service *service, const struct http_given *given,
		       const char *type, const struct http_asked *asked)
{
	char words[64];
	int len = snprintf(words, sizeof(words), "HTTP/1.1 %u %s\r\n", answer->status,
			   http_status_reason(answer->status));

	buf_append(&answer->head, words, (size_t)len);
	http_field_write(&answer->head, given, "Date", format_date(words, sizeof(words)));
	http_field_write(&answer->head, given, "Server", service->product);
	http_given_write(&answer->head, given);
	if (answer->body_bytes > 0)
		http_field_write(&answer->head, given, "Content-Type", type);
	snprintf(words, sizeof(words), "%" PRIu64, answer->body_bytes);
	if (http_status_has_content(answer->status) && !http_given_has(given, "Transfer-Encoding"))
		http_field_write(&answer->head, given, "Content-Length", words);
	if (answer->is_last)
		http_field_write(&answer->head, given, "Connection", "close");
	else if (asked->is_old)
		http_field_write(&answer->head, given, "Connection", "keep-alive");
	buf_append(&answer->head, "\r\n", 2);
	answer->head_bytes = answer->head.len;
}

/* The answer to what cannot be answered as was asked for: a status and a sentence. */
static void make_excuse(struct http_answer *answer, const struct http_service *service, unsigned status,
			const char *sentence, const struct http_asked *asked)
{
	static const struct http_given none = { .count = 0 };
	char *text;

	http_answer_clear(answer);
	answer->status = status;
	answer->is_last = true;
	/* It goes into the buffer of the head: there it lives as long as it is needed. */
	text = xmalloc(strlen(sentence) + 2);
	memcpy(text, sentence, strlen(sentence) + 1);
	text[strlen(sentence)] = '\n';
	answer->body_bytes = strlen(sentence) + 1;
	write_head(answer, service, &none, "text/plain; charset=utf-8", asked);
	if (asked->is_head)
		answer->body_bytes = 0;
	buf_append(&answer->head, text, (size_t)answer->body_bytes);
	free(text);
}

/* A person who writes the frame of a message by hand answers for it: it ends with the connection. */
static bool frames_by_hand(const struct http_given *given)
{
	return http_given_has(given, "Content-Length") || http_given_has(given, "Transfer-Encoding") ||
	       http_given_has(given, "Connection");
}

int http_answer_make(struct http_answer *answer, const struct http_service *service, const struct http_asked *asked)
{
	const char *type = service->file == NULL ? "text/plain; charset=utf-8" : type_of(service->file);
	int error = 0;

	http_answer_clear(answer);
	if (asked->mistake != HTTP_MISTAKE_NONE) {
		make_excuse(answer, service, http_mistake_status(asked->mistake),
			    http_mistake_sentence(asked->mistake), asked);
		return 0;
	}
	answer->status = service->status;
	answer->is_last = !service->is_keep_alive || !asked->wants_more || frames_by_hand(&service->given);
	if (service->file != NULL)
		error = open_file(answer, service->file);
	else
		set_text(answer, service->text);
	if (error != 0) {
		make_excuse(answer, service, 500, N_("the file of the answer cannot be read"), asked);
		return error;
	}
	write_head(answer, service, &service->given, type, asked);
	if (asked->is_head || !http_status_has_content(answer->status))
		drop_content(answer);
	return 0;
}

bool http_answer_is_open(const struct http_answer *answer)
{
	return answer->head.len > 0 || answer->text_len > 0 || answer->file_left > 0;
}

/* Of the file. */
static ssize_t read_file(struct http_answer *answer, char *buf, size_t size)
{
	ssize_t n;

	if (size > answer->file_left)
		size = (size_t)answer->file_left;
	n = read(answer->fd, buf, size);
	if (n == -1)
		return -errno;
	if (n == 0)
		return -EIO;
	answer->file_left -= (uint64_t)n;
	return n;
}

ssize_t http_answer_read(struct http_answer *answer, char *buf, size_t size)
{
	size_t len = answer->head.len < size ? answer->head.len : size, text;
	ssize_t n;

	if (len > 0) {
		memcpy(buf, buf_peek(&answer->head), len);
		buf_consume(&answer->head, len);
	}
	text = answer->text_len < size - len ? answer->text_len : size - len;
	if (text > 0) {
		memcpy(buf + len, answer->text, text);
		answer->text += text;
		answer->text_len -= text;
		len += text;
	}
	if (answer->file_left == 0 || len == size)
		return (ssize_t)len;
	n = read_file(answer, buf + len, size - len);
	return n < 0 ? n : (ssize_t)len + n;
}

void http_answer_clear(struct http_answer *answer)
{
	buf_clear(&answer->head);
	if (answer->fd != -1)
		close(answer->fd);
	*answer = (struct http_answer){ .fd = -1 };
}
