#include "tools/demo.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "tools/http_client.h"
#include "tools/json_answer.h"
#include "tools/json_text.h"
#include "tools/progress_bar.h"

namespace freshet::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kShown = 5;
constexpr const char* kNewItem = "freshet-demo-item";
constexpr const char* kNewItemTitle = "A thing nobody has seen yet";

struct ShownItem {
  std::string id;
  std::string title;     // the id when the catalogue has none
  std::string category;  // may be empty
  std::string reason;
};
using ShownItems = std::vector<ShownItem>;

bool Contains(const ShownItems& items, const std::string& id) {
  return std::any_of(items.begin(), items.end(),
                     [&](const ShownItem& item) { return item.id == id; });
}

std::string Milliseconds(Clock::duration time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms",
                std::chrono::duration<double, std::milli>(time).count());
  return text;
}

std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// One run of the demo against one daemon.
class Show {
 public:
  Show(HttpClient client, std::ostream* out)
      : client_(std::move(client)), out_(*out), user_("demo-visitor-" + std::to_string(NowMs())) {}

  core::Status Run() {
    FRESHET_RETURN_IF_ERROR(Greet());
    core::Status shown = ShowBoth();
    // Also after an error: the daemon is to be left as it was.
    (void)client_.Delete("/v1/items/" + std::string(kNewItem));
    (void)client_.Delete("/v1/users/" + user_);
    if (shown.ok()) PrintUrls();
    return shown;
  }

 private:
  core::Status ShowBoth() {
    FRESHET_RETURN_IF_ERROR(ShowOwnUser());
    return ShowEverybodyElse();
  }

  core::Status Greet();
  core::Status ShowOwnUser();
  core::Status ShowEverybodyElse();
  void PrintUrls();

  core::Result<std::string> Fetch(const std::string& target);
  core::Result<ShownItems> FetchItems(const std::string& target);
  core::Status AddTitles(ShownItems* items);
  core::Result<ShownItem> ChooseItem(const ShownItems& shown);
  core::Result<Clock::duration> PutView(const std::string& item);
  void PrintItems(const ShownItems& items, const ShownItems* before);
  void PrintChange(const ShownItems& before, const ShownItems& after, Clock::duration since_event);

  HttpClient client_;
  std::ostream& out_;
  const std::string user_;
  std::int64_t clock_ms_ = 0;  // the time of the newest event that the daemon knows
  ShownItem looked_at_;
};

core::Status Show::Greet() {
  auto body = Fetch("/v1/status");
  if (!body) return body.error();
  const auto status = ParseJson(*body);
  const std::uint64_t events = NumberIn(status, {"counts", "events"});
  if (events == 0) {
    return core::InvalidArgument(client_.url() +
                                 " has not learned any event yet: import some first");
  }
  clock_ms_ = static_cast<std::int64_t>(NumberIn(status, {"clockMs"}));
  out_ << "Freshet at " << client_.url() << " has learned " << WithThousands(events)
       << " events on " << WithThousands(NumberIn(status, {"counts", "items"})) << " items.\n\n";
  return {};
}

core::Status Show::ShowOwnUser() {
  const std::string ask = "/v1/recommendations?user=" + user_ + "&n=" + std::to_string(kShown);
  auto before = FetchItems(ask);
  if (!before) return before.error();
  out_ << "1. A new visitor comes. Nothing is known yet, so the answer is what is popular:\n";
  FRESHET_RETURN_IF_ERROR(AddTitles(&*before));
  PrintItems(*before, nullptr);

  auto chosen = ChooseItem(*before);
  if (!chosen) return chosen.error();
  looked_at_ = std::move(*chosen);
  out_ << "\n2. The visitor looks at \"" << looked_at_.title << "\"";
  if (!looked_at_.category.empty()) out_ << " (" << looked_at_.category << ")";
  out_ << ".\n";
  const auto sent = Clock::now();
  auto put = PutView(looked_at_.id);
  if (!put) return put.error();
  auto after = FetchItems(ask);
  const auto answered = Clock::now();
  if (!after) return after.error();
  out_ << "   Acknowledged after " << Milliseconds(*put) << ": on disk and learned.\n"
       << "   The very next answer:\n";
  FRESHET_RETURN_IF_ERROR(AddTitles(&*after));
  PrintItems(*after, &*before);
  PrintChange(*before, *after, answered - sent);
  return {};
}

core::Status Show::ShowEverybodyElse() {
  auto created = client_.Put("/v1/items/" + std::string(kNewItem),
                             std::string("{\"title\":\"") + kNewItemTitle + "\"}");
  if (!created) return created.error();
  const std::string ask =
      "/v1/items/" + std::string(kNewItem) + "/similar?n=" + std::to_string(kShown);
  auto before = FetchItems(ask);
  if (!before) return before.error();
  out_ << "\n3. An item is added to the catalogue: \"" << kNewItemTitle
       << "\". Beside it everybody sees what is popular:\n";
  FRESHET_RETURN_IF_ERROR(AddTitles(&*before));
  PrintItems(*before, nullptr);

  out_ << "\n4. The same visitor looks at it.\n";
  const auto sent = Clock::now();
  auto put = PutView(kNewItem);
  if (!put) return put.error();
  auto after = FetchItems(ask);
  const auto answered = Clock::now();
  if (!after) return after.error();
  out_ << "   Acknowledged after " << Milliseconds(*put)
       << ". Beside it everybody else now sees:\n";
  FRESHET_RETURN_IF_ERROR(AddTitles(&*after));
  PrintItems(*after, &*before);
  PrintChange(*before, *after, answered - sent);
  out_ << "\nVisitor and item are deleted again: the very next answer does not know them.\n";
  return {};
}

void Show::PrintUrls() {
  const std::string item = UrlEncode(looked_at_.id);
  out_ << "\nTry it:\n"
       << "  curl '" << client_.url() << "/v1/items/" << item << "/similar?n=5&explain=1'\n"
       << "  curl -d '{\"userId\":\"me\",\"itemId\":" <<
      [&] {
        std::string json;
        AppendJsonString(looked_at_.id, &json);
        return json;
      }()
       << ",\"eventType\":\"view\"}' \\\n"
       << "       -H 'Content-Type: application/x-ndjson' " << client_.url() << "/v1/events\n"
       << "  curl '" << client_.url() << "/v1/recommendations?user=me&n=5'\n"
       << "  curl '" << client_.url() << "/v1/trending?n=5'\n"
       << "  curl " << client_.url() << "/v1/status\n"
       << "  " << client_.url() << "/openapi.json describes the rest, /metrics is for Prometheus\n";
}

core::Result<std::string> Show::Fetch(const std::string& target) {
  auto response = client_.Get(target);
  if (!response) return response.error();
  if (response->ok()) return std::move(response->body);
  return core::InvalidArgument(client_.url() + target + " answered " +
                               std::to_string(response->status) + ": " + response->body);
}

core::Result<ShownItems> Show::FetchItems(const std::string& target) {
  auto body = Fetch(target);
  if (!body) return body.error();
  const auto answer = ParseJson(*body);
  const auto* list = FindIn(answer, {"items"});
  ShownItems items;
  if (list == nullptr || !list->is_array()) return items;
  for (const auto& item : list->get_array()) {
    items.push_back({TextIn(item, {"itemId"}), {}, {}, TextIn(item, {"reason"})});
  }
  return items;
}

// Names and categories, as far as the catalogue has them.
core::Status Show::AddTitles(ShownItems* items) {
  for (ShownItem& item : *items) {
    auto response = client_.Get("/v1/items/" + UrlEncode(item.id));
    if (!response) return response.error();
    const auto described = ParseJson(response->body);
    for (const std::string_view name : {"title", "name"}) {
      if (item.title.empty()) item.title = TextIn(described, {"metadata", name});
    }
    if (item.title.empty()) item.title = item.id;
    for (const std::string_view name :
         {"categoryL1", "category", "categories", "genres", "genre"}) {
      if (item.category.empty()) item.category = TextIn(described, {"metadata", name});
    }
  }
  return {};
}

// A well-known item beside which others stand, of another category than all that is shown where
// there is one: so the change is plain to see.
core::Result<ShownItem> Show::ChooseItem(const ShownItems& shown) {
  auto popular = FetchItems("/v1/popular?n=40");
  if (!popular) return popular.error();
  if (popular->empty()) return core::InvalidArgument("the daemon has no item to show");
  FRESHET_RETURN_IF_ERROR(AddTitles(&*popular));
  const auto same_category = [&](const ShownItem& item) {
    return std::any_of(shown.begin(), shown.end(),
                       [&](const ShownItem& other) { return other.category == item.category; });
  };
  std::stable_partition(popular->begin(), popular->end(), [&](const ShownItem& item) {
    return !Contains(shown, item.id) && !same_category(item);
  });
  for (const ShownItem& item : *popular) {
    if (Contains(shown, item.id)) continue;
    auto similar = FetchItems("/v1/items/" + UrlEncode(item.id) + "/similar?n=5");
    if (!similar) return similar.error();
    if (similar->size() == kShown && similar->back().reason == similar->front().reason) return item;
  }
  return popular->back();
}

core::Result<Clock::duration> Show::PutView(const std::string& item) {
  // In data of the past the next moment is now: an event of today would outshine all that decayed.
  clock_ms_ = std::min(clock_ms_ + 1000, std::max(NowMs(), clock_ms_));
  core::Event event;
  event.user_id = user_;
  event.item_id = item;
  event.event_type = "view";
  event.time_ms = clock_ms_;
  std::string line;
  AppendEventLine(event, &line);
  const auto begun = Clock::now();
  auto response = client_.Post("/v1/events", "application/x-ndjson", line);
  const auto taken = Clock::now() - begun;
  if (!response) return response.error();
  if (response->ok()) return taken;
  return core::Unavailable("the event was not taken: " + response->body);
}

void Show::PrintItems(const ShownItems& items, const ShownItems* before) {
  std::size_t width = 0;
  for (const ShownItem& item : items) width = std::max(width, item.title.size());
  int place = 0;
  for (const ShownItem& item : items) {
    out_ << "     " << ++place << "  " << item.title
         << std::string(width - item.title.size() + 2, ' ') << item.category;
    if (before != nullptr && !Contains(*before, item.id)) out_ << "   <- new";
    out_ << '\n';
  }
  if (items.empty()) out_ << "     (nothing)\n";
}

void Show::PrintChange(const ShownItems& before, const ShownItems& after,
                       Clock::duration since_event) {
  const auto fresh = std::count_if(after.begin(), after.end(), [&](const ShownItem& item) {
    return !Contains(before, item.id);
  });
  out_ << "   " << fresh << " of " << after.size() << " are new, " << Milliseconds(since_event)
       << " after the event was sent.\n";
}

}  // namespace

core::Status ShowDemo(const std::string& url, std::ostream* out) {
  auto client = HttpClient::Create(url);
  if (!client) return client.error();
  return Show(std::move(*client), out).Run();
}

}  // namespace freshet::tools
