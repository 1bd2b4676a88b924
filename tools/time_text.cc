#include "tools/time_text.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

namespace freshet::tools {
namespace {

constexpr std::int64_t kMillisecondsFrom = 100'000'000'000;

// Takes exactly `digits` digits off the front of `text`.
std::optional<int> TakeNumber(std::string_view* text, std::size_t digits) {
  int value = 0;
  const char* end = text->data() + std::min(digits, text->size());
  const auto parsed = std::from_chars(text->data(), end, value);
  if (text->size() < digits || parsed.ptr != end || parsed.ec != std::errc() ||
      text->front() == '-') {
    return std::nullopt;
  }
  text->remove_prefix(digits);
  return value;
}

bool Take(std::string_view* text, std::string_view any_of) {
  if (text->empty() || any_of.find(text->front()) == std::string_view::npos) return false;
  text->remove_prefix(1);
  return true;
}

std::optional<std::int64_t> TakeDate(std::string_view* text) {
  const auto year = TakeNumber(text, 4);
  if (!year || !Take(text, "-")) return std::nullopt;
  const auto month = TakeNumber(text, 2);
  if (!month || !Take(text, "-")) return std::nullopt;
  const auto day = TakeNumber(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * 86'400'000LL;
}

std::optional<std::int64_t> TakeFraction(std::string_view* text) {
  std::int64_t scale = 100;
  std::int64_t milliseconds = 0;
  const std::size_t before = text->size();
  while (!text->empty() && text->front() >= '0' && text->front() <= '9') {
    milliseconds += scale * (text->front() - '0');
    scale /= 10;
    text->remove_prefix(1);
  }
  if (text->size() == before) return std::nullopt;
  return milliseconds;
}

std::optional<std::int64_t> TakeClock(std::string_view* text) {
  const auto hours = TakeNumber(text, 2);
  if (!hours || *hours > 23 || !Take(text, ":")) return std::nullopt;
  const auto minutes = TakeNumber(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  std::int64_t time = (*hours * 60LL + *minutes) * 60'000;
  if (!Take(text, ":")) return time;
  const auto seconds = TakeNumber(text, 2);
  if (!seconds || *seconds > 60) return std::nullopt;
  time += *seconds * 1000LL;
  if (!Take(text, ".,")) return time;
  const auto fraction = TakeFraction(text);
  if (!fraction) return std::nullopt;
  return time + *fraction;
}

std::optional<std::int64_t> TakeZone(std::string_view* text) {
  if (text->empty() || Take(text, "Zz")) return 0;
  const bool behind = text->front() == '-';
  if (!Take(text, "+-")) return std::nullopt;
  const auto hours = TakeNumber(text, 2);
  if (!hours) return std::nullopt;
  Take(text, ":");
  const auto minutes = text->empty() ? std::optional<int>(0) : TakeNumber(text, 2);
  if (!minutes) return std::nullopt;
  const std::int64_t offset = (*hours * 60LL + *minutes) * 60'000;
  return behind ? -offset : offset;
}

}  // namespace

std::optional<std::int64_t> ParseIsoTime(std::string_view text) {
  const auto date = TakeDate(&text);
  if (!date || text.empty()) return date;
  if (!Take(&text, "Tt ")) return std::nullopt;
  const auto clock = TakeClock(&text);
  if (!clock) return std::nullopt;
  const auto zone = TakeZone(&text);
  if (!zone || !text.empty()) return std::nullopt;
  return *date + *clock - *zone;
}

std::optional<std::int64_t> ParseTime(std::string_view text) {
  const char* end = text.data() + text.size();
  std::int64_t whole = 0;
  const auto parsed = std::from_chars(text.data(), end, whole);
  if (parsed.ec == std::errc() && parsed.ptr == end) {
    if (whole >= kMillisecondsFrom) return whole;
    return whole > -kMillisecondsFrom ? std::optional(whole * 1000) : std::nullopt;
  }
  double number = 0;
  const auto fraction = std::from_chars(text.data(), end, number);
  if (fraction.ec != std::errc() || fraction.ptr != end) return ParseIsoTime(text);
  if (!(std::abs(number) < 9e15)) return std::nullopt;
  const bool milliseconds = number >= static_cast<double>(kMillisecondsFrom);
  return std::llround(milliseconds ? number : number * 1000);
}

std::string FormatIsoTime(std::int64_t time_ms) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(time_ms)};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  std::string iso = text;
  if (const auto rest = clock.subseconds().count(); rest != 0) {
    std::snprintf(text, sizeof text, ".%03d", static_cast<int>(rest));
    iso += text;
  }
  return iso + "Z";
}

}  // namespace freshet::tools
