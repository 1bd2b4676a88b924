#include "daemon/api/v1_records.h"

#include <optional>
#include <utility>
#include <vector>

#include "core/byte_order_mark.h"
#include "core/validate.h"
#include "daemon/api/deferred.h"
#include "daemon/api/errors.h"
#include "daemon/api/positions.h"
#include "daemon/column_json.h"
#include "daemon/http/target.h"
#include "daemon/json_writer.h"
#include "daemon/record_json.h"

namespace freshet::daemon::api {
namespace {

constexpr std::size_t kMaximumMetadataBytes = 32'000;
constexpr std::uint32_t kDefaultHistory = 100;
constexpr std::uint32_t kMaximumHistory = 500;

core::Result<std::string> DecodeId(std::string_view member, std::string_view raw) {
  core::Result<std::string> id = http::PercentDecode(raw);
  if (!id) return id;
  FRESHET_RETURN_IF_ERROR(core::ValidateId(member, *id));
  return id;
}

// No body is empty metadata.
core::Result<std::vector<core::Column>> ReadMetadata(std::string_view id_member,
                                                     std::string_view id, const std::string& body) {
  const std::string_view text = core::WithoutByteOrderMark(body);
  if (text.empty()) return std::vector<core::Column>();
  if (text.size() > kMaximumMetadataBytes) {
    return core::InvalidArgument("the metadata has " + std::to_string(text.size()) +
                                 " bytes, the limit is " + std::to_string(kMaximumMetadataBytes));
  }
  return DecodeMetadata(id_member, id, text);
}

core::Error NoItem(std::string_view id) {
  return core::NotFound("there is no item " + std::string(id));
}
core::Error NoUser(std::string_view id) {
  return core::NotFound("there is no user " + std::string(id));
}

void WriteItem(const core::State& state, core::ItemId item, JsonWriter* json) {
  const core::Catalog& catalog = state.catalog();
  json->BeginObject();
  json->Field("itemId", catalog.Name(item));
  json->Field("described", catalog.IsDescribed(item));
  json->Field("createdMs", catalog.CreatedMs(item));
  json->Key("metadata");
  WriteColumns(catalog.Columns(item), json);
  json->Field("demand", state.popularity().Demand(item, state.clock_ms()));
  json->Field("trend", state.popularity().Trend(item, state.clock_ms()));
  json->Field("users", state.popularity().Users(item));
  json->Field("shown", state.exposures().Shown(item));
  json->Field("chosen", state.exposures().Chosen(item));
  json->EndObject();
}

void WriteHistory(const core::State& state, core::UserId user, std::uint32_t count,
                  JsonWriter* json) {
  json->BeginArray();
  for (const core::History::Entry& entry : state.users().HistoryOf(user).entries()) {
    if (count == 0) break;
    if (!state.catalog().IsLive(entry.item)) continue;
    json->BeginObject();
    json->Field("itemId", state.catalog().Name(entry.item));
    json->Field("weight", entry.weight);
    json->Field("time", entry.time_s);
    json->EndObject();
    --count;
  }
  json->EndArray();
}

void WriteUser(const core::State& state, core::UserId user, std::uint32_t count, JsonWriter* json) {
  const core::Users& users = state.users();
  const bool named = users.Kind(user) == core::UserKind::kNamed;
  json->BeginObject();
  json->Field(named ? "userId" : "sessionId", users.Name(user));
  json->Field("anonymous", !named);
  json->Key("metadata");
  WriteColumns(users.Columns(user), json);
  json->Key("history");
  WriteHistory(state, user, count, json);
  json->EndObject();
}

}  // namespace

void V1Records::Item(http::Exchange& exchange, std::string_view raw_id) {
  const http::Request& request = exchange.request();
  core::Result<std::string> id = DecodeId("the item id", raw_id);
  if (!id) return WriteError(Face::kOwn, id.error(), &exchange.response());
  if (request.method == http::Method::put) {
    core::Result<std::vector<core::Column>> columns = ReadMetadata("itemId", *id, request.body);
    if (!columns) return WriteError(Face::kOwn, columns.error(), &exchange.response());
    return Submit(exchange, core::PutItem{*id, std::move(*columns)}, "itemId", *id);
  }
  if (request.method == http::Method::delete_) {
    if (!ItemExists(*id)) return WriteError(Face::kOwn, NoItem(*id), &exchange.response());
    return Submit(exchange, core::DeleteItem{*id}, "itemId", *id);
  }
  AnswerQuery(context_, &exchange, Face::kOwn,
              [this, id = std::move(*id)](const http::Request& asked, http::Response* response) {
                GetItem(id, asked, response);
              });
}

void V1Records::User(http::Exchange& exchange, std::string_view raw_id) {
  const http::Request& request = exchange.request();
  core::Result<std::string> id = DecodeId("the user id", raw_id);
  if (!id) return WriteError(Face::kOwn, id.error(), &exchange.response());
  if (request.method == http::Method::put) {
    core::Result<std::vector<core::Column>> columns = ReadMetadata("userId", *id, request.body);
    if (!columns) return WriteError(Face::kOwn, columns.error(), &exchange.response());
    return Submit(exchange, core::PutUser{*id, std::move(*columns)}, "userId", *id);
  }
  if (request.method == http::Method::delete_) {
    if (!UserExists(*id)) return WriteError(Face::kOwn, NoUser(*id), &exchange.response());
    return Submit(exchange, core::DeleteUser{*id}, "userId", *id);
  }
  AnswerQuery(context_, &exchange, Face::kOwn,
              [this, id = std::move(*id)](const http::Request& asked, http::Response* response) {
                http::QueryParameters parameters(asked.query());
                const auto count = parameters.TakeCount("n", kDefaultHistory, kMaximumHistory);
                const core::Status valid = parameters.Check();
                if (!valid.ok()) return WriteError(Face::kOwn, valid.error(), response);
                GetUser({.user = id, .session = {}}, count, response);
              });
}

void V1Records::UserOfSession(http::Exchange& exchange) {
  AnswerQuery(context_, &exchange, Face::kOwn,
              [this](const http::Request& request, http::Response* response) {
                http::QueryParameters parameters(request.query());
                const std::string session = parameters.TakeId("session");
                const auto count = parameters.TakeCount("n", kDefaultHistory, kMaximumHistory);
                core::Status valid = parameters.Check();
                if (valid.ok() && session.empty()) {
                  valid = core::InvalidArgument("the parameter session is missing");
                }
                if (!valid.ok()) return WriteError(Face::kOwn, valid.error(), response);
                GetUser({.user = {}, .session = session}, count, response);
              });
}

void V1Records::GetItem(const std::string& id, const http::Request& request,
                        http::Response* response) {
  http::QueryParameters parameters(request.query());
  const core::Status valid = parameters.Check();
  if (!valid.ok()) return WriteError(Face::kOwn, valid.error(), response);
  const bool found = context_->query.Read([&](const core::State& state, core::QueryScratch*) {
    const core::ItemId item = state.catalog().Find(id);
    if (!item.valid()) return false;
    JsonWriter json(&response->body);
    WriteItem(state, item, &json);
    return true;
  });
  if (!found) WriteError(Face::kOwn, NoItem(id), response);
}

void V1Records::GetUser(const core::Visitor& visitor, std::uint32_t count,
                        http::Response* response) {
  const bool found = context_->query.Read([&](const core::State& state, core::QueryScratch*) {
    const core::UserId user = state.FindUser(visitor);
    if (!user.valid()) return false;
    JsonWriter json(&response->body);
    WriteUser(state, user, count, &json);
    return true;
  });
  if (!found) {
    WriteError(Face::kOwn, NoUser(visitor.user.empty() ? visitor.session : visitor.user), response);
  }
}

bool V1Records::ItemExists(std::string_view id) {
  return context_->query.Read([&](const core::State& state, core::QueryScratch*) {
    return state.catalog().Find(id).valid();
  });
}

bool V1Records::UserExists(std::string_view id) {
  return context_->query.Read([&](const core::State& state, core::QueryScratch*) {
    return state.users().Find(core::UserKind::kNamed, id).valid();
  });
}

void V1Records::Submit(http::Exchange& exchange, core::LogEntry entry, std::string_view member,
                       std::string id) {
  std::vector<core::LogEntry> entries;
  entries.push_back(std::move(entry));
  SubmitAndAnswer(
      context_, &exchange, Face::kOwn, std::move(entries),
      [member, id = std::move(id)](const core::Positions& positions, http::Response* response) {
        JsonWriter json(&response->body);
        json.BeginObject();
        json.Field(member, id);
        json.Field("position", FormatPositions(positions));
        json.EndObject();
      });
}

}  // namespace freshet::daemon::api
