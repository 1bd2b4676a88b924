#include "daemon/api/v1_recommend.h"

#include <utility>

#include "core/recipes/recommend.h"
#include "core/validate.h"
#include "daemon/api/answer_json.h"
#include "daemon/api/deferred.h"
#include "daemon/api/errors.h"
#include "daemon/api/query_timer.h"

namespace freshet::daemon::api {
namespace {

constexpr std::uint32_t kDefaultResults = 20;
constexpr std::uint32_t kMaximumResults = 500;

}  // namespace

void V1Recommend::Recommendations(http::Exchange& exchange) {
  AnswerQuery(context_, &exchange, Face::kOwn,
              [this](const http::Request& request, http::Response* response) {
                Answer(ReadRecommendations(request), response);
              });
}

void V1Recommend::SimilarItems(http::Exchange& exchange, std::string_view raw_item) {
  AnswerQuery(
      context_, &exchange, Face::kOwn,
      [this, item = std::string(raw_item)](const http::Request& request, http::Response* response) {
        Answer(ReadSimilar(request, item), response);
      });
}

void V1Recommend::Trending(http::Exchange& exchange) {
  AnswerQuery(context_, &exchange, Face::kOwn,
              [this](const http::Request& request, http::Response* response) {
                Answer(ReadList(request, core::RecipeKind::kTrendingNow), response);
              });
}

void V1Recommend::Popular(http::Exchange& exchange) {
  AnswerQuery(context_, &exchange, Face::kOwn,
              [this](const http::Request& request, http::Response* response) {
                Answer(ReadList(request, core::RecipeKind::kPopularityCount), response);
              });
}

void V1Recommend::TakeCommon(http::QueryParameters* parameters, Asked* asked) const {
  asked->count = parameters->TakeCount("n", kDefaultResults, kMaximumResults);
  asked->category = parameters->TakeId("category");
  asked->explain = parameters->TakeFlag("explain");
}

core::Status V1Recommend::TakeCampaign(http::QueryParameters* parameters,
                                       core::RecipeKind otherwise, Asked* asked) const {
  const std::string name = parameters->TakeId("campaign");
  asked->campaign = name.empty() ? &context_->process.campaigns.Default(otherwise)
                                 : context_->process.campaigns.Find(name);
  if (asked->campaign == nullptr) return core::NotFound("there is no campaign " + name);
  return {};
}

core::Result<V1Recommend::Asked> V1Recommend::ReadRecommendations(
    const http::Request& request) const {
  http::QueryParameters parameters(request.query());
  Asked asked;
  TakeCommon(&parameters, &asked);
  asked.user = parameters.TakeId("user");
  asked.session = parameters.TakeId("session");
  asked.item = parameters.TakeId("item");
  core::Status campaign = TakeCampaign(&parameters, core::RecipeKind::kUserPersonalization, &asked);
  FRESHET_RETURN_IF_ERROR(parameters.Check());
  FRESHET_RETURN_IF_ERROR(std::move(campaign));
  const core::CampaignSettings& settings = asked.campaign->campaign.settings();
  if (settings.recipe == core::RecipeKind::kSimilarItems && asked.item.empty()) {
    return core::InvalidArgument("the campaign " + settings.name +
                                 " (similar-items) needs the parameter item");
  }
  if (settings.recipe == core::RecipeKind::kPersonalizedRanking) {
    return core::InvalidArgument("the campaign " + settings.name +
                                 " ranks given items: POST /personalize-ranking");
  }
  return asked;
}

core::Result<V1Recommend::Asked> V1Recommend::ReadSimilar(const http::Request& request,
                                                          std::string_view raw_item) const {
  core::Result<std::string> item = http::PercentDecode(raw_item);
  if (!item) return item.error();
  FRESHET_RETURN_IF_ERROR(core::ValidateId("the item id", *item));
  http::QueryParameters parameters(request.query());
  Asked asked;
  TakeCommon(&parameters, &asked);
  asked.item = std::move(*item);
  core::Status campaign = TakeCampaign(&parameters, core::RecipeKind::kSimilarItems, &asked);
  FRESHET_RETURN_IF_ERROR(parameters.Check());
  FRESHET_RETURN_IF_ERROR(std::move(campaign));
  const core::CampaignSettings& settings = asked.campaign->campaign.settings();
  if (settings.recipe != core::RecipeKind::kSimilarItems) {
    return core::InvalidArgument("the campaign " + settings.name +
                                 " is not of the recipe similar-items");
  }
  return asked;
}

core::Result<V1Recommend::Asked> V1Recommend::ReadList(const http::Request& request,
                                                       core::RecipeKind recipe) const {
  http::QueryParameters parameters(request.query());
  Asked asked;
  TakeCommon(&parameters, &asked);
  asked.campaign = &context_->process.campaigns.Default(recipe);
  FRESHET_RETURN_IF_ERROR(parameters.Check());
  return asked;
}

void V1Recommend::Answer(const core::Result<Asked>& asked, http::Response* response) {
  if (!asked) return WriteError(Face::kOwn, asked.error(), response);
  const QueryTimer timer(&context_->metrics, asked->campaign->index);
  const Generations::Served factors = context_->FactorsFor(*asked->campaign);
  const core::Query query{.visitor = {.user = asked->user, .session = asked->session},
                          .item = asked->item,
                          .category = asked->category,
                          .count = asked->count,
                          .factors = factors.get()};
  const std::string_view id = context_->ids.RecommendationId();
  JsonWriter json(&response->body);
  json.BeginObject();
  json.Field("recommendationId", id);
  json.Key("items");
  context_->query.Read([&](const core::State& state, core::QueryScratch* scratch) {
    core::Recommend(state, asked->campaign->campaign.recipe(), query, scratch);
    WriteOwnItems(state, scratch->answer, asked->explain, &json);
    context_->process.explored.Remember(id, state, scratch->answer);
    if (asked->explain) WriteWeights(state, asked->campaign->campaign.settings(), &json);
  });
  if (asked->explain && factors != nullptr) json.Field("generation", factors->name());
  json.EndObject();
}

}  // namespace freshet::daemon::api
