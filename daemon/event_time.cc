#include "daemon/event_time.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <string>

#include "core/validate.h"

namespace freshet::daemon {
namespace {

// Seconds from the year 10000 on lie where milliseconds of 1978 and 1979 do. Nobody sends events of
// those years, so the numbers in between are refused rather than taken for what they are not.
constexpr double kSecondsOfYear10000 = 253402300800;
constexpr double kSecondsAreNotMilliseconds = 3e11;

// Reads a time of day or date from the left; every function leaves `text` behind what it took.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : text_(text) {}

  // Exactly `count` digits.
  bool Digits(std::size_t count, int* value) {
    if (text_.size() < count) return false;
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + count, *value);
    if (error != std::errc() || end != text_.data() + count || text_[0] == '-') return false;
    text_.remove_prefix(count);
    return true;
  }

  bool Take(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  // Digits of a fraction, to milliseconds; more digits are read and dropped.
  bool Fraction(int* milliseconds) {
    std::size_t digits = 0;
    *milliseconds = 0;
    for (; !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; text_.remove_prefix(1), ++digits) {
      if (digits < 3) *milliseconds = *milliseconds * 10 + (text_[0] - '0');
    }
    for (std::size_t place = digits; place < 3; ++place) *milliseconds *= 10;
    return digits > 0;
  }

  [[nodiscard]] bool done() const { return text_.empty(); }

 private:
  std::string_view text_;
};

bool ReadDate(TimeReader* reader, std::int64_t* days) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!reader->Digits(4, &year) || !reader->Take('-') || !reader->Digits(2, &month) ||
      !reader->Take('-') || !reader->Digits(2, &day)) {
    return false;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return false;
  *days = std::chrono::sys_days(date).time_since_epoch().count();
  return true;
}

bool ReadClock(TimeReader* reader, std::int64_t* milliseconds) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  int fraction = 0;
  if (!reader->Digits(2, &hour) || !reader->Take(':') || !reader->Digits(2, &minute)) return false;
  if (reader->Take(':')) {
    if (!reader->Digits(2, &second)) return false;
    if ((reader->Take('.') || reader->Take(',')) && !reader->Fraction(&fraction)) return false;
  }
  if (hour > 24 || minute > 59 || second > 60) return false;
  *milliseconds = ((hour * 60LL + minute) * 60 + second) * 1000 + fraction;
  return true;
}

// Nothing, Z, +hh:mm, +hhmm or +hh.
bool ReadOffset(TimeReader* reader, std::int64_t* milliseconds) {
  *milliseconds = 0;
  if (reader->done() || reader->Take('Z') || reader->Take('z')) return reader->done();
  const bool negative = reader->Take('-');
  if (!negative && !reader->Take('+')) return false;
  int hours = 0;
  int minutes = 0;
  if (!reader->Digits(2, &hours)) return false;
  reader->Take(':');
  if (!reader->done() && !reader->Digits(2, &minutes)) return false;
  *milliseconds = (hours * 60LL + minutes) * 60 * 1000 * (negative ? -1 : 1);
  return reader->done();
}

// True for a year of more digits than ISO 8601 has without agreement: "10000-01-01", "+12026-...".
bool HasLongYear(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::size_t digits = text.find_first_not_of("0123456789");
  return digits != std::string_view::npos && digits > 4 && text[digits] == '-';
}

bool ParseIso8601(std::string_view text, std::int64_t* time_ms) {
  TimeReader reader(text);
  std::int64_t days = 0;
  std::int64_t clock = 0;
  std::int64_t offset = 0;
  if (!ReadDate(&reader, &days)) return false;
  if (!reader.done()) {
    if (!reader.Take('T') && !reader.Take('t') && !reader.Take(' ')) return false;
    if (!ReadClock(&reader, &clock) || !ReadOffset(&reader, &offset)) return false;
  }
  *time_ms = days * 24 * 3600 * 1000 + clock - offset;
  return true;
}

core::Error AfterYear9999() { return core::InvalidArgument("sentAt is after the year 9999"); }
core::Error Before1970() { return core::InvalidArgument("sentAt is before 1970-01-01T00:00:00Z"); }

core::Result<std::int64_t> CheckRange(double time_ms) {
  if (time_ms < 0) return Before1970();
  if (time_ms > static_cast<double>(core::kMaximumTimeMs)) return AfterYear9999();
  return static_cast<std::int64_t>(time_ms);
}

}  // namespace

core::Result<std::int64_t> TimeFromNumber(double value) {
  if (!std::isfinite(value)) return core::InvalidArgument("sentAt is not a finite number");
  if (value < 0) return Before1970();
  if (value >= kSecondsOfYear10000 && value < kSecondsAreNotMilliseconds) return AfterYear9999();
  return CheckRange(value >= kMillisecondsFrom ? value : std::round(value * 1000));
}

core::Result<std::int64_t> TimeFromText(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return TimeFromNumber(number);
  if (HasLongYear(text)) return AfterYear9999();
  std::int64_t time_ms = 0;
  if (ParseIso8601(text, &time_ms)) return CheckRange(static_cast<double>(time_ms));
  return core::InvalidArgument(
      "sentAt is neither a number of seconds since 1970 nor an ISO 8601 time");
}

}  // namespace freshet::daemon
