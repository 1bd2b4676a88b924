// The items of an answer as JSON, in Personalize's form and in our own. Written inside the gate,
// straight from state.
#pragma once

#include <span>
#include <string>

#include "core/recipes/recommend.h"
#include "core/state.h"
#include "daemon/json_writer.h"

namespace freshet::daemon::api {

// [{"itemId","score","metadata":{...},"reason":[...]}]: members that do not apply are left out.
// `columns` are the schema names of the metadata asked for.
void WritePersonalizeItems(const core::State& state, std::span<const core::AnswerItem> items,
                           std::span<const std::string> columns, JsonWriter* json);

// [{"itemId","score","reason"}], with `explain` also {"features":{...},"because":"item"}.
void WriteOwnItems(const core::State& state, std::span<const core::AnswerItem> items, bool explain,
                   JsonWriter* json);

// "weights":{"session":0.4,...}: by which a campaign of user-personalization mixed the answer.
// Nothing for other recipes.
void WriteWeights(const core::State& state, const core::CampaignSettings& campaign,
                  JsonWriter* json);

}  // namespace freshet::daemon::api
