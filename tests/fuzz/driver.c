/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A main() for fuzz targets where clang's is not linked: runs the target once on each seed, so that make check sees
 * with any compiler that no seed fails. With arguments, runs on those files (to look at a crash).
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Run the target on one file, from memory of exactly its size, so that checkers see a read beyond it. */
static int run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	uint8_t *room = malloc(SEED_MAX);
	size_t size = room != NULL ? fread(room, 1, SEED_MAX, file) : 0;
	fclose(file);
	uint8_t *data = room != NULL ? realloc(room, size > 0 ? size : 1) : NULL;
	if (data == NULL) {
		fprintf(stderr, "out of memory\n");
		free(room);
		return -1;
	}
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

/* Run the target on every file of the directory path; returns how many, or -1. */
static int run_directory(const char *path)
{
	DIR *directory = opendir(path);
	if (directory == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	int count = 0;
	struct dirent *entry;
	while ((entry = readdir(directory)) != NULL) {
		char file[4096];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		if (run_file(file) == -1) {
			count = -1;
			break;
		}
		count++;
	}
	closedir(directory);
	return count;
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		for (int i = 1; i < argc; i++) {
			if (run_file(argv[i]) == -1)
				return 1;
		}
		return 0;
	}

	const char *prefix = "fuzz_";
	const char *name = program_invocation_short_name;
	const char *source = getenv("SOCKT_SRCDIR");
	char path[2048];
	if (strncmp(name, prefix, strlen(prefix)) == 0)
		name += strlen(prefix);
	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", source != NULL ? source : ".", name);
	int count = run_directory(path);
	if (count <= 0) {
		fprintf(stderr, "%s: no seed was run\n", path);
		return 1;
	}
	printf("%d seeds\n", count);
	return 0;
}
