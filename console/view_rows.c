/* view_rows.c - cells of a request_row, for the lists made of them. */
#include "console/view_rows.h"

#include <stdio.h>

#include "console/list.h"
#include "core/base/clock.h"

#define CELL(name) \
enum look \
cell_row_##name(const struct ui *ui, const void *data, char *dst, \
    size_t size) \
{ \
	const struct request_row *row = data; \
	(void)ui;

CELL(number)
	cell_number(dst, size, row->number);
	return LOOK_DIM;
}

CELL(domains)
	row_domains_text(dst, size, row);
	return LOOK_PLAIN;
}

CELL(state)
	return cell_state(row_state_word(row), dst, size);
}

CELL(account)
	cell_text(dst, size, row->account);
	return LOOK_PLAIN;
}

CELL(created)
	char date[11];

	time_date(date, row->created);
	cell_text(dst, size, date);
	return LOOK_PLAIN;
}

CELL(waits)
	char when[WHEN_SIZE];

	time_relative(when, row->created, clock_now());
	cell_text(dst, size, when);
	return clock_now() - row->created > 3 * 86400 ? LOOK_WARN :
	    LOOK_PLAIN;
}

CELL(profile)
	cell_text(dst, size, row->profile);
	return LOOK_DIM;
}

CELL(until)
	char date[11];

	time_date(date, row->not_after);
	cell_text(dst, size, date);
	return LOOK_PLAIN;
}

CELL(days)
	int64_t days = days_left(row->not_after, clock_now());

	if (row->certificate != CERTIFICATE_GOOD) {
		snprintf(dst, size, "%s", "-");
		return LOOK_DIM;
	}
	cell_number(dst, size, days);
	return days < 14 ? LOOK_BAD : days < 30 ? LOOK_WARN : LOOK_PLAIN;
}

CELL(serial)
	cell_text(dst, size, row->serial);
	return LOOK_DIM;
}
