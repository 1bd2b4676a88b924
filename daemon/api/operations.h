// Operations: what operators and machines ask: status, campaigns, health, readiness, metrics, and
// the description of the API.
//
// One a server thread; single-threaded.
#pragma once

#include "daemon/api/context.h"
#include "daemon/http/handler.h"

namespace freshet::daemon::api {

class Operations {
 public:
  explicit Operations(ThreadContext* context) : context_(context) {}

  void Status(http::Exchange& exchange);       // GET /v1/status
  void Campaigns(http::Exchange& exchange);    // GET /v1/campaigns
  void Generations(http::Exchange& exchange);  // GET /v1/generations
  // 200 while the process answers at all.
  void Health(http::Exchange& exchange);  // GET /healthz
  // 200 when entries can be taken, else 503 with the reason and the lag.
  void Ready(http::Exchange& exchange);    // GET /readyz
  void Metrics(http::Exchange& exchange);  // GET /metrics
  void OpenApi(http::Exchange& exchange);  // GET /openapi.json

 private:
  // Empty while state may not be read yet.
  [[nodiscard]] StateFigures Figures();
  [[nodiscard]] double Uptime() const;

  ThreadContext* context_;
};

}  // namespace freshet::daemon::api
