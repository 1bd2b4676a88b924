#include "daemon/kafka/kafka_message.h"

#include <type_traits>
#include <utility>

#include "core/byte_order_mark.h"
#include "core/validate.h"
#include "daemon/event_json.h"
#include "daemon/record_json.h"

namespace freshet::daemon::kafka {
namespace {

constexpr std::string_view kItemId = "itemId";
constexpr std::string_view kUserId = "userId";

core::Status CheckTimestamp(std::int64_t timestamp_ms) {
  if (timestamp_ms < 0) return core::InvalidArgument("the message has no timestamp");
  if (timestamp_ms > core::kMaximumTimeMs) {
    return core::InvalidArgument("the message's timestamp is after the year 9999");
  }
  return {};
}

// The id that key and value name; they must agree where both do.
core::Result<std::string> IdOf(std::string_view member, const MessageView& message,
                               std::string in_value) {
  if (!message.key || message.key->empty()) {
    if (!in_value.empty()) return in_value;
    return core::InvalidArgument("the message has no key and no " + std::string(member));
  }
  FRESHET_RETURN_IF_ERROR(core::ValidateId("the key", *message.key));
  if (!in_value.empty() && in_value != *message.key) {
    return core::InvalidArgument("the key is " + std::string(*message.key) + ", but " +
                                 std::string(member) + " is " + in_value);
  }
  return std::string(*message.key);
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
  FRESHET_RETURN_IF_ERROR(CheckTimestamp(message.timestamp_ms));
  switch (message.kind) {
    case TopicKind::kEvents:
      if (!message.value) return core::InvalidArgument("the message has no value");
      return DecodeEventOrPutEvents(core::WithoutByteOrderMark(*message.value),
                                    message.timestamp_ms, entries);
    case TopicKind::kItems:
      return DecodeRecordMessage<core::PutItem, core::DeleteItem>(kItemId, message, entries);
    case TopicKind::kUsers:
      return DecodeRecordMessage<core::PutUser, core::DeleteUser>(kUserId, message, entries);
  }
  return core::InvalidArgument("the topic is of no kind");
}

Message EncodeMessage(const core::LogEntry& entry) {
  return std::visit(
      [](const auto& one) -> Message {
        using Kind = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<Kind, core::Event>) {
          return {TopicKind::kEvents, one.user_id.empty() ? one.session_id : one.user_id,
                  EncodeEvent(one)};
        } else if constexpr (std::is_same_v<Kind, core::PutItem>) {
          return {TopicKind::kItems, one.item_id, EncodeRecord(kItemId, one.item_id, one.columns)};
        } else if constexpr (std::is_same_v<Kind, core::DeleteItem>) {
          return {TopicKind::kItems, one.item_id, std::nullopt};
        } else if constexpr (std::is_same_v<Kind, core::PutUser>) {
          return {TopicKind::kUsers, one.user_id, EncodeRecord(kUserId, one.user_id, one.columns)};
        } else {
          return {TopicKind::kUsers, one.user_id, std::nullopt};
        }
      },
      entry);
}

}  // namespace freshet::daemon::kafka
