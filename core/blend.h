// Blend: the weights by which user-personalization mixes what speaks for a candidate. They are
// learned from the stream, one small step for each choice of a visitor that is looked at.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/row_taking.h"
#include "core/rows.h"

namespace freshet::core {

// What a weight belongs to; recipes/blend_inputs.h says how each is computed. Names in
// BlendInputName: they are on disk, in settings and in metrics.
enum class BlendInput : std::uint8_t {
  kSession,             // sessions like this one, what lies near the item in common
  kSessionAny,          // the same, wherever it lies
  kSuccession,          // follows the item the visitor is at
  kSuccessionRecent,    // follows the items touched lately
  kCooccurrence,        // goes with the items touched lately
  kCooccurrenceNewest,  // goes with the item the visitor is at
  kSessionRoot,         // three of these again, in another shape
  kSuccessionRoot,
  kCooccurrenceRoot,
  kDemand,           // decayed demand
  kUsers,            // distinct users
  kIdle,             // nobody wanted it lately
  kCurrent,          // it is the item the visitor is at
  kPrevious,         // it is the one before that
  kTouched,          // it was touched in this session
  kTouchedAgain,     // how often
  kKnown,            // the user touched it in an earlier session
  kTouchedSession,   // kSession of an item touched in this session
  kFirstSession,     // kSession while the session has one item
  kFirstSuccession,  // kSuccession while the session has one item
  kContent,          // its metadata are like those of the items touched lately
  kColdContent,      // the same of an item that few have touched
  kOwnSession,       // lies near the items touched lately in the user's earlier sessions
  kNumberedNear,     // its id is numbered near those of the items touched lately
  kSessionFresh,     // kSession, but newer sessions say more
  kTouchedLong,      // kTouched, the more the more items the session has
  kDemandLong,       // kDemand, likewise
  kKnownAgo,         // how long ago the user touched it, in items
};
inline constexpr std::size_t kBlendInputCount = 28;
std::string_view BlendInputName(BlendInput input);  // "session", "session_any", ...
std::optional<BlendInput> ParseBlendInput(std::string_view name);

using BlendVector = std::array<float, kBlendInputCount>;  // by BlendInput

// A plain value.
class Blend {
 public:
  // Weights that do well on shops and media before anything was learned.
  Blend();

  // What answers are mixed by: the mean of the weights after each lesson, of the later ones more
  // than of the first (Shamir, Zhang: "Stochastic Gradient Descent for Non-smooth Optimization",
  // ICML 2013). A single step follows its visitor too far.
  [[nodiscard]] const BlendVector& weights() const { return means_; }
  // The weights after the last lesson, for which the next one's gradient is computed.
  [[nodiscard]] const BlendVector& last_weights() const { return weights_; }
  [[nodiscard]] std::uint64_t lessons() const { return lessons_; }

  // One step up `gradient` g, that of the log-likelihood of what was chosen under last_weights(),
  // by the online Newton step (Hazan, Agarwal, Kale: "Logarithmic Regret Algorithms for Online
  // Convex Optimization", Machine Learning 69, 2007):
  //
  //   A += g g'      weights += rate * A^-1 g
  //
  // Many inputs say nearly the same; A knows which, as a rate for each of them would not.
  void Learn(const BlendVector& gradient);

  void Encode(std::string* out) const;
  // False when the bytes are no blend. Inputs that the bytes do not name keep what they have, names
  // unknown here are passed over: a release may add inputs and drop them.
  bool Decode(std::string_view bytes);

 private:
  void SetProduct(BlendInput a, BlendInput b, double product);

  BlendVector means_;
  BlendVector weights_;
  // Row by row: A, the sum of the products of all gradients so far.
  std::array<double, kBlendInputCount * kBlendInputCount> products_{};
  std::uint64_t lessons_ = 0;
};

// The blend of each campaign that learns. Owned by State; single-threaded.
class Blends {
 public:
  // The day-one blend when the campaign has learned nothing.
  [[nodiscard]] const Blend& Of(std::string_view campaign) const;
  [[nodiscard]] const std::map<std::string, Blend, std::less<>>& all() const { return blends_; }

  void Learn(std::string_view campaign, const BlendVector& gradient);

  void TakeChangedRows(RowTaking* taking);
  Status LoadRow(std::string_view key, std::string_view value);

 private:
  std::map<std::string, Blend, std::less<>> blends_;  // by campaign
  std::set<std::string, std::less<>> changed_;
};

}  // namespace freshet::core
