/* view_rows.h - cells of a request_row, for the lists made of them. */
#ifndef CONSOLE_VIEW_ROWS_H
#define CONSOLE_VIEW_ROWS_H

#include "console/ui.h"

#define ROW_CELL(name) enum look cell_row_##name(const struct ui *ui, \
    const void *row, char *dst, size_t size)
ROW_CELL(number);
ROW_CELL(domains);
ROW_CELL(state);
ROW_CELL(account);
ROW_CELL(created);
ROW_CELL(waits);
ROW_CELL(profile);
ROW_CELL(until);
ROW_CELL(days);
ROW_CELL(serial);

#endif
