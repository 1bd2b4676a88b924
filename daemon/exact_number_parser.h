// ExactNumberParser: JSON text to a document, with every number the double nearest to its text, or
// the text itself.
//
// Boost.JSON's own parser rounds one in ten numbers of 17 digits to a neighbour; what is written
// out and read again, as through a Kafka topic, must stay the same number. Lives on the stack of
// one parse; single-threaded.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace freshet::daemon {

enum class Numbers {
  kNearest,    // integers of 64 bits, else doubles
  kAsWritten,  // integers of 64 bits, else what NumberText reads: to the library it is a string
};

// What there is to know after a parse.
struct ParsedJson {
  boost::json::error_code error;
  std::size_t read = 0;  // bytes of the text, when there is an error or text after the value
  boost::json::value value;
};

// What a document may have before parsing stops, whatever is left of it.
struct JsonLimits {
  std::size_t depth;
  std::size_t values;  // of any kind, at any depth; error::array_too_large beyond
};

// Parses one value at the start of `text` into `memory`.
ParsedJson ParseWithExactNumbers(std::string_view text, const JsonLimits& limits,
                                 const boost::json::storage_ptr& memory,
                                 Numbers numbers = Numbers::kNearest);

// The number as it was written, or none when the value is no number. Of a double in a document of
// Numbers::kNearest: the shortest text that reads back as the same.
std::optional<std::string> NumberText(const boost::json::value& value);

}  // namespace freshet::daemon
