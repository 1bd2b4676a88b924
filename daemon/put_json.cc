#include "daemon/put_json.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "daemon/event_members.h"
#include "daemon/json_document.h"
#include "daemon/record_json.h"

namespace freshet::daemon {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaximumElements = 10;
constexpr std::size_t kMaximumUserPropertiesBytes = 24'000;
constexpr TextLimits kArnLimits{1, 256};

char ToLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return ToLower(x) == ToLower(y); });
}

// The dataset's type is the ARN's last segment; everything before it names AWS things.
void CheckDatasetArn(JsonMembers* body, std::string_view type) {
  const std::string_view arn = body->RequiredText("datasetArn", kArnLimits);
  const std::string_view last = arn.substr(arn.find_last_of("/:") + 1);
  if (!EqualsIgnoringCase(last, type)) {
    body->Fail("datasetArn",
               "must end in /" + std::string(type) + ", this ends in /" + std::string(last));
  }
}

// Decodes each element of the body's array `name` by `decode(members) -> LogEntry`.
template <typename Decode>
core::Result<std::vector<core::LogEntry>> DecodeElements(JsonMembers* body, std::string_view name,
                                                         Decode&& decode) {
  const json::array* elements = body->RequiredArray(name, 1, kMaximumElements);
  FRESHET_RETURN_IF_ERROR(body->status());
  std::vector<core::LogEntry> entries;
  entries.reserve(elements->size());
  for (std::size_t i = 0; i < elements->size(); ++i) {
    const std::string path = std::string(name) + "[" + std::to_string(i) + "]";
    const json::object* element = (*elements)[i].if_object();
    if (element == nullptr) {
      return core::InvalidArgument(path + " is " + std::string(KindOf((*elements)[i])) +
                                   ", it must be an object");
    }
    JsonMembers members(*element, path + ".");
    entries.push_back(decode(&members));
    FRESHET_RETURN_IF_ERROR(members.status());
  }
  return entries;
}

}  // namespace

core::Result<std::vector<core::LogEntry>> DecodePutEvents(const json::object& object) {
  JsonMembers body(object);
  body.RequiredText("trackingId");
  const std::string_view user = body.Text("userId");
  const std::string_view session = body.RequiredText("sessionId");
  return DecodeElements(&body, "eventList", [&](JsonMembers* members) {
    core::Event event;
    event.user_id = user;
    event.session_id = session;
    ReadEvent(members, std::nullopt, &event);
    return core::LogEntry(std::move(event));
  });
}

core::Result<std::vector<core::LogEntry>> DecodePutEvents(std::string_view json) {
  JsonArena arena;
  const core::Result<json::object> object = arena.ParseBody(json);
  if (!object) return object.error();
  return DecodePutEvents(*object);
}

core::Result<std::vector<core::LogEntry>> DecodePutItems(std::string_view json) {
  JsonArena arena;
  const core::Result<json::object> object = arena.ParseBody(json, Numbers::kAsWritten);
  if (!object) return object.error();
  JsonMembers body(*object);
  CheckDatasetArn(&body, "ITEMS");
  return DecodeElements(&body, "items", [](JsonMembers* members) {
    core::PutItem put;
    put.item_id = members->RequiredText("itemId");
    put.columns = ReadColumns(members, kMaximumItemPropertiesBytes);
    return core::LogEntry(std::move(put));
  });
}

core::Result<std::vector<core::LogEntry>> DecodePutUsers(std::string_view json) {
  JsonArena arena;
  const core::Result<json::object> object = arena.ParseBody(json, Numbers::kAsWritten);
  if (!object) return object.error();
  JsonMembers body(*object);
  CheckDatasetArn(&body, "USERS");
  return DecodeElements(&body, "users", [](JsonMembers* members) {
    core::PutUser put;
    put.user_id = members->RequiredText("userId");
    put.columns = ReadColumns(members, kMaximumUserPropertiesBytes);
    return core::LogEntry(std::move(put));
  });
}

}  // namespace freshet::daemon
