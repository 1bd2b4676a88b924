// Personalize: the data plane of Amazon Personalize, as its SDKs speak it.
//
// One a server thread; single-threaded.
#pragma once

#include "daemon/api/context.h"
#include "daemon/http/handler.h"

namespace freshet::daemon::api {

class Personalize {
 public:
  explicit Personalize(ThreadContext* context) : context_(context) {}

  void PutEvents(http::Exchange& exchange);
  void PutItems(http::Exchange& exchange);
  void PutUsers(http::Exchange& exchange);
  void GetRecommendations(http::Exchange& exchange);
  void GetPersonalizedRanking(http::Exchange& exchange);
  // PutActions, PutActionInteractions, GetActionRecommendations.
  void RefuseActions(http::Exchange& exchange);

 private:
  void AnswerRecommendations(const http::Request& request, http::Response* response);
  void AnswerRanking(const http::Request& request, http::Response* response);

  ThreadContext* context_;
};

}  // namespace freshet::daemon::api
