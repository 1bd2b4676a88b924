// V1Records: items and users one by one: GET, PUT and DELETE. A change is answered once it is
// durable and in every answer.
//
// One a server thread; single-threaded.
#pragma once

#include <string>
#include <string_view>

#include "daemon/api/context.h"
#include "daemon/http/handler.h"

namespace freshet::daemon::api {

class V1Records {
 public:
  explicit V1Records(ThreadContext* context) : context_(context) {}

  // GET, PUT, DELETE /v1/items/{id}
  void Item(http::Exchange& exchange, std::string_view raw_id);
  // GET, PUT, DELETE /v1/users/{id}
  void User(http::Exchange& exchange, std::string_view raw_id);
  // GET /v1/users?session=S: the anonymous visitor, or the user, of that session
  void UserOfSession(http::Exchange& exchange);

 private:
  void GetItem(const std::string& id, const http::Request& request, http::Response* response);
  void GetUser(const core::Visitor& visitor, std::uint32_t count, http::Response* response);
  [[nodiscard]] bool ItemExists(std::string_view id);
  [[nodiscard]] bool UserExists(std::string_view id);
  void Submit(http::Exchange& exchange, core::LogEntry entry, std::string_view member,
              std::string id);

  ThreadContext* context_;
};

}  // namespace freshet::daemon::api
