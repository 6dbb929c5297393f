# SPDX-License-Identifier: GPL-3.0-or-later
# The files of this floor, headers too, one a line, paths from the top of the tree, in the order of the alphabet.
# Every line but the last ends with a backslash; make runs automake again by itself when this file changes.
sources_endpoint = \
	src/endpoint/address_cache.c \
	src/endpoint/address_cache.h \
	src/endpoint/attempt.c \
	src/endpoint/attempt.h \
	src/endpoint/command_words.c \
	src/endpoint/command_words.h \
	src/endpoint/connector.c \
	src/endpoint/connector.h \
	src/endpoint/connector_fail.c \
	src/endpoint/connector_private.h \
	src/endpoint/demux.c \
	src/endpoint/demux.h \
	src/endpoint/demux_peer.c \
	src/endpoint/demux_private.h \
	src/endpoint/endpoint.c \
	src/endpoint/endpoint.h \
	src/endpoint/hop.c \
	src/endpoint/hop.h \
	src/endpoint/host.c \
	src/endpoint/kinds.c \
	src/endpoint/kinds.h \
	src/endpoint/listener.c \
	src/endpoint/listener.h \
	src/endpoint/opening.c \
	src/endpoint/opening.h \
	src/endpoint/port_list.c \
	src/endpoint/port_list.h \
	src/endpoint/reading.h \
	src/endpoint/service.c \
	src/endpoint/sockopt.c \
	src/endpoint/sockopt.h \
	src/endpoint/sockopt_named.c \
	src/endpoint/sockopt_named.h \
	src/endpoint/source.c \
	src/endpoint/tail.c \
	src/endpoint/tunnel.c \
	src/endpoint/tunnel.h \
	src/endpoint/unixfile.c \
	src/endpoint/unixfile.h \
	src/endpoint/verdict.c \
	src/endpoint/verdict.h \
	src/endpoint/written.c \
	src/endpoint/written.h
