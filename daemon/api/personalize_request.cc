#include "daemon/api/personalize_request.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "core/column_name.h"
#include "daemon/json_document.h"

namespace freshet::daemon::api {
namespace json = boost::json;
namespace {

constexpr std::int64_t kMaximumResults = 500;
constexpr std::int64_t kMaximumResultsWithMetadata = 50;
constexpr std::size_t kMaximumMetadataColumns = 10;
constexpr std::size_t kMaximumColumnNameBytes = 150;

// How large a map<string,string> may be.
struct MapLimits {
  std::size_t entries;
  std::size_t key_bytes;
  std::size_t value_bytes;
};
constexpr MapLimits kContextLimits{150, 150, 1000};
constexpr MapLimits kFilterValuesLimits{25, 50, 1000};

std::string ToText(json::string_view text) { return {text.data(), text.size()}; }

bool IsWord(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

void CheckMap(JsonMembers* members, std::string_view name, const MapLimits& limits) {
  const json::object* map = members->Object(name);
  if (map == nullptr) return;
  if (map->size() > limits.entries) {
    members->Fail(name, "has " + std::to_string(map->size()) + " entries, the limit is " +
                            std::to_string(limits.entries));
  }
  for (const auto& [key, value] : *map) {
    if (key.size() > limits.key_bytes || !IsWord({key.data(), key.size()})) {
      members->Fail(name, "has a key that is not 1 to " + std::to_string(limits.key_bytes) +
                              " letters, digits and underscores");
      return;
    }
    const json::string* text = value.if_string();
    if (text == nullptr || text->size() > limits.value_bytes) {
      members->Fail(name, "." + ToText(key) + " must be a string of at most " +
                              std::to_string(limits.value_bytes) + " bytes");
      return;
    }
  }
}

std::vector<core::Column> ReadContext(JsonMembers* members) {
  CheckMap(members, "context", kContextLimits);
  const json::object* map = members->Object("context");
  std::vector<core::Column> columns;
  if (members->failed() || map == nullptr) return columns;
  for (const auto& [key, value] : *map) {
    columns.push_back({core::ToSchemaName({key.data(), key.size()}), ToText(value.get_string())});
  }
  return columns;
}

// No filter exists yet, so whoever names one is told so rather than answered without it.
void CheckFilter(JsonMembers* members) {
  CheckMap(members, "filterValues", kFilterValuesLimits);
  const std::string_view filter = members->Text("filterArn");
  if (members->failed() || filter.empty()) return;
  members->Fail(core::NotFound("there is no filter " + std::string(LastSegment(filter)) +
                               ": this server has no filters"));
}

bool IsPromotionName(std::string_view name) {
  const auto is_alphanumeric = [](char c) { return c != '_' && IsWord({&c, 1}); };
  return !name.empty() && is_alphanumeric(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c == '-' || IsWord({&c, 1});
         });
}

void CheckPromotions(JsonMembers* members) {
  const json::array* promotions = members->Array("promotions", 0, 1);
  if (promotions == nullptr || promotions->empty()) return;
  const json::object* object = (*promotions)[0].if_object();
  if (object == nullptr) return members->Fail("promotions", "must hold objects");
  JsonMembers promotion(*object, "promotions[0].");
  const std::string_view name = promotion.RequiredText("name", {1, 63});
  if (!promotion.failed() && !IsPromotionName(name)) {
    promotion.Fail("name", "must be letters, digits, '-' and '_', a letter or digit first");
  }
  promotion.Integer("percentPromotedItems", 1, 100);
  promotion.RequiredText("filterArn");
  CheckFilter(&promotion);
  if (promotion.failed()) members->Fail(promotion.status().error());
}

std::vector<std::string> ReadColumns(JsonMembers* members) {
  std::vector<std::string> columns;
  const json::object* types = members->Object("metadataColumns");
  if (types == nullptr || types->empty()) return columns;
  const json::value* items = types->if_contains("ITEMS");
  if (types->size() > 1 || items == nullptr || !items->is_array()) {
    members->Fail("metadataColumns", "must have the one member ITEMS, an array of column names");
    return columns;
  }
  const json::array& names = items->get_array();
  if (names.size() > kMaximumMetadataColumns) {
    members->Fail("metadataColumns.ITEMS", "has " + std::to_string(names.size()) +
                                               " columns, the limit is " +
                                               std::to_string(kMaximumMetadataColumns));
    return columns;
  }
  for (const json::value& name : names) {
    const json::string* text = name.if_string();
    if (text == nullptr || text->empty() || text->size() > kMaximumColumnNameBytes) {
      members->Fail("metadataColumns.ITEMS", "must hold column names of 1 to 150 bytes");
      return columns;
    }
    columns.push_back(core::ToSchemaName(View(*text)));
  }
  return columns;
}

const Campaigns::Entry* FindCampaign(JsonMembers* members, std::string_view member,
                                     std::string_view arn, const Campaigns& campaigns) {
  const Campaigns::Entry* campaign = campaigns.Find(arn);
  if (campaign == nullptr) {
    members->Fail(core::NotFound(std::string(member) + " names no campaign: there is no " +
                                 std::string(LastSegment(arn))));
  }
  return campaign;
}

// What the recipe needs to know about whom or what it is asked.
void CheckNeeds(JsonMembers* members, const RecommendationsRequest& request) {
  if (request.campaign == nullptr) return;
  const core::CampaignSettings& settings = request.campaign->campaign.settings();
  const std::string recipe(core::RecipeKindName(settings.recipe));
  if (settings.recipe == core::RecipeKind::kSimilarItems && request.item.empty()) {
    members->Fail("itemId",
                  "is missing, the campaign " + settings.name + " (" + recipe + ") needs it");
  }
  if (settings.recipe == core::RecipeKind::kUserPersonalization && request.user.empty()) {
    members->Fail("userId",
                  "is missing, the campaign " + settings.name + " (" + recipe + ") needs it");
  }
  if (settings.recipe == core::RecipeKind::kPersonalizedRanking) {
    members->Fail(core::InvalidArgument("the campaign " + settings.name +
                                        " ranks given items: call GetPersonalizedRanking"));
  }
}

void ReadCount(JsonMembers* members, RecommendationsRequest* request) {
  const bool with_metadata = !request->columns.empty();
  const std::int64_t maximum = with_metadata ? kMaximumResultsWithMetadata : kMaximumResults;
  const std::optional<std::int64_t> count = members->Integer("numResults", 0, maximum);
  if (count) request->count = static_cast<std::size_t>(*count);
}

void ReadInputList(JsonMembers* members, RankingRequest* request) {
  const auto maximum = static_cast<std::size_t>(
      request->columns.empty() ? kMaximumResults : kMaximumResultsWithMetadata);
  const json::array* list = members->RequiredArray("inputList", 1, maximum);
  if (list == nullptr) return;
  request->items.reserve(list->size());
  for (const json::value& item : *list) {
    const json::string* text = item.if_string();
    if (text == nullptr || text->empty() || text->size() > 256) {
      return members->Fail("inputList", "must hold itemIds, strings of 1 to 256 bytes");
    }
    request->items.emplace_back(View(*text));
  }
}

}  // namespace

core::Result<RecommendationsRequest> DecodeRecommendations(const json::object& body,
                                                           const Campaigns& campaigns) {
  JsonMembers members(body);
  RecommendationsRequest request;
  request.user = members.Text("userId");
  request.item = members.Text("itemId");
  request.columns = ReadColumns(&members);
  ReadCount(&members, &request);
  request.context = ReadContext(&members);
  const std::string_view campaign = members.Text("campaignArn");
  const std::string_view recommender = members.Text("recommenderArn");
  if (campaign.empty() == recommender.empty()) {
    members.Fail(core::InvalidArgument(
        campaign.empty() ? "campaignArn and recommenderArn are both missing, one is required"
                         : "campaignArn and recommenderArn exclude each other"));
  } else {
    const bool by_campaign = !campaign.empty();
    request.campaign = FindCampaign(&members, by_campaign ? "campaignArn" : "recommenderArn",
                                    by_campaign ? campaign : recommender, campaigns);
    CheckNeeds(&members, request);
  }
  CheckFilter(&members);
  CheckPromotions(&members);
  FRESHET_RETURN_IF_ERROR(members.status());
  return request;
}

core::Result<RankingRequest> DecodeRanking(const json::object& body, const Campaigns& campaigns) {
  JsonMembers members(body);
  RankingRequest request;
  request.user = members.RequiredText("userId");
  request.columns = ReadColumns(&members);
  ReadInputList(&members, &request);
  CheckMap(&members, "context", kContextLimits);
  const std::string_view arn = members.RequiredText("campaignArn");
  FRESHET_RETURN_IF_ERROR(members.status());
  request.campaign = FindCampaign(&members, "campaignArn", arn, campaigns);
  if (request.campaign != nullptr &&
      request.campaign->campaign.settings().recipe != core::RecipeKind::kPersonalizedRanking) {
    members.Fail(core::InvalidArgument("the campaign " +
                                       request.campaign->campaign.settings().name +
                                       " is not of the recipe personalized-ranking"));
  }
  CheckFilter(&members);
  FRESHET_RETURN_IF_ERROR(members.status());
  return request;
}

}  // namespace freshet::daemon::api
