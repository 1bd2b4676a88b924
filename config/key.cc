#include "config/key.h"

namespace freshet::config {

std::string NotOfKind(const Value& value, Kind kind, std::string_view allowed) {
  return ToToml(value) + " is not " + std::string(KindName(kind)) + " (" + std::string(allowed) +
         ")";
}

std::string NotIn(const Value& value, std::string_view allowed) {
  const bool range = allowed.find("..") != std::string_view::npos;
  return ToToml(value) + (range ? " is not in " : " is not ") + std::string(allowed);
}

std::string RangeText(const WholeRange& range) {
  return std::to_string(range.least) + ".." + std::to_string(range.most);
}

std::string RangeText(const DecimalRange& range) {
  return ToToml(range.least) + ".." + ToToml(range.most);
}

std::string DurationRangeText(const WholeRange& seconds) {
  const std::int64_t least = seconds.least > 0 ? seconds.least : 1;
  return (seconds.least == 0 ? "off or a time of " : "a time of ") + DurationText(least) + ".." +
         DurationText(seconds.most) + ", such as 6h";
}

std::string ChoicesText(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
    out += names[i];
  }
  return out;
}

}  // namespace freshet::config
