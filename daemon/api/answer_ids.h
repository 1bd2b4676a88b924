// AnswerIds: random UUIDs that name answers and requests.
//
// One a server thread; single-threaded. Not secret: they only need to differ.
#pragma once

#include <random>
#include <string_view>

namespace freshet::daemon::api {

class AnswerIds {
 public:
  AnswerIds();

  // A fresh version-4 UUID, 36 characters; the view is valid until the next call.
  std::string_view Uuid() { return {Fill(), 36}; }
  // "RID-" and a UUID: Personalize's form of a recommendationId, 40 characters.
  std::string_view RecommendationId() { return {Fill() - 4, 40}; }

 private:
  const char* Fill();

  std::mt19937_64 random_;
  char text_[40];
};

}  // namespace freshet::daemon::api
