// Tables that a long run leaves for a text, and the day on which it ran.
#pragma once

#include <ctime>
#include <string>

#include "common/print.hpp"

namespace qfs {

// A time in UTC: "2026-11-22T10:00:00Z".
std::string utc_text(std::time_t seconds);

// The day on which this runs, UTC: "2026-11-22".
std::string today();

// Writes the table, a note and a line about its making (`seeds`, CPU, flags, date) to
// directory/name.md; makes the directory. Does nothing without one. Throws Error where it cannot be
// written.
void write_measured_table(const std::string& directory, const std::string& name, const Table& table,
                          const std::string& note, const std::string& seeds = "");

}  // namespace qfs
