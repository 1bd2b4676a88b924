// JSON as the command line writes it: strings, and events as lines of NDJSON.
#pragma once

#include <string>
#include <string_view>

#include "core/log_entry.h"

namespace freshet::tools {

// Appends `text` as a JSON string, quotes included. Bytes that are not UTF-8 are kept as they are.
void AppendJsonString(std::string_view text, std::string* json);

// Appends `number` in the shortest form that reads back as the same number.
void AppendJsonNumber(double number, std::string* json);

// Appends the event as POST /v1/events takes it, one line with its line end.
void AppendEventLine(const core::Event& event, std::string* lines);

}  // namespace freshet::tools
