// Routes: which endpoint a path names, which methods it takes, and whose manners it has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/api/errors.h"
#include "daemon/http/message.h"

namespace freshet::daemon::api {

enum class Route : std::uint8_t {
  kPutEvents,
  kPutItems,
  kPutUsers,
  kGetRecommendations,
  kGetPersonalizedRanking,
  kPutActions,
  kPutActionInteractions,
  kGetActionRecommendations,
  kRecommendations,
  kSimilarItems,
  kTrending,
  kPopular,
  kEvents,
  kItem,
  kUser,
  kUserOfSession,
  kCampaigns,
  kGenerations,
  kStatus,
  kHealth,
  kReady,
  kMetrics,
  kOpenApi,
  kUnknown,
};

// Bits, so that one route may take several.
enum Methods : std::uint8_t { kGet = 1, kPost = 2, kPut = 4, kDelete = 8 };

struct RouteInfo {
  std::string_view pattern;  // "{id}" stands for one segment
  std::uint8_t methods;
  Face face;
  bool while_loading = false;  // answers before state is there
};

inline constexpr std::array<RouteInfo, static_cast<std::size_t>(Route::kUnknown) + 1> kRoutes = {{
    {"/events", kPost, Face::kPersonalize},
    {"/items", kPost, Face::kPersonalize},
    {"/users", kPost, Face::kPersonalize},
    {"/recommendations", kPost, Face::kPersonalize},
    {"/personalize-ranking", kPost, Face::kPersonalize},
    {"/actions", kPost, Face::kPersonalize},
    {"/action-interactions", kPost, Face::kPersonalize},
    {"/action-recommendations", kPost, Face::kPersonalize},
    {"/v1/recommendations", kGet, Face::kOwn},
    {"/v1/items/{id}/similar", kGet, Face::kOwn},
    {"/v1/trending", kGet, Face::kOwn},
    {"/v1/popular", kGet, Face::kOwn},
    {"/v1/events", kPost, Face::kOwn},
    {"/v1/items/{id}", kGet | kPut | kDelete, Face::kOwn},
    {"/v1/users/{id}", kGet | kPut | kDelete, Face::kOwn},
    {"/v1/users", kGet, Face::kOwn},
    {"/v1/campaigns", kGet, Face::kOwn, true},
    {"/v1/generations", kGet, Face::kOwn, true},
    {"/v1/status", kGet, Face::kOwn, true},
    {"/healthz", kGet, Face::kOwn, true},
    {"/readyz", kGet, Face::kOwn, true},
    {"/metrics", kGet, Face::kOwn, true},
    {"/openapi.json", kGet, Face::kOwn, true},
    {"other", 0, Face::kOwn, true},
}};

inline const RouteInfo& InfoOf(Route route) { return kRoutes[static_cast<std::size_t>(route)]; }

struct RouteMatch {
  Route route = Route::kUnknown;
  std::string_view id;  // still percent-encoded; empty when the pattern has none
};
RouteMatch MatchRoute(std::string_view path);

// Whether the route takes the method; HEAD goes wherever GET does.
bool Takes(Route route, http::Method method);
// "GET, HEAD, PUT": the value of an Allow header.
std::string_view AllowHeader(Route route);

}  // namespace freshet::daemon::api
