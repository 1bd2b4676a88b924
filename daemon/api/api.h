// Api: every endpoint of one server thread: finds the route of a request, checks what all routes
// share, and hands it on.
//
// One a server thread, made and used on it; single-threaded.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "daemon/api/context.h"
#include "daemon/api/operations.h"
#include "daemon/api/personalize.h"
#include "daemon/api/request_log.h"
#include "daemon/api/routes.h"
#include "daemon/api/site_guard.h"
#include "daemon/api/v1_recommend.h"
#include "daemon/api/v1_records.h"
#include "daemon/http/handler.h"

namespace freshet::daemon::api {

class Api final : public http::Handler {
 public:
  Api(ProcessContext* process, std::size_t thread);

  void Handle(http::Exchange& exchange) override;
  void Expire(const http::Request& request, http::Response* response) override;
  [[nodiscard]] bool IsHealthCheck(const http::Request& request) const override;
  void Refuse(http::Refusal refusal, const http::Request& request,
              http::Response* response) override;
  void Answered(const http::Request& request, const http::Response& response,
                double seconds) override;

 private:
  // The rest of the answers that any route may give; false when one was given.
  bool Admit(Route route, http::Exchange& exchange);
  bool AdmitSite(Face face, http::Exchange& exchange);
  bool AdmitRoute(Route route, http::Exchange& exchange);
  bool AdmitBody(Route route, http::Exchange& exchange);
  void Dispatch(const RouteMatch& match, http::Exchange& exchange);
  void Begin(Route route, http::Response* response);

  ThreadContext context_;
  SiteGuard guard_;
  Personalize personalize_;
  V1Recommend recommend_;
  V1Records records_;
  Operations operations_;
  RequestLog request_log_;
};

// The label values of the metrics by path, in the order of Route.
std::vector<std::string> RouteLabels();
// And by campaign, in the order of Campaigns::all().
std::vector<std::string> CampaignLabels(const Campaigns& campaigns);

}  // namespace freshet::daemon::api
