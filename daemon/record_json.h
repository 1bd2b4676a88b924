// The JSON forms of an item's or a user's record, for HTTP bodies, messages and files.
//
// Every error is kInvalidArgument and names the member and the limit. Thread-safe: they keep no
// state.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/log_entry.h"
#include "core/result.h"
#include "daemon/json_document.h"

namespace freshet::daemon {

inline constexpr std::size_t kMaximumItemPropertiesBytes = 32'000;

// What a record says: {"itemId","properties"}, or `userId`; both members may be absent, and
// `properties` may be an object or a string that holds one. All names in `properties` are free, no
// other member is.
struct Record {
  std::string id;  // empty: absent
  std::vector<core::Column> columns;
  bool is_deleted = false;  // an envelope around no row
};
// `id_member` is "itemId" or "userId".
core::Result<Record> DecodeRecord(std::string_view id_member, std::string_view json);

// The body of a PUT to the path of `id`: metadata as an object, whose names are free, or a record
// as above. An id in it must be that of the path.
core::Result<std::vector<core::Column>> DecodeMetadata(std::string_view id_member,
                                                       std::string_view id, std::string_view json);

// The columns in the member `properties`; none when it is absent.
std::vector<core::Column> ReadColumns(JsonMembers* members, std::size_t maximum_bytes);

// DecodeRecord of it gives the same record. `columns` keep the spelling they have.
std::string EncodeRecord(std::string_view id_member, const std::string& id,
                         std::span<const core::Column> columns);

}  // namespace freshet::daemon
