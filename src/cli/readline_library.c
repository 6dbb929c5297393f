/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GNU readline, loaded at run time: see readline_library.h. */
#ifdef HAVE_READLINE

#include "cli/readline_library.h"

#include <dlfcn.h>
#include <string.h>

#include "base/util.h"

bool readline_library_load(struct readline_library *library, char *error, size_t size)
{
#define READLINE_PLACE(name) { #name, offsetof(struct readline_library, name) },
	static const struct {
		const char *name;
		size_t offset;
	} places[] = { READLINE_LIST(READLINE_PLACE) };
#undef READLINE_PLACE

	/* Global, so that readline_library_name() finds it; what it needs itself is resolved when it is called. */
	library->handle = dlopen(READLINE_SONAME, RTLD_LAZY | RTLD_GLOBAL);
	if (library->handle == NULL) {
		snprintf(error, size, "%s", dlerror());
		return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		void *address = dlsym(library->handle, places[i].name);

		if (address == NULL) {
			snprintf(error, size, "%s: %s", READLINE_SONAME, places[i].name);
			return false;
		}
		/* POSIX: what dlsym() returns may be a function's address too. */
		memcpy((char *)library + places[i].offset, &address, sizeof(address));
	}
	return true;
}

const char *readline_library_name(void)
{
	const char *const *name = dlsym(RTLD_DEFAULT, "rl_readline_name");

	return name == NULL ? NULL : *name;
}

#else

/* A translation unit has to have something in it (C17 6.9). */
extern const char readline_library_is_absent;

#endif
