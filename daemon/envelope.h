// Envelopes: what other systems wrap around a document.
//
// Kafka Connect's {"schema","payload"} and Debezium's {"before","after","op"} are taken off. Others
// are only recognized, so that the refusal can say what the document looks like and which setting
// of the producer helps. Pure functions; thread-safe.
#pragma once

#include <boost/json/object.hpp>

#include "core/result.h"
#include "daemon/known_members.h"

namespace freshet::daemon {

// What is inside of an envelope.
struct Unwrapped {
  // Null where the envelope holds none: a row that was deleted.
  const boost::json::object* document = nullptr;
};

// The document in `object`, which is `object` itself when it is no envelope. A member that
// `members` does not know is refused, with what the document looks like if that is known.
core::Result<Unwrapped> OpenDocument(const boost::json::object& object,
                                     const KnownMembers& members);

}  // namespace freshet::daemon
