/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the guide: lists of topics, and a topic with its text filled to the terminal's width. */
#ifndef SOCKT_CLI_HELP_H
#define SOCKT_CLI_HELP_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/options_table.h"
#include "trace/guide.h"

#define HELP_COLUMNS 78 /* no line is longer */

/* All topics, by group: the first groups with a title for each, the others by name. */
void help_print_list(FILE *out);
/* The topics of one group, each with its title. */
void help_print_group(FILE *out, enum guide_group group);
/* One topic: what it is, its title, its text. */
void help_print_topic(FILE *out, const struct guide_topic *topic);
/*
 * The first element of the command line of `sockt help` that is an option, to be explained whatever stands around it:
 * a command that has it, a value. NULL: there is none, or `sockt help` has it itself.
 */
const char *help_find_option(int argc, char **argv);
/* The name of a topic that says more of an option than its record; NULL: there is none. */
const char *help_option_topic(const struct option_record *record);
/* What an option of any command does: element is "-w", "--retry" or "--retry=5". Returns false where there is none. */
bool help_print_option(FILE *out, const char *element);
/* The text of a topic, indented: paragraphs filled, lines that begin with a blank as they stand. */
void help_print_text(FILE *out, const char *text);

#endif
