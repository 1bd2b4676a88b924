// The bodies of Personalize's queries, decoded with every limit of its model.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "core/log_entry.h"
#include "core/result.h"
#include "daemon/api/campaigns.h"

namespace freshet::daemon::api {

// GetRecommendations. Views point into the JSON document.
struct RecommendationsRequest {
  const Campaigns::Entry* campaign = nullptr;
  std::string_view user;
  std::string_view item;
  std::size_t count = 25;
  std::vector<core::Column> context;
  std::vector<std::string> columns;  // schema names of the metadata asked for
};

// GetPersonalizedRanking.
struct RankingRequest {
  const Campaigns::Entry* campaign = nullptr;
  std::string_view user;
  std::vector<std::string> items;
  std::vector<std::string> columns;
};

// Errors: kInvalidArgument names the member and its limit; kNotFound names the campaign or filter
// that there is not.
core::Result<RecommendationsRequest> DecodeRecommendations(const boost::json::object& body,
                                                           const Campaigns& campaigns);
core::Result<RankingRequest> DecodeRanking(const boost::json::object& body,
                                           const Campaigns& campaigns);

}  // namespace freshet::daemon::api
