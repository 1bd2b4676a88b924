#include "tools/progress_bar.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

namespace freshet::tools {
namespace {

constexpr std::chrono::milliseconds kRedrawEvery{100};
constexpr std::chrono::seconds kPlainLineEvery{5};
constexpr std::size_t kNarrowestBar = 8;
constexpr std::size_t kWidestBar = 40;

std::size_t TerminalColumns() {
  struct winsize size {};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

ProgressBar::ProgressBar(std::ostream* out, Style style, std::uint64_t total)
    : out_(out),
      style_(std::move(style)),
      total_(total),
      started_(style_.now()),
      drawn_(started_) {}

void ProgressBar::Update(std::uint64_t done, std::uint64_t count) {
  const auto now = style_.now();
  const Clock::duration every = style_.terminal ? Clock::duration(kRedrawEvery) : kPlainLineEvery;
  if (now - drawn_ < every) return;
  drawn_ = now;
  Draw(done, count);
}

void ProgressBar::Finish(std::uint64_t count) {
  Draw(total_, count);
  if (style_.terminal) *out_ << '\n' << std::flush;
}

double ProgressBar::seconds() const {
  return std::chrono::duration<double>(style_.now() - started_).count();
}

void ProgressBar::Draw(std::uint64_t done, std::uint64_t count) {
  std::string text = Text(done, count);
  if (!note_.empty()) text += ", " + note_;
  if (!style_.terminal) {
    *out_ << style_.title << ' ' << text << '\n' << std::flush;
    return;
  }
  std::string line = style_.title + ' ';
  const std::size_t taken = line.size() + text.size() + 4;
  const std::size_t width =
      std::min(kWidestBar, style_.columns > taken ? style_.columns - taken : 0);
  if (total_ > 0 && width >= kNarrowestBar) {
    const auto filled = static_cast<std::size_t>(
        std::min(1.0, static_cast<double>(done) / static_cast<double>(total_)) *
        static_cast<double>(width));
    line += '[' + std::string(filled, '#') + std::string(width - filled, '-') + "] ";
  }
  line += text;
  const std::size_t columns = line.size();
  // Blanks wipe out what a longer line left behind.
  if (columns < drawn_columns_) line.append(drawn_columns_ - columns, ' ');
  drawn_columns_ = columns;
  *out_ << '\r' << line << std::flush;
}

std::string ProgressBar::Text(std::uint64_t done, std::uint64_t count) const {
  const double elapsed = seconds();
  const double rate = elapsed > 0 ? static_cast<double>(count) / elapsed : 0;
  std::string text;
  if (total_ > 0) {
    const auto percent = std::min<std::uint64_t>(100, done * 100 / total_);
    if (percent < 100) text += ' ';
    if (percent < 10) text += ' ';
    text += std::to_string(percent) + "%  ";
  }
  text += WithThousands(count) + ' ' + style_.unit + ", " +
          WithThousands(static_cast<std::uint64_t>(rate)) + "/s";
  if (total_ == 0) return text;
  if (done >= total_) return text + ", took " + DurationText(elapsed);
  if (done == 0 || elapsed <= 0) return text;
  const double left = elapsed * static_cast<double>(total_ - done) / static_cast<double>(done);
  return text + ", " + DurationText(std::ceil(left)) + " left";
}

ProgressBar ProgressOnStandardError(std::string title, std::string unit, std::uint64_t total) {
  ProgressBar::Style style;
  style.title = std::move(title);
  style.unit = std::move(unit);
  style.terminal = ::isatty(STDERR_FILENO) == 1;
  style.columns = TerminalColumns();
  return ProgressBar(&std::cerr, std::move(style), total);
}

std::string WithThousands(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string DurationText(double seconds) {
  if (seconds < 10) {
    const auto tenths = static_cast<std::uint64_t>(std::llround(seconds * 10));
    const std::string fraction = tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10);
    return std::to_string(tenths / 10) + fraction + " s";
  }
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) {
    return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  }
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

}  // namespace freshet::tools
