// Envelopes: what other systems wrap around a document.
//
// Kafka Connect's {"schema","payload"} and Debezium's {"before","after","op"} are taken off. Others
// are only recognized, so that the refusal can say what the document looks like and which setting
// of the producer helps. Pure functions; thread-safe.
#pragma once

#include <string>

#include <boost/json/object.hpp>

namespace freshet::daemon {

// What is inside of an envelope.
struct Unwrapped {
  // Null where the envelope holds none: a row that was deleted.
  const boost::json::object* document = nullptr;
  bool is_enveloped = false;
};

// The document in `object`, which is `object` itself when it is no envelope.
Unwrapped Unwrap(const boost::json::object& object);

// "it looks like ..., do this", or empty when it looks like nothing known.
std::string DescribeEnvelope(const boost::json::object& object);

}  // namespace freshet::daemon
