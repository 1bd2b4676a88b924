// Personalize spells one metadata column three ways: CREATION_TIMESTAMP in schemas and CSV headers,
// creationTimestamp in the JSON of PutItems and of answers. The upper snake form is the one we
// keep.
#pragma once

#include <string>
#include <string_view>

namespace freshet::core {

// creationTimestamp, creation_timestamp, CREATION_TIMESTAMP -> CREATION_TIMESTAMP. A name without a
// lower-case letter is taken to be in schema form already.
std::string ToSchemaName(std::string_view name);

// CREATION_TIMESTAMP -> creationTimestamp, GENRES -> genres.
std::string ToJsonName(std::string_view schema_name);

}  // namespace freshet::core
