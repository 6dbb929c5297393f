/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What foreign.c and foreign_options.c share. */
#ifndef SOCKT_ENDPOINT_FOREIGN_PRIVATE_H
#define SOCKT_ENDPOINT_FOREIGN_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

/* Is a word of len bytes one of names, which have blanks between them? Letter case counts nothing. */
bool foreign_words_have(const char *names, const char *word, size_t len);

#endif
