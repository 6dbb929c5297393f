# SPDX-License-Identifier: GPL-3.0-or-later
# The files of this floor, headers too, one a line, paths from the top of the tree, in the order of the alphabet.
# Every line but the last ends with a backslash; make runs automake again by itself when this file changes.
sources_stream = \
	src/stream/batch.c \
	src/stream/batch.h \
	src/stream/datagram_layer.c \
	src/stream/datagram_layer.h \
	src/stream/escape_layer.c \
	src/stream/escape_layer.h \
	src/stream/frame_layer.c \
	src/stream/frame_layer.h \
	src/stream/http_answer.c \
	src/stream/http_answer.h \
	src/stream/http_body.c \
	src/stream/http_body.h \
	src/stream/http_event.c \
	src/stream/http_event.h \
	src/stream/http_fields.c \
	src/stream/http_fields.h \
	src/stream/http_head.c \
	src/stream/http_head.h \
	src/stream/http_server_layer.c \
	src/stream/http_server_layer.h \
	src/stream/http_words.c \
	src/stream/layer.c \
	src/stream/layer.h \
	src/stream/messages.h \
	src/stream/program_layer.c \
	src/stream/program_layer.h \
	src/stream/proxy_header.c \
	src/stream/proxy_header.h \
	src/stream/proxy_private.h \
	src/stream/proxy_v1.c \
	src/stream/proxy_v2.c \
	src/stream/sender.c \
	src/stream/sender.h \
	src/stream/socket_layer.c \
	src/stream/socket_layer.h \
	src/stream/stdio_layer.c \
	src/stream/stdio_layer.h \
	src/stream/stream.h \
	src/stream/undelivered.c \
	src/stream/undelivered.h \
	src/stream/typed_layer.c \
	src/stream/typed_layer.h
