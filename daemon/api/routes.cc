#include "daemon/api/routes.h"

namespace freshet::daemon::api {
namespace {

constexpr std::string_view kIdMark = "{id}";

// True when `path` has the pattern's form; `id` becomes what stands for {id}.
bool Matches(std::string_view pattern, std::string_view path, std::string_view* id) {
  const std::size_t mark = pattern.find(kIdMark);
  if (mark == std::string_view::npos) return path == pattern;
  const std::string_view before = pattern.substr(0, mark);
  const std::string_view after = pattern.substr(mark + kIdMark.size());
  if (path.size() <= before.size() + after.size()) return false;
  if (!path.starts_with(before) || !path.ends_with(after)) return false;
  const std::string_view segment =
      path.substr(before.size(), path.size() - before.size() - after.size());
  if (segment.find('/') != std::string_view::npos) return false;
  *id = segment;
  return true;
}

std::uint8_t BitOf(http::Method method) {
  switch (method) {
    case http::Method::get:
    case http::Method::head:
      return kGet;
    case http::Method::post:
      return kPost;
    case http::Method::put:
      return kPut;
    case http::Method::delete_:
      return kDelete;
    default:
      return 0;
  }
}

}  // namespace

RouteMatch MatchRoute(std::string_view path) {
  RouteMatch match;
  for (std::size_t i = 0; i + 1 < kRoutes.size(); ++i) {
    if (!Matches(kRoutes[i].pattern, path, &match.id)) continue;
    match.route = static_cast<Route>(i);
    break;
  }
  return match;
}

bool Takes(Route route, http::Method method) {
  return (InfoOf(route).methods & BitOf(method)) != 0;
}

std::string_view AllowHeader(Route route) {
  const std::uint8_t methods = InfoOf(route).methods;
  if (methods == kPost) return "POST";
  return methods == kGet ? "GET, HEAD" : "GET, HEAD, PUT, DELETE";
}

}  // namespace freshet::daemon::api
