#include "storage/generation_manifest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <sstream>
#include <utility>

#include <boost/json.hpp>

namespace freshet::storage {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kFormat = 1;
constexpr std::size_t kMaximumDimension = 4096;
constexpr std::string_view kImplicit = "implicit";
constexpr std::string_view kExplicit = "explicit";
// Whole numbers up to here have a double of their own.
constexpr std::uint64_t kMaximumWhole = 1ULL << 53;

std::string_view View(json::string_view text) { return {text.data(), text.size()}; }

// Reads the members of one object and keeps the first error. `path` is put before a member's name:
// "objective.".
class Members {
 public:
  Members(const json::object& object, std::string path, std::optional<core::Error>* error)
      : object_(object), path_(std::move(path)), error_(error) {}

  void Fail(std::string_view name, const std::string& what) const {
    if (!*error_) *error_ = core::Corruption(path_ + std::string(name) + " " + what);
  }

  void AllowOnly(std::initializer_list<std::string_view> names) const {
    for (const auto& member : object_) {
      const std::string_view name = View(member.key());
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        Fail(name, "is not known to this version");
      }
    }
  }

  [[nodiscard]] bool Has(std::string_view name) const {
    return object_.contains({name.data(), name.size()});
  }

  [[nodiscard]] double Number(std::string_view name, std::optional<double> otherwise) const {
    const json::value* value = Find(name, !otherwise);
    if (value == nullptr) return otherwise.value_or(0);
    json::error_code ignored;
    const double number = value->is_number() ? value->to_number<double>(ignored) : NAN;
    if (!std::isfinite(number)) Fail(name, "must be a finite number");
    return number;
  }

  [[nodiscard]] std::uint64_t Whole(std::string_view name, std::uint64_t minimum,
                                    std::uint64_t maximum,
                                    std::optional<std::uint64_t> otherwise = {}) const {
    const json::value* value = Find(name, !otherwise);
    if (value == nullptr) return otherwise.value_or(0);
    json::error_code error;
    const auto number = value->is_number() ? value->to_number<std::uint64_t>(error) : 0;
    if (!value->is_number() || error || number < minimum || number > maximum) {
      Fail(name, "must be a whole number from " + std::to_string(minimum) + " to " +
                     std::to_string(maximum));
    }
    return number;
  }

  [[nodiscard]] std::string Text(std::string_view name) const {
    const json::value* value = Find(name, true);
    if (value != nullptr && value->is_string()) return std::string(View(value->get_string()));
    Fail(name, "must be a string");
    return {};
  }

  // An empty object when there is none.
  [[nodiscard]] json::object Object(std::string_view name) const {
    const json::value* value = Find(name, false);
    if (value == nullptr) return {};
    if (value->is_object()) return value->get_object();
    Fail(name, "must be an object");
    return {};
  }

  [[nodiscard]] Members Within(const json::object& object, std::string_view name) const {
    return {object, path_ + std::string(name) + ".", error_};
  }
  [[nodiscard]] const json::object& object() const { return object_; }

 private:
  [[nodiscard]] const json::value* Find(std::string_view name, bool is_required) const {
    const json::value* value = object_.if_contains({name.data(), name.size()});
    if (value == nullptr && is_required) Fail(name, "is missing");
    return value;
  }

  const json::object& object_;
  std::string path_;
  std::optional<core::Error>* error_;
};

core::Regularization ReadRegularization(const Members& objective, std::string_view name) {
  const json::object object = objective.Object(name);
  if (!objective.Has(name)) objective.Fail(name, "is missing");
  const Members members = objective.Within(object, name);
  members.AllowOnly({"lambda", "exponent", "offset"});
  core::Regularization result;
  result.lambda = members.Number("lambda", std::nullopt);
  result.exponent = members.Number("exponent", 0);
  result.offset = members.Number("offset", 0);
  if (result.lambda < 0) members.Fail("lambda", "must not be negative");
  if (result.offset < 0) members.Fail("offset", "must not be negative");
  return result;
}

core::Recency ReadRecency(const Members& objective) {
  core::Recency recency;
  const json::object object = objective.Object("recency");
  if (!objective.Has("recency")) return recency;
  const Members members = objective.Within(object, "recency");
  members.AllowOnly({"weight", "half_life_items"});
  recency.weight = members.Number("weight", std::nullopt);
  recency.half_life_items = members.Number("half_life_items", std::nullopt);
  if (recency.weight < 0) members.Fail("weight", "must not be negative");
  if (recency.half_life_items <= 0) members.Fail("half_life_items", "must be above 0");
  return recency;
}

core::Objective ReadObjective(const Members& members) {
  members.AllowOnly({"feedback", "alpha", "background_weight", "background_target", "mean",
                     "user_regularization", "item_regularization", "recency"});
  core::Objective objective;
  const std::string feedback = members.Text("feedback");
  if (feedback != kImplicit && feedback != kExplicit) {
    members.Fail("feedback", "must be \"implicit\" or \"explicit\"");
  }
  objective.feedback =
      feedback == kExplicit ? core::FeedbackKind::kExplicit : core::FeedbackKind::kImplicit;
  objective.alpha = members.Number("alpha", 1);
  objective.background_weight = members.Number("background_weight", 0);
  objective.background_target = members.Number("background_target", 0);
  objective.mean = members.Number("mean", 0);
  objective.user_regularization = ReadRegularization(members, "user_regularization");
  objective.item_regularization = ReadRegularization(members, "item_regularization");
  objective.recency = ReadRecency(members);
  if (objective.feedback == core::FeedbackKind::kExplicit && members.Has("recency")) {
    members.Fail("recency", "is of implicit feedback only");
  }
  if (objective.alpha <= 0) members.Fail("alpha", "must be above 0");
  if (objective.background_weight < 0) members.Fail("background_weight", "must not be negative");
  return objective;
}

core::Positions ReadPositions(const Members& members) {
  core::Positions positions;
  for (const auto& member : members.object()) {
    const std::string_view name = View(member.key());
    std::uint32_t partition = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), partition);
    if (error != std::errc() || end != name.data() + name.size()) {
      members.Fail(name, "is no number of a partition");
    }
    positions[partition] = members.Whole(name, 0, kMaximumWhole);
  }
  return positions;
}

core::GenerationComparison ReadComparison(const Members& members) {
  members.AllowOnly({"against", "metric", "value", "other_value", "tolerance"});
  core::GenerationComparison comparison;
  comparison.against = members.Text("against");
  comparison.metric = members.Text("metric");
  comparison.value = members.Number("value", std::nullopt);
  comparison.other_value = members.Number("other_value", std::nullopt);
  comparison.tolerance = members.Number("tolerance", 0);
  return comparison;
}

json::object WriteComparison(const core::GenerationComparison& comparison) {
  return {{"against", comparison.against},
          {"metric", comparison.metric},
          {"value", comparison.value},
          {"other_value", comparison.other_value},
          {"tolerance", comparison.tolerance}};
}

json::object WriteRegularization(const core::Regularization& regularization) {
  return {{"lambda", regularization.lambda},
          {"exponent", regularization.exponent},
          {"offset", regularization.offset}};
}

json::object WriteObjective(const core::Objective& objective) {
  const std::string_view feedback =
      objective.feedback == core::FeedbackKind::kExplicit ? kExplicit : kImplicit;
  json::object object{{"feedback", json::string_view(feedback.data(), feedback.size())},
                      {"alpha", objective.alpha},
                      {"background_weight", objective.background_weight},
                      {"background_target", objective.background_target},
                      {"mean", objective.mean},
                      {"user_regularization", WriteRegularization(objective.user_regularization)},
                      {"item_regularization", WriteRegularization(objective.item_regularization)}};
  if (objective.recency.weight > 0) {
    object["recency"] = {{"weight", objective.recency.weight},
                         {"half_life_items", objective.recency.half_life_items}};
  }
  return object;
}

// An object with a line for each of its members, and of those of its objects; numbers in the
// shortest form that reads back as the same.
void Print(const json::object& object, const std::string& indent, std::ostream* out) {
  *out << "{";
  const char* separator = "\n";
  for (const auto& member : object) {
    *out << separator << indent << "  " << json::serialize(member.key()) << ": ";
    separator = ",\n";
    if (member.value().is_object()) {
      Print(member.value().get_object(), indent + "  ", out);
    } else if (member.value().is_double()) {
      std::array<char, 32> text{};
      const auto written =
          std::to_chars(text.data(), text.data() + text.size(), member.value().get_double());
      *out << std::string_view(text.data(), written.ptr);
    } else {
      *out << member.value();
    }
  }
  *out << "\n" << indent << "}";
}

}  // namespace

core::Result<ManifestFile> ParseManifest(std::string_view text) {
  json::error_code syntax;
  const json::value value = json::parse({text.data(), text.size()}, syntax);
  if (syntax) return core::Corruption("is not JSON: " + syntax.message());
  if (!value.is_object()) return core::Corruption("is not a JSON object");
  std::optional<core::Error> error;
  const Members members(value.get_object(), "", &error);
  // First, because a newer format may mean anything by its other members.
  const std::uint64_t format = members.Whole("format", 1, kMaximumWhole);
  if (!error && format > kFormat) {
    return core::Corruption("format is " + std::to_string(format) +
                            ", this version of Freshet reads 1; use the version that wrote it");
  }
  members.AllowOnly({"format", "algorithm", "dimension", "items", "users", "created_ms",
                     "trained_through", "trained_until_ms", "interactions", "objective", "metrics",
                     "comparison"});
  ManifestFile file;
  core::GenerationManifest& manifest = file.manifest;
  manifest.algorithm = members.Text("algorithm");
  if (manifest.algorithm.empty() || manifest.algorithm.size() > 64) {
    members.Fail("algorithm", "must have 1 to 64 bytes");
  }
  constexpr auto kMaximumRows = std::numeric_limits<std::uint32_t>::max() - 1;
  file.dimension = members.Whole("dimension", 1, kMaximumDimension);
  file.items = members.Whole("items", 1, kMaximumRows);
  if (members.Has("users")) file.users = members.Whole("users", 1, kMaximumRows);
  manifest.created_ms = static_cast<std::int64_t>(members.Whole("created_ms", 0, kMaximumWhole, 0));
  manifest.interactions = members.Whole("interactions", 0, kMaximumWhole, 0);
  const json::object positions = members.Object("trained_through");
  manifest.trained_through = ReadPositions(members.Within(positions, "trained_through"));
  manifest.trained_until_ms =
      static_cast<std::int64_t>(members.Whole("trained_until_ms", 0, kMaximumWhole, 0));
  if (members.Has("objective")) {
    const json::object objective = members.Object("objective");
    manifest.objective = ReadObjective(members.Within(objective, "objective"));
  }
  if (members.Has("comparison")) {
    const json::object comparison = members.Object("comparison");
    manifest.comparison = ReadComparison(members.Within(comparison, "comparison"));
  }
  const json::object metrics = members.Object("metrics");
  for (const auto& metric : metrics) {
    const std::string_view name = View(metric.key());
    manifest.metrics.emplace(name, members.Within(metrics, "metrics").Number(name, std::nullopt));
  }
  if (error) return *error;
  return file;
}

std::string ManifestText(const core::Generation& generation) {
  const core::GenerationManifest& manifest = generation.manifest;
  json::object object{{"format", kFormat},
                      {"algorithm", manifest.algorithm},
                      {"dimension", generation.dimension()},
                      {"items", generation.items.rows()}};
  if (generation.users.rows() > 0) object["users"] = generation.users.rows();
  object["created_ms"] = manifest.created_ms;
  object["interactions"] = manifest.interactions;
  json::object positions;
  for (const auto& [partition, offset] : manifest.trained_through) {
    positions[std::to_string(partition)] = offset;
  }
  if (!positions.empty()) object["trained_through"] = std::move(positions);
  if (manifest.trained_until_ms > 0) object["trained_until_ms"] = manifest.trained_until_ms;
  if (manifest.objective) object["objective"] = WriteObjective(*manifest.objective);
  json::object metrics;
  for (const auto& [name, value] : manifest.metrics) metrics[name] = value;
  if (!metrics.empty()) object["metrics"] = std::move(metrics);
  if (manifest.comparison) object["comparison"] = WriteComparison(*manifest.comparison);
  std::ostringstream out;
  Print(object, "", &out);
  out << '\n';
  return std::move(out).str();
}

}  // namespace freshet::storage
