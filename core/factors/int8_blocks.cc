#include "core/factors/int8_blocks.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace freshet::core {
namespace {

constexpr float kGreatestCode = 127;
constexpr std::size_t kGroup = 4;  // dimensions that lie side by side
constexpr std::size_t kRowsAt = kInt8Lanes * sizeof(float);

}  // namespace

void Int8Blocks::Resize(std::size_t blocks) {
  const std::size_t before = size();
  lines_.resize(blocks * lines_per_block());
  for (std::size_t block = before; block < blocks; ++block) {
    Line* lines = &lines_[block * lines_per_block()];
    for (std::size_t i = 0; i < code_lines_; ++i) lines[i].bytes.fill(kInt8Zero);
    lines[code_lines_].bytes.fill(0);
    for (std::size_t lane = 0; lane < kInt8Lanes; ++lane) Clear(block * kInt8Lanes + lane);
  }
}

void Int8Blocks::Set(std::size_t place, std::span<const float> vector, FactorRow row) {
  float greatest = 0;
  for (const float number : vector) greatest = std::max(greatest, std::abs(number));
  const float scale = greatest / kGreatestCode;
  const float inverse = std::isnormal(scale) ? 1 / scale : 0;
  const std::size_t lane = place % kInt8Lanes;
  Line* lines = &lines_[place / kInt8Lanes * lines_per_block()];
  for (std::size_t i = 0; i < vector.size(); ++i) {
    const std::size_t at = (i / kGroup * kInt8Lanes + lane) * kGroup + i % kGroup;
    lines[at / sizeof(Line)].bytes[at % sizeof(Line)] =
        static_cast<std::uint8_t>(kInt8Zero + std::lrint(vector[i] * inverse));
  }
  std::memcpy(&lines[code_lines_].bytes[lane * sizeof(float)], &scale, sizeof(scale));
  SetRow(place, row);
}

FactorRow Int8Blocks::RowAt(std::size_t place) const {
  const Line& last = lines_[place / kInt8Lanes * lines_per_block() + code_lines_];
  FactorRow row;
  std::memcpy(&row, &last.bytes[kRowsAt + place % kInt8Lanes * sizeof(row)], sizeof(row));
  return row;
}

void Int8Blocks::SetRow(std::size_t place, FactorRow row) {
  Line& last = lines_[place / kInt8Lanes * lines_per_block() + code_lines_];
  std::memcpy(&last.bytes[kRowsAt + place % kInt8Lanes * sizeof(row)], &row, sizeof(row));
}

}  // namespace freshet::core
