// Next item: how a campaign's answer just before an event would have met the item that came.
#pragma once

#include <cstddef>
#include <optional>

#include "core/log_entry.h"
#include "core/recipes/campaign.h"
#include "core/recipes/recommend.h"
#include "core/state.h"

namespace freshet::core {

// Where the item stood among those recommended, 0 for the first; nothing when it was not there.
using Place = std::optional<std::size_t>;

// Asks `campaign` for `count` items just before `event` is applied, as a client would: by VisitorOf
// alone. The item that the event's session is at is left out; scratch->answer is then what was
// recommended. Nothing when the event is no question: it is the first of its session, or repeats
// the item the session is at, or is older than what the session has, or the campaign ranks lists.
// `factors` is the generation that is served, or null.
std::optional<Place> AskForNextItem(const State& state, const Campaign& campaign,
                                    const Event& event, const ServedFactors* factors,
                                    std::size_t count, QueryScratch* scratch);

}  // namespace freshet::core
