// CSV as the command line writes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace freshet::tools {

// Appends `text` as a field, quoted where it has to be.
void AppendCsvField(std::string_view text, std::string* csv);

// Appends 1250 as 12.50.
void AppendCents(std::uint64_t cents, std::string* csv);

}  // namespace freshet::tools
