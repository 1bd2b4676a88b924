#include "daemon/api/personalize.h"

#include <utility>
#include <vector>

#include "core/recipes/recommend.h"
#include "daemon/api/answer_json.h"
#include "daemon/api/deferred.h"
#include "daemon/api/errors.h"
#include "daemon/api/personalize_request.h"
#include "daemon/api/query_timer.h"
#include "daemon/json_document.h"
#include "daemon/put_json.h"

namespace freshet::daemon::api {
namespace {

using Decoded = core::Result<std::vector<core::LogEntry>>;

// Success is an empty body.
void Put(ThreadContext* context, http::Exchange& exchange, Decoded entries) {
  if (!entries) return WriteError(Face::kPersonalize, entries.error(), &exchange.response());
  SubmitAndAnswer(context, &exchange, Face::kPersonalize, std::move(*entries));
}

}  // namespace

void Personalize::PutEvents(http::Exchange& exchange) {
  Put(context_, exchange, DecodePutEvents(exchange.request().body));
}

void Personalize::PutItems(http::Exchange& exchange) {
  Put(context_, exchange, DecodePutItems(exchange.request().body));
}

void Personalize::PutUsers(http::Exchange& exchange) {
  Put(context_, exchange, DecodePutUsers(exchange.request().body));
}

void Personalize::GetRecommendations(http::Exchange& exchange) {
  AnswerQuery(context_, &exchange, Face::kPersonalize,
              [this](const http::Request& request, http::Response* response) {
                AnswerRecommendations(request, response);
              });
}

void Personalize::GetPersonalizedRanking(http::Exchange& exchange) {
  AnswerQuery(context_, &exchange, Face::kPersonalize,
              [this](const http::Request& request, http::Response* response) {
                AnswerRanking(request, response);
              });
}

void Personalize::RefuseActions(http::Exchange& exchange) {
  WriteError(Face::kPersonalize, kInvalidInput,
             "actions are not supported: this server has no next-best-action recipe",
             &exchange.response());
}

void Personalize::AnswerRecommendations(const http::Request& request, http::Response* response) {
  JsonArena arena;
  const core::Result<boost::json::object> body = arena.ParseBody(request.body);
  if (!body) return WriteError(Face::kPersonalize, body.error(), response);
  const core::Result<RecommendationsRequest> wanted =
      DecodeRecommendations(*body, context_->process.campaigns);
  if (!wanted) return WriteError(Face::kPersonalize, wanted.error(), response);

  const QueryTimer timer(&context_->metrics, wanted->campaign->index);
  // Personalize's users pass the sessionId of an anonymous visitor as userId; State looks for both.
  const Generations::Served factors = context_->FactorsFor(*wanted->campaign);
  const core::Query query{.visitor = {.user = wanted->user, .session = {}},
                          .item = wanted->item,
                          .context = wanted->context,
                          .count = wanted->count,
                          .factors = factors.get()};
  const std::string_view id = context_->ids.RecommendationId();
  JsonWriter json(&response->body);
  json.BeginObject();
  json.Key("itemList");
  context_->query.Read([&](const core::State& state, core::QueryScratch* scratch) {
    core::Recommend(state, wanted->campaign->campaign.recipe(), query, scratch);
    WritePersonalizeItems(state, scratch->answer, wanted->columns, &json);
    context_->process.explored.Remember(id, state, scratch->answer);
  });
  json.Field("recommendationId", id);
  json.EndObject();
}

void Personalize::AnswerRanking(const http::Request& request, http::Response* response) {
  JsonArena arena;
  const core::Result<boost::json::object> body = arena.ParseBody(request.body);
  if (!body) return WriteError(Face::kPersonalize, body.error(), response);
  const core::Result<RankingRequest> wanted = DecodeRanking(*body, context_->process.campaigns);
  if (!wanted) return WriteError(Face::kPersonalize, wanted.error(), response);

  const QueryTimer timer(&context_->metrics, wanted->campaign->index);
  const Generations::Served factors = context_->FactorsFor(*wanted->campaign);
  const core::Query query{.visitor = {.user = wanted->user, .session = {}},
                          .rank = wanted->items,
                          .factors = factors.get()};
  JsonWriter json(&response->body);
  json.BeginObject();
  json.Key("personalizedRanking");
  context_->query.Read([&](const core::State& state, core::QueryScratch* scratch) {
    core::Rank(state, wanted->campaign->campaign.recipe(), query, scratch);
    WritePersonalizeItems(state, scratch->answer, wanted->columns, &json);
  });
  json.Field("recommendationId", context_->ids.RecommendationId());
  json.EndObject();
}

}  // namespace freshet::daemon::api
