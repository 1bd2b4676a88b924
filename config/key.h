// Key: one thing an operator can set: its name, what it may be, its line of help, and the member
// of `Owner` it stands for. The functions below make keys of each kind from a path of
// pointers to members, so that a table of keys has one row each.
//
// Immutable after construction; any thread may read it.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/duration.h"
#include "config/value.h"

namespace freshet::config {

template <typename Owner>
struct Key {
  std::string name;  // "server.threads"; in a table of an array its own name only: "recipe"
  Kind kind = Kind::kText;
  std::string allowed;  // "0..256", "journal or kafka", ...
  std::string help;     // ends with a full stop
  std::function<Value(const Owner&)> read;
  // Sets the member and returns nothing, or leaves it and says what is wrong with the value.
  std::function<std::optional<std::string>(const Value&, Owner*)> write;
};

// Name and line of help of a row.
struct Row {
  std::string_view name;
  std::string_view help;
};

struct WholeRange {
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::int64_t unit = 1;  // the member holds this many for each 1 of the key's
};

struct DecimalRange {
  double least = 0;
  double most = 0;
};

// Why a text is refused ("is not ADDRESS:PORT"), or nothing.
using TextCheck = std::function<std::optional<std::string>(std::string_view)>;

// "VALUE is not ALLOWED", with the kind's name where the value is of another kind.
std::string NotOfKind(const Value& value, Kind kind, std::string_view allowed);
std::string NotIn(const Value& value, std::string_view allowed);
std::string RangeText(const WholeRange& range);
std::string RangeText(const DecimalRange& range);
// "a time of 1m..7d, such as 6h", with "off or " before it where 0 is allowed.
std::string DurationRangeText(const WholeRange& seconds);
// "a", "a or b", "a, b or c".
std::string ChoicesText(const std::vector<std::string>& names);

// The member at the end of a path: Member(s, &Settings::server, &ServerSettings::threads).
template <typename Owner, typename First, typename... Rest>
auto& Member(Owner& owner, First first, Rest... rest) {
  if constexpr (sizeof...(Rest) == 0) {
    return owner.*first;
  } else {
    return Member(owner.*first, rest...);
  }
}

template <typename Owner, typename... Path>
Key<Owner> BoolKey(const Row& row, Path... path) {
  return {std::string(row.name),
          Kind::kBool,
          "true or false",
          std::string(row.help),
          [path...](const Owner& owner) -> Value { return Member(owner, path...); },
          [path...](const Value& value, Owner* owner) -> std::optional<std::string> {
            const bool* flag = std::get_if<bool>(&value);
            if (flag == nullptr) return NotIn(value, "true or false");
            Member(*owner, path...) = *flag;
            return std::nullopt;
          }};
}

template <typename Owner, typename... Path>
Key<Owner> WholeKey(const Row& row, WholeRange range, Path... path) {
  return {std::string(row.name),
          Kind::kWhole,
          RangeText(range),
          std::string(row.help),
          [=](const Owner& owner) -> Value {
            return static_cast<std::int64_t>(Member(owner, path...)) / range.unit;
          },
          [=](const Value& value, Owner* owner) -> std::optional<std::string> {
            const auto* whole = std::get_if<std::int64_t>(&value);
            if (whole == nullptr) return NotOfKind(value, Kind::kWhole, RangeText(range));
            if (*whole < range.least || *whole > range.most) return NotIn(value, RangeText(range));
            auto& member = Member(*owner, path...);
            member = static_cast<std::remove_reference_t<decltype(member)>>(*whole * range.unit);
            return std::nullopt;
          }};
}

template <typename Owner, typename... Path>
Key<Owner> DecimalKey(const Row& row, DecimalRange range, Path... path) {
  return {std::string(row.name),
          Kind::kDecimal,
          RangeText(range),
          std::string(row.help),
          [=](const Owner& owner) -> Value { return Member(owner, path...); },
          [=](const Value& value, Owner* owner) -> std::optional<std::string> {
            const auto* whole = std::get_if<std::int64_t>(&value);
            const auto* decimal = std::get_if<double>(&value);
            if (whole == nullptr && decimal == nullptr) {
              return NotOfKind(value, Kind::kDecimal, RangeText(range));
            }
            const double number = whole != nullptr ? static_cast<double>(*whole) : *decimal;
            // Written so that NaN is refused too.
            if (!(number >= range.least && number <= range.most)) {
              return NotIn(value, RangeText(range));
            }
            Member(*owner, path...) = number;
            return std::nullopt;
          }};
}

template <typename Owner, typename... Path>
Key<Owner> TextKey(const Row& row, std::string allowed, const TextCheck& check, Path... path) {
  return {std::string(row.name),
          Kind::kText,
          allowed,
          std::string(row.help),
          [=](const Owner& owner) -> Value { return Member(owner, path...); },
          [=](const Value& value, Owner* owner) -> std::optional<std::string> {
            const auto* text = std::get_if<std::string>(&value);
            if (text == nullptr) return NotOfKind(value, Kind::kText, allowed);
            if (auto refused = check(*text)) return ToToml(value) + " " + *refused;
            Member(*owner, path...) = *text;
            return std::nullopt;
          }};
}

template <typename Owner, typename... Path>
Key<Owner> TextListKey(const Row& row, std::string allowed, const TextCheck& check, Path... path) {
  return {std::string(row.name),
          Kind::kTextList,
          allowed,
          std::string(row.help),
          [=](const Owner& owner) -> Value { return Member(owner, path...); },
          [=](const Value& value, Owner* owner) -> std::optional<std::string> {
            const auto* list = std::get_if<TextList>(&value);
            if (list == nullptr) return NotOfKind(value, Kind::kTextList, allowed);
            for (const std::string& text : *list) {
              if (auto refused = check(text)) return ToToml(text) + " " + *refused;
            }
            Member(*owner, path...) = *list;
            return std::nullopt;
          }};
}

// A time (config/duration.h) whose seconds the member counts; a member that may be 0 is "off" then.
template <typename Owner, typename... Path>
Key<Owner> DurationKey(const Row& row, WholeRange seconds, Path... path) {
  const std::string allowed = DurationRangeText(seconds);
  return {std::string(row.name),
          Kind::kText,
          allowed,
          std::string(row.help),
          [=](const Owner& owner) -> Value { return DurationText(Member(owner, path...)); },
          [=](const Value& value, Owner* owner) -> std::optional<std::string> {
            const auto* text = std::get_if<std::string>(&value);
            const auto parsed = text == nullptr ? std::nullopt : ParseDuration(*text);
            if (!parsed || *parsed < seconds.least || *parsed > seconds.most) {
              return ToToml(value) + " is not " + allowed;
            }
            auto& member = Member(*owner, path...);
            member = static_cast<std::remove_reference_t<decltype(member)>>(*parsed);
            return std::nullopt;
          }};
}

// A member that takes one of a few values, each with its name.
template <typename Owner, typename Choice, typename... Path>
Key<Owner> ChoiceKey(const Row& row, std::vector<std::pair<std::string, Choice>> choices,
                     Path... path) {
  std::vector<std::string> names;
  for (const auto& [name, choice] : choices) names.push_back(name);
  const std::string allowed = ChoicesText(names);
  return {std::string(row.name),
          Kind::kText,
          allowed,
          std::string(row.help),
          [=](const Owner& owner) -> Value {
            for (const auto& [name, choice] : choices) {
              if (choice == Member(owner, path...)) return name;
            }
            return std::string();
          },
          [=](const Value& value, Owner* owner) -> std::optional<std::string> {
            const auto* text = std::get_if<std::string>(&value);
            for (const auto& [name, choice] : choices) {
              if (text == nullptr || *text != name) continue;
              Member(*owner, path...) = choice;
              return std::nullopt;
            }
            return NotIn(value, allowed);
          }};
}

}  // namespace freshet::config
