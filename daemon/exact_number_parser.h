// ExactNumberParser: JSON text to a document, with every number the double nearest to its text.
//
// Boost.JSON's own parser rounds one in ten numbers of 17 digits to a neighbour; what is written
// out and read again, as through a Kafka topic, must stay the same number. Lives on the stack of
// one parse; single-threaded.
#pragma once

#include <cstddef>
#include <string_view>

#include <boost/json.hpp>

namespace freshet::daemon {

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
                                 const boost::json::storage_ptr& memory);

}  // namespace freshet::daemon
