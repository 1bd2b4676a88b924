// What an operator's texts must look like: each check says what is wrong with one, or nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "config/key.h"

namespace freshet::config {

// "1..63 bytes"
std::string BytesText(std::size_t most);
inline constexpr std::size_t kMaximumEventTypeBytes = 256;
// A text of 1 to `most` bytes, none of them zero.
TextCheck LengthCheck(std::size_t most);

std::optional<std::string> CheckListen(std::string_view text);
// A name or numeric address as a Host header has it, without the port; or "*".
std::optional<std::string> CheckHost(std::string_view text);
std::optional<std::string> CheckBrokers(std::string_view text);

// The rule of Kafka itself.
inline constexpr std::string_view kTopicRule = "1..249 letters, digits, ., - and _";
std::optional<std::string> CheckTopic(std::string_view text);
std::optional<std::string> CheckOptionalTopic(std::string_view text);

// Whether it is a time is seen in full when it is used.
std::optional<std::string> CheckStartAt(std::string_view text);

// Names of tables and campaigns.
inline constexpr std::string_view kNameRule =
    "1..63 letters, digits, - and _, a letter or digit first";
std::optional<std::string> CheckName(std::string_view text);

}  // namespace freshet::config
