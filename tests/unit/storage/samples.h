// Entries and names that the storage tests share.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "core/log_entry.h"

namespace freshet::storage {

// A small event, told apart by `number`.
inline core::LogEntry SampleEvent(std::size_t number) {
  core::Event event;
  event.user_id = "user" + std::to_string(number % 97);
  event.session_id = "s" + std::to_string(number % 31);
  event.item_id = "item" + std::to_string(number);
  event.event_type = "view";
  event.time_ms = 1'700'000'000'000 + static_cast<std::int64_t>(number);
  return event;
}

inline std::vector<core::LogEntry> SampleEvents(std::size_t first, std::size_t count) {
  std::vector<core::LogEntry> events;
  for (std::size_t i = 0; i < count; ++i) events.push_back(SampleEvent(first + i));
  return events;
}

// One entry of every kind and one event with every member, by the name it has in the golden file.
inline std::vector<std::pair<std::string, core::LogEntry>> NamedEntries() {
  core::Event full;
  full.user_id = "u1";
  full.session_id = "s1";
  full.item_id = "i1";
  full.event_type = "purchase";
  full.time_ms = 1'586'731'606'123;
  full.value = 12.5;
  full.event_id = "e1";
  full.recommendation_id = "RID-1";
  full.impression = {"i1", "i2", "i3"};
  full.properties = R"({"price":"9.99"})";
  full.attribution_source = "mail";
  core::Event small;
  small.session_id = "s2";
  small.item_id = "\xC3\xA9t\xC3\xA9";
  small.event_type = "view";
  small.time_ms = -1;
  core::PutItem item{
      "i1",
      {{"PRICE", *core::Number::Parse("3.25")}, {"GENRES", std::string("a|b")}, {"NEW", true}}};
  core::PutUser user{"u1", {{"AGE", *core::Number::Parse("41")}, {"MEMBER", false}}};
  return {{"event-with-every-member", full},
          {"event-with-few-members", small},
          {"put-item", item},
          {"put-item-without-columns", core::PutItem{"i2", {}}},
          {"delete-item", core::DeleteItem{"i1"}},
          {"put-user", user},
          {"delete-user", core::DeleteUser{"u1"}}};
}

}  // namespace freshet::storage
