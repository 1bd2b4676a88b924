#include "daemon/api/answer_json.h"

#include <algorithm>

#include "core/column_name.h"
#include "core/column_text.h"

namespace freshet::daemon::api {
namespace {

std::string_view NameOf(const core::State& state, const core::AnswerItem& item) {
  return item.item.valid() ? state.catalog().Name(item.item) : item.unknown;
}

// Names lie anywhere in memory: all are asked for before the first is written.
void PrefetchNames(const core::State& state, std::span<const core::AnswerItem> items) {
  for (const core::AnswerItem& item : items) state.catalog().Prefetch(item.item);
}

void WriteMetadata(std::span<const core::Column> columns, std::span<const std::string> wanted,
                   JsonWriter* json) {
  bool any = false;
  for (const std::string& name : wanted) {
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [&](const core::Column& one) { return one.name == name; });
    if (column == columns.end()) continue;
    if (!any) {
      json->Key("metadata");
      json->BeginObject();
      any = true;
    }
    json->Key(core::ToJsonName(name));
    // Personalize's metadata values are strings, whatever the column's type.
    json->String(core::TextOf(column->value));
  }
  if (any) json->EndObject();
}

void WriteExplanation(const core::State& state, const core::AnswerItem& item, JsonWriter* json) {
  json->Key("features");
  json->BeginObject();
  for (std::size_t i = 0; i < core::kFeatureCount; ++i) {
    if (item.features[i] == 0) continue;
    json->Key(core::FeatureName(static_cast<core::Feature>(i)));
    json->Score(static_cast<double>(item.features[i]));
  }
  json->EndObject();
  if (item.because.valid() && state.catalog().IsLive(item.because)) {
    json->Field("because", state.catalog().Name(item.because));
  }
}

}  // namespace

void WritePersonalizeItems(const core::State& state, std::span<const core::AnswerItem> items,
                           std::span<const std::string> columns, JsonWriter* json) {
  PrefetchNames(state, items);
  json->BeginArray();
  for (const core::AnswerItem& item : items) {
    json->BeginObject();
    json->Field("itemId", NameOf(state, item));
    if (item.has_score) {
      json->Key("score");
      json->Score(item.score);
    }
    if (!columns.empty() && item.item.valid()) {
      WriteMetadata(state.catalog().Columns(item.item), columns, json);
    }
    if (item.reason != core::Reason::kNone) {
      json->Key("reason");
      json->BeginArray();
      json->String(core::ReasonText(item.reason));
      json->EndArray();
    }
    json->EndObject();
  }
  json->EndArray();
}

void WriteOwnItems(const core::State& state, std::span<const core::AnswerItem> items, bool explain,
                   JsonWriter* json) {
  PrefetchNames(state, items);
  json->BeginArray();
  for (const core::AnswerItem& item : items) {
    json->BeginObject();
    json->Field("itemId", NameOf(state, item));
    if (item.score > 0) {
      json->Key("score");
      json->Score(item.score);
    }
    if (item.reason != core::Reason::kNone) json->Field("reason", core::ReasonText(item.reason));
    if (explain) WriteExplanation(state, item, json);
    json->EndObject();
  }
  json->EndArray();
}

void WriteWeights(const core::State& state, const core::CampaignSettings& campaign,
                  JsonWriter* json) {
  if (campaign.recipe != core::RecipeKind::kUserPersonalization) return;
  const core::BlendVector& weights =
      campaign.weights ? *campaign.weights : state.blends().Of(campaign.name).weights();
  json->Key("weights");
  json->BeginObject();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    json->Key(core::BlendInputName(static_cast<core::BlendInput>(i)));
    json->Score(static_cast<double>(weights[i]));
  }
  json->EndObject();
}

}  // namespace freshet::daemon::api
