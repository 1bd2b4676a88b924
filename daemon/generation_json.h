// What the API and the command line both say of a generation.
#pragma once

#include "core/factors/generation.h"
#include "daemon/json_writer.h"

namespace freshet::daemon {

// The member `comparison` of the object that is being written.
inline void WriteComparison(const core::GenerationComparison& comparison, JsonWriter* json) {
  json->Key("comparison");
  json->BeginObject();
  json->Field("against", comparison.against);
  json->Field("metric", comparison.metric);
  json->Field("value", comparison.value);
  json->Field("otherValue", comparison.other_value);
  json->Field("tolerance", comparison.tolerance);
  json->Field("holds", comparison.Holds());
  json->EndObject();
}

}  // namespace freshet::daemon
