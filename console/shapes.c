/* shapes.c - shapes of the few answers that the console makes itself. */
#include "console/command.h"

#define FIELD(noun, f, k, ...) { .name = #f, .kind = (k), \
	.offset = offsetof(struct noun, f), __VA_ARGS__ }
#define STR(noun, f) FIELD(noun, f, FIELD_STR, \
	.size = sizeof(((struct noun *)0)->f))
#define TIME(noun, f) FIELD(noun, f, FIELD_TIME, .size = 8)

#define SHAPE(noun, ...) \
static const struct field * \
noun##_fields(size_t *count) \
{ \
	static const struct field fields[] = { __VA_ARGS__ }; \
\
	*count = sizeof fields / sizeof fields[0]; \
	return fields; \
} \
const struct shape noun##_shape = { #noun, sizeof(struct noun), noun##_fields };

SHAPE(answer_view,
    STR(answer_view, state),
    STR(answer_view, serial),
    TIME(answer_view, produced),
    TIME(answer_view, this_update),
    TIME(answer_view, next_update),
    FIELD(answer_view, der, FIELD_BLOB, .size = sizeof(struct blob)))

static const struct shape command_info_shape;
SHAPE(version, STR(version, version))

static const struct field *
command_info_fields(size_t *count)
{
	static const struct field fields[] = {
		STR(command_info, name),
		STR(command_info, synopsis),
		STR(command_info, meaning),
		STR(command_info, task),
	};

	*count = sizeof fields / sizeof fields[0];
	return fields;
}
static const struct shape command_info_shape = { "command_info",
	sizeof(struct command_info), command_info_fields };

SHAPE(command_list, FIELD(command_list, rows, FIELD_LIST,
    .shape = &command_info_shape,
    .count_offset = offsetof(struct command_list, n_rows)))
