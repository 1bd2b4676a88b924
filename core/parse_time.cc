#include "core/parse_time.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "core/shown_text.h"
#include "core/validate.h"

namespace freshet::core {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3600 * 1000;
// From this on a number is milliseconds, not seconds: 1e11 seconds would be the year 5138.
constexpr double kMillisecondsFrom = 1e11;
// Seconds from the year 10000 on lie where milliseconds of 1978 and 1979 do. Nobody sends events of
// those years, so the numbers in between are refused rather than taken for what they are not.
constexpr double kSecondsOfYear10000 = 253402300800;
constexpr double kSecondsAreNotMilliseconds = 3e11;
// What a clock of our time says, in milliseconds: 1990 to 2100.
constexpr double kEarliestOfOurTime = 631152000000;
constexpr double kLatestOfOurTime = 4102444800000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads a date or a time of day from the left; every function leaves what it did not take.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text) {}

  // Exactly `count` digits.
  bool Digits(std::size_t count, int* value) {
    if (text_.size() < count) return false;
    *value = 0;
    for (const char c : text_.substr(0, count)) {
      if (!IsDigit(c)) return false;
      *value = *value * 10 + (c - '0');
    }
    text_.remove_prefix(count);
    return true;
  }

  bool Take(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  bool TakeWord(std::string_view upper_case) {
    if (text_.size() < upper_case.size()) return false;
    const bool same = std::equal(upper_case.begin(), upper_case.end(), text_.begin(),
                                 [](char wanted, char c) { return (c & ~0x20) == wanted; });
    if (same) text_.remove_prefix(upper_case.size());
    return same;
  }

  // Digits of a fraction, to milliseconds; more digits are read and dropped.
  bool Fraction(int* milliseconds) {
    std::size_t digits = 0;
    *milliseconds = 0;
    for (; !text_.empty() && IsDigit(text_[0]); text_.remove_prefix(1), ++digits) {
      if (digits < 3) *milliseconds = *milliseconds * 10 + (text_[0] - '0');
    }
    for (std::size_t place = digits; place < 3; ++place) *milliseconds *= 10;
    return digits > 0;
  }

  [[nodiscard]] bool done() const { return text_.empty(); }

 private:
  std::string_view text_;
};

bool IsLeapYear(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

bool IsDate(int year, int month, int day) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  return day <= kDays[month - 1] + (month == 2 && IsLeapYear(year) ? 1 : 0);
}

// Days since 1970 in the Gregorian calendar, with years that begin in March so that the day of a
// leap year comes last.
std::int64_t DaysSince1970(int year, int month, int day) {
  if (month <= 2) --year;
  const int month_from_march = (month + 9) % 12;
  const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
  const std::int64_t years = year;
  constexpr std::int64_t kDaysFromYear0 = 719468;
  return 365 * years + years / 4 - years / 100 + years / 400 + day_of_year - kDaysFromYear0;
}

// `is_basic`: the form without dashes and colons.
bool ReadDate(TimeReader* reader, bool* is_basic, std::int64_t* time_ms) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!reader->Digits(4, &year)) return false;
  *is_basic = !reader->Take('-');
  if (!reader->Digits(2, &month)) return false;
  if (!*is_basic && !reader->Take('-')) return false;
  if (!reader->Digits(2, &day) || !IsDate(year, month, day)) return false;
  *time_ms = DaysSince1970(year, month, day) * kDayMs;
  return true;
}

// hh:mm, hh:mm:ss, hh:mm:ss.fff, or the same without colons.
bool ReadClock(TimeReader* reader, bool is_basic, std::int64_t* milliseconds) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  int fraction = 0;
  if (!reader->Digits(2, &hour) || (!is_basic && !reader->Take(':'))) return false;
  if (!reader->Digits(2, &minute)) return false;
  const bool has_seconds = is_basic ? reader->Digits(2, &second) : reader->Take(':');
  if (has_seconds) {
    if (!is_basic && !reader->Digits(2, &second)) return false;
    if ((reader->Take('.') || reader->Take(',')) && !reader->Fraction(&fraction)) return false;
  }
  *milliseconds = ((hour * 60LL + minute) * 60 + second) * 1000 + fraction;
  // 60 seconds are a leap second, 24:00 is the end of the day.
  return minute < 60 && second <= 60 && (hour < 24 || *milliseconds == kDayMs);
}

bool TakeUtc(TimeReader* reader) {
  return reader->TakeWord("UTC") || reader->TakeWord("GMT") || reader->TakeWord("Z");
}

// Nothing, Z, UTC, GMT, +hh:mm, +hhmm or +hh, perhaps behind a space.
bool ReadZone(TimeReader* reader, std::int64_t* milliseconds) {
  *milliseconds = 0;
  if (reader->done()) return true;
  reader->Take(' ');
  if (TakeUtc(reader)) return reader->done();
  const bool is_negative = reader->Take('-');
  if (!is_negative && !reader->Take('+')) return false;
  int hours = 0;
  int minutes = 0;
  if (!reader->Digits(2, &hours)) return false;
  reader->Take(':');
  if (!reader->done() && !reader->Digits(2, &minutes)) return false;
  *milliseconds = (hours * 60LL + minutes) * 60 * 1000 * (is_negative ? -1 : 1);
  return reader->done() && hours < 24 && minutes < 60;
}

// Nothing more than Z, UTC or GMT behind a date.
bool IsWholeDay(TimeReader reader) {
  if (reader.done()) return true;
  reader.Take(' ');
  return TakeUtc(&reader) && reader.done();
}

bool ParseIso8601(std::string_view text, std::int64_t* time_ms) {
  TimeReader reader(text);
  bool is_basic = false;
  std::int64_t clock = 0;
  std::int64_t offset = 0;
  if (!ReadDate(&reader, &is_basic, time_ms)) return false;
  if (IsWholeDay(reader)) return true;
  if (!reader.Take('T') && !reader.Take('t') && !reader.Take(' ')) return false;
  if (!ReadClock(&reader, is_basic, &clock) || !ReadZone(&reader, &offset)) return false;
  *time_ms += clock - offset;
  return true;
}

// True for a year of more digits than ISO 8601 has without agreement: "10000-01-01", "+12026-...".
bool HasLongYear(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::size_t digits = text.find_first_not_of("0123456789");
  return digits != std::string_view::npos && digits > 4 && text[digits] == '-';
}

// Eight digits that are a date: seconds of 1970, or a day without its dashes?
bool IsDateWithoutDashes(std::string_view text) {
  if (text.size() != 8) return false;
  std::int64_t ignored = 0;
  return (text.starts_with("19") || text.starts_with("20")) && ParseIso8601(text, &ignored);
}

std::string Named(std::string_view name, std::string_view message) {
  return std::string(name) + " " + std::string(message);
}

Error Before1970(std::string_view name) {
  return InvalidArgument(Named(name, "is before 1970-01-01T00:00:00Z"));
}

// `value` is a number as it was sent, or zero.
Error AfterYear9999(std::string_view name, double value) {
  std::string message = Named(name, "is after the year 9999");
  for (const auto& [unit, per_millisecond] :
       {std::pair("microseconds", 1e3), std::pair("nanoseconds", 1e6)}) {
    const double time_ms = value / per_millisecond;
    if (time_ms < kEarliestOfOurTime || time_ms > kLatestOfOurTime) continue;
    message +=
        std::string("; it looks like ") + unit + ", a number must be seconds or milliseconds";
  }
  return InvalidArgument(std::move(message));
}

Result<std::int64_t> CheckRange(std::string_view name, double time_ms, double value) {
  if (time_ms < 0) return Before1970(name);
  if (time_ms > static_cast<double>(kMaximumTimeMs)) return AfterYear9999(name, value);
  return static_cast<std::int64_t>(time_ms);
}

}  // namespace

Result<std::int64_t> TimeFromNumber(std::string_view name, double number) {
  if (!std::isfinite(number)) return InvalidArgument(Named(name, "is not a finite number"));
  if (number < 0) return Before1970(name);
  if (number >= kSecondsOfYear10000 && number < kSecondsAreNotMilliseconds) {
    return AfterYear9999(name, number);
  }
  return CheckRange(name, number >= kMillisecondsFrom ? number : std::round(number * 1000), number);
}

Result<std::int64_t> ParseTime(std::string_view name, std::string_view text) {
  if (IsDateWithoutDashes(text)) {
    return InvalidArgument(Named(name, "is " + ShownText(text)) +
                           ", a date without dashes or a number of seconds; write the date as " +
                           std::string(text.substr(0, 4)) + "-" + std::string(text.substr(4, 2)) +
                           "-" + std::string(text.substr(6)));
  }
  double number = 0;
  const char* const text_end = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), text_end, number);
  if (error == std::errc() && end == text_end) return TimeFromNumber(name, number);
  if (HasLongYear(text)) return AfterYear9999(name, 0);
  std::int64_t time_ms = 0;
  if (ParseIso8601(text, &time_ms)) return CheckRange(name, static_cast<double>(time_ms), 0);
  return InvalidArgument(Named(name, "is " + ShownText(text)) +
                         ", it must be a number of seconds since 1970 or an ISO 8601 time, in UTC "
                         "or with its offset (2026-01-31T12:00:00+02:00)");
}

}  // namespace freshet::core
