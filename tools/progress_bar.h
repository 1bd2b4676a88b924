// ProgressBar: how far a long piece of work is, how fast it goes and how long it will take.
//
// On a terminal one line that is redrawn ten times a second; elsewhere a plain line every five
// seconds. Progress is measured in bytes of input, the rate in what the bytes hold ("events").
// Owned by the command that works; one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <utility>

namespace freshet::tools {

class ProgressBar {
 public:
  using Clock = std::chrono::steady_clock;

  struct Style {
    std::string title;            // "importing"
    std::string unit = "events";  // what is counted
    bool terminal = false;
    std::size_t columns = 80;  // of the terminal
    std::function<Clock::time_point()> now = Clock::now;
  };

  // `out` outlives the bar. `total` is 0 when it is not known.
  ProgressBar(std::ostream* out, Style style, std::uint64_t total);

  // Says how much is done; draws when it is time to. Cheap enough to be called every few hundred
  // events.
  void Update(std::uint64_t done, std::uint64_t count);

  // What stands at the end of the line from now on: "loss 0.51".
  void SetNote(std::string note) { note_ = std::move(note); }

  // Draws the last state, complete, and ends the line.
  void Finish(std::uint64_t count);

  [[nodiscard]] double seconds() const;

 private:
  void Draw(std::uint64_t done, std::uint64_t count);
  [[nodiscard]] std::string Text(std::uint64_t done, std::uint64_t count) const;

  std::ostream* out_;
  Style style_;
  std::string note_;
  std::uint64_t total_;
  Clock::time_point started_;
  Clock::time_point drawn_;
  std::size_t drawn_columns_ = 0;
};

// A bar on standard error, in the form that suits what it is.
ProgressBar ProgressOnStandardError(std::string title, std::string unit, std::uint64_t total);

// 1234567 -> "1,234,567".
std::string WithThousands(std::uint64_t number);
// 75 -> "1 min 15 s".
std::string DurationText(double seconds);

}  // namespace freshet::tools
