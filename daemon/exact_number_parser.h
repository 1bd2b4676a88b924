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

// Parses one value at the start of `text` into `memory`, at most `maximum_depth` deep.
ParsedJson ParseWithExactNumbers(std::string_view text, std::size_t maximum_depth,
                                 const boost::json::storage_ptr& memory);

}  // namespace freshet::daemon
