// The keys within one [[pair_table]] and one [[campaign]].
#include <array>
#include <charconv>
#include <cmath>

#include "config/schema.h"
#include "config/text_checks.h"

namespace freshet::config {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 24 * 60 * kMinuteMs;
constexpr std::int64_t kBillion = 1'000'000'000;
constexpr float kMaximumWeight = 100;

// "session=0.8"
std::optional<std::pair<core::BlendInput, float>> ParseWeight(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  const auto input = core::ParseBlendInput(text.substr(0, equals));
  const std::string_view number = text.substr(equals + 1);
  float weight = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), weight);
  const bool good = error == std::errc() && end == number.data() + number.size() &&
                    std::abs(weight) <= kMaximumWeight;
  if (!input || !good) return std::nullopt;
  return std::make_pair(*input, weight);
}

std::optional<std::string> CheckWeight(std::string_view text) {
  if (ParseWeight(text)) return std::nullopt;
  return "is not INPUT=WEIGHT with an input of a blend and a weight of -100..100";
}

std::string WeightText(core::BlendInput input, float weight) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), weight).ptr;
  return std::string(core::BlendInputName(input)) + "=" + std::string(digits.begin(), end);
}

Key<core::CampaignSettings> WeightsKey() {
  using C = core::CampaignSettings;
  // Reads and writes the weights as if they were a list of texts.
  struct Listed {
    TextList texts;
  };
  const Key<Listed> list = TextListKey<Listed>(
      {"weights",
       "user-personalization: the weights of its blend, which then learns no more; inputs not "
       "listed weigh 0. None listed: the blend is learned."},
      "INPUT=WEIGHT, such as session=0.8", CheckWeight, &Listed::texts);
  Key<C> key{list.name, list.kind, list.allowed, list.help, nullptr, nullptr};
  key.read = [=](const C& campaign) -> Value {
    TextList texts;
    for (std::size_t i = 0; campaign.weights && i < core::kBlendInputCount; ++i) {
      const float weight = (*campaign.weights)[i];
      if (weight != 0) texts.push_back(WeightText(static_cast<core::BlendInput>(i), weight));
    }
    return texts;
  };
  key.write = [=](const Value& value, C* campaign) -> std::optional<std::string> {
    Listed parsed;
    if (auto refused = list.write(value, &parsed)) return refused;
    campaign->weights.reset();
    for (const std::string& text : parsed.texts) {
      if (!campaign->weights) campaign->weights.emplace().fill(0);
      const auto [input, weight] = *ParseWeight(text);
      (*campaign->weights)[static_cast<std::size_t>(input)] = weight;
    }
    return std::nullopt;
  };
  return key;
}

}  // namespace

const std::vector<Key<core::PairTableSettings>>& PairTableKeys() {
  using T = core::PairTableSettings;
  static const std::vector<std::pair<std::string, core::BasketScope>> scopes = {
      {"user", core::BasketScope::kUser}, {"session", core::BasketScope::kSession}};
  static const std::vector<Key<T>> keys = {
      TextKey<T>({"name", "What campaigns call the table."}, std::string(kNameRule), CheckName,
                 &T::name),
      TextListKey<T>({"event_types", "The events that count; none listed: all."},
                     "event types of " + BytesText(kMaximumEventTypeBytes),
                     LengthCheck(kMaximumEventTypeBytes), &T::event_types),
      ChoiceKey<T>({"scope", "Whose events lie in one basket together."}, scopes, &T::scope),
      WholeKey<T>({"window_minutes", "A pause longer than this ends a basket; 0: none does."},
                  {0, 5'256'000, kMinuteMs}, &T::window_ms),
      WholeKey<T>({"maximum_neighbours", "Neighbours counted of one item; the weakest gives way."},
                  {1, 10'000}, &T::maximum_neighbours),
      WholeKey<T>(
          {"maximum_basket_items", "Items in a basket; the one touched longest ago leaves."},
          {2, 10'000}, &T::maximum_basket_items),
  };
  return keys;
}

const std::vector<Key<core::CampaignSettings>>& CampaignKeys() {
  using C = core::CampaignSettings;
  using core::Measure;
  using core::RecipeKind;
  std::vector<std::pair<std::string, RecipeKind>> recipes;
  for (const RecipeKind kind :
       {RecipeKind::kSimilarItems, RecipeKind::kUserPersonalization,
        RecipeKind::kPersonalizedRanking, RecipeKind::kPopularityCount, RecipeKind::kTrendingNow,
        RecipeKind::kSession, RecipeKind::kFactors}) {
    recipes.emplace_back(core::RecipeKindName(kind), kind);
  }
  std::vector<std::pair<std::string, Measure>> measures;
  for (const Measure measure : {Measure::kJaccard, Measure::kCosine, Measure::kLogLikelihood,
                                Measure::kLift, Measure::kConfidence, Measure::kFactors}) {
    measures.emplace_back(core::MeasureName(measure), measure);
  }
  std::vector<std::pair<std::string, core::LeaveOut>> leave_out;
  for (const auto each : {core::LeaveOut::kNone, core::LeaveOut::kCurrent, core::LeaveOut::kSeen}) {
    leave_out.emplace_back(core::LeaveOutName(each), each);
  }
  static const std::vector<Key<C>> keys = {
      TextKey<C>({"name", "What clients ask for; the last segment of a campaign's ARN."},
                 std::string(kNameRule), CheckName, &C::name),
      ChoiceKey<C>({"recipe", "How to recommend."}, recipes, &C::recipe),
      TextKey<C>({"pair_table", "The table whose pairs count, for recipes that use co-occurrence."},
                 "the name of a pair_table", CheckName, &C::pair_table),
      ChoiceKey<C>({"measure",
                    "How strongly a pair belongs together, from its counts; similar-items: or "
                    "factors, the cosine of two items in the generation that is served."},
                   measures, &C::measure),
      WholeKey<C>({"minimum_count", "Pairs seen less often do not count."}, {1, kBillion},
                  &C::minimum_count),
      DecimalKey<C>({"popularity_discount",
                     "An item's score is divided by its count to this power; 0: no discount."},
                    {0, 1}, &C::popularity_discount),
      WholeKey<C>({"recent_items", "The user's latest items that speak for others."}, {1, 1000},
                  &C::recent_items),
      ChoiceKey<C>(
          {"leave_out",
           "session, user-personalization, factors: which items that the visitor touched are "
           "not recommended: none, the current one, or all seen."},
          leave_out, &C::leave_out),
      WholeKey<C>({"sample",
                   "session, user-personalization: newest sessions with an item in common that are "
                   "compared."},
                  {1, 100'000}, &C::sample),
      WholeKey<C>({"neighbours", "The most similar of them, which speak."}, {1, 10'000},
                  &C::neighbours),
      WeightsKey(),
      DecimalKey<C>(
          {"content_weight",
           "similar-items: how much likeness by metadata counts beside co-occurrence, for "
           "an item that few have touched; 0: not at all."},
          {0, 1}, &C::content_weight),
      DecimalKey<C>({"factors_weight",
                     "user-personalization, personalized-ranking: how much the factors of the "
                     "generation that is served count, where there is one; 0: not at all."},
                    {0, 10}, &C::factors_weight),
      DecimalKey<C>({"exploration_weight",
                     "user-personalization: the share of an answer's places that goes to new items "
                     "that few have touched; 0: none."},
                    {0, 1}, &C::exploration_weight),
      WholeKey<C>({"exploration_item_age_cut_off_days",
                   "user-personalization: how old such an item may be."},
                  {1, 36'500, kDayMs}, &C::exploration_item_age_cut_off_ms),
  };
  return keys;
}

}  // namespace freshet::config
