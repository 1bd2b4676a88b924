// The stored form of metadata columns: count, then for each its name, a type byte (0 text, 1
// number, 2 boolean) and its value; a number as the text that was written.
#pragma once

#include <vector>

#include "core/bytes.h"
#include "core/log_entry.h"

namespace freshet::core {

void EncodeColumns(const std::vector<Column>& columns, ByteWriter* writer);

// False when the bytes are not columns.
bool DecodeColumns(ByteReader* reader, std::vector<Column>* columns);

}  // namespace freshet::core
