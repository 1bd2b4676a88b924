#include "daemon/kafka/kafka_message.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "core/byte_order_mark.h"
#include "core/validate.h"
#include "daemon/event_json.h"
#include "daemon/kafka/message_key.h"
#include "daemon/record_json.h"

namespace freshet::daemon::kafka {
namespace {

constexpr std::string_view kItemId = "itemId";
constexpr std::string_view kUserId = "userId";

// The id that key and value name; they must agree where both do.
core::Result<std::string> IdOf(std::string_view member, const MessageView& message,
                               std::string in_value) {
  if (!message.key || message.key->empty()) {
    if (!in_value.empty()) return in_value;
    return core::InvalidArgument("the message has no key and no " + std::string(member));
  }
  core::Result<std::string> in_key = IdInKey(member, *message.key);
  if (!in_key) return in_key.error();
  FRESHET_RETURN_IF_ERROR(core::ValidateId("the key", *in_key));
  if (!in_value.empty() && in_value != *in_key) {
    return core::InvalidArgument("the key is " + *in_key + ", but " + std::string(member) + " is " +
                                 in_value);
  }
  return in_key;
}

template <typename Put, typename Delete>
core::Status DecodeRecordMessage(std::string_view member, const MessageView& message,
                                 std::vector<core::LogEntry>* entries) {
  if (!message.value) {
    core::Result<std::string> id = IdOf(member, message, {});
    if (!id) return id.error();
    entries->emplace_back(Delete{std::move(*id)});
    return {};
  }
  core::Result<Record> record = DecodeRecord(member, core::WithoutByteOrderMark(*message.value));
  if (!record) return record.error();
  core::Result<std::string> id = IdOf(member, message, std::move(record->id));
  if (!id) return id.error();
  if (record->is_deleted) {
    entries->emplace_back(Delete{std::move(*id)});
    return {};
  }
  core::LogEntry entry = Put{std::move(*id), std::move(record->columns)};
  FRESHET_RETURN_IF_ERROR(core::Validate(entry));
  entries->push_back(std::move(entry));
  return {};
}

}  // namespace

core::Status DecodeMessage(const MessageView& message, std::vector<core::LogEntry>* entries) {
  if (message.value) FRESHET_RETURN_IF_ERROR(CheckFraming("the value", *message.value));
  switch (message.kind) {
    case TopicKind::kEvents:
      if (!message.value) return core::InvalidArgument("the message has no value");
      return DecodeEventOrPutEvents(core::WithoutByteOrderMark(*message.value), message.received_ms,
                                    entries);
    case TopicKind::kItems:
      return DecodeRecordMessage<core::PutItem, core::DeleteItem>(kItemId, message, entries);
    case TopicKind::kUsers:
      return DecodeRecordMessage<core::PutUser, core::DeleteUser>(kUserId, message, entries);
  }
  return core::InvalidArgument("the topic is of no kind");
}

std::int64_t ReceivedWithoutTimestamp(const core::LogEntry& entry, std::int64_t read_ms) {
  const auto* event = std::get_if<core::Event>(&entry);
  return event == nullptr ? read_ms : std::min(event->time_ms, read_ms);
}

Message EncodeMessage(const core::LogEntry& entry) {
  return std::visit(
      [](const auto& one) -> Message {
        using Kind = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<Kind, core::Event>) {
          return {TopicKind::kEvents, one.user_id.empty() ? one.session_id : one.user_id,
                  EncodeEvent(one)};
        } else if constexpr (std::is_same_v<Kind, core::PutItem>) {
          return {TopicKind::kItems, KeyOfId(one.item_id),
                  EncodeRecord(kItemId, one.item_id, one.columns)};
        } else if constexpr (std::is_same_v<Kind, core::DeleteItem>) {
          return {TopicKind::kItems, KeyOfId(one.item_id), std::nullopt};
        } else if constexpr (std::is_same_v<Kind, core::PutUser>) {
          return {TopicKind::kUsers, KeyOfId(one.user_id),
                  EncodeRecord(kUserId, one.user_id, one.columns)};
        } else {
          return {TopicKind::kUsers, KeyOfId(one.user_id), std::nullopt};
        }
      },
      entry);
}

}  // namespace freshet::daemon::kafka
