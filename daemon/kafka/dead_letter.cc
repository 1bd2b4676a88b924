#include "daemon/kafka/dead_letter.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace freshet::daemon::kafka {
namespace {

std::optional<std::string> BytesOf(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(bytes), size);
}

std::optional<std::string_view> Find(const rd_kafka_headers_t* headers, const char* name) {
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::nullopt;
  }
  return std::string_view(static_cast<const char*>(value), size);
}

template <typename Number>
bool FindNumber(const rd_kafka_headers_t* headers, const char* name, Number* number) {
  const auto text = Find(headers, name);
  if (!text) return false;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), *number);
  return error == std::errc() && end == text->data() + text->size();
}

}  // namespace

DeadLetter MakeDeadLetter(const rd_kafka_message_t& original, std::string reason) {
  return {.reason = std::move(reason),
          .topic = rd_kafka_topic_name(original.rkt),
          .partition = original.partition,
          .offset = original.offset,
          .timestamp_ms = rd_kafka_message_timestamp(&original, nullptr),
          .key = BytesOf(original.key, original.key_len),
          .value = BytesOf(original.payload, original.len)};
}

rd_kafka_headers_t* HeadersOf(const DeadLetter& letter) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(5);
  const auto add = [&](const char* name, const std::string& value) {
    rd_kafka_header_add(headers, name, -1, value.data(), static_cast<ssize_t>(value.size()));
  };
  add(kReasonHeader, letter.reason);
  add(kTopicHeader, letter.topic);
  add(kPartitionHeader, std::to_string(letter.partition));
  add(kOffsetHeader, std::to_string(letter.offset));
  add(kTimestampHeader, std::to_string(letter.timestamp_ms));
  return headers;
}

std::optional<DeadLetter> ReadDeadLetter(const rd_kafka_message_t& message) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::nullopt;
  }
  DeadLetter letter;
  const auto reason = Find(headers, kReasonHeader);
  const auto topic = Find(headers, kTopicHeader);
  if (!reason || !topic || !FindNumber(headers, kPartitionHeader, &letter.partition) ||
      !FindNumber(headers, kOffsetHeader, &letter.offset) ||
      !FindNumber(headers, kTimestampHeader, &letter.timestamp_ms)) {
    return std::nullopt;
  }
  letter.reason = *reason;
  letter.topic = *topic;
  letter.key = BytesOf(message.key, message.key_len);
  letter.value = BytesOf(message.payload, message.len);
  return letter;
}

}  // namespace freshet::daemon::kafka
