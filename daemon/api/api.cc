#include "daemon/api/api.h"

#include <chrono>
#include <string_view>

#include <spdlog/spdlog.h>

#include "daemon/api/bulk_events.h"
#include "daemon/api/errors.h"
#include "daemon/http/target.h"

namespace freshet::daemon::api {
namespace {

std::string QuotePath(const http::Request& request) {
  constexpr std::size_t kShown = 200;
  return std::string(request.path().substr(0, kShown));
}

bool IsRead(http::Method method) {
  return method == http::Method::get || method == http::Method::head ||
         method == http::Method::options;
}

// Where AWS SDKs send the operations of Personalize's control plane.
bool IsControlPlane(const http::Request& request) {
  return request.method == http::Method::post && request.path() == "/";
}

}  // namespace

Api::Api(ProcessContext* process, std::size_t thread)
    : context_(process, thread),
      guard_(process->settings.server),
      personalize_(&context_),
      recommend_(&context_),
      records_(&context_),
      operations_(&context_) {}

void Api::Handle(http::Exchange& exchange) {
  const RouteMatch match = MatchRoute(exchange.request().path());
  Begin(match.route, &exchange.response());
  if (Admit(match.route, exchange)) Dispatch(match, exchange);
}

void Api::Begin(Route route, http::Response* response) {
  response->mark = static_cast<int>(route);
  if (InfoOf(route).face == Face::kPersonalize) {
    response->AddHeader("x-amzn-RequestId", context_.ids.Uuid());
  }
}

bool Api::Admit(Route route, http::Exchange& exchange) {
  const Face face = InfoOf(route).face;
  if (!AdmitSite(face, exchange) || !AdmitRoute(route, exchange)) return false;
  if (!InfoOf(route).while_loading && !context_.process.serving.load(std::memory_order_acquire)) {
    WriteError(face, kUnavailable, "loading: see /readyz", &exchange.response());
    return false;
  }
  return AdmitBody(route, exchange);
}

bool Api::AdmitSite(Face face, http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  if (!guard_.AnswersFor(request)) {
    WriteError(face, kWrongHost,
               "this server does not answer for the host \"" + std::string(request.host()) +
                   "\": list it in server.allowed_hosts if clients reach it by that name",
               &exchange.response());
    return false;
  }
  if (!IsRead(request.method) && SiteGuard::IsCrossSite(request)) {
    WriteError(face, kForbidden,
               "a browser sent this for a web page of another site (see Origin and "
               "Sec-Fetch-Site): only pages of this server's own origin may change anything",
               &exchange.response());
    return false;
  }
  return true;
}

bool Api::AdmitRoute(Route route, http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  http::Response& response = exchange.response();
  if (request.method == http::Method::options && request.target() == "*") {
    response.AddHeader("Allow", "GET, HEAD, POST, PUT, DELETE, OPTIONS");
    return false;
  }
  if (IsControlPlane(request)) {
    response.AddHeader("x-amzn-RequestId", context_.ids.Uuid());
    WriteError(Face::kPersonalize, kUnknownOperation,
               "this server has no control plane: it serves PutEvents, PutItems, PutUsers, "
               "GetRecommendations and GetPersonalizedRanking; campaigns are set in its "
               "configuration",
               &response);
    return false;
  }
  const Face face = InfoOf(route).face;
  if (route == Route::kUnknown) {
    WriteError(face, kNotFound, "there is nothing at " + QuotePath(request) + ", see /openapi.json",
               &response);
    return false;
  }
  if (Takes(route, request.method)) return true;
  response.AddHeader("Allow", AllowHeader(route));
  WriteError(face, kMethodNotAllowed,
             QuotePath(request) + " takes " + std::string(AllowHeader(route)), &response);
  return false;
}

bool Api::AdmitBody(Route route, http::Exchange& exchange) {
  const http::Request& request = exchange.request();
  const Face face = InfoOf(route).face;
  const std::string_view encoding = request.Header("Content-Encoding");
  if (!encoding.empty() && !http::EqualsIgnoringCase(encoding, "identity")) {
    WriteError(face, kInvalidInput,
               "Content-Encoding is not supported: send the body as it is, uncompressed",
               &exchange.response());
    return false;
  }
  // Only queries have parameters; each of them checks its own.
  const bool has_parameters = Takes(route, http::Method::get) && IsRead(request.method);
  if (has_parameters || request.query().empty()) return true;
  const core::Status unknown = http::QueryParameters(request.query()).Check();
  if (!unknown.ok()) WriteError(face, unknown.error(), &exchange.response());
  return unknown.ok();
}

void Api::Dispatch(const RouteMatch& match, http::Exchange& exchange) {
  switch (match.route) {
    case Route::kPutEvents:
      return personalize_.PutEvents(exchange);
    case Route::kPutItems:
      return personalize_.PutItems(exchange);
    case Route::kPutUsers:
      return personalize_.PutUsers(exchange);
    case Route::kGetRecommendations:
      return personalize_.GetRecommendations(exchange);
    case Route::kGetPersonalizedRanking:
      return personalize_.GetPersonalizedRanking(exchange);
    case Route::kPutActions:
    case Route::kPutActionInteractions:
    case Route::kGetActionRecommendations:
      return personalize_.RefuseActions(exchange);
    case Route::kRecommendations:
      return recommend_.Recommendations(exchange);
    case Route::kSimilarItems:
      return recommend_.SimilarItems(exchange, match.id);
    case Route::kTrending:
      return recommend_.Trending(exchange);
    case Route::kPopular:
      return recommend_.Popular(exchange);
    case Route::kEvents:
      return BulkEvents::Handle(&context_, exchange);
    case Route::kItem:
      return records_.Item(exchange, match.id);
    case Route::kUser:
      return records_.User(exchange, match.id);
    case Route::kUserOfSession:
      return records_.UserOfSession(exchange);
    case Route::kCampaigns:
      return operations_.Campaigns(exchange);
    case Route::kGenerations:
      return operations_.Generations(exchange);
    case Route::kStatus:
      return operations_.Status(exchange);
    case Route::kHealth:
      return operations_.Health(exchange);
    case Route::kReady:
      return operations_.Ready(exchange);
    case Route::kMetrics:
      return operations_.Metrics(exchange);
    case Route::kOpenApi:
      return operations_.OpenApi(exchange);
    case Route::kUnknown:
      return;
  }
}

void Api::Expire(const http::Request& request, http::Response* response) {
  const Route route = MatchRoute(request.path()).route;
  Begin(route, response);
  const bool waited = !request.Header("Freshet-Wait-For").empty();
  const kafka::KafkaLog* log = context_.process.kafka;
  const std::string standstills = log == nullptr ? "" : log->standstills();
  WriteError(InfoOf(route).face, kUnavailable,
             (waited ? "what Freshet-Wait-For names was not applied in time"
                     : "not durable and applied in time; it may still become so, and an eventId "
                       "makes sending it again safe") +
                 (standstills.empty() ? "" : ". " + standstills),
             response);
}

bool Api::IsHealthCheck(const http::Request& request) const {
  const Route route = MatchRoute(request.path()).route;
  return route == Route::kHealth || route == Route::kReady || route == Route::kMetrics;
}

void Api::Refuse(http::Refusal refusal, const http::Request& request, http::Response* response) {
  const Route route = MatchRoute(request.path()).route;
  const Face face = InfoOf(route).face;
  const config::ServerSettings& server = context_.process.settings.server;
  Begin(route, response);
  const auto limit = [](std::uint32_t bytes, std::string_view key) {
    return "the limit is " + std::to_string(bytes) + " bytes (" + std::string(key) + ")";
  };
  switch (refusal) {
    case http::Refusal::kMalformed:
      return WriteError(face, kInvalidInput, "this is not an HTTP/1.1 request", response);
    case http::Refusal::kBadHost:
      return WriteError(face, kInvalidInput,
                        "HTTP/1.1 needs exactly one Host header, the server's name and port",
                        response);
    case http::Refusal::kAmbiguousLength:
      return WriteError(face, kInvalidInput,
                        "where the body ends is not clear: send one Content-Length that is a "
                        "number, or Transfer-Encoding: chunked, and not both",
                        response);
    case http::Refusal::kUnknownCoding:
      return WriteError(face, kNotImplemented,
                        "the only Transfer-Encoding this server understands is chunked", response);
    case http::Refusal::kConnect:
      return WriteError(face, kNotImplemented, "this server is no proxy: it has no CONNECT",
                        response);
    case http::Refusal::kTimeout:
      return WriteError(face, kRequestTimeout,
                        "the request did not arrive whole within " +
                            std::to_string(server.request_timeout_ms) +
                            " ms (server.request_timeout_ms)",
                        response);
    case http::Refusal::kBodyTooLarge:
      return WriteError(
          face, kTooLarge,
          "the body is too large, " + limit(server.maximum_body_bytes, "server.maximum_body_bytes"),
          response);
    case http::Refusal::kHeaderTooLarge:
      return WriteError(face, kHeadersTooLarge,
                        "the headers, or a chunk's extensions and trailers, are too large, " +
                            limit(server.maximum_header_bytes, "server.maximum_header_bytes"),
                        response);
    case http::Refusal::kOverBudget:
      return WriteError(face, kUnavailable,
                        "the requests under way take all of the " +
                            std::to_string(server.maximum_memory_bytes) +
                            " bytes that they may (server.maximum_memory_bytes)",
                        response);
    case http::Refusal::kOutOfMemory:
      return WriteError(face, kUnavailable,
                        "the server is out of memory; a Put may have been taken, and an eventId "
                        "makes sending it again safe",
                        response);
    case http::Refusal::kTooManyConnections:
      return WriteError(face, kUnavailable,
                        "too many connections, the limit is " +
                            std::to_string(server.maximum_connections) +
                            " (server.maximum_connections)",
                        response);
  }
}

void Api::Answered(const http::Request& request, const http::Response& response, double) {
  const auto line = request_log_.LineFor(request, response, std::chrono::steady_clock::now());
  if (line) spdlog::info("{}", *line);
  context_.metrics.CountRequest(static_cast<std::size_t>(response.mark), response.status);
}

std::vector<std::string> RouteLabels() {
  std::vector<std::string> labels;
  for (const RouteInfo& route : kRoutes) labels.emplace_back(route.pattern);
  return labels;
}

std::vector<std::string> CampaignLabels(const Campaigns& campaigns) {
  std::vector<std::string> labels;
  for (const Campaigns::Entry& entry : campaigns.all()) {
    labels.push_back(entry.campaign.settings().name);
  }
  return labels;
}

}  // namespace freshet::daemon::api
