#include "core/blend.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "core/bytes.h"

namespace freshet::core {
namespace {

constexpr std::uint8_t kVersion = 3;
// 1 is right for tastes that never change and for gradients as a good model has them.
constexpr double kLearningRate = 5;
// So many lessons back the mean still reaches once there are more, so that tastes may change.
constexpr float kLessonsOfMean = 2000;

struct Input {
  std::string_view name;
  float day_one;
};
// What streams of shops and of clicks came to on average, each from the first half of its log.
constexpr std::array<Input, kBlendInputCount> kInputs = {{
    {"session", 0.17F},
    {"session_any", 0.13F},
    {"succession", 0.0F},
    {"succession_recent", 0.05F},
    {"cooccurrence", 0.17F},
    {"cooccurrence_newest", 0.05F},
    {"session_root", 0.2F},
    {"succession_root", 1.05F},
    {"cooccurrence_root", 1.2F},
    {"demand", 0.18F},
    {"users", -0.03F},
    {"idle", -0.08F},
    {"current", 0.4F},
    {"previous", 0.25F},
    {"touched", -0.75F},
    {"touched_again", 0.9F},
    {"known", 0.8F},
    {"touched_session", -0.4F},
    {"first_session", 0.0F},
    {"first_succession", -0.05F},
    {"content", 1.0F},
    {"cold_content", 5.0F},
    {"own_session", 0.1F},
    {"numbered_near", 0.75F},
    {"session_fresh", 0.1F},
    {"touched_long", -0.5F},
    {"demand_long", -0.1F},
    {"known_ago", -0.06F},
}};

// As if so much had been learned of each input, so that the first lessons do not undo day one's
// weights.
constexpr double kDayOneProduct = 100;

constexpr Eigen::Index kSize = static_cast<Eigen::Index>(kBlendInputCount);
using Vector = Eigen::Matrix<double, kSize, 1>;
using Matrix = Eigen::Matrix<double, kSize, kSize, Eigen::RowMajor>;

}  // namespace

std::string_view BlendInputName(BlendInput input) {
  return kInputs[static_cast<std::size_t>(input)].name;
}

std::optional<BlendInput> ParseBlendInput(std::string_view name) {
  for (std::size_t i = 0; i < kInputs.size(); ++i) {
    if (kInputs[i].name == name) return static_cast<BlendInput>(i);
  }
  return std::nullopt;
}

Blend::Blend() {
  for (std::size_t i = 0; i < kInputs.size(); ++i) weights_[i] = kInputs[i].day_one;
  means_ = weights_;
  Eigen::Map<Matrix>(products_.data()).diagonal().setConstant(kDayOneProduct);
}

void Blend::Learn(const BlendVector& gradient) {
  ++lessons_;
  const Vector g = Eigen::Map<const Eigen::Matrix<float, kSize, 1>>(gradient.data()).cast<double>();
  Eigen::Map<Matrix> products(products_.data());
  products += g * g.transpose();
  const Vector step = kLearningRate * products.ldlt().solve(g);
  // Lesson t of t counts in proportion to about the cube of t.
  const float share = 1 / std::min(static_cast<float>(lessons_) / 4 + 1, kLessonsOfMean);
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    weights_[i] += static_cast<float>(step[static_cast<Eigen::Index>(i)]);
    means_[i] += share * (weights_[i] - means_[i]);
  }
}

// version u8 = 3, lessons u64, count varint, then by input: name, mean f32, weight f32, and f64 the
// products with the inputs up to it
void Blend::Encode(std::string* out) const {
  ByteWriter writer(out);
  writer.Number(kVersion);
  writer.Number(lessons_);
  writer.Varint(kInputs.size());
  for (std::size_t i = 0; i < kInputs.size(); ++i) {
    writer.String(kInputs[i].name);
    writer.Number(means_[i]);
    writer.Number(weights_[i]);
    for (std::size_t j = 0; j <= i; ++j) writer.Number(products_[i * kBlendInputCount + j]);
  }
}

bool Blend::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  if (reader.Number<std::uint8_t>() != kVersion) return false;
  lessons_ = reader.Number<std::uint64_t>();
  const std::uint64_t count = reader.Count(1 + 2 * sizeof(float) + sizeof(double));
  std::vector<std::optional<BlendInput>> inputs;
  for (std::uint64_t row = 0; row < count; ++row) {
    const auto input = inputs.emplace_back(ParseBlendInput(reader.String()));
    const auto mean = reader.Number<float>();
    const auto weight = reader.Number<float>();
    if (!std::isfinite(mean) || !std::isfinite(weight)) return false;
    if (input) {
      means_[static_cast<std::size_t>(*input)] = mean;
      weights_[static_cast<std::size_t>(*input)] = weight;
    }
    for (const std::optional<BlendInput>& other : inputs) {
      const auto product = reader.Number<double>();
      if (!std::isfinite(product) || (&other == &inputs.back() && !(product > 0))) return false;
      if (input && other) SetProduct(*input, *other, product);
    }
  }
  return reader.done();
}

void Blend::SetProduct(BlendInput a, BlendInput b, double product) {
  const auto i = static_cast<std::size_t>(a);
  const auto j = static_cast<std::size_t>(b);
  products_[i * kBlendInputCount + j] = product;
  products_[j * kBlendInputCount + i] = product;
}

const Blend& Blends::Of(std::string_view campaign) const {
  static const Blend day_one;
  const auto known = blends_.find(campaign);
  return known == blends_.end() ? day_one : known->second;
}

void Blends::Learn(std::string_view campaign, const BlendVector& gradient) {
  auto known = blends_.find(campaign);
  if (known == blends_.end()) known = blends_.emplace(campaign, Blend()).first;
  known->second.Learn(gradient);
  changed_.emplace(campaign);
}

void Blends::TakeChangedRows(RowTaking* taking) {
  RowBatch* const rows = taking->rows();
  std::string value;
  for (const std::string& campaign : changed_) {
    value.clear();
    Of(campaign).Encode(&value);
    rows->Put(Table::kBlends, campaign, value);
  }
  changed_.clear();
}

Status Blends::LoadRow(std::string_view key, std::string_view value) {
  Blend blend;
  if (!blend.Decode(value)) return Corruption("blends: the row of a campaign is damaged");
  blends_.insert_or_assign(std::string(key), blend);
  return {};
}

}  // namespace freshet::core
